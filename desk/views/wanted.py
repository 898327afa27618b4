"""Which tickets somebody wants to see: each choice is a condition."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from desk.errors import LARGEST_ID
from desk.permissions import Verb, require
from desk.views.orders import Sort
from desk.views.queues import STANDS_IN, Queue
from desk.views.sight import CALLER, Conditions
from models import Priority, Status, Turn, User

UTC = ZoneInfo("UTC")
NOBODY = "none"
ME = "me"


@dataclass(frozen=True)
class Wanted:
    """What a list is to have; None asks nothing.

    Attributes:
        assignee: the id of a member of staff, `me` or `none`.
        query: what somebody typed into the search (desk/queries.py).
        timezone: where the days of a query begin.
    """

    status: Status | None = None
    queue: Queue | None = None
    turn: Turn | None = None
    tag: str | None = None
    assignee: str | None = None
    mailbox: int | None = None
    requester: int | None = None
    priority: Priority | None = None
    query: str | None = None
    sort: Sort = Sort.ACTIVITY
    timezone: ZoneInfo = UTC

    @property
    def for_staff(self) -> bool:
        """Whether it asks for what customers do not see of their tickets."""
        return any(value is not None for value in (self.queue, self.tag, self.assignee, self.requester, self.priority))


def narrow(conditions: Conditions, by: User, wanted: Wanted) -> None:
    """Adds what is wanted of a ticket's own columns. Raises Forbidden."""
    if wanted.for_staff:
        require(by, Verb.SEE_EVERY_TICKET)
    if wanted.queue:
        conditions.add(STANDS_IN[wanted.queue])
    if wanted.assignee is not None:
        conditions.add(_assigned(conditions, wanted.assignee))
    if wanted.tag is not None:
        conditions.add(f"t.tags @> ARRAY[{conditions.value(wanted.tag.strip().lower())}::text]")
    columns = {
        "status": wanted.status,
        "turn": wanted.turn,
        "priority": wanted.priority,
        "mailbox_id": _row(wanted.mailbox),
        "requester_id": _row(wanted.requester),
    }
    for column, value in columns.items():
        if value is not None:
            conditions.add(f"t.{column} = {conditions.value(value)}")


def _assigned(conditions: Conditions, assignee: str) -> str:
    if assignee == ME:
        return f"t.assignee_id = {CALLER}"
    if assignee == NOBODY:
        return "t.assignee_id IS NULL"
    return f"t.assignee_id = {conditions.value(_row(int(assignee)))}"


def _row(ident: int | None) -> int | None:
    """The id, or 0 where no row can have it."""
    return ident if ident is None or 0 < ident <= LARGEST_ID else 0
