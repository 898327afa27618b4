"""The words that columns hold, and the moves that each state machine allows."""

from enum import StrEnum
from typing import TypeVar


class Role(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    ADMIN = "admin"

    @property
    def is_staff(self) -> bool:
        return self is not Role.CUSTOMER


class Status(StrEnum):
    """Of a ticket."""

    ACTIVE = "AC"
    FROZEN = "FR"
    CLOSED = "CL"


class Priority(StrEnum):
    """Of a ticket, for staff."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Turn(StrEnum):
    """Who speaks next on a ticket: we, after a customer's word, or they, after ours."""

    US = "us"
    THEM = "them"


class Direction(StrEnum):
    """Of a message: from a customer, from staff to customers, or a note among staff."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class Via(StrEnum):
    """How a message reached us."""

    EMAIL = "email"
    API = "api"
    DASHBOARD = "dashboard"


class TextFormat(StrEnum):
    """How a message's text is to be read."""

    PLAIN = "plain"
    MARKDOWN = "markdown"


class DraftKind(StrEnum):
    """What a text is meant to become: a mail to customers, or a note among staff."""

    REPLY = "reply"
    NOTE = "note"


class Notify(StrEnum):
    """Of which tickets a member of staff wants mail, beside those that they take part in."""

    NONE = "none"
    ASSIGNED = "assigned"


class LetterKind(StrEnum):
    """What an outgoing mail says."""

    ACKNOWLEDGEMENT = "acknowledgement"
    MESSAGE = "message"
    STATUS = "status"
    NOTICE = "notice"  # to staff, of what others said
    CONFIRMATION = "confirmation"  # of an address; belongs to no ticket
    RESET = "reset"  # of a password; belongs to no ticket


class InboundState(StrEnum):
    """Of a received mail in the journal."""

    ACCEPTED = "accepted"  # durable, not yet read
    PROCESSED = "processed"
    IGNORED = "ignored"  # kept, and the reason says why it made no message
    HELD = "held"  # over a limit
    QUARANTINED = "quarantined"  # could not be processed; can be replayed


class DeliveryState(StrEnum):
    """Of one copy of an outgoing mail."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


class Proof(StrEnum):
    """How a report is known to be about a delivery, best proof first."""

    RETURN_PATH = "return path"  # signed for this copy alone
    MESSAGE_ID = "message id"  # signed, and known to everybody who got a copy
    UNSIGNED = "unsigned"  # it fits a mail of ours, and anybody could have written it


class SuppressionScope(StrEnum):
    """Which mail an address does not get."""

    ALL = "all"


class SuppressionReason(StrEnum):
    HARD_BOUNCE = "hard bounce"
    SOFT_BOUNCES = "repeated soft bounces"
    COMPLAINT = "complaint"


TICKET_MOVES: dict[Status, set[Status]] = {
    Status.ACTIVE: {Status.FROZEN, Status.CLOSED},
    Status.FROZEN: {Status.ACTIVE, Status.CLOSED},
    Status.CLOSED: {Status.ACTIVE, Status.FROZEN},
}

INBOUND_MOVES: dict[InboundState, set[InboundState]] = {
    InboundState.ACCEPTED: {
        InboundState.PROCESSED,
        InboundState.IGNORED,
        InboundState.HELD,
        InboundState.QUARANTINED,
    },
    InboundState.HELD: {InboundState.ACCEPTED, InboundState.IGNORED},
    InboundState.QUARANTINED: {InboundState.ACCEPTED, InboundState.IGNORED},
    InboundState.IGNORED: {InboundState.ACCEPTED},
    InboundState.PROCESSED: set(),
}

DELIVERY_MOVES: dict[DeliveryState, set[DeliveryState]] = {
    DeliveryState.QUEUED: {DeliveryState.SENDING, DeliveryState.SUPPRESSED, DeliveryState.BOUNCED},
    DeliveryState.DEFERRED: {DeliveryState.SENDING, DeliveryState.SUPPRESSED, DeliveryState.BOUNCED},
    DeliveryState.SENDING: {
        DeliveryState.SENDING,  # its lease ran out: whoever held it died, somebody else tries
        DeliveryState.SENT,
        DeliveryState.DEFERRED,
        DeliveryState.FAILED,
        DeliveryState.SUPPRESSED,
        DeliveryState.BOUNCED,  # the bounce was quicker than whoever marks what the relay said
    },
    DeliveryState.SENT: {DeliveryState.BOUNCED},
    DeliveryState.BOUNCED: set(),
    DeliveryState.FAILED: set(),
    DeliveryState.SUPPRESSED: set(),
}

State = TypeVar("State", bound=StrEnum)


class IllegalMove(Exception):
    """A row was to take a state that does not follow from the one it has."""


def check_move(moves: dict[State, set[State]], old: State, new: State) -> None:
    """Raises IllegalMove where `new` does not follow from `old`."""
    if new not in moves[old]:
        raise IllegalMove(f"{type(old).__name__}: {old} does not become {new}")
