"""Files, Markdown and a new status in the mails that leave, as the mail program of whoever gets them reads them."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from desk import House, add_message, write_to
from desk.answers import Terms
from desk.uploads import take_in
from letters import Address, parse, read_reply_address, weight, write_reply_address
from mailer.drain import Drain
from mailer.preview import preview
from mailer.transport import transport
from models import Attachment, Delivery, Event, Message, Status, TextFormat, Ticket, User
from settings import RelayUrl
from tests.cast import SUPPORT, Cast, mail, ticket_of
from tests.mailer.relay import FaultyRelay, faulty_relay, silent_relay

NAMES = ["plan.txt", "見積書 №7 – Ω.pdf", 'say "hi"; x=1.txt', "x" * 190 + ".pdf"]


@pytest.fixture
async def relay() -> AsyncIterator[FaultyRelay]:
    async with faulty_relay() as found:
        yield found


def worker(cast: Cast, relay: FaultyRelay) -> Drain:
    settings = cast.house.settings.model_copy(update={"relay_url": RelayUrl.parse(relay.url)})
    house = House(settings)
    return Drain(house, transport(settings))


async def drain(cast: Cast, relay: FaultyRelay) -> None:
    work = worker(cast, relay)
    await work.run()
    await work.stop(5)


async def upload(cast: Cast, name: str, content: bytes, content_type: str = "text/plain") -> int:
    found = await take_in(cast.house, cast.ann, filename=name, content_type=content_type, content=content)
    return found.id


def files(letter: EmailMessage) -> list[tuple[str | None, str, bytes]]:
    return [
        (part.get_filename(), part.get_content_type(), part.get_payload(decode=True))  # type: ignore[misc]  # no multipart
        for part in letter.iter_attachments()
    ]


async def answered(cast: Cast, ticket: Ticket, text: str = "See there.", terms: Terms | None = None) -> Message:
    async with cast.house.work() as work:
        return await add_message(work, cast.ann, ticket.id, text=text, terms=terms or Terms())


def to_zoe(relay: FaultyRelay) -> EmailMessage:
    """The mail that she got from a person."""
    letters = zip(relay.letters(), relay.mails, strict=True)
    [found] = [letter for letter, (_, to, _) in letters if to.startswith("zoe") and letter["Auto-Submitted"] is None]
    return found


async def test_files_go_to_everybody_under_their_names(cast: Cast, relay: FaultyRelay) -> None:
    ticket = await ticket_of(await cast.receive(mail(Cc="kim@people.example")))
    contents = [name.encode() + bytes(range(256)) * 20 for name in NAMES]
    ids = [await upload(cast, name, content) for name, content in zip(NAMES, contents, strict=True)]
    await answered(cast, ticket, terms=Terms(files=tuple(ids)))
    await drain(cast, relay)
    copies = [letter for letter in relay.letters() if letter["Auto-Submitted"] is None]
    assert len(copies) == 2
    for letter in copies:
        assert letter.get_content_type() == "multipart/mixed"
        assert files(letter) == [(name, "text/plain", content) for name, content in zip(NAMES, contents, strict=True)]
        assert "See there." in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # each has one
    raw = max((raw for _, _, raw in relay.mails), key=len)
    read = parse(raw)
    assert [part.filename for part in read.attachments] == NAMES
    assert max(map(len, raw.split(b"\r\n"))) <= 998


async def test_files_of_a_mail_that_staff_sent_go_along(cast: Cast, relay: FaultyRelay) -> None:
    ticket = await ticket_of(await cast.receive(mail()))
    await by_mail(cast, ticket, ("bill.pdf", b"%PDF-1.7 paid"))
    await drain(cast, relay)
    assert files(to_zoe(relay)) == [("bill.pdf", "application/octet-stream", b"%PDF-1.7 paid")]


async def test_files_that_are_too_large_for_a_forwarded_mail_are_named(cast: Cast, relay: FaultyRelay) -> None:
    ticket = await ticket_of(await cast.receive(mail()))
    small = {"max_message_size": 100_000}
    cast.house = House(cast.house.settings.model_copy(update=small))
    await by_mail(cast, ticket, ("plan.bin", bytes(50_000)), ("map.bin", b"x"))
    await drain(cast, relay)
    letter = to_zoe(relay)
    assert files(letter) == []
    for kind in ("plain", "html"):
        text = letter.get_body((kind,)).get_content()  # type: ignore[union-attr]  # each has one
        assert "Too large to go with this mail: plan.bin, map.bin" in text
    assert (await Event.get(kind="files_left_out")).data == {"files": ["plan.bin", "map.bin"]}


async def by_mail(cast: Cast, ticket: Ticket, *attached: tuple[str, bytes]) -> None:
    """Ann's answer from her own mail program, at the reply address made for her."""
    address = write_reply_address(cast.house.reply_key, SUPPORT, ticket.id, cast.ann.id)
    entry = await cast.receive(mail("Ann <ann@desk.example>", address, "Re: Lamp", "Here.", files=attached), address)
    said = await Message.get(id=entry.message_id)
    assert said.direction == "outbound"


