"""Taking back a change of many tickets: each value that is still as the change left it becomes what it was."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from desk.bulk import KEPT, Refusal, Values, in_order, set_values, values_of
from desk.changes import check_assignee
from desk.errors import Invalid, NotFound
from desk.permissions import Verb, require
from desk.work import Work
from models import BulkChange, Ticket, User


@dataclass
class Undone:
    """What came of taking it back.

    Attributes:
        done: tickets that are as before.
        refused: those of which a value was changed since; it stays, and the others went back.
        told: those whose status mail had left: people have read the status that is taken back.
    """

    done: list[int] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    told: list[int] = field(default_factory=list)


async def undo_many(work: Work, by: User, change_id: uuid.UUID) -> Undone:
    """Takes back a change of the caller's own, once. Status mails that nobody tried to send yet never leave.

    Raises:
        Forbidden: as it says.
        NotFound: there is none, it is somebody else's, was taken back or is too old.
    """
    require(by, Verb.CHANGE_TICKETS)
    recent = BulkChange.filter(id=change_id, user_id=by.id, created_at__gt=datetime.now(UTC) - KEPT)
    change = await recent.select_for_update().first()
    if change is None:
        raise NotFound("change that could be taken back")
    await change.delete()
    before = {int(ident): kept for ident, kept in change.before.items()}
    result = Undone()
    for ticket in (await in_order(work, before)).values():
        kept = before[ticket.id]
        stays = await _restore(work, ticket, kept, by)
        if stays:
            result.refused.append(Refusal(ticket.id, f"Changed since, and stays: {', '.join(stays)}."))
        else:
            result.done.append(ticket.id)
        if "status" not in stays and kept["mail"] and not await _withdraw(work, kept["mail"]):
            result.told.append(ticket.id)
    return result


async def _restore(work: Work, ticket: Ticket, kept: Values, by: User) -> list[str]:
    """Puts back what can be put back; answers the names of the values that stay."""
    now, back, stays = values_of(ticket), dict[str, Any](), list[str]()
    for name, (before, after) in kept["values"].items():
        if name == "tags":
            back[name] = sorted({*now[name], *before} - (set(after) - set(before)))
        elif now[name] == after and await _possible(name, before):
            back[name] = before
        else:
            stays.append(name)
    await set_values(work, ticket, back, by, undo=True)
    if "status" in back and kept["closed_at"]:
        ticket.closed_at = datetime.fromisoformat(kept["closed_at"])
        await ticket.save(update_fields=["closed_at"])
    return stays


async def _possible(name: str, before: Any) -> bool:
    """Whether a value can be given again: whoever had the ticket may have left."""
    if name != "assignee":
        return True
    try:
        await check_assignee(before)
    except Invalid:
        return False
    return True


async def _withdraw(work: Work, message_id: str) -> bool:
    """Whether no copy of the mail was ever in a worker's hand; then there is no such mail any more."""
    copies = await work.rows(
        "SELECT id, state, attempts FROM deliveries WHERE rfc_message_id = $1 ORDER BY id FOR UPDATE", message_id
    )
    waiting = [copy["id"] for copy in copies if copy["state"] in {"queued", "suppressed"} and not copy["attempts"]]
    await work.rows("DELETE FROM deliveries WHERE id = ANY($1::bigint[]) RETURNING id", waiting)
    return len(waiting) == len(copies)
