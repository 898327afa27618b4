"""Files that wait for the message that takes them along: taken in, taken along, brought back, and swept in the end."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from desk.errors import Invalid, NotFound, TooLarge, known_id
from desk.filing import MOST_ATTACHMENTS
from desk.permissions import Verb, require
from desk.work import House, Work
from letters import safe_filename
from models import Attachment, Message, Upload, User
from settings import Settings

KEPT = timedelta(days=7)  # past the last draft that names it
SETTLED = timedelta(hours=1)  # by then whoever put a blob has said who it belongs to, or never will
MOST_WAITING = 10  # times what one message may take along, of each person
SWEPT_AT_ONCE = 500
UNNAMED = "file"
FILE = ("filename", "content_type", "size", "sha256", "blob")  # what a file is, whether it waits or is attached
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")  # RFC 6838, section 4.2


def room_for_files(settings: Settings) -> int:
    """Bytes that the files of a message may have together: in a mail they become a third larger."""
    return settings.max_message_size * 7 // 10


async def take_in(house: House, by: User, *, filename: str, content_type: str, content: bytes) -> Upload:
    """Keeps a file until a message takes it along.

    Raises:
        Forbidden, Invalid, TooLarge: as it says.
        Away: the blob store takes nothing now.
    """
    require(by, Verb.WRITE_MESSAGES)
    room = room_for_files(house.settings)
    if not content:
        raise Invalid("body", "an empty file")
    if len(content) > room:
        raise TooLarge(f"The files of a message have at most {room} bytes.")
    too_much = TooLarge(f"At most {room * MOST_WAITING} bytes of yours may wait to be sent: send or remove some.")
    async with house.work() as work:
        if await _waiting(work, by) + len(content) > room * MOST_WAITING:
            raise too_much
    blob = await house.blobs.put(content)
    async with house.work() as work:
        # Others of theirs may have come meanwhile. One too many is given up, so that its blob is swept.
        fits = await _waiting(work, by) + len(content) <= room * MOST_WAITING
        upload = await Upload.create(
            user_id=by.id,
            filename=_named(filename),
            content_type=_typed(content_type),
            size=len(content),
            sha256=bytes.fromhex(blob),
            blob=blob,
            kept_until=datetime.now(UTC) + KEPT if fits else None,
        )
    if not fits:
        raise too_much
    return upload


async def own(by: User, upload_id: int) -> Upload:
    """A file of the caller's that waits. Raises NotFound."""
    found = await Upload.get_or_none(id=known_id(upload_id, "upload"), user_id=by.id, kept_until__isnull=False)
    if found is None:
        raise NotFound("upload")
    return found


async def give_up(by: User, upload_id: int) -> None:
    """The file goes with no message any more. Raises NotFound."""
    found = await own(by, upload_id)
    await Upload.filter(id=found.id).update(kept_until=None)


async def keep(work: Work, by: User, ids: Sequence[int]) -> None:
    """The files stay for another while; those that are not the caller's are let be."""
    await work.rows(
        "UPDATE uploads SET kept_until = now() + $1 WHERE user_id = $2 AND id = ANY($3) AND kept_until IS NOT NULL"
        " RETURNING id",
        KEPT,
        by.id,
        list(ids),
    )


async def named(by: User, ids: Sequence[int]) -> list[Upload]:
    """Those of the files that wait and are the caller's, in the order of `ids`."""
    found = {one.id: one for one in await Upload.filter(id__in=list(ids), user_id=by.id, kept_until__isnull=False)}
    return [found[ident] for ident in ids if ident in found]


async def check_named(by: User, ids: Sequence[int]) -> None:
    """Raises Invalid where one of the files does not wait, is somebody else's, or is named twice."""
    if len(ids) > MOST_ATTACHMENTS:
        raise Invalid("files", f"at most {MOST_ATTACHMENTS} files")
    if len(set(ids)) < len(ids):
        raise Invalid("files", "the same file twice")
    missing = set(ids) - {one.id for one in await named(by, ids)}
    if missing:
        raise Invalid("files", f"no files of yours that wait: {', '.join(map(str, sorted(missing)))}")


