"""What people see: tickets and messages as REST shows them, each one SQL query shaped to its answer.

A page costs the same at a thousand tickets and at a million. What a customer may not see (notes, deliveries,
authentication, staff's addresses) is left out in here, and nowhere else.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tortoise import connections

from desk.errors import LARGEST_ID, NotFound, known_id
from desk.permissions import Verb, may, require
from letters import show_html
from models import Attachment, Status, User

Json = dict[str, Any]
MANY = 5000  # messages that have a word: more than that are not worth gathering

# $1: may see every ticket, and with it what staff alone see; $2: who asks.
STAFF, CALLER = "$1::boolean", "$2::bigint"


def _moment(column: str) -> str:
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def _person(alias: str, *more: str) -> str:
    """A person of the ticket; to customers staff write from the mailbox's address."""
    shown = f"{STAFF} OR {alias}.role = 'customer' OR {alias}.id = {CALLER}"
    name = f"coalesce(nullif({alias}.name, ''), {alias}.username, split_part({alias}.email, '@', 1))"
    fields = [f"'id', {alias}.id", f"'name', {name}"]
    fields.append(f"'email', CASE WHEN {shown} THEN {alias}.email ELSE box.address END")
    return f"json_build_object({', '.join([*fields, *more])})"


ATTACHMENTS = """(
    SELECT coalesce(json_agg(json_build_object(
        'id', a.id, 'filename', a.filename, 'content_type', a.content_type, 'size', a.size,
        'inline', a.inline, 'content_id', a.content_id) ORDER BY a.id), '[]')
    FROM attachments a WHERE a.message_id = m.id)"""

DELIVERIES = f"""(
    SELECT coalesce(json_agg(json_build_object(
        'recipient', d.recipient, 'state', d.state, 'attempts', d.attempts, 'code', d.code, 'error', d.error,
        'sent_at', {_moment("d.sent_at")}) ORDER BY d.id), '[]')
    FROM deliveries d WHERE d.message_id = m.id AND {STAFF})"""

LATER_FIELDS = """'{"reply_to": [], "flags": []}'::jsonb"""  # that mails filed before them lack
WITHHELD = """'{"authentication": {}, "flags": []}'::jsonb"""
EMAIL = f"{LATER_FIELDS} || m.email || CASE WHEN {STAFF} THEN '{{}}' ELSE {WITHHELD} END"

MESSAGE = f"""json_build_object(
    'id', m.id, 'ticket', m.ticket_id, 'text', m.text, 'quoted', m.quoted, 'segments', m.segments, 'html', m.html,
    'author', {_person("author", "'role', m.author_role")},
    'direction', m.direction, 'via', m.via, 'stranger', m.stranger, 'created_at', {_moment("m.created_at")},
    'attachments', {ATTACHMENTS}, 'email', {EMAIL}, 'deliveries', {DELIVERIES})"""

VISIBLE = f"({STAFF} OR m.direction <> 'internal')"

MESSAGES = f"""(
    SELECT coalesce(json_agg({MESSAGE} ORDER BY m.id), '[]')
    FROM messages m JOIN users author ON author.id = m.author_id
    WHERE m.ticket_id = t.id AND NOT m.opening AND {VISIBLE})"""

SUMMARY = f"""
    'id', t.id, 'title', t.title, 'owner', t.requester_id, 'status', t.status,
    'mailbox', json_build_object('id', box.id, 'address', box.address, 'name', box.name),
    'requester', {_person("requester")},
    'assignee', CASE WHEN assignee.id IS NOT NULL THEN {_person("assignee")} END,
    'created_at', {_moment("t.created_at")}, 'updated_at', {_moment("t.updated_at")},
    'follows', t.follows_id, 'opening_message', opening.id"""

WHOLE = f"{SUMMARY}, 'body_text', opening.text, 'messages', {MESSAGES}"

PLACE = "(extract(epoch FROM t.updated_at) * 1000000)::bigint || '-' || t.id"


@dataclass(frozen=True)
class Display:
    """How HTML of strangers is shown: where a browser finds an attachment, and whether other hosts may be asked."""

    address_of: Callable[[int], str]
    remote_images: bool = False


