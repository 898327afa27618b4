"""What a mail says once it is read: plain frozen values, no behaviour."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal[
    "human", "auto_reply", "out_of_office", "auto_generated", "list", "bounce", "feedback_report", "read_receipt"
]
SegmentKind = Literal["new", "quote", "signature", "disclaimer", "forward"]
BounceKind = Literal["hard", "soft", "delayed"]
Headers = tuple[tuple[str, str], ...]  # names as they were written, values decoded and on one line, in order


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
    """A run of the text and who is speaking in it.

    `rule` names the evidence in words that staff understand (`the client's mark gmail_quote`, `lines marked with >`),
    `confidence` lies between 0 and 1: below a half it is a guess that a reader should be able to undo.
    """

    kind: SegmentKind
    text: str
    rule: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Attachment:
    """A leaf of the mail that is not its text. `inline`: the HTML shows it; `content_id` without angle brackets."""

    filename: str
    content_type: str
    content: bytes
    inline: bool
    content_id: str | None


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """One recipient that a bounce is about. `status` is that of RFC 3463 (`5.1.1`), None where nothing gives one."""

    email: str
    status: str | None
    kind: BounceKind  # delayed: it is still being tried
    diagnostic: str  # what the other side said, on one line; empty where the bounce does not tell


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a bounce is about (RFC 3464, and the forms that mail systems use instead)."""

    recipients: tuple[FailedRecipient, ...]
    original_message_id: str | None
    original_headers: Headers  # of the mail that came back, as far as the bounce has them


@dataclass(frozen=True, slots=True)
class Complaint:
    """A feedback report: somebody called a mail of ours unwanted (RFC 5965)."""

    feedback_type: str  # abuse, fraud, virus, not-spam, other, … in lower case
    recipients: tuple[str, ...]  # who complained; often removed by the provider
    original_message_id: str | None
    original_headers: Headers


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What a forwarded mail says of the mail inside it: a suggestion, since anybody can write such a header."""

    sender: Address | None
    subject: str
    text: str  # of the inner mail, without the header block above it


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, read. All text is free of NUL and lone surrogates, line ends are `\\n`, ids carry no angle brackets."""

    subject: str
    from_: Address | None
    sender: Address | None
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    delivered_to: tuple[str, ...]  # addresses that mail servers on the way noted as the recipient
    original_from: Address | None  # what a list that rewrote From says it was: a suggestion
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
    bounce: Bounce | None
    complaint: Complaint | None
    forwarded: Forwarded | None
    defects: tuple[str, ...]  # what was odd about the mail and how it was read all the same
    content_hash: bytes  # SHA-256 of the body as sent; the same by whatever route the mail came
