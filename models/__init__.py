"""What Ticketgate remembers: rows, their constraints and migrations, and the blobs beside them.

Here belongs: a table's columns and what the database itself forbids, the moves that a state machine allows, how a
connection is opened, how the schema is brought up to date, and the store of raw mail and attachments. Not here: who
may do what, and what follows from it; that is `desk/`.
"""

from models.mail import Delivery, Inbound
from models.people import Mailbox, OtherAddress, RefreshToken, User
from models.states import (
    DeliveryState,
    Direction,
    DraftKind,
    InboundState,
    LetterKind,
    Notify,
    Priority,
    Proof,
    Role,
    Status,
    SuppressionReason,
    SuppressionScope,
    TextFormat,
    Turn,
    Via,
)
from models.suppressions import Suppression
from models.tickets import Attachment, Event, Message, Participant, Ticket
from models.writing import BulkChange, Draft, ReadMark, Upload

__all__ = [
    "Attachment",
    "BulkChange",
    "Delivery",
    "DeliveryState",
    "Direction",
    "Draft",
    "DraftKind",
    "Event",
    "Inbound",
    "InboundState",
    "LetterKind",
    "Mailbox",
    "Message",
    "Notify",
    "OtherAddress",
    "Participant",
    "Priority",
    "Proof",
    "ReadMark",
    "RefreshToken",
    "Role",
    "Status",
    "Suppression",
    "SuppressionReason",
    "SuppressionScope",
    "TextFormat",
    "Ticket",
    "Turn",
    "Upload",
    "User",
    "Via",
]
