"""What happened to a ticket, in order."""

import json

from desk.errors import LARGEST_ID, NotFound, known_id
from desk.events import FOR_STAFF_ONLY
from desk.views.sight import CALLER, STAFF, VISIBLE, moment, person, rows
from desk.views.tickets import Page
from models import User

# `about`: whom a change of assignee or participants concerns, as far as they are still there.
ABOUT = "coalesce(e.data->>'user', e.data->>'assignee')::bigint"
EVENT = f"""json_build_object(
    'id', e.id, 'kind', e.kind, 'actor', CASE WHEN actor.id IS NOT NULL THEN {person("actor")} END,
    'message', e.message_id, 'data', e.data, 'about', CASE WHEN about.id IS NOT NULL THEN {person("about")} END,
    'at', {moment("e.created_at")})"""


async def timeline(by: User, ticket_id: int, *, limit: int, after: int = 0) -> Page:
    """The events of a ticket that the caller may know of, oldest first, those after an id. Raises NotFound."""
    ident = known_id(ticket_id, "ticket")
    seen = f"SELECT FROM tickets t WHERE t.id = $3 AND ({STAFF} OR t.requester_id = {CALLER})"
    if not await rows(seen, by, ident):
        raise NotFound("ticket")
    found = await rows(
        f"""SELECT {EVENT}::text AS shown FROM events e
            JOIN tickets t ON t.id = e.ticket_id JOIN mailboxes box ON box.id = t.mailbox_id
            LEFT JOIN messages m ON m.id = e.message_id
            LEFT JOIN users actor ON actor.id = e.actor_id LEFT JOIN users about ON about.id = {ABOUT}
            WHERE e.ticket_id = $3 AND e.id > $4 AND (m.id IS NULL OR {VISIBLE})
              AND ({STAFF} OR e.kind <> ALL($5::text[]))
            ORDER BY e.id LIMIT {limit + 1}""",
        by,
        ident,
        min(after, LARGEST_ID),
        sorted(FOR_STAFF_ONLY),
    )
    items = [json.loads(row["shown"]) for row in found[:limit]]
    return Page(items, str(items[-1]["id"]) if len(found) > limit else None)
