"""What staff have in hand: texts not yet sent, files for them, what they have read, changes that can be undone."""

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.indexes import Index
from tortoise.models import Model

from models.people import User
from models.states import DraftKind
from models.tickets import Ticket


class Upload(Model):
    """A file that waits for the message that takes it along."""

    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="uploads", on_delete=fields.CASCADE
    )
    user_id: int
    filename = fields.TextField()
    content_type = fields.CharField(max_length=255)
    size = fields.IntField(description="bytes")
    sha256 = fields.BinaryField()
    blob = fields.TextField()
    created_at: datetime = fields.DatetimeField(auto_now_add=True)
    kept_until: datetime | None = fields.DatetimeField(
        null=True, description="by what day it goes if no draft names it; null: its owner gave it up"
    )

    class Meta:
        table = "uploads"
        indexes = (
            Index(fields=("user_id",), name="uploads_by_user"),
            Index(fields=("kept_until",), name="uploads_by_end"),
        )


class Draft(Model):
    """What somebody has written on a ticket and not yet sent: one for a reply and one for a note."""

    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="drafts", on_delete=fields.CASCADE
    )
    user_id: int
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "models.Ticket", related_name="drafts", on_delete=fields.CASCADE
    )
    ticket_id: int
    kind = fields.CharEnumField(DraftKind, max_length=10)
    version = fields.IntField(default=1)
    text = fields.TextField(default="")
    rest: Any = fields.JSONField(default=dict, description="recipients, set_status and in_answer_to, where chosen")
    uploads: list[int] = ArrayField("bigint", default=list, description="files to go with it, in order")
    updated_at: datetime = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "drafts"
        unique_together = (("user_id", "ticket_id", "kind"),)
        indexes = (Index(fields=("ticket_id",), name="drafts_by_ticket"),)


class ReadMark(Model):
    """Up to which message somebody has read a ticket."""

    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="read_marks", on_delete=fields.CASCADE
    )
    user_id: int
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "models.Ticket", related_name="read_marks", on_delete=fields.CASCADE
    )
    ticket_id: int
    message_id = fields.BigIntField(description="the newest one that was seen")
    at: datetime = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "read_marks"
        unique_together = (("user_id", "ticket_id"),)
        indexes = (Index(fields=("ticket_id",), name="read_marks_by_ticket"),)


class BulkChange(Model):
    """A change of several tickets at once, and what they were before."""

    id = fields.UUIDField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="bulk_changes", on_delete=fields.CASCADE
    )
    user_id: int
    before: Any = fields.JSONField(description="of each ticket: what was changed, and its value before and after")
    created_at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "bulk_changes"
        indexes = (Index(fields=("created_at",), name="bulk_changes_by_age"),)
