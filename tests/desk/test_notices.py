"""Mail to whoever has a ticket: what makes one, what an answer to it becomes. Whole conversations: notices.yml."""

import pytest

from desk import add_message, add_note, change_ticket
from desk.recipients import preview
from letters import parse, read_reply_address, write_reply_address
from models import Delivery, Direction, Message, Notify, Status, Suppression, SuppressionReason, Ticket, User
from tests.cast import SUPPORT, Cast, mail, outbox, ticket_of
from tests.desk.stage import Stage

SECRET = "He never pays, keep it to us until the old bill is settled."
QUOTED = f"Please pay me.\n\nOn Monday, Ben wrote:\n> {SECRET}\n"
REPEATED = f"Please pay me.\n\n{SECRET}\n"


async def assigned(cast: Cast, to: User | None = None) -> Ticket:
    """Zoe's ticket, assigned to Ann, who wants notices."""
    person = to or cast.ann
    await User.filter(id=person.id).update(notify=Notify.ASSIGNED)
    ticket = await ticket_of(await cast.receive(mail("zoe@people.example", Message_ID="<first@people.example>")))
    async with cast.house.work() as work:
        await change_ticket(work, cast.admin, ticket.id, assignee=person.id)
    return ticket


async def note(cast: Cast, ticket: Ticket, text: str = SECRET) -> Message:
    async with cast.house.work() as work:
        return await add_note(work, cast.ben, ticket.id, text=text)


def answering(sender: str, text: str = "It is.\n", **headers: str | None) -> bytes:
    return mail(sender, text=text, **headers)


def address(cast: Cast, ticket: Ticket, person: User, *, of_note: bool) -> str:
    return write_reply_address(cast.house.reply_key, SUPPORT, ticket.id, person.id, note=of_note)


async def notices(ticket: Ticket) -> list[Delivery]:
    return await Delivery.filter(ticket_id=ticket.id, kind="notice").order_by("id")


async def test_what_the_customer_writes_over_rest_is_a_notice_too(cast: Cast) -> None:
    await User.filter(id=cast.ann.id).update(notify=Notify.ASSIGNED)
    entry = await cast.receive(mail("carl@people.example"))
    async with cast.house.work() as work:
        await change_ticket(work, cast.ben, entry.ticket_id or 0, assignee=cast.ann.id)
        said = await add_message(work, cast.carl, entry.ticket_id or 0, text="Any news?")
    [notice] = await notices(await ticket_of(entry))
    assert (notice.recipient, notice.message_id, notice.user_id) == ("ann@desk.example", said.id, cast.ann.id)


@pytest.mark.parametrize("of_note", [False, True], ids=["message", "note"])
async def test_its_reply_address_says_what_an_answer_becomes(cast: Cast, of_note: bool) -> None:
    ticket = await assigned(cast)
    if of_note:
        await note(cast, ticket)
    else:
        await cast.receive(mail("Zoe <zoe@people.example>", text="Any news?\n", In_Reply_To="<first@people.example>"))
    stage = Stage(cast)
    await stage.compose()
    sent = stage.sent[-1]
    reply = read_reply_address(cast.house.reply_key, sent["Reply-To"])
    assert reply
    assert (reply.ticket, reply.person, reply.note) == (ticket.id, cast.ann.id, of_note)
    letter = parse(sent.as_bytes())
    said = "Ben <ben@desk.example> left a note" if of_note else "<zoe@people.example> wrote"
    assert said in letter.text
    assert ("customers never see it" in letter.text, sent["Auto-Submitted"]) == (of_note, "auto-generated")
    assert ("He never pays" if of_note else "Any news?") in letter.text


async def test_the_words_exist_in_german_too(cast: Cast) -> None:
    ticket = await assigned(cast)
    await note(cast, ticket)
    settings = cast.house.settings.model_copy(update={"language": "de"})
    stage = Stage(cast)
    object.__setattr__(cast.house, "settings", settings)
    await stage.compose()
    assert "wird eine Notiz: Kunden sehen sie nie" in parse(stage.sent[-1].as_bytes()).text


@pytest.mark.parametrize("why", ["off", "ended", "no longer staff", "suppressed"])
async def test_whoever_cannot_or_does_not_want_to_gets_none(cast: Cast, why: str) -> None:
    ticket = await assigned(cast)
    changes = {"off": {"notify": Notify.NONE}, "ended": {"active": False}, "no longer staff": {"role": "customer"}}
    if why in changes:
        await User.filter(id=cast.ann.id).update(**changes[why])
    else:
        await Suppression.create(email="ann@desk.example", reason=SuppressionReason.HARD_BOUNCE)
    await note(cast, ticket)
    assert [str(notice.state) for notice in await notices(ticket)] == (["suppressed"] if why == "suppressed" else [])


