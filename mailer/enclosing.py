"""The files that go out with a message."""

from desk.outbox import fits
from desk.work import House
from letters import Attachment as Enclosure
from models import Attachment, Message


async def enclosed(house: House, message: Message) -> tuple[tuple[Enclosure, ...], tuple[str, ...]]:
    """The files as they go into the mail, and the names of those that stay behind: all, where they are too large.

    A picture of a mail's HTML goes as a file: the HTML of ours does not show it.

    Raises:
        Away, KeyError: a blob cannot be read.
    """
    files = await Attachment.filter(message_id=message.id).order_by("id")
    if not fits(house.settings, message, files):
        return (), tuple(part.filename for part in files)
    return tuple([await _file(house, part) for part in files]), ()


async def enclosed_bytes(message_id: int | None) -> int:
    """How many bytes the files of a message have."""
    sizes = await Attachment.filter(message_id=message_id).values_list("size", flat=True)
    return sum(int(str(size)) for size in sizes)


async def _file(house: House, part: Attachment) -> Enclosure:
    content = await house.blobs.get(part.blob)
    return Enclosure(part.filename, part.content_type, content, inline=False, content_id=None)
