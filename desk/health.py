"""How mail flows, for staff: where all of it is, what came and went lately, and whether anything stands still."""

import asyncio
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tortoise import connections

from desk.permissions import Verb, require
from desk.work import House
from models import DeliveryState, InboundState, User
from models.ledger import DUTY, LOOK, Figures

PATIENCE = 8.0  # seconds that counting may take
TO_GO_OUT = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED)
NOT_SENT = (DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.SUPPRESSED)
STUCK = timedelta(minutes=1)  # after which mail that is due should be in somebody's hands
RARE = math.log(100)  # a silence of so many mails' time comes once in a hundred times, if they come as they please
# Answers about us and the relay, whatever the mail: closing, TLS, log-in (RFC 5321, 3.8; RFC 4954, 6).
RELAYS_OWN = (421, 454, 530, 534, 535, 538)


@dataclass(frozen=True)
class Beat:
    """Two minutes: when they began, and how many mails came and went."""

    at: datetime
    received: int
    sent: int


@dataclass(frozen=True)
class Part:
    """Of what mail passes through. `at`: when it was seen so, None where nothing passed yet."""

    name: str
    ok: bool
    detail: str
    at: datetime | None


class Counting:
    """The figures of the ledger. Counting takes a twentieth of the time at most, however many look."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()
        self._figures: Figures | None = None
        self._until = 0.0

    async def figures(self, house: House, by: User) -> Figures:
        """Raises Forbidden, and what the database raises."""
        require(by, Verb.SEE_HEALTH)
        async with self._one:
            began = time.monotonic()
            if self._figures is None or began >= self._until:
                self._figures = await _count(house)
                self._until = time.monotonic() + DUTY * (time.monotonic() - began)
            return self._figures


def stations(figures: Figures) -> dict[str, int]:
    """The way of a mail: how many were received and how many are at each station now."""
    journal, deliveries = figures.journal, figures.deliveries
    return {
        "received": figures.accepted,
        "waiting": journal.get(InboundState.ACCEPTED, 0),
        "filed": journal.get(InboundState.PROCESSED, 0),
        "ignored": journal.get(InboundState.IGNORED, 0),
        "held": journal.get(InboundState.HELD, 0),
        "quarantined": journal.get(InboundState.QUARANTINED, 0),
        "to_go_out": sum(deliveries.get(state, 0) for state in TO_GO_OUT),
        "sent": deliveries.get(DeliveryState.SENT, 0),
        "not_sent": sum(deliveries.get(state, 0) for state in NOT_SENT),
    }


async def pulse() -> list[Beat]:
    """The last hour, oldest first; no beat counts more than 9999."""
    rows = await _rows(
        """WITH waiting AS (
               SELECT received_at FROM inbound WHERE state = 'accepted' ORDER BY id DESC LIMIT 9999
           ), beats AS (
               SELECT to_timestamp(floor(extract(epoch FROM now()) / 120) * 120) - ago * interval '2 minutes' AS at
               FROM generate_series(0, 29) AS ago
           )
           SELECT at,
               (SELECT count(*) FROM (SELECT FROM inbound WHERE state <> 'accepted'
                    AND received_at >= at AND received_at < at + interval '2 minutes' LIMIT 9999) settled)
               + (SELECT count(*) FROM waiting WHERE received_at >= at AND received_at < at + interval '2 minutes')
               AS received,
               (SELECT count(*) FROM (SELECT FROM deliveries
                    WHERE sent_at >= at AND sent_at < at + interval '2 minutes' LIMIT 9999) gone) AS sent
           FROM beats ORDER BY at"""
    )
    return [Beat(row["at"], row["received"], row["sent"]) for row in rows]


async def last_received() -> datetime | None:
    rows = await _rows("SELECT received_at FROM inbound ORDER BY id DESC LIMIT 1")
    return rows[0]["received_at"] if rows else None


async def is_usual(last: datetime | None) -> bool:
    """False where no mail came for much longer than the last week's mail at this time of the day lets expect."""
    if last is None:
        return True
    rows = await _rows(
        """SELECT sum(mails)::int AS mails, count(*)::int AS days FROM (
               SELECT (SELECT count(*) FROM (SELECT FROM inbound WHERE state <> 'accepted'
                   AND received_at BETWEEN at - interval '30 minutes' AND at + interval '30 minutes' LIMIT 999) then_)
                   AS mails
               FROM (SELECT now() - day * interval '1 day' AS at FROM generate_series(1, 7) AS day) days
               WHERE at > (SELECT received_at FROM inbound ORDER BY id LIMIT 1)
           ) same_hour"""
    )
    if not rows[0]["days"]:
        return True
    an_hour = rows[0]["mails"] / rows[0]["days"]
    return bool(an_hour * (datetime.now(UTC) - last) / timedelta(hours=1) < RARE)


