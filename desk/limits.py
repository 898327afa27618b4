"""How much one address may cause: new tickets it opens, automatic answers it gets. Counted in the rows themselves."""

from datetime import UTC, datetime, timedelta

from desk.work import Work
from models import Delivery, LetterKind, Message, User, Via
from settings import Rate

AUTOMATIC = (LetterKind.ACKNOWLEDGEMENT, LetterKind.CONFIRMATION)


async def opens_too_many(work: Work, sender: User) -> Rate | None:
    """The limit that one more ticket by mail from this sender would pass, if it would."""
    rate = work.house.settings.sender_rate
    if rate is None:
        return None
    opened = Message.filter(author_id=sender.id, opening=True, via=Via.EMAIL, created_at__gt=_since(rate))
    return rate if await opened.count() >= rate.amount else None


async def may_be_answered(work: Work, recipient: User) -> bool:
    """Whether one more automatic answer to this address is within the limit."""
    rate = work.house.settings.autoreply_rate
    if rate is None:
        return True
    sent = Delivery.filter(recipient=recipient.email, kind__in=AUTOMATIC, created_at__gt=_since(rate))
    return await sent.count() < rate.amount


def _since(rate: Rate) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=rate.seconds)
