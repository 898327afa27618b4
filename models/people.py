"""People and the mailboxes that they write to."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.states import Notify, Role


class User(Model):
    """A person. One made for an unknown sender has no username and no password.

    An address is unique among people whose address is proven (known from mail, or vouched for by an admin).
    Somebody who registers has a row of their own that only *claims* the address until a mailed link proves it.
    """

    id = fields.BigIntField(primary_key=True)
    username = fields.CharField(max_length=150, null=True)
    email = fields.CharField(max_length=254, description="lower case")
    name = fields.CharField(max_length=200, default="")
    role = fields.CharEnumField(Role, max_length=10, default=Role.CUSTOMER)
    password_hash = fields.CharField(max_length=100, null=True)
    proven = fields.BooleanField(default=True)
    active = fields.BooleanField(default=True)
    notify = fields.CharEnumField(Notify, max_length=10, default=Notify.NONE, db_default=Notify.NONE)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "users"
        indexes = (Index(fields=("email",), name="users_by_email"),)


class OtherAddress(Model):
    """One more address of a person, from which their mail comes too. Our mail goes to the address in `User`."""

    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="other_addresses", on_delete=fields.CASCADE
    )
    user_id: int
    email = fields.CharField(max_length=254, unique=True, description="lower case")
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "other_addresses"


class RefreshToken(Model):
    """One refresh token of a login. All tokens that follow from one login share its family."""

    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="refresh_tokens", on_delete=fields.CASCADE
    )
    user_id: int
    family = fields.UUIDField(db_index=True)
    token_hash = fields.BinaryField()
    agent = fields.TextField(default="", db_default="", description="the program that signed in, by its own words")
    peer = fields.TextField(default="", db_default="", description="the address that it called from")
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField()
    spent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "refresh_tokens"


class Mailbox(Model):
    """An address that opens tickets."""

    id = fields.BigIntField(primary_key=True)
    address = fields.CharField(max_length=254, unique=True, description="lower case")
    name = fields.CharField(max_length=200, default="")
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "mailboxes"
