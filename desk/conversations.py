"""Conversations: open a ticket, add a message, add a note, change the status. What people do over REST.

What mail does is in `desk/filing.py`; both write through the few functions at the end of this file.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from desk import outbox
from desk.errors import LARGEST_ID, Conflict, Invalid, NotFound, known_id
from desk.permissions import Verb, may, require, require_sight
from desk.work import Work
from models import Direction, Event, Mailbox, Message, Participant, Role, Status, Ticket, User, Via
from models.states import TICKET_MOVES, check_move

LONGEST_TITLE = 998
LARGEST_TEXT = 1024 * 1024  # bytes of UTF-8


async def open_ticket(work: Work, by: User, *, title: str, text: str, via: Via = Via.API) -> Ticket:
    """A ticket of their own, acknowledged by mail.

    Raises:
        Forbidden, Invalid: as it says.
        Conflict: there is no mailbox yet.
    """
    require(by, Verb.OPEN_TICKETS)
    title, text = _said(title, "title", LONGEST_TITLE * 16)[:LONGEST_TITLE], _said(text, "body_text", LARGEST_TEXT)
    mailbox = await Mailbox.filter(active=True).order_by("id").first()
    if mailbox is None:
        raise Conflict("There is no mailbox yet: an admin has to add one.")
    ticket = await start(work, title=title, mailbox=mailbox, requester=by)
    message = Message(
        opening=True, author_id=by.id, author_role=by.role, direction=Direction.INBOUND, via=via, text=text
    )
    await say(work, ticket, mailbox, message)
    await outbox.acknowledge(work, ticket, mailbox, message, by)
    return ticket


async def add_message(
    work: Work, by: User, ticket_id: int, *, text: str, via: Via = Via.API, recipients: Collection[int] | None = None
) -> Message:
    """What staff say goes out by mail to everybody who takes part; what the owner says does not.

    The owner's words make a frozen or closed ticket active again.

    Args:
        recipients: ids of those who take part that get this message; staff alone may choose.

    Raises:
        NotFound, Forbidden, Invalid: as it says.
    """
    ticket = await _seen(work, by, ticket_id)
    require(by, Verb.WRITE_MESSAGES)
    message = Message(author_id=by.id, author_role=by.role, via=via, text=_said(text, "text", LARGEST_TEXT))
    mailbox = await Mailbox.get(id=ticket.mailbox_id)
    if by.role is Role.CUSTOMER:
        if recipients is not None:
            raise Invalid("recipients", "staff alone choose who gets a message")
        message.direction = Direction.INBOUND
        await say(work, ticket, mailbox, message)
        await reopen(work, ticket, by)
        return message
    message.direction = Direction.OUTBOUND
    await say(work, ticket, mailbox, message)
    await outbox.send_message(work, ticket, mailbox, message, by, only=recipients)
    return message


async def add_note(work: Work, by: User, ticket_id: int, *, text: str, via: Via = Via.API) -> Message:
    """What stays among staff. Nobody gets mail.

    Raises:
        NotFound, Forbidden, Invalid: as it says.
    """
    ticket = await _seen(work, by, ticket_id)
    require(by, Verb.WRITE_NOTES)
    message = Message(
        author_id=by.id,
        author_role=by.role,
        direction=Direction.INTERNAL,
        via=via,
        text=_said(text, "text", LARGEST_TEXT),
    )
    mailbox = await Mailbox.get(id=ticket.mailbox_id)
    await say(work, ticket, mailbox, message)
    return message


async def change_ticket(work: Work, by: User, ticket_id: int, *, status: Status | None = None, **others: Any) -> Ticket:
    """Status, assignee and title. A new status goes out by mail; one that it has already is no change.

    Args:
        others: `assignee` (a staff member's id, or None for nobody) and `title`, where they are to change.

    Raises:
        NotFound, Forbidden, Invalid: as it says.
    """
    ticket = await _seen(work, by, ticket_id)
    require(by, Verb.CHANGE_TICKETS)
    if "assignee" in others:
        await _assign(work, ticket, others["assignee"], by)
    if "title" in others:
        ticket.title = _said(others["title"], "title", LONGEST_TITLE * 16)[:LONGEST_TITLE]
        await _leave(work, ticket, "retitled", by, title=ticket.title)
    if status and status is not ticket.status:
        await _set_status(work, ticket, status, by)
        mailbox = await Mailbox.get(id=ticket.mailbox_id)
        await outbox.tell_status(work, ticket, mailbox, by)
    return ticket


# -- what conversations and filing write alike


async def start(work: Work, *, title: str, mailbox: Mailbox, requester: User, follows: Ticket | None = None) -> Ticket:
    """A new ticket with its requester as first participant; its opening message is the caller's to say."""
    ticket = await Ticket.create(
        title=title[:LONGEST_TITLE],
        mailbox_id=mailbox.id,
        requester_id=requester.id,
        follows_id=follows.id if follows else None,
        updated_at=datetime.now(UTC),
    )
    await join(work, ticket, requester, "requester")
    await _leave(work, ticket, "opened", requester)
    return ticket


async def join(work: Work, ticket: Ticket, person: User, source: str) -> None:
    """The person takes part from now on."""
    await work.rows(
        """INSERT INTO participants (ticket_id, user_id, source, created_at) VALUES ($1, $2, $3, now())
           ON CONFLICT (ticket_id, user_id) DO NOTHING RETURNING id""",
        ticket.id,
        person.id,
        source,
    )


async def say(work: Work, ticket: Ticket, mailbox: Mailbox, message: Message) -> None:
    """Puts a message on a ticket, which becomes the one with the newest activity."""
    message.ticket_id = ticket.id
    message.rfc_message_id = message.rfc_message_id or outbox.mint_message_id(work, mailbox, ticket.id)
    await message.save()
    # Two messages in the same microsecond, or a clock that was set back, must not leave the list in doubt.
    ticket.updated_at = max(datetime.now(UTC), ticket.updated_at + timedelta(microseconds=1))
    await ticket.save(update_fields=["updated_at"])
    kind = "note" if message.direction is Direction.INTERNAL else "message"
    await Event.create(ticket_id=ticket.id, actor_id=message.author_id, kind=kind, message_id=message.id)
    work.changed = True


async def reopen(work: Work, ticket: Ticket, by: User) -> None:
    """Makes a frozen or closed ticket active again; nobody gets mail for it."""
    if ticket.status is not Status.ACTIVE:
        await _set_status(work, ticket, Status.ACTIVE, by)


async def locked(work: Work, ticket_id: int) -> Ticket:
    """The ticket, ours alone until the end of the transaction. Raises NotFound."""
    ticket = await Ticket.filter(id=known_id(ticket_id, "ticket")).select_for_update().first()
    if ticket is None:
        raise NotFound("ticket")
    return ticket


async def takes_part(work: Work, ticket: Ticket, person: User) -> bool:
    return await Participant.filter(ticket_id=ticket.id, user_id=person.id).exists()


# -- steps


async def _seen(work: Work, by: User, ticket_id: int) -> Ticket:
    ticket = await locked(work, ticket_id)
    require_sight(by, ticket)
    return ticket


async def _set_status(work: Work, ticket: Ticket, status: Status, by: User) -> None:
    check_move(TICKET_MOVES, ticket.status, status)
    before, ticket.status = ticket.status, status
    ticket.closed_at = datetime.now(UTC) if status is Status.CLOSED else None
    await _leave(work, ticket, "status", by, old=before, new=status)


async def _assign(work: Work, ticket: Ticket, user_id: int | None, by: User) -> None:
    if user_id is not None:
        assignee = await User.get_or_none(id=user_id, active=True) if 0 < user_id <= LARGEST_ID else None
        if assignee is None or not may(assignee, Verb.CHANGE_TICKETS):
            raise Invalid("assignee", "not an active member of staff")
    if ticket.assignee_id != user_id:
        ticket.assignee_id = user_id
        await _leave(work, ticket, "assigned", by, assignee=user_id)


async def _leave(work: Work, ticket: Ticket, kind: str, by: User, **data: Any) -> None:
    """Saves the ticket, and an event that says what happened to it."""
    ticket.updated_at = max(datetime.now(UTC), ticket.updated_at)
    await ticket.save()
    await Event.create(ticket_id=ticket.id, actor_id=by.id, kind=kind, data=data)
    work.changed = True


def _said(text: str, field: str, limit: int) -> str:
    """The text as PostgreSQL takes it. Raises Invalid where it says nothing or too much."""
    kept = text.replace("\0", "").encode("utf-8", "replace").decode()
    if not kept.strip():
        raise Invalid(field, "may not be empty")
    if len(kept.encode()) > limit:
        raise Invalid(field, f"at most {limit} bytes")
    return kept
