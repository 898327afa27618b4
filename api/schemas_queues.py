"""The shapes of queues, changes of many tickets, and what stands beside a ticket."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from api.schemas import Moment, Person, Text
from desk.bulk import Change
from models import Priority, Role, Status, SuppressionReason


class Turns(BaseModel):
    """Of a queue: all tickets, those where we speak next, and those where the customer does."""

    all: int
    us: int
    them: int


class HeldCount(BaseModel):
    all: int


class QueueCounts(BaseModel):
    """Each number is right up to `capped_at`; where there are more, it is that."""

    mine: Turns
    unassigned: Turns
    active: Turns
    frozen: Turns
    held: HeldCount = Field(description="Mails of the journal that a limit holds back.")
    capped_at: int


class ManyTickets(BaseModel):
    """A change of many tickets: one of `status`, `assignee`, `priority`, `add_tags` and `remove_tags` at least."""

    tickets: list[int] = Field(min_length=1, max_length=200)
    status: Status = Field(None, validate_default=False)  # type: ignore[assignment]  # may be left out, may not be null
    assignee: int | None = Field(None, description="A staff member's id, or null for nobody.")
    priority: Priority = Field(None, validate_default=False)  # type: ignore[assignment]  # as status
    add_tags: list[Text] = Field([], max_length=20)
    remove_tags: list[Text] = Field([], max_length=20)
    hold_seconds: int = Field(0, ge=0, le=30, description="How long mail of a new status waits to be taken back.")
    dry_run: bool = Field(False, description="Changes nothing, and says what would come of it.")

    @model_validator(mode="after")
    def _changes_something(self) -> "ManyTickets":
        if not (self.values or self.add_tags or self.remove_tags):
            raise ValueError("one of status, assignee, priority, add_tags, remove_tags has to be there")
        return self

    @property
    def values(self) -> dict[str, Any]:
        return self.model_dump(include={"status", "assignee", "priority"}, exclude_unset=True)

    @property
    def change(self) -> Change:
        return Change(self.values, self.add_tags, self.remove_tags)


class RefusedTicket(BaseModel):
    ticket: int
    detail: str


class ManyChanged(BaseModel):
    undo: UUID | None = Field(description="For POST /api/tickets/bulk/{undo}/undo, within ten minutes.")
    done: list[int]
    refused: list[RefusedTicket]
    tells: int = Field(description="To how many people mail goes of it.")


class ManyUndone(BaseModel):
    done: list[int]
    refused: list[RefusedTicket] = Field(description="Tickets of which a value was changed since; it stays.")
    told: list[int] = Field(description="Tickets whose status mail had left already.")


class Seen(BaseModel):
    message: int = Field(description="The newest message that was seen.")


class TimelineEvent(BaseModel):
    id: int
    kind: str = Field(examples=["status"])
    actor: Person | None
    message: int | None
    data: dict[str, Any]
    about: Person | None = Field(description="Who was assigned, joined or was removed.")
    at: Moment


class HeldBack(BaseModel):
    """Why an address gets no mail."""

    id: int
    reason: SuppressionReason
    since: Moment


class PartRecord(Person):
    """Somebody who takes part in a ticket."""

    role: Role
    source: str = Field(description="How they came here: `requester`, `to` or `cc`.")
    requester: bool
    suppressed: HeldBack | None
    proof: Literal["proven", "unproven", "rejected"] | None = Field(
        description="Of the sender of their last mail here."
    )
    added_at: Moment
    other_addresses: list[str]


class StaffRecord(BaseModel):
    id: int
    name: str
    username: str | None
    role: Role


class TagRecord(BaseModel):
    tag: str
    tickets: int = Field(description="Counted over the newest tickets that have tags.")
