"""A relay that misbehaves on demand: a real SMTP server with faults to order."""

import asyncio
import contextlib
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.smtp import SMTP


@dataclass
class FaultyRelay:
    """Takes mail. `rcpt` and `data` hold answers that stand in for 250, used once each."""

    port: int = 0
    mails: list[tuple[str, str, bytes]] = field(default_factory=list)  # sender, recipient, bytes
    rcpt: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=off"

    def letters(self) -> list[EmailMessage]:
        parser = BytesParser(EmailMessage, policy=email.policy.SMTP)
        return [parser.parsebytes(raw) for _, _, raw in self.mails]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.rcpt:
            return self.rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        answer = self.data.pop(0) if self.data else "250 2.0.0 kept"
        if answer == "hang up":
            self.mails.append((envelope.mail_from, envelope.rcpt_tos[0], envelope.content))
            server.transport.abort()
            return "421 never said"
        if answer.startswith("250"):
            self.mails.append((envelope.mail_from, envelope.rcpt_tos[0], envelope.content))
        return answer


@asynccontextmanager
async def faulty_relay(port: int = 0) -> AsyncIterator[FaultyRelay]:
    relay = FaultyRelay()

    def connected() -> SMTP:
        relay.connections += 1
        return SMTP(relay, hostname="relay.example", loop=asyncio.get_running_loop())

    server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", port)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()


@asynccontextmanager
async def silent_relay() -> AsyncIterator[str]:
    """One that takes connections and says nothing; its URL. A connection ends when the client gives it up."""
    open_ones: set[asyncio.Task[None]] = set()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.add(asyncio.current_task())  # type: ignore[arg-type]  # it is one
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    try:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.gather(*open_ones)
