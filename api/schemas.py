"""The shapes of requests and answers, for checking the one and documenting the other."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from desk.flags import Flag
from desk.threads import Rule
from letters import BounceKind, Kind, Preview, SegmentKind
from models import (
    DeliveryState,
    Direction,
    InboundState,
    Priority,
    Role,
    Status,
    SuppressionReason,
    SuppressionScope,
    TextFormat,
    Turn,
    Via,
)


def storable(text: str) -> str:
    """Without what PostgreSQL takes in no text: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


Text = Annotated[str, AfterValidator(storable)]
Moment = Annotated[
    datetime,
    PlainSerializer(lambda moment: moment.isoformat().replace("+00:00", "Z"), when_used="json"),
    Field(description="RFC 3339, UTC", examples=["2026-11-23T09:38:00.123456Z"]),
]


def some_field(change: Any) -> Any:
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

    _known = model_validator(mode="after")(some_field)


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

    _known = model_validator(mode="after")(some_field)


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
    address: str = Field(description="Opens without signing in, for an hour; with `&inline=true` what can be shown is.")
    preview: Preview | None = Field(description="As what `&inline=true` shows it, if it is what it says.")


class DeliveryRecord(BaseModel):
    id: int
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
    format: TextFormat = Field(description="How the text is to be read; of Markdown `html` is what it means.")
    quoted: str | None = Field(description="Quoted history and signature, kept apart.")
    segments: list[SegmentRecord] | None = Field(description="The whole text of a mail, divided; null without a mail.")
    html: str | None = Field(description="Cleaned for display.")
    prefers_html: bool = Field(description="Whether the HTML says more than the text: tables, pictures, layout.")
    html_address: str | None = Field(description="The HTML as a page; opens without signing in, for an hour.")
    held_images: int = Field(
        description="Pictures of other hosts that were left out; `?remote_images=true` shows them."
    )
    author: Author
    direction: Direction
    via: Via
    stranger: bool = Field(description="Whether the sender took no part in the ticket.")
    created_at: Moment
    held_until: Moment | None = Field(
        description="Until when its writer may take it back: its mail waits. Null once it left, and for customers."
    )
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


class LastWord(BaseModel):
    """The newest message of a ticket that the caller may see."""

    message: int
    direction: Direction
    author: Author
    text: str = Field(description="Its first words on one line, 200 characters at most.")
    at: Moment


Span = Annotated[list[int], Field(min_length=2, max_length=2)]


class SearchHit(BaseModel):
    """Where the words of a search stand. Places are counted in UTF-16 code units, as JavaScript counts them."""

    where: Literal["subject", "text", "address", "attachment"]
    message: int
    text: str = Field(description="About 160 characters round the first of them; of a subject all of it.")
    marks: list[Span] = Field(description="Beginning and end of each in `text`.")


class TicketSummary(BaseModel):
    id: int
    title: str
    owner: int
    status: Status
    mailbox: TicketMailbox
    requester: Person
    assignee: Person | None
    priority: Priority | None = Field(description="For staff; null for customers.")
    tags: list[str] = Field(description="For staff.")
    turn: Turn = Field(description="Who speaks next.")
    waiting_since: Moment = Field(description="The customers' last word.")
    message_count: int
    last: LastWord | None
    read_up_to: int = Field(description="The newest message that the caller has read; 0: none.")
    unread: bool = Field(description="Somebody else wrote since the caller read it.")
    flags: list[Literal["returned", "draft", "note", "attachment"]] = Field(
        description="A copy came back and none arrived there since; the caller's draft; a note is the last word; files."
    )
    hit: SearchHit | None = Field(None, description="Of a search: where its words stand.")
    title_marks: list[Span] | None = Field(None, description="Of a search: its words in the title.")
    created_at: Moment
    updated_at: Moment
    follows: int | None = Field(description="The closed ticket that this one continues.")
    opening_message: int


class TicketRecord(TicketSummary):
    body_text: str = Field(description="The opening message's text.")
    messages: list[MessageRecord] = Field(description="What came after the opening message, oldest first.")


class TicketChange(BaseModel):
    status: Status = Field(None, validate_default=False)  # type: ignore[assignment]  # may be left out, may not be null
    assignee: int | None = Field(None, description="A staff member's id, or null for nobody.")
    title: Text = Field(None, validate_default=False)  # type: ignore[assignment]  # as status
    priority: Priority = Field(None, validate_default=False)  # type: ignore[assignment]  # as status
    tags: list[Text] = Field([], description="All that it is to have: 20 at most, each of 1 to 50 characters.")

    _known = model_validator(mode="after")(some_field)


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
