from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from models.states import DeliveryState, Direction, InboundState, LetterKind, Role, Status, Via
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.contrib.postgres.indexes import GinIndex
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Mailbox",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("address", fields.CharField(unique=True, description="lower case", max_length=254)),
                ("name", fields.CharField(default="", max_length=200)),
                ("active", fields.BooleanField(default=True)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "mailboxes",
                "app": "models",
                "pk_attr": "id",
                "table_description": "An address that opens tickets.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="User",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("username", fields.CharField(null=True, max_length=150)),
                ("email", fields.CharField(description="lower case", max_length=254)),
                ("name", fields.CharField(default="", max_length=200)),
                (
                    "role",
                    fields.CharEnumField(
                        default=Role.CUSTOMER,
                        description="CUSTOMER: customer\nAGENT: agent\nADMIN: admin",
                        enum_type=Role,
                        max_length=10,
                    ),
                ),
                ("password_hash", fields.CharField(null=True, max_length=100)),
                ("proven", fields.BooleanField(default=True)),
                ("active", fields.BooleanField(default=True)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "users",
                "app": "models",
                "indexes": [Index(fields=["email"], name="users_by_email")],
                "pk_attr": "id",
                "table_description": "A person. One made for an unknown sender has no username and no password.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RefreshToken",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="refresh_tokens",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("family", fields.UUIDField(db_index=True)),
                ("token_hash", fields.BinaryField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("spent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "refresh_tokens",
                "app": "models",
                "pk_attr": "id",
                "table_description": "One refresh token of a login. All tokens that follow from one login share its family.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Ticket",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("title", fields.CharField(max_length=998)),
                (
                    "status",
                    fields.CharEnumField(
                        default=Status.ACTIVE,
                        description="ACTIVE: AC\nFROZEN: FR\nCLOSED: CL",
                        enum_type=Status,
                        max_length=2,
                    ),
                ),
                (
                    "mailbox",
                    fields.ForeignKeyField(
                        "models.Mailbox",
                        source_field="mailbox_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="tickets",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "requester",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="requester_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="tickets",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "assignee",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="assignee_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="assigned",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "follows",
                    fields.ForeignKeyField(
                        "models.Ticket",
                        source_field="follows_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="followers",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                (
                    "updated_at",
                    fields.DatetimeField(description="of its newest activity", auto_now=False, auto_now_add=False),
                ),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "tickets",
                "app": "models",
                "indexes": [
                    Index(fields=["updated_at", "id"], name="tickets_by_activity"),
                    Index(fields=["status", "updated_at", "id"], name="tickets_by_status"),
                    Index(fields=["requester_id", "updated_at", "id"], name="tickets_by_requester"),
                ],
                "pk_attr": "id",
                "table_description": "One matter of one requester, in one mailbox.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Message",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "ticket",
                    fields.ForeignKeyField(
                        "models.Ticket",
                        source_field="ticket_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="messages",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("opening", fields.BooleanField(default=False)),
                (
                    "author",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="author_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="messages",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "author_role",
                    fields.CharEnumField(description="the role in which it was said", enum_type=Role, max_length=10),
                ),
                (
                    "direction",
                    fields.CharEnumField(
                        description="INBOUND: inbound\nOUTBOUND: outbound\nINTERNAL: internal",
                        enum_type=Direction,
                        max_length=10,
                    ),
                ),
                (
                    "via",
                    fields.CharEnumField(
                        description="EMAIL: email\nAPI: api\nDASHBOARD: dashboard", enum_type=Via, max_length=10
                    ),
                ),
                ("stranger", fields.BooleanField(default=False)),
                ("text", fields.TextField(unique=False)),
                ("quoted", fields.TextField(null=True, unique=False)),
                ("html", fields.TextField(null=True, unique=False)),
                ("rfc_message_id", fields.TextField(description="bare, without angle brackets", unique=False)),
                ("in_reply_to", fields.TextField(null=True, unique=False)),
                (
                    "references",
                    ArrayField(default=list, description="the ids it names, nearest parent first", element_type="TEXT"),
                ),
                ("content_hash", fields.BinaryField(null=True)),
                (
                    "email",
                    fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                (
                    "why",
                    fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("blob", fields.TextField(null=True, description="key of the raw mail", unique=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "messages",
                "app": "models",
                "indexes": [
                    Index(fields=["ticket_id", "id"], name="messages_by_ticket"),
                    Index(fields=["rfc_message_id"], name="messages_by_rfc_message_id"),
                    GinIndex(fields=["references"], name="messages_by_references"),
                ],
                "pk_attr": "id",
                "table_description": "What somebody said on a ticket. One that came by mail keeps the mail's headers, and names its raw bytes.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Attachment",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "message",
                    fields.ForeignKeyField(
                        "models.Message",
                        source_field="message_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="attachments",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("filename", fields.TextField(unique=False)),
                ("content_type", fields.CharField(max_length=255)),
                ("size", fields.IntField()),
                ("sha256", fields.BinaryField()),
                ("inline", fields.BooleanField(default=False)),
                ("content_id", fields.TextField(null=True, unique=False)),
                ("blob", fields.TextField(unique=False)),
            ],
            options={
                "table": "attachments",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A part of a mail that is not its text.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Delivery",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "ticket",
                    fields.ForeignKeyField(
                        "models.Ticket",
                        source_field="ticket_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="deliveries",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "message",
                    fields.ForeignKeyField(
                        "models.Message",
                        source_field="message_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="deliveries",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="ACKNOWLEDGEMENT: acknowledgement\nMESSAGE: message\nSTATUS: status",
                        enum_type=LetterKind,
                        max_length=20,
                    ),
                ),
                ("status", fields.CharField(null=True, description="what a status mail tells", max_length=2)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="deliveries",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("recipient", fields.CharField(max_length=254)),
                ("copied", fields.BooleanField(default=False, description="named in Cc, not in To")),
                ("subject", fields.TextField(unique=False)),
                ("rfc_message_id", fields.TextField(description="bare, without angle brackets", unique=False)),
                ("in_reply_to", fields.TextField(null=True, unique=False)),
                ("references", ArrayField(default=list, description="oldest first", element_type="TEXT")),
                (
                    "state",
                    fields.CharEnumField(
                        default=DeliveryState.QUEUED,
                        description="QUEUED: queued\nSENDING: sending\nSENT: sent\nDEFERRED: deferred\nBOUNCED: bounced\nFAILED: failed\nSUPPRESSED: suppressed",
                        enum_type=DeliveryState,
                        max_length=12,
                    ),
                ),
                ("attempts", fields.IntField(default=0)),
                (
                    "due_at",
                    fields.DatetimeField(
                        description="when somebody looks at it next; while sending, the end of its lease",
                        auto_now=False,
                        auto_now_add=True,
                    ),
                ),
                ("code", fields.IntField(null=True)),
                ("error", fields.TextField(null=True, unique=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "deliveries",
                "app": "models",
                "unique_together": (("rfc_message_id", "recipient"),),
                "indexes": [
                    Index(fields=["message_id"], name="deliveries_by_message"),
                    Index(fields=["ticket_id", "id"], name="deliveries_by_ticket"),
                ],
                "pk_attr": "id",
                "table_description": "One copy of an outgoing mail for one recipient: the outbox. All copies share `rfc_message_id`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Event",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "ticket",
                    fields.ForeignKeyField(
                        "models.Ticket",
                        source_field="ticket_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="events",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "actor",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="actor_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="events",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("kind", fields.CharField(max_length=30)),
                (
                    "message",
                    fields.ForeignKeyField(
                        "models.Message",
                        source_field="message_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="events",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "data",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "events",
                "app": "models",
                "indexes": [Index(fields=["ticket_id", "id"], name="events_by_ticket")],
                "pk_attr": "id",
                "table_description": "Every change leaves one; the timeline, live events and statistics are its readers.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Inbound",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("envelope_from", fields.TextField(unique=False)),
                ("envelope_to", ArrayField(element_type="TEXT")),
                ("size", fields.IntField()),
                ("raw_bytes", fields.BinaryField(null=True, description="until its blob is durable")),
                ("blob", fields.TextField(null=True, unique=False)),
                ("peer", fields.TextField(default="", unique=False)),
                ("helo", fields.TextField(default="", unique=False)),
                ("tls", fields.BooleanField(default=False)),
                ("protocol", fields.TextField(default="smtp", unique=False)),
                (
                    "rfc_message_id",
                    fields.TextField(null=True, description="bare, without angle brackets", unique=False),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        default=InboundState.ACCEPTED,
                        description="ACCEPTED: accepted\nPROCESSED: processed\nIGNORED: ignored\nHELD: held\nQUARANTINED: quarantined",
                        enum_type=InboundState,
                        max_length=12,
                    ),
                ),
                ("reason", fields.TextField(null=True, unique=False)),
                ("attempts", fields.IntField(default=0)),
                (
                    "due_at",
                    fields.DatetimeField(
                        description="when it is to be read, at the earliest", auto_now=False, auto_now_add=True
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
                        related_name="inbound",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "message",
                    fields.ForeignKeyField(
                        "models.Message",
                        source_field="message_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="inbound",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "inbound",
                "app": "models",
                "indexes": [
                    Index(fields=["rfc_message_id", "id"], name="inbound_by_rfc_message_id"),
                    Index(fields=["state", "id"], name="inbound_by_state"),
                ],
                "pk_attr": "id",
                "table_description": "A received mail, one row per DATA with all its recipients: the journal, and the promise behind each 250.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Participant",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "ticket",
                    fields.ForeignKeyField(
                        "models.Ticket",
                        source_field="ticket_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="participants",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="participations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("source", fields.CharField(description="requester, to or cc: how they came here", max_length=10)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "participants",
                "app": "models",
                "unique_together": (("ticket_id", "user_id"),),
                "indexes": [Index(fields=["user_id"], name="participants_by_user")],
                "pk_attr": "id",
                "table_description": "A person who gets the mail of a ticket. Its requester is one too.",
            },
            bases=["Model"],
        ),
    ]