@dataclass(frozen=True)
class Page:
    """Items of a list, and the place where the next page begins (None on the last)."""

    items: list[Json]
    next: str | None


async def ticket(by: User, ticket_id: int, display: Display) -> Json:
    """One ticket, whole. Raises NotFound."""
    rows = await _ticket_rows(by, WHOLE, "t.id = $3", [known_id(ticket_id, "ticket")], limit=1)
    if not rows:
        raise NotFound("ticket")
    return _shown(json.loads(rows[0]["shown"]), display)


async def tickets(
    by: User,
    display: Display,
    *,
    limit: int,
    after: str | None,
    status: Status | None,
    query: str | None,
    summary: bool,
) -> Page:
    """The caller's own tickets, or all for staff, newest activity first.

    Args:
        query: words of subject, messages and addresses that the caller may see, or the number of a ticket.
        after: `Page.next` of the page before; one that cannot be read begins anew.
        summary: without the messages and the opening text.
    """
    where, values = ["true"], list[Any]()
    if status:
        values.append(status)
        where.append(f"t.status = ${len(values) + 2}")
    if query is not None:
        where.append(await _found_by(by, query, values))
    place = _read_place(after)
    if place:
        values += place
        since = f"'epoch'::timestamptz + ${len(values) + 1}::bigint * interval '1 microsecond'"
        where.append(f"(t.updated_at, t.id) < ({since}, ${len(values) + 2}::bigint)")
    rows = await _ticket_rows(by, SUMMARY if summary else WHOLE, " AND ".join(where), values, limit=limit + 1)
    items = [_shown(json.loads(row["shown"]), display) for row in rows[:limit]]
    return Page(items, rows[limit - 1]["place"] if len(rows) > limit else None)


async def _found_by(by: User, query: str, values: list[Any]) -> str:
    """The condition that a search puts on tickets; adds its values.

    A word that is in few messages is looked up there first. One that is in many is asked of each ticket in turn, newest
    first: that page is full before long, and all its hits would be far too many to sort (MEASUREMENTS.md 7).
    """
    values.append(query.replace("\0", " "))
    number = re.fullmatch(r"#?(\d{1,18})", query.strip())
    words = f"search_query(${len(values) + 2})"
    hits = f"SELECT m.ticket_id FROM messages m WHERE m.search @@ {words} AND {VISIBLE}"
    few = await _rows(
        f"SELECT count(*) AS found FROM ({hits.replace(words, 'search_query($3)')} AND {CALLER} > 0 LIMIT {MANY}) hits",
        by,
        values[-1],
    )
    rare = few[0]["found"] < MANY
    found = f"t.id IN ({hits})" if rare else f"EXISTS ({hits} AND m.ticket_id = t.id OFFSET 0)"
    return f"({found} OR t.id = {int(number[1])})" if number else found


async def message(by: User, message_id: int, display: Display) -> Json:
    """One message. Raises NotFound, also for a note where the caller is a customer."""
    own = "" if may(by, Verb.SEE_EVERY_TICKET) else f"AND t.requester_id = {CALLER}"
    rows = await _rows(
        f"""SELECT {MESSAGE}::text AS shown FROM messages m
            JOIN tickets t ON t.id = m.ticket_id JOIN mailboxes box ON box.id = t.mailbox_id
            JOIN users author ON author.id = m.author_id
            WHERE m.id = $3 AND {VISIBLE} {own}""",
        by,
        known_id(message_id, "message"),
    )
    if not rows:
        raise NotFound("message")
    return _clean(json.loads(rows[0]["shown"]), display)


WHY = """json_build_object(
    'message', m.id, 'ticket', m.ticket_id, 'via', m.via, 'stranger', m.stranger,
    'authentication', m.email->'authentication', 'rule', m.why->'rule', 'doubt', m.why->'doubt',
    'candidates', coalesce(m.why->'candidates', '[]'), 'refused', coalesce(m.why->'refused', '[]'))"""


async def why(by: User, message_id: int) -> Json:
    """Why a message is on its ticket: the rule that won, every candidate, the doubt, and what was refused.

    Raises:
        NotFound: there is no such message, or it is not the caller's to see.
        Forbidden: the caller sees the message, but not this.
    """
    ident = known_id(message_id, "message")
    rows = await _seen(by, f"SELECT {WHY}::text AS shown FROM messages m", "m.id = $3", ident)
    if not rows:
        raise NotFound("message")
    require(by, Verb.ASK_WHY)
    found: Json = json.loads(rows[0]["shown"])
    return found