async def deferred_long() -> int:
    """Copies that were put off and are older than a quarter of an hour, 9999 at most."""
    rows = await _rows(
        """SELECT count(*) AS copies FROM (
               SELECT FROM deliveries WHERE state = 'deferred' AND created_at < now() - interval '15 minutes' LIMIT 9999
           ) old"""
    )
    return int(rows[0]["copies"])


async def intake() -> Part:
    """Whether somebody reads what was received."""
    rows = await _rows("SELECT received_at FROM inbound WHERE state = 'accepted' ORDER BY id LIMIT 1")
    now = datetime.now(UTC)
    if not rows:
        return Part("intake", ok=True, detail="nothing waits to be read", at=now)
    waited = now - rows[0]["received_at"]
    detail = f"the oldest mail has waited for {_seconds(waited)}"
    return Part("intake", ok=waited < STUCK, detail=detail, at=rows[0]["received_at"])


async def relay() -> Part:
    """Whether mail leaves: somebody sends what is due, and the relay did not turn us away since it last took some."""
    rows = await _rows("SELECT min(due_at) AS due FROM deliveries WHERE state IN ('queued', 'sending', 'deferred')")
    due = rows[0]["due"]
    if due and datetime.now(UTC) - due > STUCK:
        waited = _seconds(datetime.now(UTC) - due)
        return Part(
            "relay", ok=False, detail=f"mail is due since {waited} and nobody sends it: is a worker up?", at=due
        )
    sent, refused = await last_accepted(), await _last_refusal()
    if refused and (sent is None or refused["tried_at"] > sent):
        return Part("relay", ok=False, detail=refused["error"] or "no answer", at=refused["tried_at"])
    return Part("relay", ok=True, detail="takes mail" if sent else "nothing was sent yet", at=sent)


async def last_accepted() -> datetime | None:
    """When the relay last took a mail."""
    rows = await _rows("SELECT max(sent_at) AS sent FROM deliveries WHERE sent_at IS NOT NULL")
    sent: datetime | None = rows[0]["sent"]
    return sent


async def last_errors(by: User, limit: int = 10) -> Sequence[dict[str, Any]]:
    """What the relay last said to mail that it did not take: `at`, `code`, `error`, `recipient`. Raises Forbidden."""
    require(by, Verb.SEE_HEALTH)
    return await _rows(
        """SELECT tried_at AS at, code, error, recipient FROM (
               (SELECT id, tried_at, code, error, recipient FROM deliveries
                WHERE state = 'deferred' AND tried_at IS NOT NULL ORDER BY id DESC LIMIT $1)
               UNION ALL
               (SELECT id, tried_at, code, error, recipient FROM deliveries
                WHERE state = 'failed' AND tried_at IS NOT NULL ORDER BY id DESC LIMIT $1)
           ) newest ORDER BY tried_at DESC, id DESC LIMIT $1""",
        limit,
    )


async def _last_refusal() -> dict[str, Any] | None:
    """The newest of the mails that the relay would have none of, whatever they are."""
    rows = await _rows(
        """SELECT tried_at, error FROM (
               SELECT tried_at, error, code FROM deliveries WHERE state = 'deferred' ORDER BY id DESC LIMIT 200
           ) newest WHERE tried_at IS NOT NULL AND (code IS NULL OR code = ANY($1::int[]))
           ORDER BY tried_at DESC LIMIT 1""",
        list(RELAYS_OWN),
    )
    return rows[0] if rows else None


async def _count(house: House) -> Figures:
    async with house.work() as work:
        await work.rows("SELECT set_config('statement_timeout', $1, true)", f"{PATIENCE:.0f}s")
        [row] = await work.rows(LOOK)
    return Figures(row["accepted"], json.loads(row["journal"]), json.loads(row["deliveries"]), row["oldest"] or 0.0)


def _seconds(waited: timedelta) -> str:
    seconds = int(waited.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


async def _rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await connections.get("default").execute_query_dict(sql, list(values))
    return found
