"""What a mail says once it is read: plain frozen values, no behaviour."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal[
    "human", "auto_reply", "out_of_office", "auto_generated", "list", "bounce", "feedback_report", "read_receipt"
]
SegmentKind = Literal["new", "quote", "signature", "disclaimer", "forward"]


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox of a header: the name decoded, the domain in lower case, the local part as it was written.

    Headers hold what they hold: whoever writes to `email` or makes an account of it asks `is_address` first.
    """

    name: str
    email: str

    @property
    def key(self) -> str:
        """What two spellings of one address share."""
        return self.email.lower()


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of the text and who is speaking in it."""

    kind: SegmentKind
    text: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A leaf of the mail that is not its text. `inline`: the HTML shows it; `content_id` without angle brackets."""

    filename: str
    content_type: str
    content: bytes
    inline: bool
    content_id: str | None


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, read. All text is free of NUL and lone surrogates, line ends are `\\n`, ids carry no angle brackets."""

    subject: str
    from_: Address | None
    sender: Address | None
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    message_id: str  # made from the content where the mail brings none that can be used
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]  # oldest first
    date: datetime | None  # aware, UTC
    text: str  # the whole visible text
    segments: tuple[Segment, ...]  # their texts in a row are `text`
    new_text: str  # what the author newly wrote; all of `text` where that would leave nothing
    quoted: str  # every other segment
    html: str | None  # as received
    attachments: tuple[Attachment, ...]
    kind: Kind
    reasons: tuple[str, ...]  # why it is of that kind: the headers found
    defects: tuple[str, ...]  # what was odd about the mail and how it was read all the same
    content_hash: bytes  # SHA-256 of the body as sent; the same by whatever route the mail came
