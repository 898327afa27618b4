"""What happens in a conversation, as it is written down before it is performed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from models import Priority, Status
from ticketgate.demo.words import Person


class Standing(StrEnum):
    """What would be known of a mail's sender if the domains of the demo existed."""

    PROVEN = "proven"
    UNPROVEN = "unproven"
    REJECTED = "rejected"


class Way(StrEnum):
    """How a mail comes to its ticket."""

    NEW = "new"  # it opens one
    REPLY = "reply"  # to the signed address of our latest mail
    THREAD = "thread"  # to the mailbox, naming the latest letter: by copy, or by whoever it was sent on to


@dataclass(frozen=True)
class File:
    """An attachment. `inline`: the HTML shows it."""

    name: str
    content_type: str
    content: bytes
    inline: bool = False


@dataclass(frozen=True)
class Mail:
    """Somebody writes to us. `after`: how long after the step before; `more`: further fields of the header."""

    by: Person
    text: str
    after: timedelta = timedelta(0)
    way: Way = Way.REPLY
    subject: str = ""
    html: str = ""
    files: tuple[File, ...] = ()
    cc: tuple[Person, ...] = ()
    quoting: str = ""  # the words over what it quotes, of our latest letter; it quotes nothing where empty
    more: Mapping[str, str] = field(default_factory=dict)
    standing: Standing = Standing.PROVEN


@dataclass(frozen=True)
class Answer:
    """Staff write to the customer. `agent`: an index into the staff."""

    agent: int
    text: str
    after: timedelta = timedelta(0)
    sets: Status | None = None
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Note:
    """Staff write among themselves."""

    agent: int
    text: str
    after: timedelta = timedelta(0)


@dataclass(frozen=True)
class Change:
    """Staff sort a ticket. What is None stays as it is; `assignee` is an index into the staff."""

    agent: int
    after: timedelta = timedelta(0)
    assignee: int | None = None
    tags: tuple[str, ...] | None = None
    priority: Priority | None = None
    status: Status | None = None


@dataclass(frozen=True)
class Return:
    """Our latest mail to somebody comes back from their mail server."""

    of: Person
    status: str  # of RFC 3463
    diagnostic: str
    after: timedelta = timedelta(0)


Step = Mail | Answer | Note | Change | Return


@dataclass(frozen=True)
class Conversation:
    """`ends`: how long ago the last step was. `read`: staff have seen all of it. `mailbox`: an index into ours."""

    steps: tuple[Step, ...]
    ends: timedelta
    read: bool = True
    mailbox: int = 0

    @property
    def begins(self) -> timedelta:
        """How long ago the first step was."""
        return self.ends + sum((step.after for step in self.steps[1:]), timedelta(0))
