"""What the dashboard needs: priority, tags, whose turn it is; drafts, files, mail that can be taken back, marks of reading."""

from tortoise import fields, migrations
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.contrib.postgres.indexes import GinIndex
from tortoise.fields.base import OnDelete
from tortoise.fields.db_defaults import Now, SqlDefault
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from models.states import DraftKind, LetterKind, Notify, Priority, TextFormat, Turn

FORWARD = [
    """ALTER TABLE users ADD CONSTRAINT users_notify CHECK (notify IN ('none', 'assigned'))""",
    "ALTER TABLE other_addresses ADD CONSTRAINT other_addresses_email_lower CHECK (email = lower(email))",
    """ALTER TABLE tickets
        ADD CONSTRAINT tickets_priority CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
        ADD CONSTRAINT tickets_turn CHECK (turn IN ('us', 'them'))""",
    """ALTER TABLE messages
        ADD CONSTRAINT messages_format CHECK (format IN ('plain', 'markdown'))""",
    "ALTER TABLE drafts ADD CONSTRAINT drafts_kind CHECK (kind IN ('reply', 'note'))",
    """ALTER TABLE deliveries
        DROP CONSTRAINT deliveries_kind,
        ADD CONSTRAINT deliveries_kind
            CHECK (kind IN ('acknowledgement', 'message', 'status', 'notice', 'confirmation', 'reset')),
        DROP CONSTRAINT deliveries_of_a_ticket,
        ADD CONSTRAINT deliveries_of_a_ticket CHECK ((kind IN ('confirmation', 'reset')) = (ticket_id IS NULL))""",
    # One request, sent twice, makes one message.
    """CREATE UNIQUE INDEX messages_by_idempotency_key ON messages (author_id, idempotency_key)
        WHERE idempotency_key IS NOT NULL""",
    "CREATE INDEX tickets_unassigned ON tickets (updated_at, id) WHERE assignee_id IS NULL AND status = 'AC'",
    # What was there before: whose turn it is follows from the last word that no machine said.
    """UPDATE tickets t SET turn = CASE WHEN said.direction = 'outbound' THEN 'them' ELSE 'us' END
        FROM (SELECT DISTINCT ON (ticket_id) ticket_id, direction FROM messages
              WHERE direction <> 'internal' AND NOT coalesce((email->>'auto')::boolean, false)
              ORDER BY ticket_id, id DESC) said
        WHERE said.ticket_id = t.id""",
    """UPDATE tickets t SET waiting_since = coalesce(
        (SELECT max(created_at) FROM messages m WHERE m.ticket_id = t.id AND direction = 'inbound'
            AND NOT coalesce((email->>'auto')::boolean, false)), t.created_at)""",
]


