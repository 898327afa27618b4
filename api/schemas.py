"""The shapes of requests and answers, for checking the one and documenting the other."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from desk.flags import Flag
from desk.threads import Rule
from letters import BounceKind, Kind, SegmentKind
from models import DeliveryState, Direction, InboundState, Role, Status, SuppressionReason, SuppressionScope, Via


def _storable(text: str) -> str:
    """Without what PostgreSQL takes in no text: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


Text = Annotated[str, AfterValidator(_storable)]
Moment = Annotated[
    datetime,
    PlainSerializer(lambda moment: moment.isoformat().replace("+00:00", "Z"), when_used="json"),
    Field(description="RFC 3339, UTC", examples=["2026-11-23T09:38:00.123456Z"]),
]


def _some_field(change: Any) -> Any:
    """Raises ValueError where a change changes nothing that we know."""
    if not change.model_fields_set:
        raise ValueError(f"one of {', '.join(type(change).model_fields)} has to be there")
    return change


class Credentials(BaseModel):
    username: Text = Field(description="The name, or the e-mail address.", examples=["zoe"])
    password: Text = Field(examples=["correct horse 9 battery"])


class Registration(BaseModel):
    username: Text = Field(examples=["zoe"], description="1 to 150 characters, without spaces, @ and /.")
    email: Text = Field(examples=["zoe@people.example"])
    password: Text = Field(examples=["correct horse 9 battery"], description="At least 8 characters.")


class NewUser(Registration):
    role: Role = Role.CUSTOMER
    name: Text = Field("", max_length=200)


class UserChange(BaseModel):
    role: Role = Field(None, validate_default=False)  # type: ignore[assignment]  # may be left out, may not be null
    active: bool = Field(None, validate_default=False)  # type: ignore[assignment]  # as above
    name: Text = Field(None, max_length=200, validate_default=False)  # type: ignore[assignment]  # as above

    _known = model_validator(mode="after")(_some_field)


class OwnChange(BaseModel):
    name: Text = Field(max_length=200, examples=["Zoë Ünal"])


class RefreshRequest(BaseModel):
    refresh: Text


class Confirmation(BaseModel):
    token: Text = Field(description="The last part of the link that was mailed.")


class TokenPair(BaseModel):
    access: str = Field(description="For the Authorization header; 15 minutes.")
    refresh: str = Field(description="For POST /api/token/refresh; once, within 30 days.")


class UserRecord(BaseModel):
    """A user. No answer ever carries a password or its hash."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    username: str | None
    email: str
    name: str
    role: Role
    active: bool
    proven: bool = Field(description="Whether the address is known to be theirs.")
    created_at: Moment


class Person(BaseModel):
    id: int
    name: str
    email: str


class Author(Person):
    role: Role


class MailboxRecord(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    address: str
    name: str
    active: bool


class TicketMailbox(BaseModel):
    id: int
    address: str
    name: str


class MailboxChange(BaseModel):
    name: Text = Field(None, max_length=200, validate_default=False)  # type: ignore[assignment]  # may be left out, may not be null
    active: bool = Field(None, validate_default=False)  # type: ignore[assignment]  # as above

    _known = model_validator(mode="after")(_some_field)


class NewMailbox(BaseModel):
    address: Text = Field(examples=["billing@desk.example"])
    name: Text = Field("", max_length=200)


class AttachmentRecord(BaseModel):
    id: int
    filename: str
    content_type: str
    size: int = Field(description="bytes")
    inline: bool
    content_id: str | None


class DeliveryRecord(BaseModel):
    recipient: str
    state: DeliveryState
    attempts: int
    code: int | None = Field(description="The relay's SMTP code; of one that bounced, the bounce's.")
    error: str | None
    sent_at: Moment | None


class MailAddress(BaseModel):
    name: str
    email: str


class MailHeaders(BaseModel):
    """The mail that a message came as. Ids are bare, without angle brackets."""

    message_id: str
    in_reply_to: str | None
    references: list[str]
    subject: str
    from_: MailAddress | None = Field(alias="from")
    to: list[MailAddress]
    cc: list[MailAddress]
    date: str | None
    auto: bool = Field(description="Whether a machine sent it.")
    authentication: dict[str, Any] = Field(
        description="`spf`, `dkim`, `dmarc` (RFC 8601) and what they are about; for staff."
    )
    forwarded_from: MailAddress | None = Field(
        None, description="What a forwarded mail says of its first sender; unproven."
    )
    defects: list[str] = Field(description="What was odd about the mail, and how it was read all the same.")
    reply_to: list[MailAddress] = Field(description="Where the mail asks for answers; who wrote it is told by `from`.")
    flags: list[Flag] = Field(description="What to look at twice. For staff only.")


class SegmentRecord(BaseModel):
    """A run of a mail's text and who is speaking in it; the texts of all in a row are the whole text."""

    kind: SegmentKind
    text: str
    rule: str = Field(description="The evidence.")
    confidence: float = Field(ge=0, le=1)


