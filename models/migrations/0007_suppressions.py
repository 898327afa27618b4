"""Addresses that get no mail, and what a bounce leaves on the delivery that it is about."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from models.states import Proof, SuppressionReason, SuppressionScope

FORWARD = [
    """ALTER TABLE suppressions
        ADD CONSTRAINT suppressions_email_lower CHECK (email = lower(email)),
        ADD CONSTRAINT suppressions_scope CHECK (scope IN ('all')),
        ADD CONSTRAINT suppressions_reason CHECK (reason IN ('hard bounce', 'repeated soft bounces', 'complaint'))""",
    """ALTER TABLE deliveries ADD CONSTRAINT deliveries_bounce_proof
        CHECK (bounce_proof IN ('return path', 'message id', 'unsigned'))""",
    # Whoever deletes a ticket or a delivery does not read all suppressions for it.
    "CREATE INDEX suppressions_by_delivery ON suppressions (delivery_id)",
    "CREATE INDEX suppressions_by_ticket ON suppressions (ticket_id)",
]


class Migration(migrations.Migration):
    dependencies = [("models", "0006_segments")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Delivery",
            name="bounced_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Delivery",
            name="bounce_proof",
            field=fields.CharEnumField(
                null=True,
                description="RETURN_PATH: return path\nMESSAGE_ID: message id\nUNSIGNED: unsigned",
                enum_type=Proof,
                max_length=20,
            ),
        ),
        ops.CreateModel(
            name="Suppression",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("email", fields.CharField(description="lower case", max_length=254)),
                (
                    "scope",
                    fields.CharEnumField(
                        default=SuppressionScope.ALL,
                        description="ALL: all",
                        enum_type=SuppressionScope,
                        max_length=20,
                    ),
                ),
                (
                    "reason",
                    fields.CharEnumField(
                        description=(
                            "HARD_BOUNCE: hard bounce\nSOFT_BOUNCES: repeated soft bounces\nCOMPLAINT: complaint"
                        ),
                        enum_type=SuppressionReason,
                        max_length=30,
                    ),
                ),
                ("status", fields.CharField(null=True, description="RFC 3463", max_length=20)),
                (
                    "diagnostic",
                    fields.TextField(default="", description="what the other side said", unique=False),
                ),
                (
                    "delivery",
                    fields.ForeignKeyField(
                        "models.Delivery",
                        source_field="delivery_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="suppressions",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "ticket",
                    fields.ForeignKeyField(
                        "models.Ticket",
                        source_field="ticket_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="suppressions",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "suppressions",
                "app": "models",
                "unique_together": (("email", "scope"),),
                "pk_attr": "id",
                "table_description": (
                    "An address that gets no mail, and why. In force until `expires_at`, for ever without one."
                ),
            },
            bases=["Model"],
        ),
        ops.RunSQL(FORWARD),
    ]