async def test_a_notice_changes_nothing_in_who_gets_the_next_mail(cast: Cast) -> None:
    ticket = await assigned(cast)
    async with cast.house.work() as work:
        await add_message(work, cast.ben, ticket.id, text="On it.")
    await note(cast, ticket)
    async with cast.house.work() as work:
        found = await preview(work, cast.ben, ticket.id)
    assert (found.new, found.dropped, found.warnings) == (frozenset(), [], [])


async def test_an_answer_to_a_note_by_mail_is_a_note_with_the_mail_kept(cast: Cast) -> None:
    ticket = await assigned(cast)
    await note(cast, ticket)
    async with cast.house.work() as work:
        await change_ticket(work, cast.ben, ticket.id, status=Status.FROZEN)
    before = await outbox(ticket)
    entry = await cast.receive(
        answering("Ann <ann@desk.example>", Cc="zoe@people.example"), address(cast, ticket, cast.ann, of_note=True)
    )
    message = await Message.get(id=entry.message_id)
    assert (message.direction, message.author_id, message.text.strip()) == (Direction.INTERNAL, cast.ann.id, "It is.")
    assert (await outbox(ticket), (await Ticket.get(id=ticket.id)).status) == (before, Status.FROZEN)


async def test_a_mail_that_names_the_notice_of_a_note_is_a_note_wherever_it_was_sent(cast: Cast) -> None:
    ticket = await assigned(cast)
    await note(cast, ticket)
    [notice] = await notices(ticket)
    named = f"<{notice.rfc_message_id.upper()}>"
    for headers in ({"In_Reply_To": named}, {"References": f"<first@people.example> {named}"}):
        entry = await cast.receive(
            answering("Ann <ann@desk.example>", **headers), address(cast, ticket, cast.ann, of_note=False)
        )
        assert (await Message.get(id=entry.message_id)).direction is Direction.INTERNAL
    assert ("message", "zoe@people.example") not in await outbox(ticket)


@pytest.mark.parametrize("text", [QUOTED, REPEATED], ids=["quoted", "without a mark"])
async def test_in_other_hands_it_is_a_strangers_mail_that_repeats_nothing_of_the_note(cast: Cast, text: str) -> None:
    ticket = await assigned(cast)
    await note(cast, ticket)
    entry = await cast.receive(
        answering("Ann <ann@private.example>", text), address(cast, ticket, cast.ann, of_note=True)
    )
    message = await Message.get(id=entry.message_id)
    assert (message.ticket_id, message.direction, message.stranger) == (ticket.id, Direction.INBOUND, True)
    assert message.text.strip() == "Please pay me."
    kept = (message.quoted, message.html, message.segments)
    assert "never pays" not in str(kept)
    raw = await cast.house.blobs.get(message.blob or "")
    assert b"never pays" in raw


async def test_a_forwarded_note_shows_nothing_of_it(cast: Cast) -> None:
    ticket = await assigned(cast)
    await note(cast, ticket)
    entry = await cast.receive(
        answering("x@private.example", f"> {SECRET}\n"), address(cast, ticket, cast.ann, of_note=True)
    )
    assert (await Message.get(id=entry.message_id)).text == ""


async def test_an_answer_from_a_colleagues_hands_that_prove_nothing_is_never_a_note(cast: Cast) -> None:
    ticket = await assigned(cast)
    await note(cast, ticket)
    entry = await cast.receive(answering("Ben <ben@desk.example>"), address(cast, ticket, cast.ann, of_note=True))
    message = await Message.get(id=entry.message_id)
    assert (message.direction, message.stranger, message.author_role) == (Direction.INBOUND, True, "customer")


async def test_the_address_of_an_ended_account_makes_no_note(cast: Cast) -> None:
    ticket = await assigned(cast)
    await note(cast, ticket)
    await User.filter(id=cast.ann.id).update(active=False)
    entry = await cast.receive(
        answering("Ann <ann@desk.example>", In_Reply_To="<first@people.example>"),
        address(cast, ticket, cast.ann, of_note=True),
    )
    assert (await Message.get(id=entry.message_id)).direction is Direction.INBOUND


async def test_a_forged_address_for_a_note_threads_nothing(cast: Cast) -> None:
    ticket = await assigned(cast)
    forged = write_reply_address(b"another key", SUPPORT, ticket.id, cast.ann.id, note=True)
    entry = await cast.receive(answering("Ann <ann@desk.example>", To=forged))
    assert entry.ticket_id != ticket.id
