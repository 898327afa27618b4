"""Breakers: past so many mails of one sender, more of them are kept and held, and staff are told once.

They are counted in the messages themselves, as the limit on new tickets is: nothing has to be reset, a breaker closes
as what opened it grows old. `TICKETGATE_SENDER_RATE` sets their scale, and `off` lifts them with it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from tortoise.queryset import QuerySet

from desk import limits
from desk.work import Work
from letters import Letter, topic
from models import Event, Inbound, Message, Ticket, User, Via
from settings import Rate

HOUR = 3600
LEAST = 60  # mails an hour that the scale begins with, however few new tickets are allowed
PEOPLE = 2  # times the scale: on one ticket, or about one subject; nobody types that many in an hour
EVERYTHING = 5  # times the scale: all of a sender's mails
ANSWERS = Rate(20, HOUR)  # on one ticket, or about one subject, from a machine that says that it answers
ANSWERING = {"auto_reply", "out_of_office"}


class Breaker(StrEnum):
    """What is counted."""

    TICKETS = "new tickets"
    TICKET = "ticket and sender"
    SUBJECT = "sender and subject"
    SENDER = "sender"


@dataclass(frozen=True)
class Sent:
    """A message that a sender mailed within the last hour. `automatic`: a machine did."""

    ticket: int
    topic: str
    automatic: bool


@dataclass(frozen=True)
class Open:
    """A breaker past its limit. `of`: the ticket's id or the topic, where it counts one."""

    breaker: Breaker
    limit: Rate
    reason: str
    of: str = ""


async def one_at_a_time(work: Work, sender: User) -> None:
    """Mails of one sender are counted and answered one after the other: side by side each would be the last allowed.

    Before any ticket is locked: who has a ticket must not wait for a sender.
    """
    settings = work.house.settings
    if settings.sender_rate or settings.autoreply_rate:
        await work.rows("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", f"sender {sender.id}")


async def holds(work: Work, entry: Inbound, letter: Letter, sender: User, ticket: Ticket | None) -> str | None:
    """Why the mail is to be held, if it is; staff learn of it by an event, once while the breaker is open.

    Args:
        ticket: where the mail would go; None: it would open one.
    """
    rate = work.house.settings.sender_rate
    if rate is None or entry.past_limit:
        return None
    found = await _too_many_tickets(work, sender) if ticket is None else None
    if found is None and await _mailed_lately(sender).count() >= _narrow(letter, rate).amount:
        found = tripped(await _lately(work, sender), letter, sender.email, ticket.id if ticket else None, rate)
    if found is None or await _resumed_lately(work, sender):
        return None
    await _tell(work, entry, sender, ticket, found)
    return found.reason


def tripped(lately: Sequence[Sent], letter: Letter, email: str, ticket: int | None, rate: Rate) -> Open | None:
    """The first breaker that one more mail would pass, beside the one on new tickets.

    Args:
        rate: TICKETGATE_SENDER_RATE.
    """
    narrow, about = _narrow(letter, rate), topic(letter.subject)
    counted = [sent for sent in lately if sent.automatic] if narrow is ANSWERS else lately
    here = sum(sent.ticket == ticket for sent in counted)
    alike = sum(sent.topic == about for sent in counted)
    if here >= narrow.amount:
        return Open(Breaker.TICKET, narrow, _wrote(email, here, "on this ticket", narrow), str(ticket))
    if about and alike >= narrow.amount:
        return Open(Breaker.SUBJECT, narrow, _wrote(email, alike, "about this subject", narrow), about)
    wide = Rate(EVERYTHING * _scale(rate), HOUR)
    if len(lately) >= wide.amount:
        return Open(Breaker.SENDER, wide, _wrote(email, len(lately), "in all", wide))
    return None


def _narrow(letter: Letter, rate: Rate) -> Rate:
    """The limit on one ticket, or about one subject."""
    return ANSWERS if letter.kind in ANSWERING else Rate(PEOPLE * _scale(rate), HOUR)


def _scale(rate: Rate) -> int:
    return max(LEAST, rate.amount * max(1, HOUR // rate.seconds))


async def _too_many_tickets(work: Work, sender: User) -> Open | None:
    passed = await limits.opens_too_many(work, sender)
    if passed is None:
        return None
    reason = f"{sender.email} opened {passed.amount} tickets within the limit {passed}"
    return Open(Breaker.TICKETS, passed, reason)


def _mailed_lately(sender: User) -> QuerySet[Message]:
    since = datetime.now(UTC) - timedelta(seconds=HOUR)
    return Message.filter(author_id=sender.id, via=Via.EMAIL, created_at__gt=since)


async def _lately(work: Work, sender: User) -> list[Sent]:
    rows = await work.rows(
        """SELECT ticket_id, email ->> 'subject' AS subject, email ->> 'auto' AS auto FROM messages
           WHERE author_id = $1 AND via = 'email' AND created_at > $2""",
        sender.id,
        datetime.now(UTC) - timedelta(seconds=HOUR),
    )
    return [Sent(row["ticket_id"], topic(row["subject"] or ""), row["auto"] == "true") for row in rows]


async def _resumed_lately(work: Work, sender: User) -> bool:
    """Whether staff let this sender's mail through within the last hour: what they have seen is not held again."""
    rows = await work.rows(
        """SELECT id FROM events WHERE kind = 'held' AND actor_id = $1 AND (data->>'resumed_at')::timestamptz > $2
           LIMIT 1""",
        sender.id,
        datetime.now(UTC) - timedelta(seconds=HOUR),
    )
    return bool(rows)


async def _tell(work: Work, entry: Inbound, sender: User, ticket: Ticket | None, found: Open) -> None:
    """An event on the ticket; where the mail would have opened one, on the one that the sender wrote on last."""
    opened = {"breaker": found.breaker.value, "limit": str(found.limit), "of": found.of}
    since = datetime.now(UTC) - timedelta(seconds=found.limit.seconds)
    # The kind stands in the words of the index of breakers' events.
    told = await work.rows(
        """SELECT id FROM events
           WHERE kind = 'held' AND actor_id = $1 AND created_at > $2 AND data @> $3::text::jsonb LIMIT 1""",
        sender.id,
        since,
        json.dumps(opened),
    )
    place = ticket.id if ticket else await _latest_ticket(sender)
    if told or place is None:
        return
    data = opened | {"entry": entry.id, "sender": sender.email, "reason": found.reason}
    await Event.create(ticket_id=place, actor_id=sender.id, kind="held", data=data)
    work.changed = True


async def _latest_ticket(sender: User) -> int | None:
    latest = await Message.filter(author_id=sender.id, via=Via.EMAIL).order_by("-created_at").first()
    return latest.ticket_id if latest else None


def _wrote(email: str, number: int, where: str, limit: Rate) -> str:
    return f"{email} wrote {number} messages {where} within the limit {limit}"
