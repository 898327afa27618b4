"""The relay for staff: what it said last, and a test mail with every line of it."""

import asyncio
import base64
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from typing import Any

import pytest

from mailer import trial
from models import Delivery, Mailbox
from settings import RelayUrl
from tests.api.conftest import Client
from tests.cast import Cast, mail
from tests.mailer.relay import FaultyRelay

PASSWORD = "very secret 7"


def through(cast: Cast, url: str | None) -> None:
    """From now on mail leaves through this relay."""
    cast.house.settings.__dict__["relay_url"] = RelayUrl.parse(url) if url else None


async def trial_by(client: Client, **body: Any) -> dict[str, Any]:
    answer = await client.post("/api/relay/test", json=body or None)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


# -- the test mail


async def test_a_test_mail_goes_to_whoever_asks_with_every_line_that_was_said(
    cast: Cast, ann: Client, relay: FaultyRelay
) -> None:
    through(cast, relay.url)
    found = await trial_by(ann)
    assert (found["delivered"], found["code"], found["answer"]) == (True, 250, "2.0.0 kept")
    assert found["seconds"] >= 0
    [(sender, recipient, raw)] = relay.mails
    assert (sender, recipient) == (cast.mailbox.address, cast.ann.email)
    letter = BytesParser(policy=email.policy.SMTP).parsebytes(raw)
    assert (letter["Subject"], letter["To"], letter["Auto-Submitted"]) == (
        "Test mail",
        cast.ann.email,
        "auto-generated",
    )
    said = [(line["who"], line["line"]) for line in found["dialogue"]]
    assert said[0] == ("them", "220 relay.example Python SMTP 1.4.6")
    ours = [line.split(" ")[0] for who, line in said if who == "us"]
    assert ours == ["EHLO", "MAIL", "RCPT", "DATA", "(the", "QUIT"]
    assert ("us", f"RCPT TO:<{cast.ann.email}>") in said
    assert said[-1][0] == "them"


async def test_a_test_mail_leaves_nothing_in_the_desk(cast: Cast, ann: Client, relay: FaultyRelay) -> None:
    through(cast, relay.url)
    await trial_by(ann)
    assert await Delivery.all().count() == 0


@pytest.mark.parametrize(("fault", "answer"), [("rcpt", "550 5.7.1 not here"), ("data", "554 5.6.0 no such content")])
async def test_what_the_relay_has_against_it_is_told(
    cast: Cast, ann: Client, relay: FaultyRelay, fault: str, answer: str
) -> None:
    through(cast, relay.url)
    getattr(relay, fault).append(answer)
    found = await trial_by(ann)
    assert (found["delivered"], f"{found['code']} {found['answer']}") == (False, answer)
    assert {"who": "them", "line": answer} in found["dialogue"]
    assert relay.mails == []


async def test_a_relay_that_is_not_there_is_told(cast: Cast, ann: Client) -> None:
    through(cast, "smtp://user:secret@127.0.0.1:9")
    found = await trial_by(ann)
    assert (found["delivered"], found["code"], found["dialogue"]) == (False, None, [])
    assert "127.0.0.1" in found["answer"]


