"""SMTP and LMTP on top of aiosmtpd: faster, without its limit on lines, with true replies.

What is overridden and why: docs/decisions/listener.md. Some of it is private to aiosmtpd, so its version is pinned and
tests/gateway/test_against_stock.py holds both side by side.
"""
# ruff: noqa: N802 - aiosmtpd finds its commands by their names, as the wire spells them

import asyncio
import logging
import ssl
from collections.abc import Iterable

from aiosmtpd.smtp import SMTP, TLSSetupException, syntax

from gateway import replies
from gateway.data import Parcel, read_data
from gateway.paths import read_path
from gateway.sessions import LAST_WORDS, Sessions
from watch import counts

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd writes every command down, addresses and all

BLOCK = 64 * 1024  # bytes: asyncio's reader holds at most twice that and one read from the socket
COMMAND_LIMIT = 2048  # bytes: RFC 5321, 4.5.3.1.4 asks for 512 and more for each extension
COMMANDS = ("MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT", "VRFY", "HELP", "STARTTLS")
MOST_CORKED = 64  # replies
NONSENSE = (b"500", b"501", b"502", b"503", b"504")  # what was said was no command; nobody was refused
CORKED = (b"250", b"354", b"550")  # the replies of a pipelined group; whatever may end a session goes out at once


class OneLimit(dict[str, int]):
    """aiosmtpd's limits by command, which it keeps in one object for all sessions and raises at every EHLO."""

    def __missing__(self, command: str) -> int:
        return COMMAND_LIMIT

    def __setitem__(self, command: str, limit: int) -> None:
        """Stays as it is."""


