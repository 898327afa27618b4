"""The shapes of mail health: the journal in bulk, the outbox, breakers, the relay, DNS."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import CandidateRecord, Explained, Moment, Text
from models import DeliveryState, LetterKind

AnId = Annotated[int, Field(ge=1, le=2**63 - 1)]


class StateCounts(BaseModel):
    """Entries of the journal by state; each number is right up to 9999, and where there are more, it is that."""

    accepted: int
    processed: int
    ignored: int
    held: int
    quarantined: int


class BulkMove(BaseModel):
    ids: list[AnId] = Field(min_length=1, max_length=200)
    do: Literal["replay", "discard"]


class RefusedEntry(BaseModel):
    entry: int
    detail: str


class BulkMoved(BaseModel):
    done: list[int]
    refused: list[RefusedEntry] = Field(description="Those that stay as they were, and why.")


class ExplainedEntry(Explained):
    threads: list[CandidateRecord] = Field(description="Tickets that it may belong to, the strongest first.")


class DeliveryEntry(BaseModel):
    """One copy of an outgoing mail."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    ticket: int | None = Field(validation_alias="ticket_id", description="Null for mail about an account.")
    message: int | None = Field(validation_alias="message_id")
    recipient: str
    kind: LetterKind
    state: DeliveryState
    attempts: int
    code: int | None = Field(description="The relay's SMTP code; of one that bounced, the bounce's.")
    error: str | None
    due_at: Moment = Field(description="When somebody looks at it next, while it is queued or deferred.")
    created_at: Moment
    sent_at: Moment | None


class Retry(BaseModel):
    email: Text | None = Field(
        None, max_length=254, description="The address that was meant; it takes part in the ticket from now on."
    )


class BreakerRecord(BaseModel):
    """Mail of a sender that is held back."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    ticket: int = Field(description="Where staff were told of it.")
    sender: str
    breaker: str = Field(description="What was counted.", examples=["ticket and sender"])
    reason: str
    since: Moment
    until: Moment = Field(description="When it closes by itself.")
    held: int = Field(description="Mails of this sender that wait in the journal, 9999 at most.")


class Stations(BaseModel):
    """The way of a mail: how many were ever received, and how many are at each station now."""

    received: int
    waiting: int = Field(description="Not yet read.")
    filed: int
    ignored: int
    held: int
    quarantined: int
    to_go_out: int
    sent: int
    not_sent: int = Field(description="Failed, bounced, or to an address that gets no mail.")


class BeatRecord(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    at: Moment = Field(description="When its two minutes began.")
    received: int
    sent: int


class PartRecord(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: Literal["database", "broker", "listener", "intake", "relay"]
    ok: bool
    detail: str
    at: Moment | None = Field(description="When it was seen so; null where nothing passed yet.")


class MailHealth(BaseModel):
    """How mail flows."""

    stations: Stations
    adds_up: bool = Field(
        description="Whether every mail that was received is waiting, filed, ignored, held or quarantined."
    )
    pulse: list[BeatRecord] = Field(description="The last hour in 30 beats, oldest first.")
    last_received_at: Moment | None
    deferred_long: int = Field(description="Copies older than 15 minutes that the relay put off.")
    parts: list[PartRecord]
    usual: bool = Field(description="False where no mail came for much longer than is usual at this time of the day.")


class RelayError(BaseModel):
    at: Moment
    code: int | None
    error: str | None
    recipient: str


class RelayRecord(BaseModel):
    """Where mail goes when it leaves."""

    url: str | None = Field(description="Without name and password; null: a Maildir stands in for it.")
    tls: Literal["always", "required", "if offered", "never"] | None
    last_accepted_at: Moment | None
    last_errors: list[RelayError] = Field(description="The newest first.")


class TrialMail(BaseModel):
    to: Text | None = Field(None, max_length=254, description="The caller's own address where absent; admins name any.")


class Line(BaseModel):
    """Of a conversation with the relay. Names and passwords are left out."""

    model_config = ConfigDict(from_attributes=True)

    who: Literal["us", "them"]
    line: str


class TrialRecord(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    delivered: bool
    code: int | None = Field(description="The relay's last SMTP code.")
    answer: str = Field(description="What it said, or what went wrong.")
    seconds: float
    dialogue: list[Line]


class DnsAdvice(BaseModel):
    """One of the records that mail from and to a mailbox stands on."""

    model_config = ConfigDict(from_attributes=True)

    record: Literal["MX", "SPF", "DKIM", "DMARC"]
    name: str = Field(examples=["_dmarc.desk.example"])
    type: Literal["MX", "TXT"]
    now: list[str] = Field(description="What DNS has there.")
    verdict: Literal["ok", "missing", "wrong", "unknown"]
    why: str
    publish: str | None = Field(description="The value to publish, where we can say it.")
