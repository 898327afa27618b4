"""Addresses that get no mail of ours."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.mail import Delivery
from models.states import SuppressionReason, SuppressionScope
from models.tickets import Ticket


class Suppression(Model):
    """An address that gets no mail, and why. In force until `expires_at`, for ever without one.

    One that ended stays: what came before its end counts no more.
    """

    id = fields.BigIntField(primary_key=True)
    email = fields.CharField(max_length=254, description="lower case")
    scope = fields.CharEnumField(SuppressionScope, max_length=20, default=SuppressionScope.ALL)
    reason = fields.CharEnumField(SuppressionReason, max_length=30)
    status = fields.CharField(max_length=20, null=True, description="RFC 3463")
    diagnostic = fields.TextField(default="", description="what the other side said")
    delivery: fields.ForeignKeyNullableRelation[Delivery] = fields.ForeignKeyField(
        "models.Delivery", related_name="suppressions", null=True, on_delete=fields.SET_NULL
    )
    delivery_id: int | None
    ticket: fields.ForeignKeyNullableRelation[Ticket] = fields.ForeignKeyField(
        "models.Ticket", related_name="suppressions", null=True, on_delete=fields.SET_NULL
    )
    ticket_id: int | None
    created_at: datetime = fields.DatetimeField(auto_now_add=True)
    expires_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "suppressions"
        unique_together = (("email", "scope"),)
