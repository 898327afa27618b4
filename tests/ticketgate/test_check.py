"""`ticketgate check`: every part has its line, and what is wrong is named with its cure."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mailer import published
from mailer.published import Records, is_public
from models import Mailbox
from settings import BadSetting, Listen, RelayUrl, Settings
from tests.conftest import MIGRATED, free_port
from tests.mailer.relay import faulty_relay
from tests.ticketgate.command import Done, Run, database_setting
from tests.ticketgate.resolver import resolver
from ticketgate import check as check_module
from ticketgate.checks import listeners, servers, storage
from ticketgate.checks.certificate import certificate
from ticketgate.checks.dns import domains, judge
from ticketgate.checks.finding import Finding, Mark
from ticketgate.checks.relay import relay

PARTS = ["data directory", "secret", "database", "broker", "redis", "blobs", "relay", "smtp", "lmtp", "rest",
         "certificate", "dns"]  # fmt: skip
DAY = timedelta(days=1)


def lines(done: Done) -> dict[str, tuple[str, str]]:
    """Mark and words of each part."""
    found = {}
    for line in done.stdout.splitlines():
        mark, name, said = line[:5].strip(), line[7:21].strip(), line[23:]
        found[name] = (mark, said)
    return found


def changed(settings: Settings, **changes: object) -> Settings:
    copy = settings.model_copy(update=changes)
    for name in ("database", "places", "secret", "reply_key"):  # what was worked out of the old ones
        copy.__dict__.pop(name, None)
    return copy


def assert_wrong(finding: Finding, *said: str) -> None:
    assert finding.mark is Mark.WRONG, finding
    for words in said:
        assert words in finding.said


# -- the command


async def test_all_is_well_where_every_part_answers(run: Run, database: Settings, tmp_path: Path) -> None:
    done = await asyncio.to_thread(run, "check", **database_setting(database))
    found = lines(done)
    assert (done.returncode, done.stderr, list(found)) == (0, "", PARTS)
    assert {name: mark for name, (mark, _) in found.items() if mark != "ok"} == {"smtp": "note", "rest": "note"}
    assert not (tmp_path / "data").exists(), "it has made something"


async def test_a_dead_relay_is_named_with_its_setting_and_the_other_parts_are_tried_all_the_same(
    run: Run, database: Settings
) -> None:
    done = await asyncio.to_thread(run, "check", RELAY_URL="smtp://127.0.0.1:1", **database_setting(database))
    found = lines(done)
    assert (done.returncode, done.stderr, list(found)) == (1, "", PARTS)
    assert [name for name, (mark, _) in found.items() if mark == "wrong"] == ["relay"]
    assert "TICKETGATE_RELAY_URL" in found["relay"][1]
    assert "Traceback" not in done.stdout


def test_servers_that_are_away_are_a_line_each_that_says_what_to_start(run: Run) -> None:
    done = run("check")
    found = lines(done)
    assert (done.returncode, done.stderr) == (1, "")
    assert [name for name, (mark, _) in found.items() if mark == "wrong"] == ["database", "broker", "redis"]
    for name in ("database", "broker", "redis"):
        assert "start `ticketgate up`" in found[name][1]


def test_nobody_is_told_to_start_what_runs_and_hangs(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "up.lock").write_text(f"{os.getpid()}\n")
    found = lines(run("check"))
    for name in ("database", "broker", "redis"):
        assert found[name][0] == "wrong"
        assert "`ticketgate up` runs there: its log says why" in found[name][1]


async def test_a_part_that_does_not_answer_in_time_is_wrong_and_no_other_waits_for_it(
    surroundings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_module, "PATIENCE", 0.3)
    monkeypatch.setattr(check_module, "PARTS", {"relay": relay, "secret": storage.secret})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = RelayUrl("smtp", "127.0.0.1", silent.getsockname()[1])
        assert not await check_module.check(changed(surroundings, relay_url=url))
    assert capsys.readouterr().out.splitlines()[0].startswith("wrong  relay           no answer within")


async def test_a_part_that_breaks_is_a_line_and_no_traceback(
    surroundings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(settings: Settings) -> Finding:
        raise ZeroDivisionError("over\n\x1b[31mtwo lines")

    monkeypatch.setattr(check_module, "PARTS", {"broken": broken, "secret": storage.secret})
    assert not await check_module.check(surroundings)
    first, second = capsys.readouterr().out.splitlines()
    assert "ZeroDivisionError: over" in first
    assert "\x1b" not in first
    assert second.startswith("ok     secret")


async def test_a_person_at_a_terminal_sees_whom_we_wait_for(
    surroundings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, seen = [], asyncio.Event()

    class Terminal:
        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> None:
            shown.append(text)
            if "slow" in text:
                seen.set()

        def flush(self) -> None: ...

    async def slow(settings: Settings) -> Finding:
        await seen.wait()
        return Finding(Mark.OK, "at last")

    monkeypatch.setattr(check_module, "SILENCE", 0.01)
    monkeypatch.setattr(check_module, "PARTS", {"slow": slow})
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert await check_module.check(surroundings)
    assert "waiting for slow" in "".join(shown)
    assert "".join(shown).endswith("\r\x1b[K"), "the line stays"


# -- servers


@asynccontextmanager
async def other_database(settings: Settings, like: str = "") -> AsyncIterator[Settings]:
    """A database of its own, empty or a copy."""
    name = f"{settings.database.database}_other"
    connection = await asyncpg.connect(**settings.database.connect_arguments())
    await connection.execute(f"CREATE DATABASE {name} {f'TEMPLATE {like}' if like else ''}")
    try:
        yield changed(
            settings, database_url=type(settings.database)(settings.database.host, user="ticketgate", database=name)
        )
    finally:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.close()


async def test_a_database_without_tables_is_to_be_migrated(surroundings: Settings) -> None:
    async with other_database(surroundings) as settings:
        assert_wrong(await servers.database(settings), "has no tables yet", "ticketgate migrate")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DELETE FROM tortoise_migrations WHERE name = '0002_what_postgres_adds'", "lacks 0002_what_postgres_adds"),
        ("UPDATE tortoise_migrations SET name = '9999_later' WHERE name = '0001_initial'", "lacks 0001_initial"),
        (
            "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '9999_later', now())",
            "9999_later",
        ),
    ],
)
async def test_a_schema_of_another_version_is_wrong(surroundings: Settings, change: str, said: str) -> None:
    async with other_database(surroundings, MIGRATED) as settings:
        assert (await servers.database(settings)).mark is Mark.OK
        connection = await asyncpg.connect(**settings.database.connect_arguments())
        await connection.execute(change)
        await connection.close()
        assert_wrong(await servers.database(settings), said)


async def test_redis_that_is_away_is_named_without_its_password(surroundings: Settings) -> None:
    url = f"redis://:very-secret@127.0.0.1:{free_port()}/0"
    settings = Settings(_env_file=None, redis_url=url, data_dir=surroundings.data_dir)  # type: ignore[call-arg]
    found = await servers.redis(settings)
    assert_wrong(found, "TICKETGATE_REDIS_URL", "redis://127.0.0.1:")
    assert "very-secret" not in found.said


# -- storage


async def test_a_data_directory_that_cannot_be_is_wrong(surroundings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = changed(surroundings, data_dir=tmp_path / "file" / "data")
    assert_wrong(await storage.data_directory(settings), "TICKETGATE_DATA_DIR", str(tmp_path / "file"))
    assert_wrong(await storage.blobs(settings), "TICKETGATE_BLOB_URL")
    assert_wrong(await relay(settings), "TICKETGATE_RELAY_URL")


async def test_a_secret_that_others_can_read_is_wrong(surroundings: Settings) -> None:
    settings = changed(surroundings, secret_key=None)
    assert (await storage.secret(settings)).mark is Mark.OK
    assert not settings.places.secret.exists(), "it has made one"
    settings.places.secret_key()
    assert (await storage.secret(settings)).mark is Mark.OK
    settings.places.secret.chmod(0o644)
    assert_wrong(await storage.secret(settings), "mode 0644", "chmod 600")
    settings.places.secret.write_text("\n")
    assert_wrong(await storage.secret(settings), "empty")


async def test_a_blob_folder_is_tried_and_left_as_it_was(surroundings: Settings, tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    settings = changed(surroundings, blob_url=f"file://{tmp_path}/blobs")
    assert (await storage.blobs(settings)).mark is Mark.OK
    assert list((tmp_path / "blobs").iterdir()) == []


# -- the relay


async def test_the_relay_is_greeted_and_sent_nothing(surroundings: Settings) -> None:
    async with faulty_relay() as there:
        found = await relay(changed(surroundings, relay_url=RelayUrl.parse(there.url)))
        assert (found.mark, there.connections, there.mails) == (Mark.OK, 1, [])
        assert "no TLS, no log-in" in found.said


@pytest.mark.parametrize("asked", ["starttls=require", "starttls=off"])
async def test_a_relay_without_the_tls_or_the_log_in_that_is_asked_for_is_wrong(
    surroundings: Settings, asked: str
) -> None:
    async with faulty_relay() as there:
        name = "desk:very-secret@" if asked == "starttls=off" else ""
        url = RelayUrl.parse(f"smtp://{name}127.0.0.1:{there.port}?{asked}")
        found = await relay(changed(surroundings, relay_url=url))
    assert_wrong(found, "TICKETGATE_RELAY_URL")
    assert "very-secret" not in found.said


# -- what this machine serves


@asynccontextmanager
async def answering(said: bytes) -> AsyncIterator[Listen]:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield Listen("127.0.0.1", server.sockets[0].getsockname()[1])


@pytest.mark.parametrize(
    ("said", "mark"),
    [
        (b"220 desk ESMTP\r\n", Mark.OK),
        (b"421 4.7.0 too many\r\n", Mark.WRONG),
        (b"HTTP/1.1 400 Bad\r\n", Mark.WRONG),
    ],
)
async def test_whoever_answers_at_the_mail_port_must_be_a_mail_server(
    surroundings: Settings, said: bytes, mark: Mark
) -> None:
    async with answering(said) as listen:
        assert (await listeners.mail_in(changed(surroundings, smtp_listen=listen))).mark is mark
        assert (await listeners.lmtp(changed(surroundings, lmtp_listen=listen))).mark is mark


@pytest.mark.parametrize(
    ("said", "mark"), [(b"HTTP/1.1 200 OK\r\n\r\nok\n", Mark.OK), (b"HTTP/1.1 404 No\r\n\r\n", Mark.WRONG)]
)
async def test_whoever_answers_at_the_http_port_must_be_ours(surroundings: Settings, said: bytes, mark: Mark) -> None:
    async with answering(said) as listen:
        assert (await listeners.rest(changed(surroundings, http_listen=listen))).mark is mark


@pytest.mark.parametrize("part", [listeners.mail_in, listeners.rest])
async def test_that_nothing_listens_is_wrong_only_where_up_runs(
    surroundings: Settings, part: Callable[[Settings], "asyncio.Future[Finding]"]
) -> None:
    assert (await part(surroundings)).mark is Mark.NOTE
    surroundings.places.root.mkdir()
    surroundings.places.lock.write_text(f"{os.getpid()}\n")
    assert_wrong(await part(surroundings), "`ticketgate up` runs here")
    surroundings.places.lock.write_text("")
    assert (await part(surroundings)).mark is Mark.NOTE


# -- the certificate


def certified(settings: Settings, start: timedelta, end: timedelta) -> Settings:
    """With a certificate that is good from so long after now until so long after now."""
    folder, now, key = settings.data_dir.parent, datetime.now(UTC), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mx.desk.example")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now + start, now + end)
    signed = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("mx.desk.example")]), critical=False).sign(
        key, hashes.SHA256()
    )
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return changed(settings, tls_cert=folder / "cert.pem", tls_key=folder / "key.pem")


async def test_a_good_certificate_is_named_with_its_days(surroundings: Settings) -> None:
    found = await certificate(certified(surroundings, -DAY, 90.5 * DAY))
    assert (found.mark, "mx.desk.example" in found.said, "90 days" in found.said) == (Mark.OK, True, True)


async def test_a_certificate_that_ends_soon_is_a_note(surroundings: Settings) -> None:
    found = await certificate(certified(surroundings, -DAY, 3.5 * DAY))
    assert (found.mark, "ends in 3 days" in found.said) == (Mark.NOTE, True)


@pytest.mark.parametrize(("start", "end", "said"), [(-2, -1, "expired"), (1, 2, "not yet valid")])
async def test_a_certificate_out_of_its_time_is_wrong(surroundings: Settings, start: int, end: int, said: str) -> None:
    assert_wrong(await certificate(certified(surroundings, start * DAY, end * DAY)), said)


async def test_a_key_of_another_certificate_is_what_the_listener_would_refuse(surroundings: Settings) -> None:
    settings = certified(surroundings, -DAY, DAY)
    other = (settings.data_dir.parent / "key.pem").read_bytes()
    settings = certified(settings, -DAY, DAY)
    (settings.data_dir.parent / "key.pem").write_bytes(other)
    with pytest.raises(BadSetting, match="TICKETGATE_TLS_KEY"):
        await certificate(settings)


# -- DNS

GOOD = Records(mx=("mx.ours.com",), has_address=True, spf=("v=spf1 mx -all",), dmarc=("v=DMARC1; p=none",))


@pytest.mark.parametrize(
    ("records", "mark", "said"),
    [
        (GOOD, Mark.OK, "mx.ours.com"),
        (Records(exists=False), Mark.WRONG, "does not exist"),
        (Records(mx=(".",), spf=GOOD.spf, dmarc=GOOD.dmarc), Mark.WRONG, "null MX"),
        (Records(spf=GOOD.spf, dmarc=GOOD.dmarc), Mark.WRONG, "neither MX nor address"),
        (Records(has_address=True, spf=GOOD.spf, dmarc=GOOD.dmarc), Mark.NOTE, "no MX"),
        (Records(mx=GOOD.mx, dmarc=GOOD.dmarc), Mark.NOTE, "no SPF"),
        (Records(mx=GOOD.mx, spf=GOOD.spf * 2, dmarc=GOOD.dmarc), Mark.NOTE, "2 SPF records"),
        (Records(mx=GOOD.mx, spf=GOOD.spf), Mark.NOTE, "_dmarc.ours.com"),
    ],
)
def test_what_records_mean_for_a_domain(records: Records, mark: Mark, said: str) -> None:
    found = judge("ours.com", records)
    assert (found.mark, said in found.said) == (mark, True), found


@pytest.mark.parametrize(
    ("domain", "public"),
    [
        ("localhost", False), ("desk.example", False), ("a.test", False), ("b.invalid", False), ("mail.local", False),
        ("intranet", False), ("help.example.org", False), ("box.home.arpa", False), ("ours.com", True),
        ("example.co.uk", True), ("notexample.org", True),
    ],
)  # fmt: skip
def test_only_some_domains_can_have_public_dns(domain: str, public: bool) -> None:
    assert is_public(domain) is public


async def test_the_domain_of_every_mailbox_is_looked_up_at_the_resolver_of_the_settings(database: Settings) -> None:
    for address in ("support@ours.com", "sales@ours.com", "help@sub.theirs.com", "x@desk.example"):
        await Mailbox.create(address=address)
    await Mailbox.create(address="old@gone.com", active=False)
    async with resolver() as zone:
        zone.records = {
            ("ours.com", "MX"): ["20 b.ours.com.", "10 a.ours.com."],
            ("ours.com", "TXT"): ['"unrelated"', '"v=spf1 " "mx -all"'],
            ("_dmarc.ours.com", "TXT"): ['"v=DMARC1; p=none"'],
            ("sub.theirs.com", "A"): ["127.0.0.1"],
            ("_dmarc.theirs.com", "TXT"): ['"v=DMARC1; p=reject"'],
        }
        found = await domains(changed(database, dns_server=zone.listen))
    assert found.said.split("; ", 2) == [
        "ours.com has MX a.ours.com, SPF and DMARC",
        'sub.theirs.com: no MX, mail goes to its address, no SPF: publish TXT "v=spf1 …" with the relay in it',
        "desk.example is not for the public DNS, nothing to look up",
    ]
    assert found.mark is Mark.NOTE


async def test_a_real_domain_that_does_not_exist_is_wrong(database: Settings) -> None:
    await Mailbox.create(address="support@nowhere.com")
    async with resolver() as zone:
        assert_wrong(await domains(changed(database, dns_server=zone.listen)), "nowhere.com does not exist")


async def test_a_resolver_in_trouble_is_only_a_note(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "LIFETIME", 0.2)
    await Mailbox.create(address="support@broken.com")
    await Mailbox.create(address="support@silent.com")
    async with resolver() as zone:
        zone.broken, zone.silent = {"broken.com"}, {"silent.com"}
        found = await domains(changed(database, dns_server=zone.listen))
    assert (found.mark, found.said.count("cannot be looked up now")) == (Mark.NOTE, 2)


async def test_without_a_database_the_first_mailbox_of_the_settings_stands_for_all(surroundings: Settings) -> None:
    settings = Settings(_env_file=None, data_dir=surroundings.data_dir, support_address="a@desk.example")  # type: ignore[call-arg]
    assert (await domains(settings)).said.startswith("desk.example is not for the public DNS")
