"""What the breakers count by: a sender's latest mails, when a mail of ours was last tried, what staff were told."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

# Of the few events that say that a breaker opened, asked for at every mail past a limit.
FORWARD = "CREATE INDEX events_of_breakers ON events (actor_id, id) WHERE kind IN ('held', 'unanswered')"


class Migration(migrations.Migration):
    dependencies = [("models", "0007_suppressions")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Delivery",
            name="tried_at",
            field=fields.DatetimeField(
                null=True, description="when the latest attempt began", auto_now=False, auto_now_add=False
            ),
        ),
        ops.AddIndex(
            model_name="Message",
            index=Index(fields=["author_id", "created_at"], name="messages_by_author"),
        ),
        ops.RunSQL(FORWARD),
    ]
