"""Attachments: what is known of one, for whoever may see its message."""

from dataclasses import dataclass

from desk.errors import NotFound, known_id
from desk.views.sight import seen
from models import Attachment, User

STORED = """SELECT a.filename, a.content_type, a.blob FROM attachments a JOIN messages m ON m.id = a.message_id"""


@dataclass(frozen=True)
class StoredFile:
    filename: str
    content_type: str
    blob: str


async def attachment(by: User, attachment_id: int) -> StoredFile:
    """What is known of an attachment. Raises NotFound, also where it is not the caller's to see."""
    found = await seen(by, STORED, "a.id = $3", known_id(attachment_id, "attachment"))
    if not found:
        raise NotFound("attachment")
    return StoredFile(**found[0])


async def shown_attachment(attachment_id: int) -> StoredFile:
    """What is known of an attachment of a message that was shown to somebody who may see it. Raises NotFound."""
    found = await Attachment.get_or_none(id=attachment_id)
    if found is None:
        raise NotFound("attachment")
    return StoredFile(found.filename, found.content_type, found.blob)