class MessageRecord(BaseModel):
    id: int
    ticket: int
    text: str = Field(description="What the author newly wrote.")
    quoted: str | None = Field(description="Quoted history and signature, kept apart.")
    segments: list[SegmentRecord] | None = Field(description="The whole text of a mail, divided; null without a mail.")
    html: str | None = Field(description="Cleaned for display.")
    held_images: int = Field(
        description="Pictures of other hosts that were left out; `?remote_images=true` shows them."
    )
    author: Author
    direction: Direction
    via: Via
    stranger: bool = Field(description="Whether the sender took no part in the ticket.")
    created_at: Moment
    attachments: list[AttachmentRecord]
    email: MailHeaders | None
    deliveries: list[DeliveryRecord] = Field(description="For staff only.")


class CandidateRecord(BaseModel):
    """A ticket that a mail may belong to."""

    rule: Rule
    ticket: int
    evidence: str = Field(description="The Message-ID, or where the reply address stood and for whom it was made.")
    signed: bool = Field(description="Whether a signature of ours proves it.")
    takes_part: bool = Field(description="Whether the sender takes part in that ticket.")
    person: int | None = Field(description="For whom the reply address was made.")


class RefusalRecord(BaseModel):
    """Evidence that counted for nothing."""

    evidence: str
    reason: str


class WhyRecord(BaseModel):
    """Why a message is on its ticket."""

    message: int
    ticket: int
    via: Via
    stranger: bool
    authentication: dict[str, Any] | None
    rule: Rule | None = Field(description="The rule that won; null where the mail belongs to no older ticket.")
    doubt: str | None = Field(description="A sentence, where the mail points at several tickets.")
    candidates: list[CandidateRecord] = Field(description="The strongest first.")
    refused: list[RefusalRecord]


class NewParticipant(BaseModel):
    email: Text = Field(examples=["kim@people.example"])
    name: Text = Field("", max_length=200)


class RecipientRecord(Person):
    field: Literal["to", "cc"]
    why: str = Field(examples=["the requester", "named in Cc of a mail", "added by Ann"])
    new: bool = Field(description="Whether they did not get the ticket's last mail.")
    suppressed: str | None = Field(description="Why no mail goes to the address for now.")


class WarningRecord(BaseModel):
    kind: Literal["new_domain", "nobody"]
    detail: str = Field(examples=["elsewhere.example"])


class RecipientsRecord(BaseModel):
    """Who would get a message that the caller sent now."""

    recipients: list[RecipientRecord]
    dropped: list[Person] = Field(description="Who got the ticket's last mail and would not get this one.")
    warnings: list[WarningRecord]


class TicketSummary(BaseModel):
    id: int
    title: str
    owner: int
    status: Status
    mailbox: TicketMailbox
    requester: Person
    assignee: Person | None
    created_at: Moment
    updated_at: Moment
    follows: int | None = Field(description="The closed ticket that this one continues.")
    opening_message: int


class TicketRecord(TicketSummary):
    body_text: str = Field(description="The opening message's text.")
    messages: list[MessageRecord] = Field(description="What came after the opening message, oldest first.")


