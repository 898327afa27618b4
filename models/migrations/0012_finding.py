"""Finding: people and names of files in full text, and indexes of what lists are narrowed by."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = [
    # -- people, by name (weight A) and address (B)
    "ALTER TABLE users ADD search tsvector",
    """CREATE FUNCTION user_search(person users) RETURNS tsvector LANGUAGE sql STABLE AS $$
        SELECT search_words(concat_ws(' ', person.name, person.username), 'A')
            || search_words(search_addresses(person.email), 'B') $$""",
    """CREATE FUNCTION users_search() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.search := user_search(NEW); RETURN NEW; END $$""",
    """CREATE TRIGGER users_search BEFORE INSERT OR UPDATE OF name, username, email ON users
        FOR EACH ROW EXECUTE FUNCTION users_search()""",
    "UPDATE users person SET search = user_search(person)",
    "CREATE INDEX users_by_search ON users USING gin (search)",
    # -- names of files (weight D): whole, and each of their words
    r"""CREATE FUNCTION search_files(said text) RETURNS tsvector LANGUAGE sql STABLE AS $$
        SELECT search_words(said || ' ' || translate(said, '@._+-()[]', '         '), 'D') $$""",
    """CREATE OR REPLACE FUNCTION message_search(m messages) RETURNS tsvector LANGUAGE sql STABLE AS $$
        SELECT search_words(concat_ws(' ', t.title, m.email ->> 'subject'), 'A')
            || search_words(search_addresses(concat_ws(' ', author.name, author.email, owner.name, owner.email,
                   (SELECT string_agg(concat_ws(' ', who ->> 'name', who ->> 'email'), ' ')
                    FROM jsonb_path_query(m.email, '$.keyvalue() ? (@.key == "from" || @.key == "to" || @.key == "cc")
                        .value[*]') who WHERE jsonb_typeof(who) = 'object'))), 'B')
            || search_words(m.text, 'C')
            || coalesce((SELECT search_files(string_agg(a.filename, ' ')) FROM attachments a
                         WHERE a.message_id = m.id), '')
        FROM tickets t JOIN users owner ON owner.id = t.requester_id JOIN users author ON author.id = m.author_id
        WHERE t.id = m.ticket_id $$""",
    # A message is there before its files are: what is new is added, the rest is not read again.
    """CREATE FUNCTION attachments_search() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE messages m SET search = m.search || named.words
            FROM (SELECT message_id, search_files(string_agg(filename, ' ')) AS words FROM added GROUP BY message_id) named
            WHERE m.id = named.message_id;
            RETURN NULL;
        END $$""",
    """CREATE TRIGGER attachments_search AFTER INSERT ON attachments REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION attachments_search()""",
    "UPDATE messages m SET search = message_search(m) WHERE id IN (SELECT message_id FROM attachments)",
    # Words of subjects are in many a text too: all those messages would be read, had they no index of their own.
    "CREATE INDEX messages_by_subject ON messages USING gin (ts_filter(search, '{a}'))",
    # -- what lists are narrowed and sorted by
    "CREATE INDEX tickets_by_waiting ON tickets (status, (turn = 'them'), waiting_since, id)",
    "CREATE INDEX tickets_counted ON tickets (assignee_id, turn) WHERE status = 'AC'",
    "CREATE INDEX tickets_by_mailbox ON tickets (mailbox_id, updated_at, id)",
    "CREATE INDEX tickets_by_priority ON tickets (priority, updated_at, id) WHERE priority <> 'normal'",
    "CREATE INDEX tickets_tagged ON tickets (updated_at, id) WHERE tags <> '{}'",
    "CREATE INDEX deliveries_returned ON deliveries (ticket_id) WHERE state IN ('bounced', 'failed')",
    "CREATE INDEX messages_noted ON messages (ticket_id) WHERE direction = 'internal'",
]


class Migration(migrations.Migration):
    dependencies = [("models", "0011_mail_health")]

    operations = [ops.RunSQL(FORWARD)]
