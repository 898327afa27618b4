"""What staff change of a ticket. Each change leaves an event; only a new status goes out by mail."""

from typing import Any

from desk import outbox
from desk.conversations import LONGEST_TITLE, in_sight, leave, set_status, written
from desk.errors import LARGEST_ID, Invalid
from desk.permissions import Verb, may, require
from desk.tags import tidy
from desk.work import Work
from models import Mailbox, Priority, Status, Ticket, User


async def change_ticket(work: Work, by: User, ticket_id: int, *, status: Status | None = None, **others: Any) -> Ticket:
    """Status, assignee, title, priority and tags. What a ticket has already is no change.

    Args:
        others: `assignee` (a staff member's id, or None for nobody), `title`, `priority` and `tags` (all of them),
            where they are to change.

    Raises:
        NotFound, Forbidden, Invalid: as it says.
    """
    ticket = await in_sight(work, by, ticket_id)
    require(by, Verb.CHANGE_TICKETS)
    if "assignee" in others:
        await check_assignee(others["assignee"])
        await assign(work, ticket, others["assignee"], by)
    if "title" in others:
        ticket.title = written(others["title"], "title", LONGEST_TITLE * 16)[:LONGEST_TITLE]
        await leave(work, ticket, "retitled", by, title=ticket.title)
    if "priority" in others:
        await prioritise(work, ticket, others["priority"], by)
    if "tags" in others:
        await tag(work, ticket, tidy(others["tags"]), by)
    if status and status is not ticket.status:
        await set_status(work, ticket, status, by)
        await outbox.tell_status(work, ticket, await Mailbox.get(id=ticket.mailbox_id), by)
    return ticket


async def check_assignee(user_id: int | None) -> None:
    """Raises Invalid where tickets cannot be theirs."""
    if user_id is not None:
        assignee = await User.get_or_none(id=user_id, active=True) if 0 < user_id <= LARGEST_ID else None
        if assignee is None or not may(assignee, Verb.CHANGE_TICKETS):
            raise Invalid("assignee", "not an active member of staff")


# -- one value each; `why` is kept with the event


async def assign(work: Work, ticket: Ticket, user_id: int | None, by: User, **why: Any) -> None:
    if ticket.assignee_id != user_id:
        ticket.assignee_id = user_id
        await leave(work, ticket, "assigned", by, assignee=user_id, **why)


async def prioritise(work: Work, ticket: Ticket, priority: Priority, by: User, **why: Any) -> None:
    if ticket.priority is not priority:
        before, ticket.priority = ticket.priority, priority
        await leave(work, ticket, "priority", by, old=before, new=priority, **why)


async def tag(work: Work, ticket: Ticket, tags: list[str], by: User, **why: Any) -> None:
    """Gives the ticket these tags and no others; they are tidy."""
    before, after = set(ticket.tags), set(tags)
    if before != after:
        ticket.tags = sorted(after)
        await leave(work, ticket, "tags", by, added=sorted(after - before), removed=sorted(before - after), **why)
