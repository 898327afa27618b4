"""The id that follows a mail, and the ledger: how many mails were ever told 250."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

FORWARD = [
    "ALTER TABLE inbound ALTER trace SET DEFAULT ''",
    "ALTER TABLE deliveries ALTER trace SET DEFAULT ''",
    # Each writer adds to a row of its own, or their group commits would wait for each other.
    """CREATE TABLE ledger (
        slot int PRIMARY KEY,
        accepted bigint NOT NULL
    ) WITH (fillfactor = 50)""",
    "INSERT INTO ledger (slot, accepted) SELECT 0, count(*) FROM inbound",
    "CREATE INDEX deliveries_by_state ON deliveries (state)",
]


class Migration(migrations.Migration):
    dependencies = [("models", "0004_search_and_events")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Delivery",
            name="trace",
            field=fields.TextField(default="", description="of the mail or the request that caused it", unique=False),
        ),
        ops.AddField(
            model_name="Inbound",
            name="trace",
            field=fields.TextField(default="", description="the id that log lines about it carry", unique=False),
        ),
        ops.RunSQL(FORWARD),
    ]