async def take_along(work: Work, by: User, message: Message, ids: Sequence[int]) -> list[Attachment]:
    """The files become the message's attachments, and are uploads no longer.

    Raises:
        Invalid: as `check_named`, or they are too large together.
    """
    await check_named(by, ids)
    # Two messages may want the same file at once: whoever has its row first gets it.
    rows = await work.rows(
        "SELECT id FROM uploads WHERE user_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE", by.id, list(ids)
    )
    if len(rows) < len(ids):
        raise Invalid("files", "another message took one of them along")
    files = await named(by, ids)
    room = room_for_files(work.house.settings)
    if sum(one.size for one in files) > room:
        raise Invalid("files", f"they have more than {room} bytes together")
    await Upload.filter(id__in=list(ids)).delete()
    await Attachment.bulk_create([Attachment(message_id=message.id, **_file(one)) for one in files])
    return await Attachment.filter(message_id=message.id).order_by("id")


async def bring_back(work: Work, by: User, message: Message) -> list[int]:
    """The attachments of a message wait as uploads again; their ids, in order."""
    taken = await Attachment.filter(message_id=message.id).order_by("id")
    until = datetime.now(UTC) + KEPT
    back = [await Upload.create(user_id=by.id, kept_until=until, **_file(part)) for part in taken]
    return [one.id for one in back]


async def sweep(house: House) -> int:
    """Removes files that were given up, or that no draft has named for so long, with what nobody else keeps of them.

    Answers how many. The blobs go before the commit: what happens between is done once more, and harms nothing.
    """
    async with house.work() as work:
        rows = await work.rows(
            """DELETE FROM uploads WHERE id IN (
                   SELECT id FROM uploads u
                   WHERE (kept_until IS NULL AND created_at < now() - $1::interval * 2) OR (kept_until < now()
                       AND NOT EXISTS (SELECT 1 FROM drafts d WHERE d.user_id = u.user_id AND u.id = ANY(d.uploads)))
                   ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
               ) RETURNING blob""",
            SETTLED,
            SWEPT_AT_ONCE,
        )
        for blob in await _named_by_nobody(work, {row["blob"] for row in rows}):
            await house.blobs.drop(blob, untouched_for=SETTLED)
    return len(rows)


async def _waiting(work: Work, by: User) -> int:
    """Bytes of the files that the person has here. Nobody else counts them until the end of the transaction."""
    await work.rows("SELECT pg_advisory_xact_lock(hashtextextended($1, 4))", f"uploads of {by.id}")
    rows = await work.rows("SELECT coalesce(sum(size), 0)::bigint AS size FROM uploads WHERE user_id = $1", by.id)
    return int(rows[0]["size"])


async def _named_by_nobody(work: Work, blobs: set[str]) -> set[str]:
    """Those of the blobs that no row has: the same content rests once, whoever brought it."""
    rows = (
        await work.rows(
            """SELECT blob FROM uploads WHERE blob = ANY($1) UNION SELECT blob FROM attachments WHERE blob = ANY($1)
           UNION SELECT blob FROM messages WHERE blob = ANY($1) UNION SELECT blob FROM inbound WHERE blob = ANY($1)""",
            list(blobs),
        )
        if blobs
        else []
    )
    return blobs - {row["blob"] for row in rows}


def _named(given: str) -> str:
    name = safe_filename(given)
    return name if name.strip(". ") else UNNAMED


def _typed(given: str) -> str:
    """The media type alone; where that is none, the one that says nothing."""
    media_type = given.partition(";")[0].strip().lower()
    return media_type if MEDIA_TYPE.fullmatch(media_type) and len(media_type) <= 255 else "application/octet-stream"


def _file(row: Upload | Attachment) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FILE}
