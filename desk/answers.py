"""What people say on a ticket over REST: messages, which go out by mail where staff write them, and notes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from desk import outbox, uploads
from desk.conversations import LARGEST_TEXT, in_sight, rendered, reopen, say, set_status, written
from desk.drafts import end_draft
from desk.errors import LARGEST_ID, Invalid, Overtaken
from desk.permissions import Verb, require
from desk.work import Work
from models import Direction, DraftKind, Mailbox, Message, Role, Status, TextFormat, Ticket, User, Via


@dataclass(frozen=True)
class Terms:
    """What a writer may ask for beside the words.

    Attributes:
        markup: how the text is to be read.
        files: ids of uploads of theirs that become attachments.
        in_answer_to: the id of the message that is answered.
        seen: the id of the newest message that the writer has seen; a newer one of somebody else's stops this one.
        set_status: what the ticket becomes with it; staff alone may say.
        hold: how long the mail waits, and may be taken back (`desk/undo.py`). Only what leaves by mail is held.
        key: names this request; the same one again makes no second message.
    """

    markup: TextFormat = TextFormat.PLAIN
    files: Sequence[int] = ()
    in_answer_to: int | None = None
    seen: int | None = None
    set_status: Status | None = None
    hold: timedelta = timedelta(0)
    key: str | None = None


ORDINARY = Terms()


async def add_message(
    work: Work,
    by: User,
    ticket_id: int,
    *,
    text: str,
    via: Via = Via.API,
    recipients: Collection[int] | None = None,
    terms: Terms = ORDINARY,
) -> Message:
    """What staff say goes out by mail to everybody who takes part; what the owner says does not.

    The owner's words make a frozen or closed ticket active again.

    Args:
        recipients: ids of those who take part that get this message; staff alone may choose.

    Raises:
        NotFound, Forbidden, Invalid: as it says.
        Overtaken: somebody said something that the writer has not seen.
    """
    direction = Direction.INBOUND if by.role is Role.CUSTOMER else Direction.OUTBOUND
    message = await _message(by, direction, via, text, terms, recipients)
    ticket = await _addressed(work, by, ticket_id, terms)
    require(by, Verb.WRITE_MESSAGES)
    if by.role is Role.CUSTOMER and recipients is not None:
        raise Invalid("recipients", "staff alone choose who gets a message")
    said_before = await _said_before(by, ticket, message)
    if said_before:
        return said_before
    if direction is Direction.OUTBOUND:
        await _answer(work, ticket, message, by, recipients, terms)
    else:
        await _begin(work, ticket, message, by, terms)
        await _remember(message, await end_draft(by, ticket, DraftKind.REPLY))
        await reopen(work, ticket, by)
    return message


async def add_note(
    work: Work, by: User, ticket_id: int, *, text: str, via: Via = Via.API, terms: Terms = ORDINARY
) -> Message:
    """What stays among staff. Nobody gets mail, but of a new status that is set with it.

    Raises:
        NotFound, Forbidden, Invalid, Overtaken: as `add_message`.
    """
    message = await _message(by, Direction.INTERNAL, via, text, terms)
    ticket = await _addressed(work, by, ticket_id, terms)
    require(by, Verb.WRITE_NOTES)
    said_before = await _said_before(by, ticket, message)
    if said_before:
        return said_before
    mailbox, _ = await _begin(work, ticket, message, by, terms)
    await _remember(message, await end_draft(by, ticket, DraftKind.NOTE))
    if terms.set_status and terms.set_status is not ticket.status:
        await set_status(work, ticket, terms.set_status, by)
        await outbox.tell_status(work, ticket, mailbox, by)
    return message


# -- steps


async def _answer(
    work: Work, ticket: Ticket, message: Message, by: User, recipients: Collection[int] | None, terms: Terms
) -> None:
    """Staff's words to customers, with what taking them back will need."""
    until = datetime.now(UTC) + terms.hold if terms.hold else None
    before = {"status": ticket.status, "closed_at": ticket.closed_at.isoformat() if ticket.closed_at else None}
    message.held_until = until
    mailbox, parent = await _begin(work, ticket, message, by, terms)
    status = terms.set_status if terms.set_status is not ticket.status else None
    if status:
        before["event"] = (await set_status(work, ticket, status, by)).id
    waits = await outbox.send_message(
        work, ticket, mailbox, message, by, only=recipients, status=status, parent=parent, due_at=until
    )
    if not waits:
        message.held_until = None
    version = await end_draft(by, ticket, DraftKind.REPLY)
    await _remember(message, version, before if status else None)


