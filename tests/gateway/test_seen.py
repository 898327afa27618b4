"""What the listener tells of itself: an id for each mail, and what it took and refused."""

import logging

import pytest
from prometheus_client import REGISTRY

from gateway import listener
from settings import Settings
from tests.gateway.dialog import Client
from tests.gateway.listening import MAILBOX, listening, one_mailbox, query


def refused(code: str) -> float:
    return REGISTRY.get_sample_value("ticketgate_mail_refused_total", {"code": code}) or 0.0


def received(protocol: str) -> float:
    return REGISTRY.get_sample_value("ticketgate_mail_received_total", {"protocol": protocol}) or 0.0


async def say(client: Client, *commands: tuple[str, str]) -> None:
    for command, code in commands:
        assert await client.say(command) == code, command


async def test_each_mail_of_a_session_has_an_id_of_its_own(surroundings: Settings) -> None:
    await one_mailbox(surroundings.database)
    async with listening(surroundings) as ports:
        client = await Client.connect(ports["smtp"])
        assert await client.code() == "220"
        await say(client, ("EHLO client.test", "250"))
        for _ in range(2):
            await say(
                client, ("MAIL FROM:<>", "250"), (f"RCPT TO:<{MAILBOX}>", "250"), ("DATA", "354"), ("x\r\n.", "250")
            )
        await client.close()
    first, second = [row["trace"] for row in await query(surroundings.database, "SELECT trace FROM inbound")]
    assert first != second
    assert len(first) == len(second) == 12


@pytest.mark.parametrize(("protocol", "hello"), [("smtp", "EHLO client.test"), ("lmtp", "LHLO client.test")])
async def test_what_is_taken_and_what_is_refused_is_counted(surroundings: Settings, protocol: str, hello: str) -> None:
    await one_mailbox(surroundings.database)
    before = received(protocol), refused("550"), refused("553"), refused("503"), refused("502")
    async with listening(surroundings) as ports:
        client = await Client.connect(ports[protocol])
        assert await client.code() == "220"
        await say(
            client,
            (hello, "250"),
            ("NONSENSE", "500"),
            ("DATA", "503"),
            ("MAIL FROM:<a@people.test>", "250"),
            ("RCPT TO:<nobody@desk.test>", "550"),
            (f"RCPT TO:<{MAILBOX}>", "250"),
            ("DATA", "354"),
            ("x\r\n.", "250"),
        )
        await client.close()
    after = received(protocol), refused("550"), refused("553"), refused("503"), refused("502")
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 0, 0, 0]


async def test_lines_name_domains_and_no_person(surroundings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    await one_mailbox(surroundings.database)
    with caplog.at_level(logging.INFO, listener.__name__):
        async with listening(surroundings) as ports:
            client = await Client.connect(ports["smtp"])
            assert await client.code() == "220"
            await say(
                client,
                ("EHLO client.test", "250"),
                ("MAIL FROM:<secret.person@people.test>", "250"),
                ("RCPT TO:<somebody.else@desk.test>", "550"),
                (f"RCPT TO:<{MAILBOX}>", "250"),
                ("DATA", "354"),
                ("the content\r\n.", "250"),
            )
            await client.close()
    assert "people.test" in caplog.text
    for hidden in ("secret.person", "somebody.else", "the content"):
        assert hidden not in caplog.text
