"""The journal's rows: the one place that moves them from state to state."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tortoise import connections

from desk.errors import Conflict, DeskError, NotFound, known_id
from desk.filing import Filed
from desk.permissions import Verb, require
from desk.work import House, Work
from models import Inbound, InboundState, User
from models.states import INBOUND_MOVES, check_move

CHANNEL = "ticketgate_inbound"  # where the intake hears of mail to read
PARENT_WAIT = timedelta(milliseconds=200)
LEASE = timedelta(seconds=10)  # for reading, of which DNS may take six
COLUMNS = ("id", "received_at", "envelope_from", "envelope_to", "size", "state", "reason")
MOST_COUNTED = 9999  # of a state: more than that nobody looks through
RENAMED = {"rfc_id": "rfc_message_id", "ticket": "ticket_id", "message": "message_id"}


@dataclass(frozen=True)
class Entry:
    """A row of the journal as REST shows it."""

    id: int
    received_at: datetime
    envelope_from: str
    envelope_to: list[str]
    size: int
    message_id: str | None
    state: InboundState
    reason: str | None
    ticket: int | None
    message: int | None


async def entries(
    by: User, *, limit: int, before: int | None = None, message_id: str | None = None, state: InboundState | None = None
) -> list[Entry]:
    """Entries of the journal, newest first. Raises Forbidden.

    Args:
        before: only entries whose id is lower.
        message_id: with or without angle brackets.
    """
    require(by, Verb.READ_JOURNAL)
    found = Inbound.all().order_by("-id").limit(limit)
    if before is not None:
        found = found.filter(id__lt=before)
    if message_id is not None:
        found = found.filter(rfc_message_id=message_id.strip().strip("<>").replace("\0", ""))
    if state is not None:
        found = found.filter(state=state)
    return [_entry(row) for row in await found.values(*COLUMNS, **RENAMED)]


async def counts(by: User) -> dict[InboundState, int]:
    """How many entries each state has, MOST_COUNTED at most. Raises Forbidden."""
    require(by, Verb.READ_JOURNAL)
    rows = await connections.get("default").execute_query_dict(
        # A range in the index's own order: for a mere `=` PostgreSQL reads the whole table where hardly an entry fits.
        """SELECT state, (SELECT count(*) FROM (
               SELECT FROM inbound i WHERE i.state BETWEEN s.state AND s.state ORDER BY i.state, i.id LIMIT $2
           ) counted) AS entries
           FROM unnest($1::text[]) AS s (state)""",
        [list(InboundState), MOST_COUNTED],
    )
    return {InboundState(row["state"]): row["entries"] for row in rows}


async def raw_mail(house: House, by: User, entry_id: int) -> tuple[Inbound, bytes]:
    """An entry and its mail as it was received.

    Raises:
        Forbidden: as it says.
        NotFound: there is no such entry, or the blob store has lost its mail.
    """
    require(by, Verb.READ_RAW_MAIL)
    entry = await Inbound.get_or_none(id=known_id(entry_id, "entry"))
    if entry is None:
        raise NotFound("entry")
    if entry.raw_bytes is not None:
        return entry, bytes(entry.raw_bytes)
    try:
        return entry, await house.blobs.get(entry.blob or "")
    except KeyError:
        raise NotFound("mail: its blob is missing") from None


async def move_each(
    work: Work, entry_ids: Collection[int], move: Callable[[Work, int], Awaitable[Inbound]]
) -> tuple[list[int], list[tuple[int, str]]]:
    """`replay` or `discard` of several: the ids of those that moved, and of those that did not with the reason."""
    done, refused = list[int](), list[tuple[int, str]]()
    for entry_id in sorted(set(entry_ids)):  # two who do the same at once must not wait for each other in a ring
        try:
            await move(work, entry_id)
        except DeskError as error:
            refused.append((entry_id, str(error)))
        else:
            done.append(entry_id)
    return done, refused


async def replay(work: Work, entry_id: int) -> Inbound:
    """Has a mail read once more. A held one is filed past the limit; what was filed before makes nothing new.

    Raises:
        NotFound: there is no such entry.
        Conflict: it is processed, or waits to be read already.
    """
    entry = await _settled(work, entry_id, "replayed")
    entry.past_limit = entry.past_limit or entry.state is InboundState.HELD
    entry.state, entry.reason, entry.attempts = InboundState.ACCEPTED, None, 0
    entry.ticket_id, entry.message_id, entry.due_at = None, None, datetime.now(UTC)
    await entry.save()
    await work.rows("SELECT pg_notify($1, '')", CHANNEL)
    return entry


async def let_through(work: Work, sender: str) -> int:
    """Has every held mail of a sender read once more, past the limit that held it; how many there are."""
    check_move(INBOUND_MOVES, InboundState.HELD, InboundState.ACCEPTED)
    rows = await work.rows(
        """UPDATE inbound SET state = 'accepted', past_limit = true, reason = NULL, attempts = 0, due_at = now(),
                  ticket_id = NULL, message_id = NULL
           WHERE state = 'held' AND starts_with(reason, $1 || ' ') RETURNING id""",
        sender,
    )
    if rows:
        await work.rows("SELECT pg_notify($1, '')", CHANNEL)
    return len(rows)


async def discard(work: Work, entry_id: int) -> Inbound:
    """Ends a held or quarantined mail as ignored. Its bytes stay.

    Raises:
        NotFound, Conflict: as `replay`.
    """
    entry = await _settled(work, entry_id, "discarded")
    if entry.state is not InboundState.IGNORED:
        entry.state, entry.reason = InboundState.IGNORED, f"discarded; before that: {entry.reason}"
        await entry.save(update_fields=["state", "reason"])
    return entry


async def show(by: User, entry_id: int) -> Entry:
    """One entry. Raises Forbidden and NotFound."""
    require(by, Verb.READ_JOURNAL)
    found = [_entry(row) for row in await Inbound.filter(id=known_id(entry_id, "entry")).values(*COLUMNS, **RENAMED)]
    if not found:
        raise NotFound("entry")
    return found[0]


async def claim_next(work: Work, largest: int | None = None) -> Inbound | None:
    """The oldest mail that is due, leased: it can be read outside a transaction, and others leave it alone so long.

    Larger ones than `largest` bytes stay where they are.

    A lease spares work and decides nothing: whoever dies lets it run out, whoever is slow may find the mail filed
    (`take`). It need not outlive a crash of the database either, so its commit does not wait for the disk.
    """
    rows = await work.rows(
        """UPDATE inbound SET due_at = clock_timestamp() + $1::interval
           FROM (SELECT set_config('synchronous_commit', 'off', true)) AS unsynced
           WHERE id = (
               SELECT id FROM inbound WHERE state = 'accepted' AND due_at <= clock_timestamp()
                   AND ($2::int IS NULL OR size <= $2)
               ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
           ) RETURNING id""",
        LEASE,
        largest,
    )
    return await Inbound.get(id=rows[0]["id"]) if rows else None


async def take(work: Work, entry: Inbound) -> bool:
    """Locks a mail that was read until the end of the transaction; not one that somebody else files or has filed."""
    rows = await work.rows(
        "SELECT id FROM inbound WHERE id = $1 AND state = 'accepted' FOR UPDATE SKIP LOCKED", entry.id
    )
    return bool(rows)


async def settle(work: Work, entry: Inbound, filed: Filed, blob: str, rfc_message_id: str) -> None:
    """Writes what became of a mail. From now on its bytes rest in the blob alone."""
    if filed.state is None:
        entry.due_at = datetime.now(UTC) + PARENT_WAIT
        await entry.save(update_fields=["due_at"])
        return
    check_move(INBOUND_MOVES, entry.state, filed.state)
    entry.state, entry.reason = filed.state, filed.reason
    entry.ticket_id, entry.message_id = filed.ticket, filed.message
    entry.rfc_message_id, entry.blob, entry.raw_bytes = rfc_message_id, blob, None
    await entry.save()


async def postpone(work: Work, entry_id: int, wait: timedelta, reason: str, *, counts: bool) -> None:
    """A mail that could not be read now; `counts` says whether the mail itself may be at fault."""
    await work.rows(
        """UPDATE inbound SET due_at = now() + $2, reason = $3, attempts = attempts + $4
           WHERE id = $1 AND state = 'accepted' RETURNING id""",
        entry_id,
        wait,
        reason,
        int(counts),
    )


async def quarantine(work: Work, entry_id: int, reason: str) -> None:
    """A mail that we cannot read at all: kept with its reason, and out of the others' way."""
    entry = await Inbound.filter(id=entry_id, state=InboundState.ACCEPTED).select_for_update().first()
    if entry is None:  # somebody else could
        return
    check_move(INBOUND_MOVES, entry.state, InboundState.QUARANTINED)
    entry.state, entry.reason, entry.attempts = InboundState.QUARANTINED, reason, entry.attempts + 1
    await entry.save(update_fields=["state", "reason", "attempts"])


async def seconds_until_next(work: Work, largest: int | None = None) -> float | None:
    """How long until a mail of `largest` bytes or less that waits for its time is due; None where none waits."""
    rows = await work.rows(
        """SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float AS wait
           FROM inbound WHERE state = 'accepted' AND ($1::int IS NULL OR size <= $1)""",
        largest,
    )
    wait: float | None = rows[0]["wait"]
    return wait


async def _settled(work: Work, entry_id: int, done: str) -> Inbound:
    """The entry, locked, where it is not in anybody's hands. Raises NotFound and Conflict."""
    entry = await Inbound.filter(id=known_id(entry_id, "entry")).select_for_update().first()
    if entry is None:
        raise NotFound("entry")
    if entry.state in {InboundState.ACCEPTED, InboundState.PROCESSED}:
        raise Conflict(f"Entry {entry.id} is {entry.state}: it cannot be {done}.")
    check_move(INBOUND_MOVES, entry.state, InboundState.ACCEPTED)
    return entry


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(message_id=row.pop("rfc_id"), **row)
