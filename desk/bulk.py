"""Changing many tickets at once, and taking it back: what was changed is kept for a few minutes."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from desk import outbox, suppressions
from desk.changes import assign, check_assignee, prioritise, tag
from desk.conversations import set_status
from desk.errors import Invalid, NotFound
from desk.permissions import Verb, require
from desk.tags import tidy
from desk.work import Work
from models import BulkChange, Mailbox, Priority, Status, Ticket, User

KEPT = timedelta(minutes=10)  # how long a change can be taken back
Values = dict[str, Any]  # `status`, `assignee` (an id, or None for nobody), `priority` and `tags`


@dataclass(frozen=True)
class Change:
    """What is to become of each ticket; what is absent stays.

    Attributes:
        values: `status`, `assignee` (an id, or None for nobody) and `priority`, where they are to change.
    """

    values: Values
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()

    async def check(self) -> None:
        """Raises Invalid where no ticket could be changed so."""
        await check_assignee(self.values.get("assignee"))
        tidy(self.add_tags)
        tidy(self.remove_tags)

    def differences(self, ticket: Ticket) -> dict[str, tuple[Any, Any]]:
        """Of each value that it changes, what it is and what it is to be. Raises Invalid where tags are too many."""
        tags = tidy({*ticket.tags, *tidy(self.add_tags)} - set(tidy(self.remove_tags)))
        now = values_of(ticket)
        return {
            name: (now[name], after) for name, after in (self.values | {"tags": tags}).items() if now[name] != after
        }


@dataclass(frozen=True)
class Refusal:
    ticket: int
    detail: str


@dataclass
class Changed:
    """What came of it. `undo` takes it back; `tells`: to how many people mail goes of it."""

    undo: uuid.UUID | None = None
    done: list[int] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    tells: int = 0


async def change_many(
    work: Work, by: User, ids: Collection[int], change: Change, *, hold: int = 0, dry_run: bool = False
) -> Changed:
    """Changes each ticket that it can, and says of the others why not.

    Args:
        hold: seconds that mail of a new status waits, so that it can be taken back.
        dry_run: only says what would come of it.

    Raises:
        Forbidden, Invalid: as it says, of the change as a whole.
    """
    require(by, Verb.CHANGE_TICKETS)
    await change.check()
    result, before = Changed(), dict[str, Values]()
    tickets = await in_order(work, ids)
    result.refused = [Refusal(ident, str(NotFound("ticket"))) for ident in ids if ident not in tickets]
    result.tells = await _readers(work, tickets.values(), change.values.get("status"), by)
    due_at = datetime.now(UTC) + timedelta(seconds=hold)
    for ticket in tickets.values():
        try:
            differences = change.differences(ticket)
        except Invalid as refusal:
            result.refused.append(Refusal(ticket.id, str(refusal)))
            continue
        if not differences:
            result.refused.append(Refusal(ticket.id, "It is like that already."))
            continue
        result.done.append(ticket.id)
        if not dry_run:
            before[str(ticket.id)] = await _change(work, ticket, differences, by, due_at)
    result.undo = await _remember(by, before) if before else None
    return result


# -- what changing and taking back share


def values_of(ticket: Ticket) -> Values:
    return {
        "status": ticket.status,
        "assignee": ticket.assignee_id,
        "priority": ticket.priority,
        "tags": list(ticket.tags),
    }


async def in_order(work: Work, ids: Collection[int]) -> dict[int, Ticket]:
    """Those of the tickets that there are, locked in the order of their ids: two who change many wait in a row."""
    storable = [ident for ident in set(ids) if 0 < ident < 2**63]
    found = await Ticket.filter(id__in=storable).order_by("id").select_for_update()
    return {ticket.id: ticket for ticket in found}


async def set_values(work: Work, ticket: Ticket, values: Values, by: User, **why: Any) -> None:
    """Gives the ticket the values, with an event for each; nobody gets mail."""
    if "assignee" in values:
        await assign(work, ticket, values["assignee"], by, **why)
    if "priority" in values:
        await prioritise(work, ticket, Priority(values["priority"]), by, **why)
    if "tags" in values:
        await tag(work, ticket, values["tags"], by, **why)
    if "status" in values:
        await set_status(work, ticket, Status(values["status"]), by, **why)


# -- steps


async def _change(
    work: Work, ticket: Ticket, differences: dict[str, tuple[Any, Any]], by: User, due_at: datetime
) -> Values:
    """What is to be kept of it, for whoever takes it back."""
    closed_at = ticket.closed_at.isoformat() if ticket.closed_at else None
    await set_values(work, ticket, {name: after for name, (_, after) in differences.items()}, by)
    mail = None
    if "status" in differences:
        mailbox = await Mailbox.get(id=ticket.mailbox_id)
        mail = await outbox.tell_status(work, ticket, mailbox, by, due_at=due_at)
    return {"values": differences, "closed_at": closed_at, "mail": mail}


async def _readers(work: Work, tickets: Collection[Ticket], status: Status | None, by: User) -> int:
    """How many people would get mail of the new status: those whom `desk/recipients.py` names, each once."""
    changing = [ticket.id for ticket in tickets if status and ticket.status is not status]
    rows = await work.rows(
        """SELECT DISTINCT u.email FROM participants part JOIN users u ON u.id = part.user_id
           WHERE part.ticket_id = ANY($1::bigint[]) AND u.active AND u.id <> $2""",
        changing,
        by.id,
    )
    emails = {row["email"] for row in rows}
    return len(emails - set(await suppressions.why_not(emails)))


async def _remember(by: User, before: dict[str, Values]) -> uuid.UUID:
    """Keeps what was before, and forgets what nobody can take back any more."""
    await BulkChange.filter(created_at__lt=datetime.now(UTC) - KEPT).delete()
    kept = await BulkChange.create(id=uuid.uuid4(), user_id=by.id, before=before)
    found: uuid.UUID = kept.id
    return found