async def raw_mail(by: User, message_id: int) -> str:
    """The blob of the mail that a message came as.

    Raises:
        NotFound: there is no such message, it did not come by mail, or it is not the caller's to see.
        Forbidden: the caller sees the message, but not raw mail.
    """
    rows = await _seen(by, "SELECT m.blob FROM messages m", "m.id = $3", known_id(message_id, "message"))
    if not rows:
        raise NotFound("message")
    require(by, Verb.READ_RAW_MAIL)
    if not rows[0]["blob"]:
        raise NotFound("raw mail")
    return str(rows[0]["blob"])


STORED = """SELECT a.filename, a.content_type, a.blob FROM attachments a JOIN messages m ON m.id = a.message_id"""


@dataclass(frozen=True)
class StoredFile:
    filename: str
    content_type: str
    blob: str


async def attachment(by: User, attachment_id: int) -> StoredFile:
    """What is known of an attachment. Raises NotFound, also where it is not the caller's to see."""
    rows = await _seen(by, STORED, "a.id = $3", known_id(attachment_id, "attachment"))
    if not rows:
        raise NotFound("attachment")
    return StoredFile(**rows[0])


async def shown_attachment(attachment_id: int) -> StoredFile:
    """What is known of an attachment of a message that was shown to somebody who may see it. Raises NotFound."""
    found = await Attachment.get_or_none(id=attachment_id)
    if found is None:
        raise NotFound("attachment")
    return StoredFile(found.filename, found.content_type, found.blob)


async def _seen(by: User, select: str, where: str, ident: int) -> list[Json]:
    """Rows of messages that the caller may see."""
    return await _rows(
        f"""{select} JOIN tickets t ON t.id = m.ticket_id
            WHERE {where} AND {VISIBLE} AND ({STAFF} OR t.requester_id = {CALLER})""",
        by,
        ident,
    )


async def _ticket_rows(by: User, shape: str, where: str, values: list[Any], limit: int) -> list[Json]:
    own = "true" if may(by, Verb.SEE_EVERY_TICKET) else f"t.requester_id = {CALLER}"
    return await _rows(
        f"""SELECT json_build_object({shape})::text AS shown, {PLACE} AS place
            FROM (
                SELECT * FROM tickets t WHERE {own} AND {where} ORDER BY t.updated_at DESC, t.id DESC LIMIT {limit}
            ) t
            JOIN mailboxes box ON box.id = t.mailbox_id
            JOIN users requester ON requester.id = t.requester_id
            LEFT JOIN users assignee ON assignee.id = t.assignee_id
            LEFT JOIN messages opening ON opening.ticket_id = t.id AND opening.opening
            ORDER BY t.updated_at DESC, t.id DESC""",
        by,
        *values,
    )


async def _rows(sql: str, by: User, *values: Any) -> list[Json]:
    arguments = [may(by, Verb.SEE_EVERY_TICKET), by.id, *values]
    rows = await connections.get("default").execute_query_dict(sql, arguments)
    return [dict(row) for row in rows]


def _shown(found: Json, display: Display) -> Json:
    for said in found.get("messages", ()):
        _clean(said, display)
    return found


def _clean(said: Json, display: Display) -> Json:
    """Makes a message's HTML fit to be shown; `cid:` pictures come from its attachments."""
    said["held_images"] = 0
    if said["html"] is not None:
        files = {
            part["content_id"]: display.address_of(part["id"]) for part in said["attachments"] if part["content_id"]
        }
        shown = show_html(said["html"], files=files, remote_images=display.remote_images)
        said["html"], said["held_images"] = shown.html, shown.held_back
    return said


def _read_place(text: str | None) -> list[int] | None:
    moment, _, ident = (text or "").partition("-")
    if not (moment.isascii() and moment.isdigit() and ident.isascii() and ident.isdigit()):
        return None
    place = [int(moment), int(ident)]
    return place if max(place) <= LARGEST_ID and place[0] < 2**53 else None
