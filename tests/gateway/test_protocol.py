"""What a session does apart from its dialogs: limits, trouble, coming and going."""
# ruff: noqa: N802 - aiosmtpd finds its hooks by the names of the commands

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope

from gateway.protocol import SmtpSession
from gateway.sessions import Sessions, TurnedAway
from tests.gateway.dialog import Client


class Handler:
    """Takes every recipient; after DATA waits for `may_answer`."""

    def __init__(self) -> None:
        self.mails: list[bytes | None] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if address.startswith("trouble"):
            raise RuntimeError("the inner text")
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        await self.may_answer.wait()
        self.mails.append(envelope.original_content)
        return "250 2.0.0 ok"


@asynccontextmanager
async def serving(sessions: Sessions, handler: Handler, **limits: Any) -> AsyncIterator[int]:
    def session() -> asyncio.Protocol:
        if sessions.full:
            return TurnedAway()
        return SmtpSession(handler, sessions, hostname="listener.test", **{"size_limit": 2**25, **limits})

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await sessions.close(0)


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    client = await Client.connect(port)
    try:
        yield client
    finally:
        await client.close()


async def up_to_data(client: Client) -> str:
    assert await client.code() == "220"
    for command in ("EHLO client.test", "MAIL FROM:<a@people.test>", "RCPT TO:<b@desk.test>"):
        assert await client.say(command) == "250"
    return await client.say("DATA")


async def test_trouble_in_a_handler_is_temporary_and_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(Sessions(), Handler()) as port, connected(port) as client:
        assert await client.code() == "220"
        assert await client.say("EHLO client.test") == "250"
        assert await client.say("MAIL FROM:<a@people.test>") == "250"
        client.writer.write(b"RCPT TO:<trouble@desk.test>\r\n")
        assert await client.line() == "451 4.3.0 Temporary trouble, please try again"
        assert await client.say("RCPT TO:<b@desk.test>") == "250"
    assert "the inner text" in caplog.text


async def test_connections_past_the_limit_are_turned_away_and_later_ones_taken() -> None:
    sessions = Sessions(most=2)
    async with serving(sessions, Handler()) as port:
        async with connected(port) as first, connected(port) as second:
            assert [await first.code(), await second.code()] == ["220", "220"]
            async with connected(port) as third:
                assert await third.line() == "421 4.7.0 Too many connections, please try again"
                assert await third.reader.read() == b""
        async with asyncio.timeout(20):
            while sessions.full:
                await asyncio.sleep(0.005)
        async with connected(port) as fourth:
            assert await fourth.code() == "220"


async def test_mails_that_come_in_at_once_are_bounded_in_memory() -> None:
    sessions, handler = Sessions(memory=300_000), Handler()
    async with (
        serving(sessions, handler) as port,
        connected(port) as big,
        connected(port) as other,
        connected(port) as late,
    ):
        assert await up_to_data(big) == "354"
        assert await up_to_data(other) == "354"
        handler.may_answer.clear()
        big.writer.write(b"x" * 290_000 + b"\r\n.\r\n")
        async with asyncio.timeout(20):
            while sessions.memory.held < 290_000:
                await asyncio.sleep(0.005)
        other.writer.write(b"y" * 5_000_000 + b"\r\n.\r\n")
        assert await other.code() == "451"
        sessions.memory.held += 10_000
        assert await up_to_data(late) == "451"
        sessions.memory.held -= 10_000
        handler.may_answer.set()
        assert await big.code() == "250"
        assert await late.say("DATA") == "354"
        assert sessions.memory.held == 0
        assert handler.mails == [b"x" * 290_000 + b"\r\n"]


async def test_half_a_mail_is_no_mail_and_gives_its_memory_back() -> None:
    sessions, handler = Sessions(), Handler()
    async with serving(sessions, handler) as port:
        for end in (b"x" * 200_000, b"x\r\n.", b"x\r\n.\r"):
            async with connected(port) as client:
                assert await up_to_data(client) == "354"
                client.writer.write(end)
                await client.writer.drain()
        async with connected(port) as client:
            assert await client.code() == "220"
        async with asyncio.timeout(20):
            while sessions.memory.held:
                await asyncio.sleep(0.005)
    assert handler.mails == []


async def test_whoever_says_nothing_is_told_to_go() -> None:
    async with serving(Sessions(), Handler(), timeout=0.05) as port, connected(port) as client:
        assert await client.code() == "220"
        assert await client.line() == "421 4.4.2 Idle for too long, goodbye"
        assert await client.reader.read() == b""


async def test_at_the_end_idle_sessions_go_at_once_and_a_mail_under_way_is_answered() -> None:
    sessions, handler = Sessions(), Handler()
    async with serving(sessions, handler) as port, connected(port) as idle, connected(port) as busy:
        assert await idle.code() == "220"
        assert await up_to_data(busy) == "354"
        closing = asyncio.create_task(sessions.close(20))
        assert await idle.line() == "421 4.3.2 Closing, please try again"
        busy.writer.write(b"the last mail\r\n.\r\n")
        assert await busy.code() == "250"
        assert await busy.line() == "421 4.3.2 Closing, please try again"
        await closing
    assert handler.mails == [b"the last mail\r\n"]


async def test_a_mail_that_takes_too_long_at_the_end_is_cut_off() -> None:
    sessions, handler = Sessions(), Handler()
    async with serving(sessions, handler) as port, connected(port) as slow:
        assert await up_to_data(slow) == "354"
        await sessions.close(0.05)
        assert await slow.line() == "421 4.3.2 Closing, please try again"
        assert await slow.reader.read() == b""


async def test_a_long_pipeline_is_answered_in_full_and_in_order() -> None:
    async with serving(Sessions(), Handler()) as port, connected(port) as client:
        assert await client.code() == "220"
        client.writer.write(b"NOOP\r\nRSET now\r\n" * 5000)
        replies = [await client.line() for _ in range(10_000)]
    assert replies == ["250 2.0.0 OK", "501 5.5.4 Syntax: RSET"] * 5000
