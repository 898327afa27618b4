"""The shapes of sessions, passwords and one's own record."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas import Moment, Text, UserRecord, some_field
from models import Notify


class Access(BaseModel):
    access: str = Field(description="For the Authorization header; 15 minutes.")
    events: str = Field(
        description="Where the stream of events stands: a `Last-Event-ID` from which nothing is missed that a later "
        "answer does not show.",
        examples=["7401-0"],
    )


class SessionRecord(BaseModel):
    """A session of one's own: all that follows from one sign-in."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    agent: str = Field(description="The program that signed in, by its own words; 300 characters at most.")
    peer: str = Field(description="The address that it called from.")
    created_at: Moment
    last_seen_at: Moment = Field(description="When it last got a new access token.")
    current: bool = Field(description="Whether it is the one that asks.")


class OwnRecord(UserRecord):
    notify: Notify | None = Field(description="Of which tickets they want mail; null for customers, who get none.")


class OwnChange(BaseModel):
    name: Text = Field(None, max_length=200, validate_default=False, examples=["Zoë Ünal"])  # type: ignore[assignment]  # may be left out, may not be null
    notify: Notify = Field(None, validate_default=False, description="For staff.")  # type: ignore[assignment]  # as above

    _known = model_validator(mode="after")(some_field)


class PasswordChange(BaseModel):
    current: Text
    new: Text = Field(examples=["correct horse 9 battery"], description="At least 8 characters.")


class Forgotten(BaseModel):
    email: Text = Field(examples=["zoe@people.example"])


class PasswordReset(BaseModel):
    token: Text = Field(description="The last part of the link that was mailed.")
    password: Text = Field(examples=["correct horse 9 battery"], description="At least 8 characters.")
