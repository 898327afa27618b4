"""Drafts: what somebody is writing on a ticket, kept on the server. One for a reply and one for a note.

A draft has a version: whoever writes to another one than is there learns what is there, and nothing is overwritten.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desk import uploads
from desk.conversations import LARGEST_TEXT, glimpsed
from desk.errors import Invalid, Stale
from desk.permissions import Verb, require
from desk.uploads import check_named
from desk.work import Work
from models import Draft, DraftKind, Status, Ticket, User

Json = dict[str, Any]


@dataclass(frozen=True)
class Intent:
    """What a draft is to become, beside its words. Nothing of it has to make sense before it is sent.

    Attributes:
        recipients: ids of those who are to get it, None for all of them.
        files: ids of uploads, in order.
        in_answer_to: the id of a message.
    """

    recipients: Sequence[int] | None = None
    files: Sequence[int] = ()
    set_status: Status | None = None
    in_answer_to: int | None = None

    def as_json(self) -> Json:
        return {
            "recipients": None if self.recipients is None else list(self.recipients),
            "set_status": self.set_status,
            "in_answer_to": self.in_answer_to,
        }


async def drafts(by: User, ticket_id: int) -> list[Json]:
    """The caller's own on a ticket. Raises NotFound."""
    await glimpsed(by, ticket_id)
    found = await Draft.filter(user_id=by.id, ticket_id=ticket_id).order_by("-kind")
    return [await shown(by, draft) for draft in found]


async def keep_draft(
    work: Work, by: User, ticket_id: int, kind: DraftKind, *, version: int, text: str, intent: Intent
) -> Json:
    """Keeps the draft in its next version.

    Args:
        version: the one that this follows; 0 where there is none yet.

    Raises:
        NotFound, Forbidden, Invalid: as it says.
        Stale: it follows another one.
    """
    await _check(by, ticket_id, kind)
    text = text.replace("\0", "").encode("utf-8", "replace").decode()
    if len(text.encode()) > LARGEST_TEXT:
        raise Invalid("text", f"at most {LARGEST_TEXT} bytes")
    await check_named(by, intent.files)
    mine = Draft.filter(user_id=by.id, ticket_id=ticket_id, kind=kind)
    if not await _save(work, by, ticket_id, kind, version, text, intent):
        present = await mine.first()
        raise Stale(await shown(by, present) if present else None)
    await uploads.keep(work, by, intent.files)
    return await shown(by, await mine.get())


async def discard_draft(work: Work, by: User, ticket_id: int, kind: DraftKind) -> None:
    """Throws the draft away; its files wait a while longer. Raises NotFound, Forbidden where the ticket does."""
    await _check(by, ticket_id, kind)
    draft = await Draft.get_or_none(user_id=by.id, ticket_id=ticket_id, kind=kind)
    if draft:
        await uploads.keep(work, by, draft.uploads)
        await draft.delete()


async def end_draft(by: User, ticket: Ticket, kind: DraftKind) -> int:
    """The draft was sent. Answers its version, 0 where there was none."""
    draft = await Draft.filter(user_id=by.id, ticket_id=ticket.id, kind=kind).select_for_update().first()
    if draft is None:
        return 0
    await draft.delete()
    return draft.version


async def restore_draft(
    work: Work, by: User, ticket: Ticket, kind: DraftKind, *, version: int, text: str, intent: Intent
) -> Json:
    """What was sent is a draft again. Words and files that were begun meanwhile stay below it."""
    # An empty one first, where there is none: another tab may begin one at this moment.
    await _save(work, by, ticket.id, kind, 0, "", Intent())
    draft = await Draft.filter(user_id=by.id, ticket_id=ticket.id, kind=kind).select_for_update().get()
    draft.version = max(draft.version, version) + 1
    draft.text = "\n\n".join(part for part in (text, draft.text) if part.strip())
    draft.rest = intent.as_json()
    draft.uploads = [*intent.files, *draft.uploads]
    await draft.save()
    await uploads.keep(work, by, draft.uploads)
    return await shown(by, draft)


async def shown(by: User, draft: Draft) -> Json:
    """A draft of the caller's as REST shows it, with those of its files that still wait."""
    files = await uploads.named(by, draft.uploads)
    return {
        "kind": draft.kind,
        "version": draft.version,
        "text": draft.text,
        **{name: draft.rest.get(name) for name in ("recipients", "set_status", "in_answer_to")},
        "files": [
            {"id": one.id, "filename": one.filename, "content_type": one.content_type, "size": one.size}
            for one in files
        ],
        "updated_at": draft.updated_at.isoformat().replace("+00:00", "Z"),
    }


async def _save(work: Work, by: User, ticket_id: int, kind: DraftKind, version: int, text: str, intent: Intent) -> bool:
    """Whether the version is the one that was there. One statement decides, also between two tabs at once."""
    values = [by.id, ticket_id, kind, text, json.dumps(intent.as_json()), list(intent.files)]
    if version == 0:
        rows = await work.rows(
            """INSERT INTO drafts (user_id, ticket_id, kind, version, text, rest, uploads, updated_at)
               VALUES ($1, $2, $3, 1, $4, $5, $6, now()) ON CONFLICT (user_id, ticket_id, kind) DO NOTHING
               RETURNING id""",
            *values,
        )
    else:
        rows = await work.rows(
            """UPDATE drafts SET version = version + 1, text = $4, rest = $5, uploads = $6, updated_at = now()
               WHERE user_id = $1 AND ticket_id = $2 AND kind = $3 AND version = $7 RETURNING id""",
            *values,
            version,
        )
    return bool(rows)


async def _check(by: User, ticket_id: int, kind: DraftKind) -> None:
    """Raises NotFound where the caller may not see the ticket, Forbidden where they may not write such on it."""
    await glimpsed(by, ticket_id)
    require(by, Verb.WRITE_NOTES if kind is DraftKind.NOTE else Verb.WRITE_MESSAGES)
