"""The people of a ticket, the staff, and people and tags to choose from while somebody types."""

import json

from desk.errors import NotFound, known_id
from desk.permissions import Verb, require
from desk.views.sight import CALLER, STAFF, Json, moment, rows
from models import User

MOST_PEOPLE = 10
MOST_TAGS = 20
NEWEST_TAGGED = 10_000  # tickets whose tags are counted
GATHERED = 200  # of those who fit, before they are sorted
NAME = "coalesce(nullif(u.name, ''), u.username, split_part(u.email, '@', 1))"

# Green, amber or red: what the person's last mail here proved of its sender (desk/senders.py).
PROOF = """(
    SELECT CASE WHEN (m.email->'authentication'->>'rejects')::boolean THEN 'rejected'
                WHEN (m.email->'authentication'->>'proven')::boolean OR jsonb_path_exists(m.why,
                    '$.candidates[*] ? (@.signed == true && @.person == $author)',
                    jsonb_build_object('author', m.author_id)) THEN 'proven'
                ELSE 'unproven' END
    FROM messages m WHERE m.ticket_id = part.ticket_id AND m.author_id = u.id AND m.via = 'email'
    ORDER BY m.id DESC LIMIT 1)"""

SUPPRESSED = f"""(
    SELECT json_build_object('id', s.id, 'reason', s.reason, 'since', {moment("s.created_at")})
    FROM suppressions s WHERE s.email = u.email AND (s.expires_at IS NULL OR s.expires_at > now()) LIMIT 1)"""

OTHERS = """(
    SELECT coalesce(json_agg(other.email ORDER BY other.email), '[]')
    FROM other_addresses other WHERE other.user_id = u.id)"""

PART = f"""json_build_object(
    'id', u.id, 'name', {NAME}, 'email', u.email, 'role', u.role, 'source', part.source,
    'requester', u.id = t.requester_id, 'suppressed', {SUPPRESSED}, 'proof', {PROOF},
    'added_at', {moment("part.created_at")}, 'other_addresses', {OTHERS})"""


async def ticket_people(by: User, ticket_id: int) -> list[Json]:
    """Those who take part in a ticket, the requester first.

    Raises:
        NotFound, Forbidden: as it says.
    """
    ident = known_id(ticket_id, "ticket")
    owner = await rows(
        f"SELECT t.id FROM tickets t WHERE t.id = $3 AND ({STAFF} OR t.requester_id = {CALLER})", by, ident
    )
    if not owner:
        raise NotFound("ticket")
    require(by, Verb.SEE_RECIPIENTS)
    found = await rows(
        f"""SELECT {PART}::text AS shown FROM participants part
            JOIN tickets t ON t.id = part.ticket_id JOIN users u ON u.id = part.user_id
            WHERE part.ticket_id = $3 AND {STAFF} AND {CALLER} > 0
            ORDER BY u.id = t.requester_id DESC, part.id""",
        by,
        ident,
    )
    return [json.loads(row["shown"]) for row in found]


async def staff(by: User) -> list[Json]:
    """Those whom a ticket can be assigned to, by name. Raises Forbidden."""
    require(by, Verb.CHANGE_TICKETS)
    return await rows(
        f"""SELECT u.id, {NAME} AS name, u.username, u.role FROM users u
            WHERE u.role IN ('agent', 'admin') AND u.active AND {STAFF} AND {CALLER} > 0
            ORDER BY lower({NAME}), u.id""",
        by,
    )


async def people(by: User, typed: str) -> list[Json]:
    """A few people whose name or address begins so, or one of its words. Raises Forbidden."""
    require(by, Verb.CHANGE_TICKETS)
    return await rows(
        f"""SELECT u.id, {NAME} AS name, u.email FROM (
                SELECT * FROM users u
                WHERE u.search @@ search_query($3) AND u.active AND u.proven AND {STAFF} AND {CALLER} > 0
                LIMIT {GATHERED}
            ) u ORDER BY lower({NAME}), u.id LIMIT {MOST_PEOPLE}""",
        by,
        typed.replace("\0", " "),
    )


async def tags(by: User, typed: str) -> list[Json]:
    """Tags that begin so, the most used first, counted over the tickets with the newest activity. Raises Forbidden."""
    require(by, Verb.CHANGE_TICKETS)
    return await rows(
        f"""SELECT tag, count(*) AS tickets FROM (
                SELECT t.tags FROM tickets t WHERE t.tags <> '{{}}' AND {STAFF} AND {CALLER} > 0
                ORDER BY t.updated_at DESC, t.id DESC LIMIT {NEWEST_TAGGED}
            ) tagged, unnest(tagged.tags) tag
            WHERE starts_with(tag, $3) GROUP BY tag ORDER BY tickets DESC, tag LIMIT {MOST_TAGS}""",
        by,
        " ".join(typed.replace("\0", " ").lower().split()),
    )
