"""Where a mail of the journal belongs, told to staff: as it was decided, or as it would be now. Nothing is written."""

from typing import Any

from desk.addresses import people_at
from desk.clues import where
from desk.filing import author_of
from desk.mailboxes import own_addresses
from desk.work import Work
from letters import Letter
from models import Inbound, Message, User

NOBODY = User(id=0)  # a sender whom we do not know yet takes part in nothing


async def candidates(work: Work, entry: Inbound, letter: Letter) -> list[dict[str, Any]]:
    """The tickets that the mail may belong to, the strongest first, in the shape of `Message.why`."""
    filed = await Message.get_or_none(id=entry.message_id) if entry.message_id else None
    if filed and filed.why:
        return list(filed.why["candidates"])
    author = author_of(entry, letter)
    people = await people_at(work, [author.key]) if author else {}
    sender = next(iter(people.values()), NOBODY)
    verdict = await where(work, entry, letter, sender, await own_addresses(work))
    return list(verdict.as_json()["candidates"])
