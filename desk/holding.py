"""Breakers as staff see them: who is held back, since when and until when, and letting their mail through."""

import json
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tortoise import connections

from desk import journal
from desk.breakers import one_at_a_time
from desk.errors import Conflict, NotFound, known_id
from desk.permissions import Verb, require
from desk.work import Work
from models import Event, User
from settings import Rate

log = logging.getLogger(__name__)

MOST = 200  # breakers, the newest ones
MOST_HELD = 9999  # mails that are counted


@dataclass(frozen=True)
class Held:
    """A breaker that opened. `held`: mails of its sender that wait in the journal, MOST_HELD at most.

    `until`: when it closes at the latest, as long as nothing of that sender is filed.
    """

    id: int
    ticket: int
    sender: str
    breaker: str
    reason: str
    since: datetime
    until: datetime
    held: int


async def breakers(by: User) -> list[Held]:
    """Those that are open, and those that closed by themselves and left mail held; newest first. Raises Forbidden."""
    require(by, Verb.MANAGE_BREAKERS)
    rows = await connections.get("default").execute_query_dict(
        """SELECT id, ticket_id, data, created_at FROM events WHERE kind = 'held' ORDER BY id DESC LIMIT $1""", [MOST]
    )
    counted = await _held_by_sender()
    found = [_held(row["id"], row["ticket_id"], _json(row["data"]), row["created_at"], counted) for row in rows]
    waiting = {one.sender: one.id for one in reversed(found)}  # a sender's held mail is told of once
    now = datetime.now(UTC)
    resumed = {row["id"] for row in rows if "resumed_at" in _json(row["data"])}
    return [
        one
        for one in found
        if one.id not in resumed and (one.until > now or (one.held and waiting[one.sender] == one.id))
    ]


async def resume(work: Work, by: User, breaker_id: int) -> Held:
    """Files the sender's held mail past the limit, and holds nothing more of theirs for an hour.

    Answers the breaker as it was, `held` being how many mails go through.

    Raises:
        Forbidden, NotFound: as it says.
        Conflict: somebody did so already.
    """
    require(by, Verb.MANAGE_BREAKERS)
    known = await Event.get_or_none(id=known_id(breaker_id, "breaker"), kind="held").select_related("actor")
    if known is None or known.actor is None:
        raise NotFound("breaker")
    await one_at_a_time(work, known.actor)  # or a mail that is judged meanwhile would stay behind
    event = await Event.filter(id=known.id).select_for_update().get()
    if "resumed_at" in event.data:
        raise Conflict("Somebody let this sender's mail through already.")
    sender = event.data["sender"]
    resumed = {"resumed_at": datetime.now(UTC).isoformat()}
    # All that are open hold the same sender's mail: who lets it through closes each.
    await work.rows(
        """UPDATE events SET data = data || $3::text::jsonb
           WHERE kind = 'held' AND actor_id = $1 AND (id = $2 OR NOT data ? 'resumed_at') RETURNING id""",
        event.actor_id,
        event.id,
        json.dumps(resumed),
    )
    released = await journal.let_through(work, sender)
    data = {"breaker": event.id, "sender": sender, "mails": released}
    await Event.create(ticket_id=event.ticket_id, actor_id=by.id, kind="resumed", data=data)
    work.changed = True
    log.info("breaker %s resumed by user %s: %s mails", event.id, by.id, released)
    return replace(_held(event.id, event.ticket_id, event.data, event.created_at, {}), held=released)


async def _held_by_sender() -> dict[str, int]:
    """A reason begins with its sender (`desk/breakers.py`)."""
    rows = await connections.get("default").execute_query_dict(
        """SELECT split_part(reason, ' ', 1) AS sender, count(*) AS mails
           FROM (SELECT reason FROM inbound WHERE state = 'held' ORDER BY id DESC LIMIT $1) newest GROUP BY 1""",
        [MOST_HELD],
    )
    return {row["sender"]: row["mails"] for row in rows}


def _held(ident: int, ticket: int, data: dict[str, Any], since: datetime, counted: dict[str, int]) -> Held:
    limit = Rate.parse(data["limit"])
    window = timedelta(seconds=limit.seconds if limit else 0)
    return Held(
        id=ident,
        ticket=ticket,
        sender=data["sender"],
        breaker=data["breaker"],
        reason=data["reason"],
        since=since,
        until=since + window,
        held=counted.get(data["sender"], 0),
    )


def _json(data: Any) -> dict[str, Any]:
    return dict(json.loads(data) if isinstance(data, str) else data)
