"""Full text beside the messages, and an order of events that readers can rely on."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = [
    "ALTER TABLE inbound ALTER past_limit SET DEFAULT false",
    """ALTER TABLE deliveries
        DROP CONSTRAINT deliveries_kind,
        ADD CONSTRAINT deliveries_kind CHECK (kind IN ('acknowledgement', 'message', 'status', 'confirmation')),
        ADD CONSTRAINT deliveries_of_a_ticket CHECK ((kind = 'confirmation') = (ticket_id IS NULL))""",
    # -- search
    "CREATE EXTENSION IF NOT EXISTS unaccent",
    # Chinese, Japanese and Korean write without spaces: each of their signs is a word, and a word of theirs a phrase.
    r"""CREATE FUNCTION folded(said text) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT regexp_replace(unaccent(lower(said)), '([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])', ' \1 ', 'g') $$""",
    """CREATE FUNCTION search_words(said text, weight "char") RETURNS tsvector LANGUAGE sql STABLE AS $$
        SELECT setweight(to_tsvector('simple', folded(left(coalesce(said, ''), 100000))), weight) $$""",
    # An address is found whole, by its domain, and by each of its words.
    r"""CREATE FUNCTION search_addresses(said text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
        SELECT coalesce(said, '') || ' ' || regexp_replace(coalesce(said, ''), '\S+@', '', 'g')
            || ' ' || translate(coalesce(said, ''), '@._+-', '     ') $$""",
    """CREATE FUNCTION message_search(m messages) RETURNS tsvector LANGUAGE sql STABLE AS $$
        SELECT search_words(concat_ws(' ', t.title, m.email ->> 'subject'), 'A')
            || search_words(search_addresses(concat_ws(' ', author.name, author.email, owner.name, owner.email,
                   (SELECT string_agg(concat_ws(' ', who ->> 'name', who ->> 'email'), ' ')
                    FROM jsonb_path_query(m.email, '$.keyvalue() ? (@.key == "from" || @.key == "to" || @.key == "cc")
                        .value[*]') who WHERE jsonb_typeof(who) = 'object'))), 'B')
            || search_words(m.text, 'C')
        FROM tickets t JOIN users owner ON owner.id = t.requester_id JOIN users author ON author.id = m.author_id
        WHERE t.id = m.ticket_id $$""",
    "ALTER TABLE messages ADD search tsvector",
    """CREATE FUNCTION messages_search() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.search := message_search(NEW); RETURN NEW; END $$""",
    """CREATE TRIGGER messages_search BEFORE INSERT OR UPDATE OF text, email, author_id, ticket_id ON messages
        FOR EACH ROW EXECUTE FUNCTION messages_search()""",
    """CREATE FUNCTION tickets_search() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN UPDATE messages m SET search = message_search(m) WHERE m.ticket_id = NEW.id; RETURN NULL; END $$""",
    """CREATE TRIGGER tickets_search AFTER UPDATE OF title, requester_id ON tickets FOR EACH ROW
        WHEN (OLD.title <> NEW.title OR OLD.requester_id <> NEW.requester_id) EXECUTE FUNCTION tickets_search()""",
    "UPDATE messages m SET search = message_search(m)",
    "CREATE INDEX messages_by_search ON messages USING gin (search)",
    # What somebody typed: every word has to be there, the last letters of each may be missing.
    r"""CREATE FUNCTION search_query(typed text) RETURNS tsquery LANGUAGE plpgsql STABLE AS $$
        DECLARE word text; part tsquery; whole tsquery := '';
        BEGIN
            FOR word IN SELECT regexp_split_to_table(trim(typed), '\s+') LIMIT 20 LOOP
                part := phraseto_tsquery('simple', folded(word));
                CONTINUE WHEN numnode(part) = 0;
                part := (part::text || ':*')::tsquery;
                whole := CASE WHEN numnode(whole) = 0 THEN part ELSE whole && part END;
            END LOOP;
            RETURN whole;
        END $$""",
    # -- events: ids are given before the commit, so a reader that remembers the highest id would miss those that were
    # committed later. A transaction's number, and only what is older than every transaction under way, is a safe order.
    "ALTER TABLE events ADD xact xid8 NOT NULL DEFAULT pg_current_xact_id()",
    "CREATE INDEX events_in_order ON events (xact, id)",
]


class Migration(migrations.Migration):
    dependencies = [("models", "0003_limits_and_confirmation")]

    operations = [ops.RunSQL(FORWARD)]
