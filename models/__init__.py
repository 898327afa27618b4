"""What Ticketgate remembers: rows, their constraints and migrations, and the blobs beside them.

Here belongs: a table's columns and what the database itself forbids, the moves that a state machine allows, how a
connection is opened, how the schema is brought up to date, and the store of raw mail and attachments. Not here: who
may do what, and what follows from it; that is `desk/`.
"""

from models.mail import Delivery, Inbound
from models.people import Mailbox, RefreshToken, User
from models.states import (
    DeliveryState,
    Direction,
    InboundState,
    LetterKind,
    Proof,
    Role,
    Status,
    SuppressionReason,
    SuppressionScope,
    Via,
)
from models.suppressions import Suppression
from models.tickets import Attachment, Event, Message, Participant, Ticket

__all__ = [
    "Attachment",
    "Delivery",
    "DeliveryState",
    "Direction",
    "Event",
    "Inbound",
    "InboundState",
    "LetterKind",
    "Mailbox",
    "Message",
    "Participant",
    "Proof",
    "RefreshToken",
    "Role",
    "Status",
    "Suppression",
    "SuppressionReason",
    "SuppressionScope",
    "Ticket",
    "User",
    "Via",
]
