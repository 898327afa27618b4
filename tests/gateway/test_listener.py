"""The listener as a whole: what it needs to start, what it loads, where it listens."""

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.journal import Journal
from gateway.listener import MOST_RECIPIENTS, Doorman, serve
from gateway.mailboxes import Mailboxes
from gateway.protocol import SmtpSession
from gateway.sessions import Sessions
from settings import Away, BadSetting, DatabaseUrl, Settings, load
from tests.gateway.dialog import Client
from tests.gateway.listening import MAILBOX, bound, listening, one_mailbox, query, until_answering
from tests.gateway.private_postgres import PrivatePostgres

CERTIFICATES = Path(__file__).parent / "certificates"


def test_the_listener_stays_small() -> None:
    heavy = {"fastapi", "celery", "tortoise", "jinja2"}
    look = f"import sys, gateway.listener; print({heavy!r} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"


async def test_lmtp_on_a_unix_socket(surroundings: Settings, tmp_path: Path) -> None:
    await one_mailbox(surroundings.database)
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(tmp_path / "lmtp"))
    smtp = bound()
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(surroundings, [smtp], [door], stop))
    await until_answering(smtp.getsockname()[1], serving)
    async with asyncio.timeout(20):
        while True:
            try:
                client = Client(*await asyncio.open_unix_connection(str(tmp_path / "lmtp")))
                break
            except ConnectionRefusedError:
                await asyncio.sleep(0.005)
    assert await client.code() == "220"
    for command in ("LHLO client.test", "MAIL FROM:<>", f"RCPT TO:<{MAILBOX}>"):
        assert await client.say(command) == "250"
    assert await client.say("DATA") == "354"
    assert await client.say("Message-ID: <one@people.test>\r\n\r\nhello\r\n.") == "250"
    stop.set()
    assert (await client.line()).startswith("421 4.3.2")
    await serving
    await client.close()
    [row] = await query(surroundings.database, "SELECT peer, protocol, rfc_message_id FROM inbound")
    assert tuple(row) == ("", "lmtp", "one@people.test")


async def test_a_mail_for_very_many_is_taken_in_parts(surroundings: Settings) -> None:
    await one_mailbox(surroundings.database)
    async with listening(surroundings) as ports:
        client = await Client.connect(ports["smtp"])
        assert await client.code() == "220"
        assert await client.say("EHLO client.test") == "250"
        assert await client.say("MAIL FROM:<a@people.test>") == "250"
        client.writer.write(b"".join(b"RCPT TO:<support+%d@desk.test>\r\n" % n for n in range(MOST_RECIPIENTS + 1)))
        codes = [await client.code() for _ in range(MOST_RECIPIENTS + 1)]
        assert codes == ["250"] * MOST_RECIPIENTS + ["452"]
        await client.close()


async def test_nothing_is_taken_while_the_database_is_frozen(tmp_path: Path) -> None:
    async with PrivatePostgres(tmp_path) as postgres:
        await query(postgres.url, "CREATE TABLE mailboxes (address text, active boolean)")
        await query(postgres.url, "INSERT INTO mailboxes VALUES ($1, true)", MAILBOX)
        mailboxes, journal, sessions = Mailboxes(postgres.url, b"key"), Journal(postgres.url, patience=0.5), Sessions()
        await mailboxes.open()
        journal.open()
        doorman = Doorman(mailboxes, journal)
        server = await asyncio.get_running_loop().create_server(
            lambda: SmtpSession(doorman, sessions, hostname="x", size_limit=10_000), "127.0.0.1", 0
        )
        client = await Client.connect(server.sockets[0].getsockname()[1])
        with postgres.frozen():
            assert await client.code() == "220"
            for command in ("EHLO client.test", "MAIL FROM:<a@people.test>", f"RCPT TO:<{MAILBOX}>"):
                assert await client.say(command) == "250"
            assert await client.say("DATA") == "354"
            assert await client.say("hello\r\n.") == "451"
        await client.close()
        server.close()
        await sessions.close(1)
        await journal.close()
        await mailboxes.close()


async def test_a_mail_that_our_reader_trips_over_is_kept_all_the_same(
    surroundings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trip(raw: bytes) -> str:
        raise ValueError(raw)

    monkeypatch.setattr("gateway.listener.peek_message_id", trip)
    await one_mailbox(surroundings.database)
    async with listening(surroundings) as ports:
        client = await Client.connect(ports["smtp"])
        assert await client.code() == "220"
        for command in ("HELO client.test", "MAIL FROM:<>", f"RCPT TO:<{MAILBOX}>"):
            assert await client.say(command) == "250"
        assert await client.say("DATA") == "354"
        assert await client.say("hello\r\n.") == "250"
        await client.close()


async def test_a_failed_handshake_ends_its_session_only(
    surroundings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    await one_mailbox(surroundings.database)
    certified = {"tls_cert": CERTIFICATES / "cert.pem", "tls_key": CERTIFICATES / "key.pem"}
    async with listening(surroundings.model_copy(update=certified)) as ports:
        client = await Client.connect(ports["smtp"])
        assert await client.code() == "220"
        assert await client.say("STARTTLS") == "220"
        client.writer.write(b"MAIL FROM:<a@people.test>\r\n" * 100)
        await client.reader.read()
        await client.close()
        another = await Client.connect(ports["smtp"])
        assert await another.code() == "220"
        await another.close()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def refusal(settings: Settings, error: type[Exception]) -> str:
    door = bound()
    try:
        with pytest.raises(error) as raised:
            await serve(settings, [door], [], asyncio.Event())
    finally:
        door.close()
    assert "\n" not in str(raised.value)
    return str(raised.value)


async def test_without_its_own_database_it_says_what_to_start(tmp_path: Path) -> None:
    said = await refusal(load(_env_file=None, data_dir=tmp_path), Away)
    mend = "start `ticketgate up` there, or set TICKETGATE_DATABASE_URL"
    assert said == f"no database runs in {tmp_path}: {mend}"


async def test_without_a_database_elsewhere_it_says_which(tmp_path: Path, surroundings: Settings) -> None:
    nowhere = surroundings.model_copy(update={"database_url": DatabaseUrl("127.0.0.1", port=1, database="desk")})
    nowhere.__dict__.pop("database", None)
    assert (await refusal(nowhere, Away)).startswith("no database answers at postgres://127.0.0.1:1/desk: ")


async def test_without_tables_it_says_how_to_make_them(tmp_path: Path, surroundings: Settings) -> None:
    async with PrivatePostgres(tmp_path) as postgres:
        empty = surroundings.model_copy(update={"database_url": postgres.url})
        empty.__dict__.pop("database", None)
        assert (await refusal(empty, Away)).endswith("has no tables yet: run `ticketgate migrate`")


async def test_a_certificate_without_its_key_is_a_bad_setting(surroundings: Settings) -> None:
    mixed = surroundings.model_copy(
        update={"tls_cert": CERTIFICATES / "cert.pem", "tls_key": CERTIFICATES / "cert.pem"}
    )
    assert (await refusal(mixed, BadSetting)).startswith("TICKETGATE_TLS_CERT and TICKETGATE_TLS_KEY: ")
