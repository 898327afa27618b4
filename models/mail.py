"""Mail on its way: the journal of what came in, the outbox of what goes out."""

from datetime import datetime

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.indexes import Index
from tortoise.models import Model

from models.people import User
from models.states import DeliveryState, InboundState, LetterKind, Proof
from models.tickets import Message, Ticket


class Inbound(Model):
    """A received mail, one row per DATA with all its recipients: the journal, and the promise behind each 250."""

    id = fields.BigIntField(primary_key=True)
    received_at = fields.DatetimeField(auto_now_add=True)
    envelope_from = fields.TextField()
    envelope_to: list[str] = ArrayField("text")
    size = fields.IntField()
    raw_bytes = fields.BinaryField(null=True, description="until its blob is durable")
    blob = fields.TextField(null=True)
    peer = fields.TextField(default="")
    helo = fields.TextField(default="")
    tls = fields.BooleanField(default=False)
    protocol = fields.TextField(default="smtp")
    trace = fields.TextField(default="", description="the id that log lines about it carry")
    rfc_message_id = fields.TextField(null=True, description="bare, without angle brackets")
    state = fields.CharEnumField(InboundState, max_length=12, default=InboundState.ACCEPTED)
    reason: str | None = fields.TextField(null=True)
    attempts = fields.IntField(default=0)
    past_limit = fields.BooleanField(default=False, description="somebody let it pass the limit on its sender")
    due_at = fields.DatetimeField(auto_now_add=True, description="when it is to be read, at the earliest")
    ticket: fields.ForeignKeyNullableRelation[Ticket] = fields.ForeignKeyField(
        "models.Ticket", related_name="inbound", null=True, on_delete=fields.SET_NULL
    )
    ticket_id: int | None
    message: fields.ForeignKeyNullableRelation[Message] = fields.ForeignKeyField(
        "models.Message", related_name="inbound", null=True, on_delete=fields.SET_NULL
    )
    message_id: int | None

    class Meta:
        table = "inbound"
        indexes = (
            Index(fields=("rfc_message_id", "id"), name="inbound_by_rfc_message_id"),
            Index(fields=("state", "id"), name="inbound_by_state"),
        )


class Delivery(Model):
    """One copy of an outgoing mail for one recipient: the outbox. All copies share `rfc_message_id`."""

    id = fields.BigIntField(primary_key=True)
    ticket: fields.ForeignKeyNullableRelation[Ticket] = fields.ForeignKeyField(
        "models.Ticket", related_name="deliveries", null=True, on_delete=fields.CASCADE
    )
    ticket_id: int | None
    message: fields.ForeignKeyNullableRelation[Message] = fields.ForeignKeyField(
        "models.Message", related_name="deliveries", null=True, on_delete=fields.CASCADE
    )
    message_id: int | None
    kind = fields.CharEnumField(LetterKind, max_length=20)
    status = fields.CharField(max_length=2, null=True, description="what a status mail tells")
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="deliveries", on_delete=fields.RESTRICT
    )
    user_id: int
    recipient = fields.CharField(max_length=254)
    copied = fields.BooleanField(default=False, description="named in Cc, not in To")
    subject = fields.TextField()
    rfc_message_id = fields.TextField(description="bare, without angle brackets")
    in_reply_to = fields.TextField(null=True)
    references: list[str] = ArrayField("text", default=list, description="oldest first")
    state = fields.CharEnumField(DeliveryState, max_length=12, default=DeliveryState.QUEUED)
    attempts = fields.IntField(default=0)
    tried_at: datetime | None = fields.DatetimeField(null=True, description="when the latest attempt began")
    due_at = fields.DatetimeField(
        auto_now_add=True, description="when somebody looks at it next; while sending, the end of its lease"
    )
    code = fields.IntField(null=True)
    error = fields.TextField(null=True)
    again = fields.IntField(
        default=0, db_default=0, description="how often staff had this mail sent to this address again before"
    )
    trace = fields.TextField(default="", description="of the mail or the request that caused it")
    created_at = fields.DatetimeField(auto_now_add=True)
    sent_at = fields.DatetimeField(null=True)
    bounced_at: datetime | None = fields.DatetimeField(null=True)
    bounce_proof = fields.CharEnumField(Proof, max_length=20, null=True)

    class Meta:
        table = "deliveries"
        unique_together = (("rfc_message_id", "recipient", "again"),)
        indexes = (
            Index(fields=("message_id",), name="deliveries_by_message"),
            Index(fields=("ticket_id", "id"), name="deliveries_by_ticket"),
            Index(fields=("recipient", "created_at"), name="deliveries_by_recipient"),
        )
