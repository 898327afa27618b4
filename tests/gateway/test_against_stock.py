"""Our protocol and that of aiosmtpd side by side: what should be the same is the same.

We override names that are private to aiosmtpd; where a new version moves them, this is the file that says so.
"""
# ruff: noqa: N802 - aiosmtpd finds its hooks by the names of the commands

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gateway.protocol import SmtpSession
from gateway.sessions import Sessions
from tests.gateway.dialog import Client, Script

SAME = ["bare_lf_at_the_start", "detail_and_case", "pipelining", "reset", "smuggling"]
DIALOGS = Path(__file__).parent / "dialogs"

CHUNKS = st.sampled_from(
    [b".", b"..", b"\r\n", b"\n", b"\r", b"\r\n.", b"\n.", b".\r", b"a", b"\0", b"\xff", b"word " * 9]
)
BODIES = st.lists(st.lists(CHUNKS, max_size=12).map(b"".join), min_size=1, max_size=3)


class Collector:
    """A handler of aiosmtpd that takes everything but `nobody`."""

    def __init__(self) -> None:
        self.mails: list[tuple[str | None, list[str], bytes | None]] = []

    async def handle_RCPT(
        self, server: SMTP, session: object, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 5.1.1 unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: object, envelope: Envelope) -> str:
        self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        return "250 OK"


@asynccontextmanager
async def serving(kind: str) -> AsyncIterator[tuple[int, Collector]]:
    collector, sessions, loop = Collector(), Sessions(), asyncio.get_running_loop()

    def session() -> asyncio.Protocol:
        if kind == "stock":
            return SMTP(collector, enable_SMTPUTF8=True, hostname="listener.test", loop=loop)
        return SmtpSession(collector, sessions, hostname="listener.test", size_limit=2**25)

    server = await loop.create_server(session, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], collector
    finally:
        server.close()
        await sessions.close(0)


@pytest.mark.parametrize("name", SAME)
async def test_a_dialog_is_understood_alike(name: str) -> None:
    script = Script.read(DIALOGS / f"{name}.smtp")
    script.steps = [
        (verb, text[:3] if verb == "S:" else text) for verb, text in script.steps
    ]  # codes only: the words are ours
    kept = []
    for kind in ("stock", "ours"):
        async with serving(kind) as (port, collector):
            client = await Client.connect(port)
            await client.speak(script)
            await client.close()
        kept.append(collector.mails)
    assert kept[0] == kept[1]
    assert [mail[2] for mail in kept[1]] == [content for _, _, content in script.kept]


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate))  # a lost reply is slow to shrink
@given(bodies=BODIES, cut=st.integers(1, 60))
async def test_contents_arrive_byte_for_byte_alike(bodies: list[bytes], cut: int) -> None:
    bodies = [body + b"\r\n" for body in bodies]
    received = []
    for kind in ("stock", "ours"):
        async with serving(kind) as (port, collector):
            client = await Client.connect(port)
            await client.code()
            assert await client.say("EHLO client.test") == "250"
            for body in bodies:
                await send(client, body, cut)
            await client.close()
        received.append([content for _, _, content in collector.mails])
    assert received[0] == received[1] == bodies


async def send(client: Client, body: bytes, cut: int) -> None:
    assert await client.say("MAIL FROM:<a@people.test>") == "250"
    assert await client.say("RCPT TO:<support@desk.test>") == "250"
    assert await client.say("DATA") == "354"
    stuffed = (b"\r\n" + body).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"
    for start in range(0, len(stuffed), cut):
        client.writer.write(stuffed[start : start + cut])
        await asyncio.sleep(0)
    assert await client.code() == "250"


@pytest.mark.parametrize(
    "path",
    [
        "<a@b.test>",
        "a@b.test",
        "<>",
        "<a@b.test> SIZE=3",
        '<"a b"@c.test>',
        "<a+b=c@d-e.test>",
        "<jürgen@müller.test>",
        "<root>",
    ],
)
def test_paths_are_read_alike(path: str) -> None:
    loop = asyncio.new_event_loop()
    try:
        stock = SMTP(Collector(), hostname="x", loop=loop)._getaddr(path)
    finally:
        loop.close()
    assert SmtpSession._getaddr(None, path) == stock  # type: ignore[arg-type]  # it looks at no session
