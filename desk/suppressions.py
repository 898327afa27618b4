"""Addresses that get no mail of ours: when one becomes such, for how long, and who lifts it."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tortoise.expressions import Q

from desk.errors import NotFound, known_id
from desk.permissions import Verb, require
from desk.work import Work
from models import Delivery, Event, Suppression, SuppressionReason, SuppressionScope, Ticket, User

log = logging.getLogger(__name__)

LASTS: dict[SuppressionReason, timedelta | None] = {
    SuppressionReason.HARD_BOUNCE: timedelta(days=90),  # a mailbox that is made again is found out by then
    SuppressionReason.SOFT_BOUNCES: timedelta(days=7),
    SuppressionReason.COMPLAINT: None,  # whoever does not want our mail will not want it later
}
MANY_SOFT = 3
SOFT_WITHIN = timedelta(days=7)
TRIED_FOR = timedelta(days=5)  # until a mail server gives up (RFC 5321, section 4.5.4.1)


@dataclass(frozen=True)
class Cause:
    """What a suppression follows from: a delivery that came back, and what was said of it."""

    delivery: Delivery
    reason: SuppressionReason
    status: str | None = None
    diagnostic: str = ""


# -- whoever sends asks


async def why_not(emails: Iterable[str]) -> dict[str, str]:
    """Those of the addresses (in lower case) that get no mail now, with why and since when in words for staff."""
    found = await Suppression.filter(_holds(), email__in=list(emails))
    return {suppression.email: _told(suppression) for suppression in found}


# -- what becomes of bounces and complaints


async def suppress(work: Work, cause: Cause) -> None:
    """The address gets no more mail; a suppression that holds already is prolonged, never shortened."""
    lasts, delivery = LASTS[cause.reason], cause.delivery
    rows = await work.rows(
        """INSERT INTO suppressions AS held
               (email, scope, reason, status, diagnostic, delivery_id, ticket_id, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, now(), now() + $8::interval)
           ON CONFLICT (email, scope) DO UPDATE SET
               reason = excluded.reason, status = excluded.status, diagnostic = excluded.diagnostic,
               delivery_id = excluded.delivery_id, ticket_id = excluded.ticket_id, expires_at = excluded.expires_at,
               created_at = CASE WHEN held.expires_at <= now() THEN now() ELSE held.created_at END
           WHERE held.expires_at < coalesce(excluded.expires_at, 'infinity')
           RETURNING id""",
        delivery.recipient,
        SuppressionScope.ALL,
        cause.reason,
        cause.status,
        cause.diagnostic,
        delivery.id,
        delivery.ticket_id,
        lasts,
    )
    if rows:
        log.info("suppression %s: %s, for %s", rows[0]["id"], cause.reason, lasts or "ever")
        until = (datetime.now(UTC) + lasts).isoformat().replace("+00:00", "Z") if lasts else None
        await _leave(work, delivery.ticket_id, "suppressed", email=delivery.recipient, reason=cause.reason, until=until)


async def bounced_softly_too_often(work: Work, email: str) -> bool:
    """Whether so many mails in a row came back with passing failures that the address had better rest.

    Counted are bounces that prove themselves, of mails written since the last suppression ended, and between which
    none arrived: the order is that of the mails, since bounces come hours apart.
    """
    rows = await work.rows(
        """WITH sent AS (
               SELECT id, state, bounced_at, code BETWEEN 400 AND 499 AND bounce_proof <> 'unsigned' AS softly
               FROM deliveries WHERE recipient = $1 AND created_at > greatest(
                   now() - $3::interval, (SELECT max(expires_at) FROM suppressions WHERE email = $1))
           ), newest AS (
               SELECT max(id) AS id FROM sent WHERE state = 'bounced' AND softly
           )
           SELECT count(*) AS times FROM sent WHERE state = 'bounced' AND softly AND bounced_at > now() - $2::interval
             AND id > coalesce((SELECT max(id) FROM sent WHERE state = 'sent' AND id < (SELECT id FROM newest)), 0)""",
        email,
        SOFT_WITHIN,
        SOFT_WITHIN + TRIED_FOR,
    )
    return bool(rows[0]["times"] >= MANY_SOFT)


# -- staff


async def suppressed(by: User, *, limit: int, before: int | None = None, email: str | None = None) -> list[Suppression]:
    """What holds now, newest first. Raises Forbidden.

    Args:
        before: only those whose id is lower.
        email: of this address alone, in any case.
    """
    require(by, Verb.MANAGE_SUPPRESSIONS)
    found = Suppression.filter(_holds()).order_by("-id").limit(limit)
    if before is not None:
        found = found.filter(id__lt=before)
    if email is not None:
        found = found.filter(email=email.strip().lower())
    return await found


async def lift(work: Work, by: User, suppression_id: int) -> None:
    """The address gets mail again, from now on; what was held back meanwhile stays unsent.

    Raises:
        Forbidden: as it says.
        NotFound: there is none, or it holds no more.
    """
    require(by, Verb.MANAGE_SUPPRESSIONS)
    known = await Suppression.get_or_none(id=known_id(suppression_id, "suppression"))
    if known and known.ticket_id:
        await Ticket.filter(id=known.ticket_id).select_for_update()  # first, as those do who suppress
    found = await Suppression.filter(_holds(), id=suppression_id).select_for_update().first()
    if found is None:
        raise NotFound("suppression")
    found.expires_at = datetime.now(UTC)
    await found.save(update_fields=["expires_at"])
    log.info("suppression %s lifted by user %s", found.id, by.id)
    await _leave(work, found.ticket_id, "unsuppressed", by, email=found.email, reason=found.reason)


def _told(suppression: Suppression) -> str:
    said = " ".join(filter(None, (suppression.status, suppression.diagnostic)))
    since = f"no mail to this address since {suppression.created_at:%Y-%m-%d}: {suppression.reason}"
    return f"{since} ({said})" if said else since


def _holds() -> Q:
    return Q(expires_at__isnull=True) | Q(expires_at__gt=datetime.now(UTC))


async def _leave(work: Work, ticket_id: int | None, kind: str, by: User | None = None, **data: str | None) -> None:
    if ticket_id is not None:
        await Event.create(ticket_id=ticket_id, actor_id=by.id if by else None, kind=kind, data=data)
        work.changed = True
