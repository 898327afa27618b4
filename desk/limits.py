"""How much one address may cause: new tickets it opens, automatic answers it gets. Counted in the rows themselves."""

from collections.abc import Collection
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


async def may_be_answered(work: Work, recipient: User, kinds: Collection[LetterKind] = AUTOMATIC) -> bool:
    """Whether one more automatic answer to this person's address is within the limit."""
    return await may_be_mailed(work, recipient.email, kinds)


async def may_be_mailed(work: Work, email: str, kinds: Collection[LetterKind] = AUTOMATIC) -> bool:
    """Whether one more automatic mail of these kinds to this address is within the limit."""
    return await wait_before_mail(work, email, kinds) <= 0


async def wait_before_mail(work: Work, email: str, kinds: Collection[LetterKind] = AUTOMATIC) -> float:
    """The seconds until it is; 0 where it is now."""
    rate = work.house.settings.autoreply_rate
    if rate is None:
        return 0
    since = _since(rate)
    sent = Delivery.filter(recipient=email, kind__in=list(kinds), created_at__gt=since)
    last_of_them = await sent.order_by("-created_at").offset(rate.amount - 1).first()
    return (last_of_them.created_at - since).total_seconds() if last_of_them else 0


def _since(rate: Rate) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=rate.seconds)
