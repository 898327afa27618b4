"""The shapes of what is written: messages, drafts of them, files for them, and the mail that they become."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.problems import Problem
from api.schemas import MailAddress, MessageRecord, Moment, Text
from models import DraftKind, Status, TextFormat

Ids = Annotated[list[Annotated[int, Field(ge=1, le=2**63 - 1)]], Field(max_length=200)]
Format = Annotated[TextFormat, Field(description="How the text is to be read; in the mail it stands as typed, too.")]


class NewMessage(BaseModel):
    text: Text = Field(None, validate_default=False)  # type: ignore[assignment]  # may be left out, may not be null
    body_text: Text = Field(None, validate_default=False, description="Read where `text` is absent.")  # type: ignore[assignment]  # as text
    internal: bool = Field(False, description="A note among staff, instead of a message.")
    recipients: list[int] | None = Field(
        None, description="Ids of those who get this message, out of `GET …/recipients/`; all of them where absent."
    )
    format: Format = TextFormat.PLAIN
    files: Ids = Field([], description="Ids of uploads of the caller's, which become attachments.")
    in_answer_to: int | None = Field(None, description="The id of the message that it answers.")
    seen: int | None = Field(
        None, description="The id of the newest message that the writer has seen: a newer one of others gives a 409."
    )
    set_status: Status | None = Field(None, description="What the ticket becomes with it; one mail says both.")
    hold_seconds: int = Field(
        0, ge=0, le=30, description="How long the mail waits and can be taken back; notes and customers' words do not."
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


class Requester(BaseModel):
    email: Text = Field(examples=["kim@people.example"])
    name: Text = Field("", max_length=200)


class NewTicket(BaseModel):
    title: Text = Field(examples=["Invoice 7 is missing"])
    body_text: Text = Field(examples=["Hello,\n\nthe invoice did not come."])
    format: Format = TextFormat.PLAIN
    files: Ids = Field([], description="Ids of uploads of the caller's, which become attachments.")
    requester: Requester | None = Field(
        None, description="Whom staff write to: the ticket is theirs, and its first message a mail to them."
    )
    mailbox: int | None = Field(None, description="From which mailbox staff write to them; the first one where absent.")

    @model_validator(mode="after")
    def _from_a_mailbox_to_somebody(self) -> "NewTicket":
        if self.mailbox is not None and self.requester is None:
            raise ValueError("a mailbox is chosen where staff write to a requester")
        return self


class UploadRecord(BaseModel):
    """A file that waits for the message that takes it along."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    filename: str
    content_type: str
    size: int = Field(description="bytes")


class DraftChange(BaseModel):
    version: int = Field(
        ge=0, le=2**31 - 2, description="The version that this one follows; 0 where there is none yet."
    )
    text: Text
    recipients: Ids | None = Field(None, description="Null: everybody who takes part.")
    files: Ids = []
    set_status: Status | None = None
    in_answer_to: int | None = Field(None, ge=1, le=2**63 - 1)


class DraftRecord(BaseModel):
    """What the caller is writing on a ticket, or what was taken back."""

    kind: DraftKind
    version: int
    text: str
    recipients: list[int] | None
    files: list[UploadRecord] = Field(description="Those that still wait.")
    set_status: Status | None
    in_answer_to: int | None
    updated_at: Moment


class PreviewRequest(BaseModel):
    text: Text
    format: Format = TextFormat.PLAIN
    recipients: Ids | None = None
    set_status: Status | None = None


class MailRecord(BaseModel):
    """A mail as it would leave."""

    subject: str
    from_: MailAddress = Field(alias="from")
    to: list[MailAddress]
    cc: list[MailAddress]
    text: str
    html: str


class OvertakenProblem(Problem):
    """Somebody said something newer than the writer has seen."""

    status: Literal[409]
    message: MessageRecord = Field(description="The newest of it.")


class StaleProblem(Problem):
    """Another version of the draft is there."""

    status: Literal[409]
    draft: DraftRecord | None = Field(description="The one that is there; null where it was sent or thrown away.")
