"""Constraints, indexes and defaults that the models cannot say."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = [
    # What a column may hold. (Tortoise 1.1 keeps a model's CheckConstraints in its state and makes none of them.)
    """ALTER TABLE users
        ADD CONSTRAINT users_role CHECK (role IN ('customer', 'agent', 'admin')),
        ADD CONSTRAINT users_email_lower CHECK (email = lower(email))""",
    "ALTER TABLE mailboxes ADD CONSTRAINT mailboxes_address_lower CHECK (address = lower(address))",
    """ALTER TABLE tickets
        ADD CONSTRAINT tickets_status CHECK (status IN ('AC', 'FR', 'CL')),
        ADD CONSTRAINT tickets_closed_at CHECK ((status = 'CL') = (closed_at IS NOT NULL))""",
    """ALTER TABLE messages
        ADD CONSTRAINT messages_direction CHECK (direction IN ('inbound', 'outbound', 'internal')),
        ADD CONSTRAINT messages_via CHECK (via IN ('email', 'api', 'dashboard')),
        ADD CONSTRAINT messages_author_role CHECK (author_role IN ('customer', 'agent', 'admin')),
        ADD CONSTRAINT messages_customers_write_inbound CHECK (author_role <> 'customer' OR direction = 'inbound'),
        ADD CONSTRAINT messages_mailed_keep_the_mail
            CHECK (via <> 'email' OR (email IS NOT NULL AND content_hash IS NOT NULL AND blob IS NOT NULL))""",
    "ALTER TABLE participants ADD CONSTRAINT participants_source CHECK (source IN ('requester', 'to', 'cc'))",
    """ALTER TABLE inbound
        ADD CONSTRAINT inbound_state CHECK (state IN ('accepted', 'processed', 'ignored', 'held', 'quarantined')),
        ADD CONSTRAINT inbound_keeps_its_bytes CHECK (raw_bytes IS NOT NULL OR blob IS NOT NULL),
        ADD CONSTRAINT inbound_has_a_recipient CHECK (cardinality(envelope_to) > 0)""",
    """ALTER TABLE deliveries
        ADD CONSTRAINT deliveries_state
            CHECK (state IN ('queued', 'sending', 'sent', 'deferred', 'bounced', 'failed', 'suppressed')),
        ADD CONSTRAINT deliveries_kind CHECK (kind IN ('acknowledgement', 'message', 'status')),
        ADD CONSTRAINT deliveries_status_told CHECK ((kind = 'status') = (status IS NOT NULL))""",
    # People: a name once; an address once among those whose address is proven (claims are not).
    "CREATE UNIQUE INDEX users_username ON users (lower(username))",
    "CREATE UNIQUE INDEX users_proven_email ON users (email) WHERE proven",
    "CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id)",
    "CREATE UNIQUE INDEX refresh_tokens_hash ON refresh_tokens (token_hash)",
    # Messages: the same mail is filed once, whichever way and however often it comes; one opening message a ticket.
    "CREATE UNIQUE INDEX messages_filed_once ON messages (rfc_message_id, content_hash) WHERE content_hash IS NOT NULL",
    "CREATE UNIQUE INDEX messages_one_opening ON messages (ticket_id) WHERE opening",
    "CREATE INDEX attachments_by_message ON attachments (message_id)",
    # The outbox: due_at of every row that somebody has to look at again.
    "CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state IN ('queued', 'sending', 'deferred')",
    # The journal is written by hand-made SQL. Mail is already compressed or short-lived: out of line, not compressed.
    "ALTER TABLE inbound ALTER raw_bytes SET STORAGE EXTERNAL",
    """ALTER TABLE inbound
        ALTER received_at SET DEFAULT now(), ALTER due_at SET DEFAULT now(),
        ALTER peer SET DEFAULT '', ALTER helo SET DEFAULT '', ALTER tls SET DEFAULT false,
        ALTER protocol SET DEFAULT 'smtp', ALTER state SET DEFAULT 'accepted', ALTER attempts SET DEFAULT 0""",
    "CREATE INDEX inbound_waiting ON inbound (id) WHERE state = 'accepted'",
    # Mailboxes change seldom, and every listener keeps them in memory.
    """CREATE FUNCTION announce_mailboxes() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_notify('ticketgate_mailboxes', ''); RETURN NULL; END $$""",
    """CREATE TRIGGER mailboxes_announce AFTER INSERT OR UPDATE OR DELETE ON mailboxes
        FOR EACH STATEMENT EXECUTE FUNCTION announce_mailboxes()""",
]


class Migration(migrations.Migration):
    dependencies = [("models", "0001_initial")]

    operations = [ops.RunSQL(FORWARD)]
