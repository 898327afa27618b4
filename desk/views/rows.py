"""A ticket as a row of a list: what it is about, whose turn it is, the last word, and what is to be noticed at once."""

from desk.views.sight import CALLER, STAFF, VISIBLE, moment, person

LAST_WORDS = 200  # characters

# The last word of each ticket `t`, on one line.
LAST = rf"""
    LEFT JOIN LATERAL (
        SELECT m.id, m.direction, m.author_id, m.author_role, m.created_at,
               left(btrim(regexp_replace(left(m.text, 4 * {LAST_WORDS}), '\s+', ' ', 'g')), {LAST_WORDS}) AS text
        FROM messages m WHERE m.ticket_id = t.id AND {VISIBLE} ORDER BY m.id DESC LIMIT 1
    ) last ON true
    LEFT JOIN users last_author ON last_author.id = last.author_id"""

LAST_RECORD = f"""CASE WHEN last.id IS NOT NULL THEN json_build_object(
    'message', last.id, 'direction', last.direction, 'author', {person("last_author", "'role', last.author_role")},
    'text', last.text, 'at', {moment("last.created_at")}) END"""

COUNT = f"(SELECT count(*) FROM messages m WHERE m.ticket_id = t.id AND {VISIBLE})"

READ = f"""coalesce((
    SELECT mark.message_id FROM read_marks mark WHERE mark.user_id = {CALLER} AND mark.ticket_id = t.id), 0)"""
UNREAD = f"""EXISTS (
    SELECT FROM messages m WHERE m.ticket_id = t.id AND m.author_id <> {CALLER} AND {VISIBLE} AND m.id > {READ})"""

# A copy came back, and none has reached that address since.
RETURNED = """EXISTS (
    SELECT FROM deliveries d WHERE d.ticket_id = t.id AND d.state IN ('bounced', 'failed') AND NOT EXISTS (
        SELECT FROM deliveries later
        WHERE later.ticket_id = t.id AND later.recipient = d.recipient AND later.id > d.id AND later.state = 'sent'))"""
DRAFTED = f"EXISTS (SELECT FROM drafts draft WHERE draft.user_id = {CALLER} AND draft.ticket_id = t.id)"
NOTED = "EXISTS (SELECT FROM messages m WHERE m.ticket_id = t.id AND m.direction = 'internal')"
# Pictures within the text are no attachments to whoever reads it.
ATTACHED = f"""EXISTS (
    SELECT FROM messages m JOIN attachments a ON a.message_id = m.id
    WHERE m.ticket_id = t.id AND NOT a.inline AND {VISIBLE})"""

FLAGS = f"""array_to_json(array_remove(ARRAY[
    CASE WHEN {STAFF} AND {RETURNED} THEN 'returned' END,
    CASE WHEN {DRAFTED} THEN 'draft' END,
    CASE WHEN last.direction = 'internal' THEN 'note' END,
    CASE WHEN {ATTACHED} THEN 'attachment' END], NULL))"""

ROW = f"""
    'id', t.id, 'title', t.title, 'owner', t.requester_id, 'status', t.status,
    'mailbox', json_build_object('id', box.id, 'address', box.address, 'name', box.name),
    'requester', {person("requester")},
    'assignee', CASE WHEN assignee.id IS NOT NULL THEN {person("assignee")} END,
    'priority', CASE WHEN {STAFF} THEN t.priority END, 'tags', CASE WHEN {STAFF} THEN t.tags ELSE '{{}}' END,
    'turn', t.turn, 'waiting_since', {moment("t.waiting_since")},
    'message_count', {COUNT}, 'last', {LAST_RECORD}, 'read_up_to', {READ}, 'unread', {UNREAD}, 'flags', {FLAGS},
    'created_at', {moment("t.created_at")}, 'updated_at', {moment("t.updated_at")},
    'follows', t.follows_id, 'opening_message', opening.id"""
