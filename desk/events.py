"""Events in the order of their commits, for whoever wants to follow: each change of a ticket leaves one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tortoise import connections

from desk.permissions import Verb, may
from models import User

BATCH = 200
FOR_STAFF_ONLY = {
    "note",
    "taken_back",
    "files_left_out",
    "assigned",
    "priority",
    "tags",
    "joined",
    "removed",
    "same_person",
    "held",
    "unanswered",
    "bounced",
    "complained",
    "delayed",
    "suppressed",
    "unsuppressed",
    "sent_again",
    "resumed",
}
LARGEST = 2**63 - 1


@dataclass(frozen=True, order=True)
class Place:
    """Where in the order of events somebody is: `xact-id`, as `Last-Event-ID` carries it."""

    xact: int
    event: int

    @classmethod
    def parse(cls, text: str | None) -> "Place | None":
        xact, _, event = (text or "").partition("-")
        numbers = [int(part) for part in (xact, event) if part.isascii() and part.isdigit() and len(part) < 19]
        return cls(*numbers) if len(numbers) == 2 else None

    def __str__(self) -> str:
        return f"{self.xact}-{self.event}"


@dataclass(frozen=True)
class Happening:
    """An event and whom it concerns."""

    place: Place
    kind: str
    ticket: int
    message: int | None
    actor: int | None
    data: dict[str, Any]
    at: str
    owner: int
    internal: bool

    def seen_by(self, person: User) -> bool:
        """Whether the person may know of it."""
        if may(person, Verb.SEE_EVERY_TICKET):
            return True
        return self.owner == person.id and not self.internal and self.kind not in FOR_STAFF_ONLY

    def as_json(self) -> dict[str, Any]:
        return {
            "id": str(self.place),
            "kind": self.kind,
            "ticket": self.ticket,
            "message": self.message,
            "actor": self.actor,
            "data": self.data,
            "at": self.at,
        }


@dataclass(frozen=True)
class Batch:
    """Happenings in order; `more` that can be read at once, `pending` that cannot be read before others commit."""

    happenings: Sequence[Happening]
    more: bool
    pending: bool


async def latest() -> Place:
    """The place after everything that happened until now."""
    rows = await _rows("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin")
    return Place(rows[0]["xmin"], 0)


async def after(place: Place, *, owner: int | None = None) -> Batch:
    """What happened after a place, oldest first; of one owner's tickets only where that is given."""
    # Asked first: what is committed between the two is read, or pending.
    waiting = await _rows(
        "SELECT EXISTS (SELECT 1 FROM events WHERE xact >= pg_snapshot_xmin(pg_current_snapshot())) AS pending"
    )
    rows = await _rows(
        """SELECT e.xact::text::bigint AS xact, e.id, e.kind, e.ticket_id, e.message_id, e.actor_id, e.data,
                  to_char(e.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
                  t.requester_id AS owner,
                  coalesce(m.direction = 'internal' OR m.held_until IS NOT NULL, false) AS internal
           FROM events e JOIN tickets t ON t.id = e.ticket_id LEFT JOIN messages m ON m.id = e.message_id
           WHERE (e.xact, e.id) > ($1::text::xid8, $2::bigint) AND ($3::bigint IS NULL OR t.requester_id = $3)
             AND e.xact < pg_snapshot_xmin(pg_current_snapshot())
           ORDER BY e.xact, e.id LIMIT $4""",
        str(place.xact),
        place.event,
        owner,
        BATCH,
    )
    return Batch([_happening(row) for row in rows], len(rows) == BATCH, waiting[0]["pending"])


def _happening(row: dict[str, Any]) -> Happening:
    return Happening(
        place=Place(row["xact"], row["id"]),
        kind=row["kind"],
        ticket=row["ticket_id"],
        message=row["message_id"],
        actor=row["actor_id"],
        data=json.loads(row["data"]) if isinstance(row["data"], str) else row["data"],
        at=row["at"],
        owner=row["owner"],
        internal=row["internal"],
    )


async def _rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await connections.get("default").execute_query_dict(sql, list(values))
    return found
