"""Conversations: the few functions through which everything on a ticket is written.

What people say over REST is in `desk/opening.py` and `desk/answers.py`, what staff change in `desk/changes.py`, what
mail does in `desk/filing.py`.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from desk import notices, outbox
from desk.errors import Invalid, NotFound, known_id
from desk.permissions import require_sight
from desk.work import Work
from letters import markdown_to_html
from models import Direction, Event, Mailbox, Message, Participant, Status, TextFormat, Ticket, Turn, User
from models.states import TICKET_MOVES, check_move

LONGEST_TITLE = 998
LARGEST_TEXT = 1024 * 1024  # bytes of UTF-8


async def start(
    work: Work,
    *,
    title: str,
    mailbox: Mailbox,
    requester: User,
    follows: Ticket | None = None,
    by: User | None = None,
) -> Ticket:
    """A new ticket with its requester as first participant; its opening message is the caller's to say.

    Args:
        by: who opens it, where that is not the requester.
    """
    ticket = await Ticket.create(
        title=title[:LONGEST_TITLE],
        mailbox_id=mailbox.id,
        requester_id=requester.id,
        follows_id=follows.id if follows else None,
        updated_at=datetime.now(UTC),
    )
    await join(work, ticket, requester, "requester")
    await leave(work, ticket, "opened", by or requester)
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
    """Puts a message on a ticket, which becomes the one with the newest activity; a person's word passes the turn."""
    message.ticket_id = ticket.id
    message.rfc_message_id = message.rfc_message_id or outbox.mint_message_id(work, mailbox, ticket.id)
    await message.save()
    # Two messages in the same microsecond, or a clock that was set back, must not leave the list in doubt.
    ticket.updated_at = max(datetime.now(UTC), ticket.updated_at + timedelta(microseconds=1))
    _pass_the_turn(ticket, message)
    await ticket.save(update_fields=["updated_at", "turn", "waiting_since"])
    kind = "note" if message.direction is Direction.INTERNAL else "message"
    await Event.create(ticket_id=ticket.id, actor_id=message.author_id, kind=kind, message_id=message.id)
    work.changed = True
    await notices.tell_assignee(work, ticket, mailbox, message)


async def reopen(work: Work, ticket: Ticket, by: User) -> None:
    """Makes a frozen or closed ticket active again; nobody gets mail for it."""
    if ticket.status is not Status.ACTIVE:
        await set_status(work, ticket, Status.ACTIVE, by)


async def set_status(work: Work, ticket: Ticket, status: Status, by: User, **why: Any) -> Event:
    """Gives the ticket another status; who is told of it is the caller's to say. `why` is kept with the event."""
    check_move(TICKET_MOVES, ticket.status, status)
    before, ticket.status = ticket.status, status
    ticket.closed_at = datetime.now(UTC) if status is Status.CLOSED else None
    return await leave(work, ticket, "status", by, old=before, new=status, **why)


async def locked(work: Work, ticket_id: int) -> Ticket:
    """The ticket, ours alone until the end of the transaction. Raises NotFound."""
    ticket = await Ticket.filter(id=known_id(ticket_id, "ticket")).select_for_update().first()
    if ticket is None:
        raise NotFound("ticket")
    return ticket


async def in_sight(work: Work, by: User, ticket_id: int) -> Ticket:
    """The ticket, locked as by `locked`. Raises NotFound, also where the person may not see it."""
    ticket = await locked(work, ticket_id)
    require_sight(by, ticket)
    return ticket


async def glimpsed(by: User, ticket_id: int) -> Ticket:
    """The ticket as it is at this moment, not locked. Raises NotFound, also where the person may not see it."""
    ticket = await Ticket.get_or_none(id=known_id(ticket_id, "ticket")).select_related("mailbox")
    if ticket is None:
        raise NotFound("ticket")
    require_sight(by, ticket)
    return ticket


async def takes_part(work: Work, ticket: Ticket, person: User) -> bool:
    return await Participant.filter(ticket_id=ticket.id, user_id=person.id).exists()


async def leave(work: Work, ticket: Ticket, kind: str, by: User, **data: Any) -> Event:
    """Saves the ticket, and an event that says what happened to it."""
    ticket.updated_at = max(datetime.now(UTC), ticket.updated_at)
    await ticket.save()
    work.changed = True
    return await Event.create(ticket_id=ticket.id, actor_id=by.id, kind=kind, data=data)


async def rendered(text: str, markup: TextFormat) -> str | None:
    """The HTML that a text of ours means; None where it is to be read as it stands."""
    if markup is TextFormat.PLAIN:
        return None
    return await asyncio.to_thread(markdown_to_html, text)


def written(text: str, field: str, limit: int) -> str:
    """The text as PostgreSQL takes it. Raises Invalid where it says nothing or too much."""
    kept = text.replace("\0", "").encode("utf-8", "replace").decode()
    if not kept.strip():
        raise Invalid(field, "may not be empty")
    if len(kept.encode()) > limit:
        raise Invalid(field, f"at most {limit} bytes")
    return kept


# -- steps


def _pass_the_turn(ticket: Ticket, message: Message) -> None:
    """After a customer's word it is our turn, after ours theirs. Notes and machines change nothing."""
    if message.direction is Direction.OUTBOUND:
        ticket.turn = Turn.THEM
    elif message.direction is Direction.INBOUND and not (message.email and message.email["auto"]):
        ticket.turn, ticket.waiting_since = Turn.US, ticket.updated_at