async def test_a_relay_that_says_nothing_is_given_up(cast: Cast, ann: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "PATIENCE", 0.2)
    over = asyncio.Event()

    async def silence(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 wait for it\r\n")
        await over.wait()
        writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    through(cast, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    found = await trial_by(ann)
    over.set()
    server.close()
    assert (found["delivered"], found["code"]) == (False, None)
    assert found["dialogue"][0] == {"who": "them", "line": "220 wait for it"}


async def test_without_a_relay_the_mail_goes_into_the_maildir_and_says_so(cast: Cast, ann: Client) -> None:
    found = await trial_by(ann)
    assert (found["delivered"], found["code"], found["dialogue"]) == (True, None, [])
    assert "Maildir" in found["answer"]
    assert len(list((cast.house.settings.places.maildir / "new").iterdir())) == 1


# -- secrets


@asynccontextmanager
async def guarded_relay(mechanism: str, *, accepts: bool) -> AsyncIterator[int]:
    """The port of one that asks for a log-in, and repeats what it was shown."""
    base64_password = base64.b64encode(PASSWORD.encode()).decode()
    plain = base64.b64encode(f"\0mailer\0{PASSWORD}".encode()).decode()
    repeated = f"mailer with {PASSWORD} ({base64_password}, {plain})"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay.example\r\n")
        while line := (await reader.readline()).decode().strip():
            answer = {
                "EHLO": f"250-relay.example\r\n250 AUTH {mechanism}",
                "AUTH": "334 VXNlcm5hbWU6" if mechanism != "PLAIN" else f"{235 if accepts else 535} {repeated}",
                "DATA": "354 go on",
                "QUIT": "221 bye",
            }.get(line.split(" ")[0], f"250 {repeated}")
            if mechanism != "PLAIN" and line.split(" ")[0] not in {"EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"}:
                answer = f"{235 if accepts else 535} {repeated}"
            writer.write(f"{answer}\r\n".encode())
            if line == "DATA":
                await reader.readuntil(b"\r\n.\r\n")
                writer.write(f"250 kept for {repeated}\r\n".encode())
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize("accepts", [True, False])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
async def test_no_secret_is_in_the_dialogue_whatever_the_relay_repeats(
    cast: Cast, ann: Client, mechanism: str, accepts: bool
) -> None:
    async with guarded_relay(mechanism, accepts=accepts) as port:
        through(cast, f"smtp://mailer:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{port}?starttls=off")
        answer = await ann.post("/api/relay/test")
    found = answer.json()
    assert found["delivered"] is accepts, found
    shown = base64.b64encode(f"\0mailer\0{PASSWORD}".encode()).decode()
    for secret in ("mailer", PASSWORD, base64.b64encode(PASSWORD.encode()).decode(), shown):
        assert secret not in answer.text
    assert any(line["line"].startswith("AUTH ") and line["line"].endswith("***") for line in found["dialogue"])


async def test_the_relay_is_shown_without_name_and_password(cast: Cast, ann: Client) -> None:
    through(cast, "smtp://mailer:hunter2@relay.example:587?starttls=require")
    answer = await ann.get("/api/relay/")
    assert (answer.json()["url"], answer.json()["tls"]) == ("smtp://relay.example:587", "required")
    assert "hunter2" not in answer.text
    assert "mailer" not in answer.text


@pytest.mark.parametrize(
    ("url", "tls"),
    [
        ("smtp://relay.example", "if offered"),
        ("smtp://relay.example?starttls=off", "never"),
        ("smtps://relay.example", "always"),
        ("lmtp://relay.example", "never"),
        (None, None),
    ],
)
async def test_how_the_relay_is_spoken_to(cast: Cast, ann: Client, url: str | None, tls: str | None) -> None:
    through(cast, url)
    assert (await ann.get("/api/relay")).json()["tls"] == tls


# -- what it said last


async def test_the_last_errors_are_told_newest_first(cast: Cast, ann: Client) -> None:
    now = datetime.now(UTC)
    for minutes, state, code in ((3, "deferred", 451), (1, "failed", 550), (2, "deferred", None), (0, "sent", 250)):
        entry = await cast.receive(mail(sender=f"{minutes}@people.example"))
        at = now - timedelta(minutes=minutes)
        await Delivery.filter(ticket_id=entry.ticket_id).update(
            state=state, code=code, error=f"error {code}", tried_at=at, sent_at=at if state == "sent" else None
        )
    found = (await ann.get("/api/relay")).json()
    assert [(one["code"], one["error"]) for one in found["last_errors"]] == [
        (550, "error 550"),
        (None, "error None"),
        (451, "error 451"),
    ]
    assert found["last_errors"][0]["recipient"] == "1@people.example"
    assert datetime.fromisoformat(found["last_accepted_at"]) == now


async def test_a_relay_that_was_never_used_has_no_last_words(ann: Client) -> None:
    found = (await ann.get("/api/relay")).json()
    assert (found["last_accepted_at"], found["last_errors"], found["url"]) == (None, [], None)


# -- who


async def test_only_admins_send_test_mail_to_others(cast: Cast, ann: Client, admin: Client, relay: FaultyRelay) -> None:
    through(cast, relay.url)
    assert (await ann.post("/api/relay/test", json={"to": "kim@people.example"})).status_code == 403
    assert relay.mails == []
    await trial_by(ann, to=cast.ann.email.upper())
    await trial_by(admin, to="kim@people.example")
    assert [recipient for _, recipient, _ in relay.mails] == [cast.ann.email.upper(), "kim@people.example"]


async def test_a_test_mail_needs_an_address_and_a_mailbox(cast: Cast, ann: Client, admin: Client) -> None:
    refused = await admin.post("/api/relay/test", json={"to": "nobody"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "to")
    await Mailbox.all().update(active=False)
    assert (await ann.post("/api/relay/test")).status_code == 409


async def test_the_relay_is_for_staff(anyone: Client, carl: Client) -> None:
    for who, status in ((anyone, 401), (carl, 403)):
        assert (await who.get("/api/relay")).status_code == status
        assert (await who.post("/api/relay/test")).status_code == status
