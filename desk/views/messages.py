"""A message as REST shows it, why it is where it is, and the mail that it came as."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from tortoise import connections

from desk.errors import NotFound, known_id
from desk.permissions import Verb, require
from desk.views.sight import STAFF, VISIBLE, Json, moment, own, person, rows, seen
from letters import preview_of, resembles_ours, says_more_than_text, show_html
from models import User

ATTACHMENTS = """(
    SELECT coalesce(json_agg(json_build_object(
        'id', a.id, 'filename', a.filename, 'content_type', a.content_type, 'size', a.size,
        'inline', a.inline, 'content_id', a.content_id) ORDER BY a.id), '[]')
    FROM attachments a WHERE a.message_id = m.id)"""

DELIVERIES = f"""(
    SELECT coalesce(json_agg(json_build_object(
        'id', d.id, 'recipient', d.recipient, 'state', d.state, 'attempts', d.attempts, 'code', d.code,
        'error', d.error, 'sent_at', {moment("d.sent_at")}) ORDER BY d.id), '[]')
    FROM deliveries d WHERE d.message_id = m.id AND {STAFF})"""

LATER_FIELDS = """'{"reply_to": [], "flags": []}'::jsonb"""  # that mails filed before them lack
WITHHELD = """'{"authentication": {}, "flags": [], "defects": []}'::jsonb"""
# Where staff wrote by mail, their own address and whom their program named are theirs.
OF_STAFF = """jsonb_build_object(
    'from', jsonb_build_object('name', coalesce(m.email->'from'->>'name', ''), 'email', box.address),
    'to', '[]'::jsonb, 'cc', '[]'::jsonb, 'reply_to', '[]'::jsonb, 'forwarded_from', NULL)"""

EMAIL = f"""{LATER_FIELDS} || m.email || CASE WHEN {STAFF} THEN '{{}}'
    WHEN author.role = 'customer' THEN {WITHHELD} ELSE {WITHHELD} || {OF_STAFF} END"""

MESSAGE = f"""json_build_object(
    'id', m.id, 'ticket', m.ticket_id, 'text', m.text, 'format', m.format, 'quoted', m.quoted, 'segments', m.segments,
    'html', m.html, 'held_until', {moment("m.held_until")},
    'author', {person("author", "'role', m.author_role")},
    'direction', m.direction, 'via', m.via, 'stranger', m.stranger, 'created_at', {moment("m.created_at")},
    'attachments', {ATTACHMENTS}, 'email', {EMAIL}, 'deliveries', {DELIVERIES},
    'unsigned', CASE WHEN NOT {STAFF} THEN box.address END)"""

ONE = f"""SELECT {MESSAGE}::text AS shown FROM messages m
    JOIN tickets t ON t.id = m.ticket_id JOIN mailboxes box ON box.id = t.mailbox_id
    JOIN users author ON author.id = m.author_id
    WHERE m.id = $3"""

WHY = """json_build_object(
    'message', m.id, 'ticket', m.ticket_id, 'via', m.via, 'stranger', m.stranger,
    'authentication', m.email->'authentication', 'rule', m.why->'rule', 'doubt', m.why->'doubt',
    'candidates', coalesce(m.why->'candidates', '[]'), 'refused', coalesce(m.why->'refused', '[]'))"""


@dataclass(frozen=True)
class Display:
    """How mail of strangers is shown: where a browser finds a file, and HTML as a page; whether others are asked."""

    address_of: Callable[[int], str]
    page_of: Callable[[int], str]
    remote_images: bool = False


async def message(by: User, message_id: int, display: Display) -> Json:
    """One message. Raises NotFound, also for a note where the caller is a customer."""
    found = await rows(f"{ONE} AND {VISIBLE} AND {own(by)}", by, known_id(message_id, "message"))
    if not found:
        raise NotFound("message")
    return clean(json.loads(found[0]["shown"]), display)


async def shown_html(message_id: int, display: Display) -> str | None:
    """The HTML of a message that was shown to somebody who may see it. Raises NotFound."""
    nobody = 0
    found = await connections.get("default").execute_query_dict(ONE, [True, nobody, known_id(message_id, "message")])
    if not found:
        raise NotFound("message")
    html: str | None = clean(json.loads(found[0]["shown"]), display)["html"]
    return html


async def why(by: User, message_id: int) -> Json:
    """Why a message is on its ticket: the rule that won, every candidate, the doubt, and what was refused.

    Raises:
        NotFound: there is no such message, or it is not the caller's to see.
        Forbidden: the caller sees the message, but not this.
    """
    ident = known_id(message_id, "message")
    found = await seen(by, f"SELECT {WHY}::text AS shown FROM messages m", "m.id = $3", ident)
    if not found:
        raise NotFound("message")
    require(by, Verb.ASK_WHY)
    told: Json = json.loads(found[0]["shown"])
    return told


async def raw_mail(by: User, message_id: int) -> str:
    """The blob of the mail that a message came as.

    Raises:
        NotFound: there is no such message, it did not come by mail, or it is not the caller's to see.
        Forbidden: the caller sees the message, but not raw mail.
    """
    found = await seen(by, "SELECT m.blob FROM messages m", "m.id = $3", known_id(message_id, "message"))
    if not found:
        raise NotFound("message")
    require(by, Verb.READ_RAW_MAIL)
    if not found[0]["blob"]:
        raise NotFound("raw mail")
    return str(found[0]["blob"])


def clean(said: Json, display: Display) -> Json:
    """Makes a message's addresses, HTML and files fit to be shown; `cid:` pictures come from its attachments."""
    _unsign(said["email"], said.pop("unsigned"))
    for part in said["attachments"]:
        part["address"] = display.address_of(part["id"])
        part["preview"] = preview_of(part["content_type"], part["filename"])
    said |= {"held_images": 0, "prefers_html": False, "html_address": None}
    if said["html"] is not None:
        files = {part["content_id"]: part["address"] for part in said["attachments"] if part["content_id"]}
        shown = show_html(said["html"], files=files, remote_images=display.remote_images)
        said |= {"html": shown.html, "held_images": shown.held_back, "html_address": display.page_of(said["id"])}
        said["prefers_html"] = says_more_than_text(shown.html)
    return said


def _unsign(email: Json | None, mailbox: str | None) -> None:
    """To customers (staff have no `mailbox` here) a reply address is the mailbox's: it speaks for somebody."""
    if email is None or mailbox is None:
        return
    for named in (*email["to"], *email["cc"]):
        if resembles_ours(named["email"]):
            named["email"] = mailbox
