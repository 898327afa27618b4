"""Deliveries against a real relay that misbehaves, over the real database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from desk import House, add_message, add_note, change_ticket, open_ticket
from letters import parse, read_message_id, read_reply_address, read_return_path
from mailer import delivery
from mailer.drain import Drain
from mailer.transport import transport
from mailer.wording import word
from models import Delivery, Inbound, LetterKind, Status
from settings import RelayUrl
from tests.cast import SUPPORT, Cast, mail, ticket_of
from tests.mailer.relay import FaultyRelay, faulty_relay, silent_relay


@pytest.fixture
async def relay() -> AsyncIterator[FaultyRelay]:
    async with faulty_relay() as found:
        yield found


async def drain(cast: Cast, relay: FaultyRelay) -> None:
    """Sends what is due, once, as a worker does."""
    settings = cast.house.settings.model_copy(update={"relay_url": RelayUrl.parse(relay.url)})
    work = Drain(House(settings), transport(settings))
    await work.run()
    await work.stop(5)


async def conversation(cast: Cast, relay: FaultyRelay, **headers: str) -> Inbound:
    """A ticket by mail whose acknowledgement has gone out."""
    entry = await cast.receive(mail(subject="Rechnung № 7", **headers))
    await drain(cast, relay)
    return entry


async def test_a_mail_leaves_with_the_headers_that_thread_it(cast: Cast, relay: FaultyRelay) -> None:
    entry = await conversation(cast, relay, Message_ID="<first@client.example>")
    [(sender, recipient, _)] = relay.mails
    [letter] = relay.letters()
    key = cast.house.reply_key
    row = await Delivery.get()
    assert (row.state, row.code, row.attempts) == ("sent", 250, 1)
    assert recipient == "zoe@people.example"
    assert read_return_path(key, sender) == row.id
    assert letter["Subject"] == f"Re: Rechnung № 7 [#{entry.ticket_id}]"
    assert letter["In-Reply-To"] == letter["References"] == "<first@client.example>"
    assert read_message_id(key, letter["Message-ID"]) == entry.ticket_id
    signed = read_reply_address(key, letter["Reply-To"])
    assert signed
    assert (signed.ticket, signed.person) == (entry.ticket_id, row.user_id)
    assert letter["Auto-Submitted"] == "auto-replied"
    assert sorted(part.get_content_type() for part in letter.walk() if not part.is_multipart()) == [
        "text/html",
        "text/plain",
    ]


async def test_staff_words_reach_everybody_with_one_id_and_reply_addresses_of_their_own(
    cast: Cast, relay: FaultyRelay
) -> None:
    ticket = await ticket_of(await conversation(cast, relay, Cc="kim@people.example"))
    async with cast.house.work() as work:
        await add_message(work, cast.ann, ticket.id, text="We look <b>now</b> & write.\n.\nAnn")
    await drain(cast, relay)
    copies = {recipient: letter for (_, recipient, _), letter in zip(relay.mails, relay.letters(), strict=True)}
    assert len(relay.mails) == 3
    to_zoe, to_kim = copies["zoe@people.example"], copies["kim@people.example"]
    assert to_zoe["Message-ID"] == to_kim["Message-ID"]
    assert to_zoe["Reply-To"] != to_kim["Reply-To"]
    assert [str(letter["To"]) for letter in (to_zoe, to_kim)] == ["Zoë Ünal <zoe@people.example>"] * 2
    assert [str(letter["Cc"]) for letter in (to_zoe, to_kim)] == ["kim@people.example"] * 2
    assert str(to_zoe["From"]) == f"Ann <{SUPPORT}>"
    assert to_zoe["Auto-Submitted"] is None
    text, html = (to_zoe.get_body((kind,)) for kind in ("plain", "html"))
    assert text
    assert html
    assert "We look <b>now</b> & write.\n.\nAnn" in text.get_content().replace("\r\n", "\n")
    assert "&lt;b&gt;now&lt;/b&gt; &amp;" in html.get_content()


async def test_mails_speak_the_desks_language_and_carry_its_time(cast: Cast, relay: FaultyRelay) -> None:
    told = {"language": "de", "timezone": "Asia/Tokyo"}
    cast.house = House(cast.house.settings.model_copy(update=told))
    ticket = await ticket_of(await conversation(cast, relay))
    async with cast.house.work() as work:
        await change_ticket(work, cast.ann, ticket.id, status=Status.FROZEN)
    await drain(cast, relay)
    texts = [letter.get_body(("plain",)).get_content() for letter in relay.letters()]  # type: ignore[union-attr]  # each has one
    assert "Guten Tag Zoë Ünal," in texts[0]
    assert "ist jetzt eingefroren" in texts[1]
    assert all(str(letter["Date"]).endswith("+0900") for letter in relay.letters())


@pytest.mark.parametrize("kind", LetterKind)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_mail_has_words_in_every_language_and_escapes_what_others_wrote(language: str, kind: LetterKind) -> None:
    odd = "<b>&\"' {{ 7 * 7 }}"
    facts = {
        LetterKind.ACKNOWLEDGEMENT: {"ticket": 7, "title": odd, "reader": odd},
        LetterKind.MESSAGE: {"ticket": 7, "text": odd, "html": None, "author": odd, "status": "CL", "left_out": (odd,)},
        LetterKind.STATUS: {"ticket": 7, "title": odd, "reader": odd, "status": "CL"},
        LetterKind.NOTICE: {"ticket": 7, "title": odd, "text": odd, "writer": odd, "note": True, "stranger": True},
        LetterKind.CONFIRMATION: {"name": odd, "link": "https://desk.example/confirm/x", "another": True},
        LetterKind.RESET: {"name": odd, "link": "https://desk.example/reset/x"},
    }
    words = word(language, kind, **facts[kind])
    assert odd in words.text
    assert odd not in words.html
    assert "&lt;b&gt;&amp;" in words.html


async def test_a_new_status_is_told_once_and_a_note_never(cast: Cast, relay: FaultyRelay) -> None:
    ticket = await ticket_of(await conversation(cast, relay))
    async with cast.house.work() as work:
        await change_ticket(work, cast.ann, ticket.id, status=Status.CLOSED)
    async with cast.house.work() as work:
        await change_ticket(work, cast.ann, ticket.id, status=Status.CLOSED)
        await add_note(work, cast.ann, ticket.id, text="a hard one")
    await drain(cast, relay)
    assert len(relay.mails) == 2
    assert b"is now closed" in relay.mails[1][2]


async def test_what_we_send_is_read_back_as_automatic(cast: Cast, relay: FaultyRelay) -> None:
    ticket = await ticket_of(await conversation(cast, relay))
    async with cast.house.work() as work:
        await add_message(work, cast.ann, ticket.id, text="On it.")
        await change_ticket(work, cast.ann, ticket.id, status=Status.CLOSED)
    await drain(cast, relay)
    kinds = {str(delivery.kind): delivery.rfc_message_id for delivery in await Delivery.all()}
    read = {letter.message_id: letter.kind for letter in (parse(raw) for _, _, raw in relay.mails)}
    assert {kind: read[message_id] for kind, message_id in kinds.items()} == {
        "acknowledgement": "auto_reply",
        "message": "human",
        "status": "auto_generated",
    }


async def test_every_attempt_says_when_it_began(cast: Cast, relay: FaultyRelay) -> None:
    relay.rcpt.append("451 4.3.0 not now")
    await conversation(cast, relay)
    first = (await Delivery.get()).tried_at
    await Delivery.all().update(due_at=datetime.now(UTC))
    await drain(cast, relay)
    second = (await Delivery.get()).tried_at
    assert first
    assert second
    assert first < second


@pytest.mark.parametrize("stage", ["rcpt", "data"])
async def test_a_4xx_is_tried_again_with_the_same_message_id(cast: Cast, relay: FaultyRelay, stage: str) -> None:
    getattr(relay, stage).append("451 4.3.0 not now")
    await conversation(cast, relay)
    row = await Delivery.get()
    assert (row.state, row.code, row.error, row.attempts) == ("deferred", 451, "4.3.0 not now", 1)
    assert timedelta(0) < row.due_at - datetime.now(UTC) <= timedelta(seconds=5)
    await Delivery.all().update(due_at=datetime.now(UTC))
    await drain(cast, relay)
    row = await Delivery.get()
    assert (row.state, row.attempts) == ("sent", 2)
    assert [letter["Message-ID"] for letter in relay.letters()] == [f"<{row.rfc_message_id}>"]


@pytest.mark.parametrize("stage", ["rcpt", "data"])
async def test_a_5xx_is_final_for_its_recipient_and_for_nobody_else(cast: Cast, relay: FaultyRelay, stage: str) -> None:
    getattr(relay, stage).append("550 5.1.1 no such user")
    await conversation(cast, relay)
    await cast.receive(mail("kim@people.example"))
    await drain(cast, relay)
    failed, sent = await Delivery.all().order_by("id")
    assert (failed.state, failed.code, failed.error) == ("failed", 550, "5.1.1 no such user")
    assert sent.state == "sent"


async def test_a_relay_that_hangs_up_after_the_dot_gets_the_mail_again(cast: Cast, relay: FaultyRelay) -> None:
    relay.data.append("hang up")
    await conversation(cast, relay)
    assert (await Delivery.get()).state == "deferred"
    await Delivery.all().update(due_at=datetime.now(UTC))
    await drain(cast, relay)
    assert (await Delivery.get()).state == "sent"
    first, second = relay.letters()
    assert first["Message-ID"] == second["Message-ID"]


async def test_a_relay_that_is_away_delays_the_mail(cast: Cast) -> None:
    async with faulty_relay() as relay:
        port = relay.port
    await conversation(cast, FaultyRelay(port=port))
    row = await Delivery.get()
    assert row.state == "deferred"
    assert "cannot be reached" in (row.error or "")


async def test_after_five_days_it_is_given_up(cast: Cast, relay: FaultyRelay) -> None:
    relay.rcpt += ["450 4.2.0 full", "450 4.2.0 still full"]
    await conversation(cast, relay)
    await Delivery.all().update(due_at=datetime.now(UTC), created_at=datetime.now(UTC) - timedelta(days=5))
    await drain(cast, relay)
    row = await Delivery.get()
    assert (row.state, row.error) == ("failed", "4.2.0 still full")


def test_pauses_double_from_four_seconds_to_four_hours() -> None:
    pauses = [delivery.retry_after(attempts).total_seconds() for attempts in (1, 2, 3, 12, 13, 5000)]
    assert pauses == [4, 8, 16, 8192, 14400, 14400]


async def test_two_workers_share_the_outbox_and_send_each_mail_once(cast: Cast, relay: FaultyRelay) -> None:
    for number in range(40):
        await cast.receive(mail(f"c{number}@people.example"))
    await asyncio.gather(*(drain(cast, relay) for _ in range(3)))
    assert sorted(recipient for _, recipient, _ in relay.mails) == sorted(f"c{n}@people.example" for n in range(40))
    assert relay.connections <= 3 * 8, "connections are not kept open"


async def test_a_lease_that_ran_out_is_anybodys_and_its_old_holder_marks_nothing(
    cast: Cast, relay: FaultyRelay
) -> None:
    await cast.receive(mail())
    [lost] = await delivery.claim(10)
    assert await delivery.claim(10) == [], "a leased delivery was claimed twice"
    await Delivery.all().update(due_at=datetime.now(UTC))
    [found] = await delivery.claim(10)
    assert (found.id, found.attempts) == (lost.id, 2)
    settings = cast.house.settings.model_copy(update={"relay_url": RelayUrl.parse(relay.url)})
    relay.rcpt.append("550 5.1.1 no such user")
    outlet = transport(settings)
    await delivery.deliver(cast.house, outlet, lost)
    assert (await Delivery.get()).state == "sending", "the old holder's verdict was written"
    await delivery.deliver(cast.house, outlet, found)
    await outlet.close()
    assert (await Delivery.get()).state == "sent"


async def test_a_renewed_lease_stays_its_holders(cast: Cast) -> None:
    await cast.receive(mail())
    [held] = await delivery.claim(1)
    await Delivery.all().update(due_at=datetime.now(UTC))
    await delivery.renew({held.id})
    assert await delivery.claim(1) == []


async def test_without_a_relay_mail_rests_in_a_maildir(cast: Cast) -> None:
    await cast.receive(mail())
    settings = cast.house.settings
    work = Drain(cast.house, transport(settings))
    await work.run()
    await work.stop(5)
    [kept] = (settings.places.maildir / "new").iterdir()
    assert b"Delivered-To: zoe@people.example\n" in kept.read_bytes()
    assert (await Delivery.get()).state == "sent"


async def test_a_retry_leaves_by_itself_when_its_time_comes(cast: Cast, relay: FaultyRelay) -> None:
    relay.rcpt.append("450 4.2.0 not now")
    async with cast.house.work() as work:
        await open_ticket(work, cast.carl, title="T", text="B")
    settings = cast.house.settings.model_copy(update={"relay_url": RelayUrl.parse(relay.url)})
    worker = Drain(House(settings), transport(settings))
    await worker.run()
    assert relay.mails == []
    while not relay.mails:
        await asyncio.sleep(0.05)
    await worker.stop(5)


async def test_a_worker_that_stops_gives_back_what_it_could_not_send(cast: Cast) -> None:
    await cast.receive(mail())
    async with silent_relay() as url:
        settings = cast.house.settings.model_copy(update={"relay_url": RelayUrl.parse(url)})
        worker = Drain(House(settings), transport(settings))
        running = asyncio.create_task(worker.run())
        while (await Delivery.get()).state != "sending":
            await asyncio.sleep(0.02)
        await worker.stop(0.1)
        await running
    row = await Delivery.get()
    assert row.state == "deferred"
    assert row.due_at <= datetime.now(UTC)