async def test_a_mail_is_no_larger_than_was_foretold(cast: Cast, relay: FaultyRelay) -> None:
    ticket = await ticket_of(await cast.receive(mail()))
    text = 'ü<&"' * 5000
    ids = [await upload(cast, f"{name}.bin", bytes(size)) for name, size in (("見" * 60, 1), ("b", 76_543), ("c", 57))]
    message = await answered(cast, ticket, text, Terms(files=tuple(ids)))
    await drain(cast, relay)
    sizes = [(part.filename, part.size) for part in await Attachment.filter(message_id=message.id)]
    html = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    size = max(len(raw) for _, _, raw in relay.mails)
    assert size <= weight(text, html, sizes) <= size + 80_000


async def test_files_that_cannot_be_read_delay_the_mail(cast: Cast, relay: FaultyRelay) -> None:
    ticket = await ticket_of(await cast.receive(mail()))
    message = await answered(cast, ticket, terms=Terms(files=(await upload(cast, "a", b"lost"),)))
    await Attachment.all().update(blob="0" * 64)
    await drain(cast, relay)
    copy = await Delivery.get(message_id=message.id, kind="message")
    assert copy.state == "deferred"
    assert "cannot be read" in (copy.error or "")


async def test_markdown_leaves_as_typed_and_as_meant(cast: Cast, relay: FaultyRelay) -> None:
    ticket = await ticket_of(await cast.receive(mail()))
    await answered(cast, ticket, "**Now**\n<b>", Terms(markup=TextFormat.MARKDOWN))
    await drain(cast, relay)
    text, html = (to_zoe(relay).get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]  # each has one
    assert "**Now**\n<b>" in text.replace("\r\n", "\n")
    assert re.search(r"<p><strong>Now</strong><br />\s*&lt;b&gt;</p>", html)


async def test_one_mail_says_words_and_status(cast: Cast, relay: FaultyRelay) -> None:
    ticket = await ticket_of(await cast.receive(mail()))
    await answered(cast, ticket, "Mended.", Terms(set_status=Status.CLOSED))
    await drain(cast, relay)
    letter = to_zoe(relay)
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
    assert "Mended.\n\nThis ticket is now closed. An answer to this mail makes it active again.\n\n-- \nAnn\n" in (
        text.replace("\r\n", "\n")
    )
    assert letter["Auto-Submitted"] is None
    assert len(relay.mails) == 2