class NewTicket(BaseModel):
    title: Text = Field(examples=["Invoice 7 is missing"])
    body_text: Text = Field(examples=["Hello,\n\nthe invoice did not come."])


class TicketChange(BaseModel):
    status: Status = Field(None, validate_default=False)  # type: ignore[assignment]  # may be left out, may not be null
    assignee: int | None = Field(None, description="A staff member's id, or null for nobody.")
    title: Text = Field(None, validate_default=False)  # type: ignore[assignment]  # as status

    _known = model_validator(mode="after")(_some_field)


class NewMessage(BaseModel):
    text: Text = Field(None, validate_default=False)  # type: ignore[assignment]  # may be left out, may not be null
    body_text: Text = Field(None, validate_default=False, description="Read where `text` is absent.")  # type: ignore[assignment]  # as text
    internal: bool = Field(False, description="A note among staff, instead of a message.")
    recipients: list[int] | None = Field(
        None, description="Ids of those who get this message, out of `GET …/recipients/`; all of them where absent."
    )

    @model_validator(mode="after")
    def _says_something(self) -> "NewMessage":
        if not self.said.strip():
            raise ValueError("text or body_text has to say something")
        if self.internal and self.recipients is not None:
            raise ValueError("a note goes to nobody: it has no recipients")
        return self

    @property
    def said(self) -> str:
        return self.text if "text" in self.model_fields_set else self.body_text or ""


class JournalEntry(BaseModel):
    """A received mail and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    received_at: Moment
    envelope_from: str
    envelope_to: list[str]
    size: int = Field(description="bytes")
    message_id: str | None
    state: InboundState
    reason: str | None
    ticket: int | None
    message: int | None


class SuppressionRecord(BaseModel):
    """An address that gets no mail, and why."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str
    scope: SuppressionScope = Field(description="Which mail it does not get.")
    reason: SuppressionReason
    status: str | None = Field(description="RFC 3463.", examples=["5.1.1"])
    diagnostic: str = Field(description="What the other side said.")
    ticket: int | None = Field(validation_alias="ticket_id", description="Whose mail it follows from.")
    delivery: int | None = Field(validation_alias="delivery_id")
    created_at: Moment
    expires_at: Moment | None = Field(description="When it ends by itself; null: never.")


class ExplainedAttachment(BaseModel):
    filename: str
    content_type: str
    size: int = Field(description="bytes")
    sha256: str
    inline: bool
    content_id: str | None


class FailedRecipientRecord(BaseModel):
    email: str
    status: str | None = Field(description="RFC 3463.", examples=["5.1.1"])
    kind: BounceKind
    diagnostic: str


class BounceRecord(BaseModel):
    recipients: list[FailedRecipientRecord]
    original_message_id: str | None


class ComplaintRecord(BaseModel):
    feedback_type: str = Field(description="RFC 5965.", examples=["abuse"])
    recipients: list[str]
    original_message_id: str | None


class Explained(BaseModel):
    """What a raw mail says. Ids are bare, without angle brackets."""

    subject: str
    from_: MailAddress | None = Field(alias="from")
    sender: MailAddress | None
    reply_to: list[MailAddress]
    to: list[MailAddress]
    cc: list[MailAddress]
    message_id: str
    in_reply_to: list[str]
    references: list[str]
    date: str | None
    text: str = Field(description="The whole visible text.")
    new_text: str = Field(description="What the author newly wrote.")
    segments: list[SegmentRecord]
    html: str | None = Field(description="As received: not for showing.")
    attachments: list[ExplainedAttachment]
    kind: Kind
    reasons: list[str]
    bounce: BounceRecord | None
    complaint: ComplaintRecord | None
    forwarded_from: MailAddress | None = Field(description="What a forwarded mail says of its first sender; unproven.")
    defects: list[str]


class Readiness(BaseModel):
    status: Literal["ready", "not ready"]
    missing: dict[str, str] = Field(description="What is away, and what it said.")