class SmtpSession(SMTP):
    """One SMTP connection. `handler` has the hooks `handle_RCPT` and `handle_DATA`, as aiosmtpd documents them."""

    kind = "smtp"
    banner = "ESMTP Ticketgate"
    verbs: tuple[str, ...] = ("HELO", "EHLO", *COMMANDS)

    line_length_limit = BLOCK
    command_size_limit = COMMAND_LIMIT
    command_size_limits = OneLimit()

    def __init__(
        self,
        handler: object,
        sessions: Sessions,
        *,
        hostname: str,
        size_limit: int,
        tls: ssl.SSLContext | None = None,
        require_tls: bool = False,
        timeout: float = 300,
    ) -> None:
        self._corked: list[bytes] = []
        self._size_limit = size_limit
        self._sessions = sessions
        self.busy = False
        super().__init__(
            handler,
            data_size_limit=size_limit,
            enable_SMTPUTF8=True,
            decode_data=False,
            hostname=hostname,
            ident=self.banner,
            tls_context=tls,
            require_starttls=require_tls,
            timeout=timeout,
            loop=asyncio.get_running_loop(),
        )
        sessions.join(self)

    def __dir__(self) -> Iterable[str]:
        """The commands that we speak. aiosmtpd looks through all names of the object at every connection."""
        return [f"smtp_{verb}" for verb in self.verbs]

    # Replies

    async def push(self, status: str | bytes) -> None:
        await self._say(replies.with_status(status) if isinstance(status, str) else status)

    async def _say(self, reply: bytes) -> None:
        """Holds the replies of a pipelined group back until nothing more is to be read: one write for all of them."""
        self._corked.append(reply + b"\r\n")
        if reply.startswith((b"4", b"5")) and not reply.startswith(NONSENSE):
            counts.refused.labels(reply[:3].decode()).inc()
        if not reply.startswith(CORKED):
            self._flush()
        elif len(self._corked) >= MOST_CORKED:
            self._flush()
            await asyncio.sleep(0)  # an endless pipeline must not keep the other sessions waiting
        elif len(self._corked) == 1:
            self.loop.call_soon(self._flush)
        await self._writer.drain()

    def _flush(self) -> None:
        group = b"".join(self._corked)
        self._corked.clear()
        if group and self.transport is not None and not self.transport.is_closing():
            self._writer.write(group)

    def farewell(self, reply: str) -> None:
        """Says `reply`, the last one, and closes the connection. Does nothing where it is closed already."""
        if self.transport is None or self.transport.is_closing():
            return
        self._corked.append(replies.with_status(reply) + b"\r\n")
        self._flush()
        self.transport.close()

    def abort(self) -> None:
        transport = self._original_transport or self.transport
        if isinstance(transport, asyncio.Transport):
            transport.abort()

    async def handle_exception(self, error: Exception) -> str:
        """What we do not understand is temporary, and none of the sender's business."""
        if isinstance(error, TLSSetupException):
            log.info("no TLS with %s: %s", self.peer, error.__cause__)
        else:
            log.error("session with %s failed", self.peer, exc_info=error)
        return replies.TROUBLE

    # Coming and going

    @property
    def peer(self) -> str:
        """The IP address of the other side; empty on a Unix socket."""
        name = self.session.peer if self.session else None
        host = str(name[0]).partition("%")[0] if isinstance(name, tuple) else ""
        return host.removeprefix("::ffff:") if "." in host else host  # IPv4 on a socket for both

    @property
    def helo(self) -> str:
        return (self.session.host_name if self.session else None) or ""

    @property
    def encrypted(self) -> bool:
        return self._tls_protocol is not None

    def connection_lost(self, error: Exception | None) -> None:
        self._sessions.leave(self)
        super().connection_lost(error)

    def _timeout_cb(self) -> None:
        self.farewell(replies.IDLE_TOO_LONG)
        self.loop.call_later(LAST_WORDS, self.abort)  # whoever reads nothing must not keep the connection open

    async def _handle_client(self) -> None:
        try:
            await super()._handle_client()
        except ConnectionError:
            log.info("connection with %s lost", self.peer)

    # Commands

    @syntax("HELO hostname")
    async def smtp_HELO(self, hostname: str) -> None:
        await self._hello(hostname, [self.hostname], extended=False)

    @syntax("EHLO hostname")
    async def smtp_EHLO(self, hostname: str) -> None:
        await self._hello(hostname, self._extensions(), extended=True)

    async def _hello(self, hostname: str, lines: list[str], *, extended: bool) -> None:
        if not hostname:
            await self.push("501 5.5.4 Say who you are")
            return
        assert self.session is not None
        self._set_rset_state()  # type: ignore[no-untyped-call]  # theirs
        self.session.extended_smtp = extended
        self.session.host_name = hostname
        reply = [f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"]
        await self._say("\r\n".join(reply).encode())

    def _extensions(self) -> list[str]:
        tls = ["STARTTLS"] if self.tls_context and not self.encrypted else []
        size = f"SIZE {self._size_limit}"
        return [self.hostname, "PIPELINING", size, "8BITMIME", "SMTPUTF8", *tls, "ENHANCEDSTATUSCODES", "HELP"]

    @syntax("STARTTLS", when="tls_context")
    async def smtp_STARTTLS(self, arg: str) -> None:
        if self.encrypted:
            await self.push("503 5.5.1 TLS is active")
        else:
            await super().smtp_STARTTLS(arg)

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        return read_path(arg) or (None, None)

    @syntax("VRFY <address>")
    async def smtp_VRFY(self, arg: str) -> None:
        await self.push("252 2.0.0 Ask by RCPT" if arg else "501 5.5.4 Syntax: VRFY <address>")

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:
        assert self.envelope is not None
        if await self.check_helo_needed():
            return
        if not self.envelope.rcpt_tos:
            await self.push(replies.NO_RECIPIENTS)
        elif arg:
            await self.push("501 5.5.4 Syntax: DATA")
        elif self._sessions.memory.full:
            await self.push(replies.NO_ROOM)
        else:
            await self._take_mail()

    async def _take_mail(self) -> None:
        assert self.envelope is not None
        self.busy = True
        try:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            reply = await self._read_and_keep()
            answers = self._answers(reply, len(self.envelope.rcpt_tos))
            self._set_post_data_state()  # type: ignore[no-untyped-call]  # theirs
            await self.push(answers)
        finally:
            self.busy = False
        if self._sessions.closing:
            self.farewell(replies.CLOSING)

    def _answers(self, reply: str, recipients: int) -> str | bytes:
        return reply

    async def _read_and_keep(self) -> str:
        """The whole DATA is read whatever the answer will be (RFC 5321, 4.2.5: only then the other side listens)."""
        assert self.envelope is not None
        parcel = Parcel(self._size_limit, self._sessions.memory)

        def take(block: bytes) -> None:
            if len(block) >= BLOCK:
                self._reset_timeout()
            parcel.take(block)

        try:
            await read_data(self._reader, take)
            self._reset_timeout()
            content = parcel.content()
            if parcel.too_big:
                return replies.TOO_BIG
            if parcel.no_room:
                return replies.NO_ROOM
            self.envelope.content = self.envelope.original_content = content
            return str(await self._call_handler_hook("DATA"))
        except Exception as error:  # noqa: BLE001 - here and not above: LMTP owes an answer to each recipient
            return await self.handle_exception(error)
        finally:
            parcel.drop()


class LmtpSession(SmtpSession):
    """One LMTP connection (RFC 2033): another greeting, and an answer for each recipient after DATA."""

    kind = "lmtp"
    banner = "LMTP Ticketgate"
    verbs = ("LHLO", *COMMANDS)

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, hostname: str) -> None:
        await self.smtp_EHLO(hostname)

    async def check_helo_needed(self, helo: str = "LHLO") -> bool:
        return await super().check_helo_needed("LHLO")

    def _answers(self, reply: str, recipients: int) -> bytes:
        return b"\r\n".join([replies.with_status(reply)] * recipients)
