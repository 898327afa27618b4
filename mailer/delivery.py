"""Deliveries: claimed, composed, handed to the relay and marked with its answer.

A claim is a lease: `due_at` of a row in state `sending` is the lease's end, moved ahead while the mail is in hand.
Whoever holds a lease and dies lets it run out, and somebody else sends the mail: each leaves at least once.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tortoise import connections

from desk import suppressions
from desk.addresses import address_link
from desk.confirmation import confirmation_link
from desk.new_password import reset_link
from desk.undo import let_go
from desk.work import House
from letters import Address, Attachment, AutoSubmitted, Draft, compose, write_reply_address, write_return_path
from mailer.enclosing import enclosed, enclosed_bytes
from mailer.transport import Answer, NotTaken, Outgoing, Transport
from mailer.wording import Words, of_message, signed, to_and_cc, word
from models import Delivery, DeliveryState, Direction, LetterKind, Mailbox, Message, Ticket
from models.states import DELIVERY_MOVES, check_move
from settings import Away
from watch import counts

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=15)
FIRST_RETRY = timedelta(seconds=4)
LONGEST_RETRY = timedelta(hours=4)
GIVE_UP = timedelta(days=5)
DUE = "state IN ('queued', 'sending', 'deferred')"
AUTO_SUBMITTED: dict[LetterKind, AutoSubmitted | None] = {
    LetterKind.ACKNOWLEDGEMENT: "auto-replied",
    LetterKind.MESSAGE: None,
    LetterKind.STATUS: "auto-generated",
    LetterKind.NOTICE: "auto-generated",
    LetterKind.CONFIRMATION: "auto-generated",
    LetterKind.RESET: "auto-generated",
}


async def claim(limit: int) -> list[Delivery]:
    """Leases up to `limit` deliveries that are due; nobody else gets them until the lease ends."""
    rows = await _rows(
        f"""UPDATE deliveries SET state = 'sending', attempts = attempts + 1, tried_at = now(), due_at = now() + $1
            WHERE id IN (
                SELECT id FROM deliveries WHERE {DUE} AND due_at <= now()
                ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
            ) RETURNING id""",  # noqa: S608 - our own words only
        LEASE,
        limit,
    )
    claimed = [row["id"] for row in rows]
    return await Delivery.filter(id__in=claimed).select_related("user") if claimed else []


async def renew(claimed: set[int]) -> None:
    """Moves the end of leases ahead."""
    if claimed:
        await _rows(
            "UPDATE deliveries SET due_at = now() + $1 WHERE id = ANY($2::bigint[]) AND state = 'sending' RETURNING id",
            LEASE,
            list(claimed),
        )


async def release(claimed: set[int]) -> None:
    """Gives leases back whose mail was not yet handed over."""
    await _rows(
        """UPDATE deliveries SET due_at = now(), state = 'deferred' WHERE id = ANY($1::bigint[]) AND state = 'sending'
           RETURNING id""",
        list(claimed),
    )


async def seconds_until_due() -> float | None:
    """How long until a delivery is due; None where the outbox is empty."""
    rows = await _rows(
        f"SELECT extract(epoch FROM min(due_at) - now())::float AS wait FROM deliveries WHERE {DUE}"  # noqa: S608 - as above
    )
    wait: float | None = rows[0]["wait"]
    return wait


async def deliver(house: House, transport: Transport, delivery: Delivery) -> None:
    """Sends one copy and marks what came of it. An address that bounced since it was written gets none."""
    if delivery.kind is LetterKind.MESSAGE and delivery.message_id:
        await let_go(house, delivery.message_id)
    suppressed = (await suppressions.why_not([delivery.recipient])).get(delivery.recipient)
    if suppressed:
        await _mark(delivery, Suppressed(suppressed))
        return
    try:
        mail = await _compose(house, delivery)
    except ValueError as error:
        await _mark(delivery, NotTaken(f"it cannot be written as a mail: {error}", final=True))
        return
    except (Away, KeyError) as error:
        await _mark(delivery, NotTaken(f"its files cannot be read now: {error}"))
        return
    try:
        outcome: Answer | NotTaken = await transport.send(mail)
    except NotTaken as refusal:
        outcome = refusal
    await _mark(delivery, outcome)


async def weighs(delivery: Delivery) -> int:
    """How many bytes the files have that go with it."""
    return await enclosed_bytes(delivery.message_id) if delivery.kind is LetterKind.MESSAGE else 0


def retry_after(attempts: int) -> timedelta:
    """The pause after so many attempts: 4 s, then doubling up to 4 h."""
    doubled: timedelta = FIRST_RETRY * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_RETRY)


@dataclass(frozen=True)
class Suppressed:
    """It was not handed over: its recipient gets no mail."""

    why: str


@dataclass(frozen=True)
class _Marking:
    state: DeliveryState
    due_at: datetime
    code: int | None
    error: str | None
    sent_at: datetime | None = None


async def _mark(delivery: Delivery, outcome: Answer | NotTaken | Suppressed) -> None:
    marking = _marking(delivery, outcome)
    check_move(DELIVERY_MOVES, DeliveryState.SENDING, marking.state)
    # The number of the attempt fences off a sender whose lease ran out: what the later one found stands.
    await Delivery.filter(id=delivery.id, state=DeliveryState.SENDING, attempts=delivery.attempts).update(
        state=marking.state, due_at=marking.due_at, code=marking.code, error=marking.error, sent_at=marking.sent_at
    )
    if marking.state is not DeliveryState.SUPPRESSED:
        counts.answers.labels(str(marking.code or "none")).inc()
    domain = delivery.recipient.rpartition("@")[2]
    log.info("delivery %s to somebody at %s: %s %s", delivery.id, domain, marking.state, marking.code or "")


def _marking(delivery: Delivery, outcome: Answer | NotTaken | Suppressed) -> _Marking:
    now = datetime.now(UTC)
    if isinstance(outcome, Suppressed):
        return _Marking(DeliveryState.SUPPRESSED, now, None, outcome.why)
    if isinstance(outcome, Answer):
        return _Marking(DeliveryState.SENT, now, outcome.code, None, sent_at=now)
    text = outcome.text.replace("\0", "")[:2000]
    again = now + retry_after(delivery.attempts)
    if outcome.final or again > delivery.created_at + GIVE_UP:
        return _Marking(DeliveryState.FAILED, now, outcome.code, text)
    return _Marking(DeliveryState.DEFERRED, again, outcome.code, text)


@dataclass(frozen=True)
class _Said:
    """What a mail says, to whom its answers go, and who wrote it where that is a person."""

    mailbox: Mailbox
    reply_to: str
    words: Words
    author: str = ""
    files: tuple[Attachment, ...] = ()


async def _compose(house: House, delivery: Delivery) -> Outgoing:
    """The copy for this recipient. Raises ValueError where an address cannot be written on the wire."""
    said = await (_letter if delivery.ticket_id else _to_account)(house, delivery)
    copies = await _copies(delivery)
    to, cc = to_and_cc([(Address(copy.user.name, copy.recipient), copy.copied) for copy in copies])
    draft = Draft(
        from_=Address(said.author or said.mailbox.name, said.mailbox.address),
        to=to,
        cc=cc,
        subject=delivery.subject,
        message_id=delivery.rfc_message_id,
        in_reply_to=delivery.in_reply_to,
        references=tuple(delivery.references),
        reply_to=said.reply_to,
        date=delivery.created_at.astimezone(ZoneInfo(house.settings.timezone)),
        text=said.words.text,
        html=said.words.html,
        auto_submitted=AUTO_SUBMITTED[delivery.kind],
        attachments=said.files,
    )
    return_path = write_return_path(house.reply_key, said.mailbox.address, delivery.id)
    return Outgoing(await asyncio.to_thread(compose, draft), return_path, delivery.recipient)


async def _copies(delivery: Delivery) -> list[Delivery]:
    """This copy and those of everybody else who gets the mail. What did not arrive may have been sent again since."""
    gone = (DeliveryState.SUPPRESSED, DeliveryState.FAILED, DeliveryState.BOUNCED)
    same = Delivery.filter(rfc_message_id=delivery.rfc_message_id).exclude(state__in=gone)
    return await same.select_related("user").order_by("id")


async def _letter(house: House, delivery: Delivery) -> _Said:
    """A mail about a ticket."""
    ticket = await Ticket.get(id=delivery.ticket_id).select_related("mailbox")
    mailbox: Mailbox = ticket.mailbox
    facts: dict[str, Any] = {"ticket": ticket.id, "title": ticket.title, "reader": delivery.user.name}
    author, note, files = "", False, tuple[Attachment, ...]()
    if delivery.message_id and delivery.kind in (LetterKind.MESSAGE, LetterKind.NOTICE):
        message = await Message.get(id=delivery.message_id).select_related("author")
        author, note = signed(message.author), message.direction is Direction.INTERNAL
        files, left_out = await enclosed(house, message) if delivery.kind is LetterKind.MESSAGE else ((), ())
        told = delivery.status if delivery.status == ticket.status else None  # somebody may have changed it meanwhile
        facts |= of_message(message, message.author, mailbox, told, left_out)
    elif delivery.kind is LetterKind.STATUS:
        facts["status"] = delivery.status
    reply_to = write_reply_address(house.reply_key, mailbox.address, ticket.id, delivery.user_id, note=note)
    return _Said(mailbox, reply_to, word(house.settings.language, delivery.kind, **facts), author, files)


async def _to_account(house: House, delivery: Delivery) -> _Said:
    """A mail with a link for somebody's account. Raises ValueError where the link would be too old."""
    mailbox = await Mailbox.filter(active=True).order_by("id").first()
    if mailbox is None:
        raise ValueError("there is no mailbox to write from")
    user, another = delivery.user, delivery.recipient != delivery.user.email
    if delivery.kind is LetterKind.RESET:
        link = reset_link(house, user, delivery.created_at)
    else:
        link = address_link(house, user, delivery.recipient) if another else confirmation_link(house, user)
    name = user.username or user.name
    words = word(house.settings.language, delivery.kind, name=name, link=link, another=another)
    return _Said(mailbox, mailbox.address, words)


async def _rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await connections.get("default").execute_query_dict(sql, list(values))
    return found