class Migration(migrations.Migration):
    dependencies = [("models", "0008_breakers")]

    initial = False

    operations = [
        ops.CreateModel(
            name="BulkChange",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="bulk_changes",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "before",
                    fields.JSONField(description="of each ticket: what was changed, and its value before and after"),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "bulk_changes",
                "app": "models",
                "indexes": [Index(fields=["created_at"], name="bulk_changes_by_age")],
                "pk_attr": "id",
                "table_description": "A change of several tickets at once, and what they were before.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Draft",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="drafts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "ticket",
                    fields.ForeignKeyField(
                        "models.Ticket",
                        source_field="ticket_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="drafts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(description="REPLY: reply\nNOTE: note", enum_type=DraftKind, max_length=10),
                ),
                ("version", fields.IntField(default=1)),
                ("text", fields.TextField(default="", unique=False)),
                (
                    "rest",
                    fields.JSONField(default=dict, description="recipients, set_status and in_answer_to, where chosen"),
                ),
                (
                    "uploads",
                    ArrayField(default=list, description="files to go with it, in order", element_type="BIGINT"),
                ),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "drafts",
                "app": "models",
                "unique_together": (("user_id", "ticket_id", "kind"),),
                "indexes": [Index(fields=["ticket_id"], name="drafts_by_ticket")],
                "pk_attr": "id",
                "table_description": "What somebody has written on a ticket and not yet sent: one for a reply and one for a note.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OtherAddress",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="other_addresses",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("email", fields.CharField(unique=True, description="lower case", max_length=254)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "other_addresses",
                "app": "models",
                "pk_attr": "id",
                "table_description": "One more address of a person, from which their mail comes too. Our mail goes to the address in `User`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReadMark",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="read_marks",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "ticket",
                    fields.ForeignKeyField(
                        "models.Ticket",
                        source_field="ticket_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="read_marks",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("message_id", fields.BigIntField(description="the newest one that was seen")),
                ("at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "read_marks",
                "app": "models",
                "unique_together": (("user_id", "ticket_id"),),
                "indexes": [Index(fields=["ticket_id"], name="read_marks_by_ticket")],
                "pk_attr": "id",
                "table_description": "Up to which message somebody has read a ticket.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Upload",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="uploads",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("filename", fields.TextField(unique=False)),
                ("content_type", fields.CharField(max_length=255)),
                ("size", fields.IntField(description="bytes")),
                ("sha256", fields.BinaryField()),
                ("blob", fields.TextField(unique=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "uploads",
                "app": "models",
                "indexes": [
                    Index(fields=["user_id"], name="uploads_by_user"),
                    Index(fields=["created_at"], name="uploads_by_age"),
                ],
                "pk_attr": "id",
                "table_description": "A file that waits for the message that takes it along.",
            },
            bases=["Model"],
        ),
        ops.AlterField(
            model_name="Delivery",
            name="kind",
            field=fields.CharEnumField(
                description="ACKNOWLEDGEMENT: acknowledgement\nMESSAGE: message\nSTATUS: status\nNOTICE: notice\nCONFIRMATION: confirmation\nRESET: reset",
                enum_type=LetterKind,
                max_length=20,
            ),
        ),
        ops.AddField(
            model_name="Message",
            name="format",
            field=fields.CharEnumField(
                default=TextFormat.PLAIN,
                description="PLAIN: plain\nMARKDOWN: markdown",
                db_default=TextFormat.PLAIN,
                enum_type=TextFormat,
                max_length=10,
            ),
        ),
        ops.AddField(
            model_name="Message",
            name="held_until",
            field=fields.DatetimeField(
                null=True,
                description="until when its writer may take it back; its mail waits as long",
                auto_now=False,
                auto_now_add=False,
            ),
        ),
        ops.AddField(
            model_name="Message",
            name="idempotency_key",
            field=fields.CharField(null=True, description="of the request that made it", max_length=200),
        ),
        ops.AddField(
            model_name="Message",
            name="undo",
            field=fields.JSONField(
                null=True, description="what taking it back brings back: the draft, the status before"
            ),
        ),
        ops.AddField(
            model_name="RefreshToken",
            name="agent",
            field=fields.TextField(
                default="", description="the program that signed in, by its own words", db_default="", unique=False
            ),
        ),
        ops.AddField(
            model_name="RefreshToken",
            name="peer",
            field=fields.TextField(
                default="", description="the address that it called from", db_default="", unique=False
            ),
        ),
        ops.AddField(
            model_name="Ticket",
            name="priority",
            field=fields.CharEnumField(
                default=Priority.NORMAL,
                description="LOW: low\nNORMAL: normal\nHIGH: high\nURGENT: urgent",
                db_default=Priority.NORMAL,
                enum_type=Priority,
                max_length=10,
            ),
        ),
        ops.AddField(
            model_name="Ticket",
            name="tags",
            field=ArrayField(
                default=list, description="lower case, sorted", db_default=SqlDefault("'{}'"), element_type="TEXT"
            ),
        ),
        ops.AddField(
            model_name="Ticket",
            name="turn",
            field=fields.CharEnumField(
                default=Turn.US, description="US: us\nTHEM: them", db_default=Turn.US, enum_type=Turn, max_length=4
            ),
        ),
        ops.AddField(
            model_name="Ticket",
            name="waiting_since",
            field=fields.DatetimeField(
                description="of the customers' last word", db_default=Now(), auto_now=False, auto_now_add=True
            ),
        ),
        ops.AddIndex(
            model_name="Ticket",
            index=Index(fields=["assignee_id", "status", "updated_at", "id"], name="tickets_by_assignee"),
        ),
        ops.AddIndex(
            model_name="Ticket",
            index=Index(fields=["status", "turn", "waiting_since", "id"], name="tickets_by_turn"),
        ),
        ops.AddIndex(
            model_name="Ticket",
            index=GinIndex(fields=["tags"], name="tickets_by_tags"),
        ),
        ops.AddField(
            model_name="User",
            name="notify",
            field=fields.CharEnumField(
                default=Notify.NONE,
                description="NONE: none\nASSIGNED: assigned",
                db_default=Notify.NONE,
                enum_type=Notify,
                max_length=10,
            ),
        ),
        ops.RunSQL(FORWARD),
    ]
