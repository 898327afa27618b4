"""Tickets as REST shows them: one of them whole, and lists of them page by page."""

import json
from dataclasses import dataclass

from desk.errors import NotFound, known_id
from desk.queries import parse
from desk.views.finding import find
from desk.views.marking import mark
from desk.views.messages import MESSAGE, Display, clean
from desk.views.orders import ORDERS, Order, Sort, begin_after
from desk.views.rows import LAST, ROW
from desk.views.sight import VISIBLE, Conditions, Json, own, rows
from desk.views.wanted import Wanted, narrow
from models import User

MESSAGES = f"""(
    SELECT coalesce(json_agg({MESSAGE} ORDER BY m.id), '[]')
    FROM messages m JOIN users author ON author.id = m.author_id
    WHERE m.ticket_id = t.id AND NOT m.opening AND {VISIBLE})"""

WHOLE = f"{ROW}, 'body_text', opening.text, 'messages', {MESSAGES}"


@dataclass(frozen=True)
class Page:
    """Items of a list, and the place where the next page begins (None on the last)."""

    items: list[Json]
    next: str | None


async def ticket(by: User, ticket_id: int, display: Display) -> Json:
    """One ticket, whole. Raises NotFound."""
    conditions = Conditions()
    conditions.add(f"t.id = {conditions.value(known_id(ticket_id, 'ticket'))}")
    found = await _ticket_rows(by, WHOLE, conditions, ORDERS[Sort.ACTIVITY], limit=1)
    if not found:
        raise NotFound("ticket")
    return _shown(json.loads(found[0]["shown"]), display)


async def tickets(
    by: User, display: Display, wanted: Wanted, *, limit: int, after: str | None = None, summary: bool = False
) -> Page:
    """Those of the caller's own tickets, or of all for staff, that are wanted, in the order that is wanted.

    Args:
        after: `Page.next` of the page before; one that cannot be read begins anew.
        summary: without the messages and the opening text.

    Raises:
        Forbidden: a customer asks for what staff alone see.
        Unclear: the search has an operator that means nothing.
    """
    conditions, order = Conditions(), ORDERS[wanted.sort]
    narrow(conditions, by, wanted)
    query = None if wanted.query is None else parse(wanted.query)
    if query:
        await find(conditions, by, query, wanted.timezone)
    begin_after(conditions, order, after)
    found = await _ticket_rows(by, ROW if summary else WHOLE, conditions, order, limit=limit + 1)
    items = [_shown(json.loads(row["shown"]), display) for row in found[:limit]]
    if query:
        await mark(by, items, query)
    return Page(items, found[limit - 1]["place"] if len(found) > limit else None)


async def _ticket_rows(by: User, shape: str, conditions: Conditions, order: Order, *, limit: int) -> list[Json]:
    return await rows(
        f"""SELECT json_build_object({shape})::text AS shown, {order.place} AS place
            FROM (SELECT * FROM tickets t WHERE {own(by)} AND {conditions.sql} ORDER BY {order.by} LIMIT {limit}) t
            JOIN mailboxes box ON box.id = t.mailbox_id
            JOIN users requester ON requester.id = t.requester_id
            LEFT JOIN users assignee ON assignee.id = t.assignee_id
            LEFT JOIN messages opening ON opening.ticket_id = t.id AND opening.opening
            {LAST}
            ORDER BY {order.by}""",
        by,
        *conditions.values,
    )


def _shown(found: Json, display: Display) -> Json:
    for said in found.get("messages", ()):
        clean(said, display)
    return found