async def test_a_status_that_changed_while_the_mail_waited_is_not_told(cast: Cast, relay: FaultyRelay) -> None:
    ticket = await ticket_of(await cast.receive(mail(Message_ID="<first@client.example>")))
    await answered(cast, ticket, "Mended.", Terms(set_status=Status.CLOSED, hold=timedelta(seconds=10)))
    await cast.receive(mail(In_Reply_To="<first@client.example>", text="It blinks again."))
    await Delivery.all().update(due_at=datetime.now(UTC))
    await drain(cast, relay)
    assert "is now" not in to_zoe(relay).get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one


async def test_the_preview_is_what_leaves(cast: Cast, relay: FaultyRelay) -> None:
    ticket = await ticket_of(await cast.receive(mail(Cc="kim@people.example")))
    terms = Terms(markup=TextFormat.MARKDOWN, set_status=Status.FROZEN)
    async with cast.house.work() as work:
        shown = await preview(
            work, cast.ann, ticket.id, text="*Hm*", markup=terms.markup, recipients=None, status=terms.set_status
        )
    await answered(cast, ticket, "*Hm*", terms)
    await drain(cast, relay)
    letter = to_zoe(relay)
    assert letter["Subject"] == shown["subject"]
    for field in ("from", "to", "cc"):
        people = shown[field] if isinstance(shown[field], list) else [shown[field]]
        assert [(one.display_name, one.addr_spec) for one in letter[field].addresses] == [
            (one["name"], one["email"]) for one in people
        ]
    for kind, part in (("plain", "text"), ("html", "html")):
        body = letter.get_body((kind,)).get_content()  # type: ignore[union-attr]  # each has one
        assert body.replace("\r\n", "\n").strip() == shown[part].strip()


async def test_a_first_mail_begins_a_thread_that_its_answer_finds(cast: Cast, relay: FaultyRelay) -> None:
    async with cast.house.work() as work:
        ticket = await write_to(
            work, cast.ann, requester=Address("Zoë", "zoe@people.example"), title="Your order", text="It is here."
        )
    await drain(cast, relay)
    [letter] = relay.letters()
    assert letter["Subject"] == f"Your order [#{ticket.id}]"
    assert (letter["In-Reply-To"], letter["References"]) == (None, None)
    signed = read_reply_address(cast.house.reply_key, letter["Reply-To"])
    assert signed
    assert signed.ticket == ticket.id
    entry = await cast.receive(mail(subject="Re: Your order", In_Reply_To=letter["Message-ID"]))
    assert entry.ticket_id == ticket.id
    said = await Message.get(id=entry.message_id)
    assert (said.direction, said.stranger, said.author_id) == ("inbound", False, (await owner(ticket)).id)


async def owner(ticket: Ticket) -> User:
    return await User.get(id=ticket.requester_id)


# -- the worker meanwhile


@asynccontextmanager
async def stuck(cast: Cast) -> AsyncIterator[Drain]:
    """A worker whose relay never says a word: what it takes into its hands stays there."""
    async with silent_relay() as url:
        settings = cast.house.settings.model_copy(update={"relay_url": RelayUrl.parse(url)})
        worker = Drain(House(settings), transport(settings))
        yield worker
        await worker.stop(0)


async def test_a_slow_relay_keeps_no_other_mail_waiting(cast: Cast) -> None:
    async with stuck(cast) as worker:
        await cast.receive(mail())
        worker.ring()
        await until(sending=1)
        await cast.receive(mail("kim@people.example"))
        worker.ring()
        await until(sending=2)


async def test_a_held_mail_leaves_while_a_slow_one_is_in_hand(cast: Cast) -> None:
    """Nobody rings at the end of a hold: the worker looks by itself when the next one is due."""
    async with stuck(cast) as worker:
        ticket = await ticket_of(await cast.receive(mail()))
        await answered(cast, ticket, terms=Terms(hold=timedelta(seconds=1)))
        worker.ring()
        await until(sending=2)


async def until(sending: int) -> None:
    """Waits for that many in hand; the test's own time limit ends it."""
    while await Delivery.filter(state="sending").count() < sending:
        await asyncio.sleep(0.02)
