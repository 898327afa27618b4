"""Two machines that answer each other, where theirs says nowhere that it is one.

Such a machine is known by its pace: our mail leaves, its answer is there, and again. Whoever is known by it gets no
automatic answer for an hour; its mail opens tickets as before. `TICKETGATE_AUTOREPLY_RATE=off` lifts this too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from desk.work import Work
from models import Event, Inbound, Message, Ticket, User

AT_ONCE = timedelta(seconds=60)  # a person may write anew so soon after a mail of ours, but not twice in a row
QUIET = timedelta(hours=1)


@dataclass(frozen=True)
class Arrival:
    """A mail of theirs."""

    message: int
    at: datetime
    text: str


@dataclass(frozen=True)
class Departure:
    """A mail of ours to them. `message`: what it acknowledges or carries; `tried_at`: it was not there before."""

    message: int | None
    created_at: datetime
    tried_at: datetime


async def may_answer(work: Work, entry: Inbound, ticket: Ticket, message: Message, sender: User) -> bool:
    """Whether an automatic answer to the mail that opened the ticket would end there; staff are told where not."""
    if work.house.settings.autoreply_rate is None:
        return True
    if await _quiet(work, sender):
        return False
    arrivals = [*await _before(work, message), Arrival(message.id, entry.received_at, message.text)]
    if not goes_round(arrivals, await _ours_to(work, sender, arrivals[0].at)):
        return True
    data = {"sender": sender.email, "entry": entry.id, "reason": "it answers our mail at once, every time"}
    await Event.create(ticket_id=ticket.id, actor_id=sender.id, kind="unanswered", data=data)
    work.changed = True
    return False


def goes_round(arrivals: Sequence[Arrival], departures: Sequence[Departure]) -> bool:
    """Whether the last two mails of theirs answered mails of ours as no person does.

    Each came after a mail of ours that came after the mail before: at once, or in the very same words within the hour.
    """
    if len(arrivals) < 3:
        return False
    longest = max(_pause(before, after, departures) for before, after in pairwise(arrivals))
    return longest <= AT_ONCE or (longest <= QUIET and arrivals[-1].text == arrivals[-2].text)


def _pause(before: Arrival, after: Arrival, departures: Sequence[Departure]) -> timedelta:
    """How long they took to answer what we sent between the two; for ever where nothing left in between."""
    between = [
        after.at - ours.tried_at
        for ours in departures
        if ours.tried_at <= after.at and (ours.message == before.message or ours.created_at >= before.at)
    ]
    return min(between, default=timedelta.max)


async def _quiet(work: Work, sender: User) -> bool:
    rows = await work.rows(
        "SELECT id FROM events WHERE kind = 'unanswered' AND actor_id = $1 AND created_at > $2 LIMIT 1",
        sender.id,
        datetime.now(UTC) - QUIET,
    )
    return bool(rows)


async def _before(work: Work, message: Message) -> list[Arrival]:
    """The two mails of the same sender before this one, oldest first."""
    rows = await work.rows(
        """SELECT m.id, i.received_at, m.text FROM (
               SELECT id, rfc_message_id, text FROM messages
               WHERE author_id = $1 AND via = 'email' AND id <> $2 ORDER BY created_at DESC LIMIT 2
           ) m JOIN inbound i ON i.rfc_message_id = m.rfc_message_id AND i.message_id = m.id AND i.state = 'processed'
           ORDER BY i.received_at""",
        message.author_id,
        message.id,
    )
    return [Arrival(row["id"], row["received_at"], row["text"]) for row in rows]


async def _ours_to(work: Work, sender: User, since: datetime) -> list[Departure]:
    rows = await work.rows(
        """SELECT message_id, created_at, tried_at FROM deliveries
           WHERE recipient = $1 AND created_at > $2 AND tried_at IS NOT NULL""",
        sender.email,
        since - AT_ONCE,  # clocks differ; which mail it acknowledges is said by its row
    )
    return [Departure(row["message_id"], row["created_at"], row["tried_at"]) for row in rows]
