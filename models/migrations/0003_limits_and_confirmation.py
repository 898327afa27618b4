from tortoise import migrations
from tortoise.migrations import operations as ops
from models.states import LetterKind
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("models", "0002_what_postgres_adds")]

    initial = False

    operations = [
        ops.AlterField(
            model_name="Delivery",
            name="kind",
            field=fields.CharEnumField(
                description="ACKNOWLEDGEMENT: acknowledgement\nMESSAGE: message\nSTATUS: status\nCONFIRMATION: confirmation",
                enum_type=LetterKind,
                max_length=20,
            ),
        ),
        ops.AlterField(
            model_name="Delivery",
            name="ticket",
            field=fields.ForeignKeyField(
                "models.Ticket",
                source_field="ticket_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="deliveries",
                on_delete=OnDelete.CASCADE,
            ),
        ),
        ops.AddIndex(
            model_name="Delivery",
            index=Index(fields=["recipient", "created_at"], name="deliveries_by_recipient"),
        ),
        ops.AddField(
            model_name="Inbound",
            name="past_limit",
            field=fields.BooleanField(default=False, description="somebody let it pass the limit on its sender"),
        ),
    ]
