"""Tickets and what is said on them."""

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.contrib.postgres.indexes import GinIndex
from tortoise.fields.db_defaults import Now, SqlDefault
from tortoise.indexes import Index
from tortoise.models import Model

from models.people import Mailbox, User
from models.states import Direction, Priority, Role, Status, TextFormat, Turn, Via


class Ticket(Model):
    """One matter of one requester, in one mailbox."""

    id = fields.BigIntField(primary_key=True)
    title = fields.CharField(max_length=998)
    status = fields.CharEnumField(Status, max_length=2, default=Status.ACTIVE)
    mailbox: fields.ForeignKeyRelation[Mailbox] = fields.ForeignKeyField(
        "models.Mailbox", related_name="tickets", on_delete=fields.RESTRICT
    )
    mailbox_id: int
    requester: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="tickets", on_delete=fields.RESTRICT
    )
    requester_id: int
    assignee: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="assigned", null=True, on_delete=fields.SET_NULL
    )
    assignee_id: int | None
    follows: fields.ForeignKeyNullableRelation["Ticket"] = fields.ForeignKeyField(
        "models.Ticket", related_name="followers", null=True, on_delete=fields.SET_NULL
    )
    follows_id: int | None
    priority = fields.CharEnumField(Priority, max_length=10, default=Priority.NORMAL, db_default=Priority.NORMAL)
    tags: list[str] = ArrayField("text", default=list, db_default=SqlDefault("'{}'"), description="lower case, sorted")
    turn = fields.CharEnumField(Turn, max_length=4, default=Turn.US, db_default=Turn.US)
    waiting_since: datetime = fields.DatetimeField(
        auto_now_add=True, db_default=Now(), description="of the customers' last word"
    )
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(description="of its newest activity")
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "tickets"
        indexes = (
            Index(fields=("updated_at", "id"), name="tickets_by_activity"),
            Index(fields=("status", "updated_at", "id"), name="tickets_by_status"),
            Index(fields=("requester_id", "updated_at", "id"), name="tickets_by_requester"),
            Index(fields=("assignee_id", "status", "updated_at", "id"), name="tickets_by_assignee"),
            Index(fields=("status", "turn", "waiting_since", "id"), name="tickets_by_turn"),
            GinIndex(fields=("tags",), name="tickets_by_tags"),
        )


class Message(Model):
    """What somebody said on a ticket. One that came by mail keeps the mail's headers, and names its raw bytes."""

    id = fields.BigIntField(primary_key=True)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "models.Ticket", related_name="messages", on_delete=fields.CASCADE
    )
    ticket_id: int
    opening = fields.BooleanField(default=False)
    author: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="messages", on_delete=fields.RESTRICT
    )
    author_id: int
    author_role = fields.CharEnumField(Role, max_length=10, description="the role in which it was said")
    direction = fields.CharEnumField(Direction, max_length=10)
    via = fields.CharEnumField(Via, max_length=10)
    stranger = fields.BooleanField(default=False)
    text = fields.TextField()
    format = fields.CharEnumField(TextFormat, max_length=10, default=TextFormat.PLAIN, db_default=TextFormat.PLAIN)
    quoted = fields.TextField(null=True)
    segments: Any = fields.JSONField(
        null=True, description="a mail's whole text, divided: kind, text, rule, confidence"
    )
    html = fields.TextField(null=True)
    rfc_message_id = fields.TextField(description="bare, without angle brackets")
    in_reply_to = fields.TextField(null=True)
    references: list[str] = ArrayField("text", default=list, description="the ids it names, nearest parent first")
    content_hash = fields.BinaryField(null=True)
    email: Any = fields.JSONField(null=True)
    why: Any = fields.JSONField(null=True)
    blob = fields.TextField(null=True, description="key of the raw mail")
    held_until: datetime | None = fields.DatetimeField(
        null=True, description="until when its writer may take it back; its mail waits as long"
    )
    undo: Any = fields.JSONField(null=True, description="what taking it back brings back: the draft, the status before")
    idempotency_key = fields.CharField(max_length=200, null=True, description="of the request that made it")
    created_at = fields.DatetimeField(auto_now_add=True)

    attachments: fields.ReverseRelation["Attachment"]

    class Meta:
        table = "messages"
        indexes = (
            Index(fields=("ticket_id", "id"), name="messages_by_ticket"),
            Index(fields=("rfc_message_id",), name="messages_by_rfc_message_id"),
            GinIndex(fields=("references",), name="messages_by_references"),
            Index(fields=("author_id", "created_at"), name="messages_by_author"),
        )


class Attachment(Model):
    """A part of a mail that is not its text."""

    id = fields.BigIntField(primary_key=True)
    message: fields.ForeignKeyRelation[Message] = fields.ForeignKeyField(
        "models.Message", related_name="attachments", on_delete=fields.CASCADE
    )
    message_id: int
    filename = fields.TextField()
    content_type = fields.CharField(max_length=255)
    size = fields.IntField()
    sha256 = fields.BinaryField()
    inline = fields.BooleanField(default=False)
    content_id = fields.TextField(null=True)
    blob = fields.TextField()

    class Meta:
        table = "attachments"


class Participant(Model):
    """A person who gets the mail of a ticket. Its requester is one too."""

    id = fields.BigIntField(primary_key=True)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "models.Ticket", related_name="participants", on_delete=fields.CASCADE
    )
    ticket_id: int
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="participations", on_delete=fields.RESTRICT
    )
    user_id: int
    source = fields.CharField(max_length=10, description="requester, to or cc: how they came here")
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "participants"
        unique_together = (("ticket_id", "user_id"),)
        indexes = (Index(fields=("user_id",), name="participants_by_user"),)


class Event(Model):
    """Every change leaves one; the timeline, live events and statistics are its readers."""

    id = fields.BigIntField(primary_key=True)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "models.Ticket", related_name="events", on_delete=fields.CASCADE
    )
    ticket_id: int
    actor: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="events", null=True, on_delete=fields.SET_NULL
    )
    actor_id: int | None
    kind = fields.CharField(max_length=30)
    message: fields.ForeignKeyNullableRelation[Message] = fields.ForeignKeyField(
        "models.Message", related_name="events", null=True, on_delete=fields.CASCADE
    )
    message_id: int | None
    data: Any = fields.JSONField(default=dict)
    created_at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "events"
        indexes = (Index(fields=("ticket_id", "id"), name="events_by_ticket"),)
