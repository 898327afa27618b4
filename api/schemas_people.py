"""The shapes of what people are beside their accounts."""

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Moment, Text


class NewAddress(BaseModel):
    email: Text = Field(examples=["zoe@home.example"])


class AddressRecord(BaseModel):
    """One more address of a person. Mail from it is theirs; ours goes to their first one."""

    model_config = ConfigDict(from_attributes=True)

    email: str
    created_at: Moment
