"""What mail health asks for, each by an index of its own; and copies that staff have sent again."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

FORWARD = [
    # Pages of one state, newest first.
    "DROP INDEX deliveries_by_state",
    "CREATE INDEX deliveries_by_state ON deliveries (state, id)",
    # What came and went lately. Mail that waits is left out: the listener's commit pays nothing for it.
    "CREATE INDEX inbound_by_time ON inbound (received_at) WHERE state <> 'accepted'",
    "CREATE INDEX deliveries_by_sending ON deliveries (sent_at) WHERE sent_at IS NOT NULL",
    # The newest breakers, whoever tripped them.
    "CREATE INDEX events_held ON events (id) WHERE kind = 'held'",
]


class Migration(migrations.Migration):
    dependencies = [("models", "0010_writing")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Delivery",
            name="again",
            field=fields.IntField(
                default=0, db_default=0, description="how often staff had this mail sent to this address again before"
            ),
        ),
        ops.RemoveConstraint(model_name="Delivery", fields=["rfc_message_id", "recipient"]),
        ops.AddConstraint(
            model_name="Delivery", constraint=UniqueConstraint(fields=("rfc_message_id", "recipient", "again"))
        ),
        ops.RunSQL(FORWARD),
    ]