async def _addressed(work: Work, by: User, ticket_id: int, terms: Terms) -> Ticket:
    """The ticket, locked. The same request at once on two connections is carried out one after the other."""
    if terms.key:
        await work.rows("SELECT pg_advisory_xact_lock(hashtextextended($1, 3))", f"request {by.id} {terms.key}")
    return await in_sight(work, by, ticket_id)


async def _message(
    by: User, direction: Direction, via: Via, text: str, terms: Terms, recipients: Collection[int] | None = None
) -> Message:
    """The message, not said yet. Before anything is locked: to render a long text takes a while."""
    text = written(text, "text", LARGEST_TEXT)
    return Message(
        author_id=by.id,
        author_role=by.role,
        direction=direction,
        via=via,
        text=text,
        format=terms.markup,
        html=await rendered(text, terms.markup),
        idempotency_key=terms.key,
        undo={"asked": _asked(terms, recipients)},
    )


def _asked(terms: Terms, recipients: Collection[int] | None) -> dict[str, Any]:
    """What was asked for, as it is kept with the message: to bring a draft back, and to know a repeated request."""
    return {
        "recipients": None if recipients is None else sorted(recipients),
        "files": list(terms.files),
        "set_status": terms.set_status,
        "in_answer_to": terms.in_answer_to,
        "seen": terms.seen,
        "hold": terms.hold.total_seconds(),
    }


async def _said_before(by: User, ticket: Ticket, message: Message) -> Message | None:
    """The message that a request with this key made already. Raises Invalid where that request asked for another."""
    if message.idempotency_key is None:
        return None
    made = await Message.get_or_none(author_id=by.id, idempotency_key=message.idempotency_key)
    if made is None:
        return None
    same = ("direction", "text", "format")
    alike = made.ticket_id == ticket.id and all(getattr(made, name) == getattr(message, name) for name in same)
    if not alike or (made.undo or {}).get("asked") != message.undo["asked"]:
        raise Invalid("Idempotency-Key", "another request had it, and asked for something else")
    return made


async def _begin(
    work: Work, ticket: Ticket, message: Message, by: User, terms: Terms
) -> tuple[Mailbox, Message | None]:
    """Puts the message on the ticket, with its files. Answers the mailbox, and the message that it answers."""
    if terms.set_status:
        require(by, Verb.CHANGE_TICKETS)
    if terms.seen is not None:
        await _check_seen(ticket, by, terms.seen)
    parent = await _answered(ticket, message, terms.in_answer_to)
    mailbox = await Mailbox.get(id=ticket.mailbox_id)
    await say(work, ticket, mailbox, message)
    files = await uploads.take_along(work, by, message, terms.files)
    if message.direction is Direction.OUTBOUND:
        outbox.check_weight(work, message, files)
    return mailbox, parent


async def _check_seen(ticket: Ticket, by: User, seen: int) -> None:
    """Raises Overtaken where somebody else said something newer that the writer may see."""
    newer = (
        Message.filter(ticket_id=ticket.id, id__gt=min(max(seen, 0), LARGEST_ID))
        .exclude(author_id=by.id)
        .order_by("-id")
    )
    if by.role is Role.CUSTOMER:
        newer = newer.filter(held_until__isnull=True).exclude(direction=Direction.INTERNAL)
    found = await newer.first()
    if found:
        raise Overtaken(found.id)


async def _answered(ticket: Ticket, message: Message, ident: int | None) -> Message | None:
    """The message that is answered. Raises Invalid where there is none like it on the ticket to answer."""
    if ident is None:
        return None
    found = await Message.get_or_none(id=ident, ticket_id=ticket.id) if 0 < ident <= LARGEST_ID else None
    hidden = found is not None and found.direction is Direction.INTERNAL and message.direction is not found.direction
    if found is None or hidden:
        raise Invalid("in_answer_to", "no message of this ticket that this one could answer")
    return found


async def _remember(message: Message, version: int, before: dict[str, Any] | None = None) -> None:
    """Keeps, beside what was asked, the version of the draft that it was, and the ticket's status before."""
    message.undo |= {"version": version, "before": before}
    await message.save(update_fields=["undo", "held_until"])
