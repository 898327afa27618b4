"""The outbox as staff see it, and what they do about mail that did not arrive."""

import logging
from collections.abc import Collection
from datetime import UTC, datetime

from tortoise import connections

from desk import suppressions
from desk.conversations import locked
from desk.errors import LARGEST_ID, Conflict, Invalid, NotFound, known_id
from desk.participants import add_participant
from desk.permissions import Verb, require
from desk.work import Work
from letters import Address, is_address
from models import Delivery, DeliveryState, Event, LetterKind, Mailbox, User
from watch import trace

log = logging.getLogger(__name__)

COPIED = (
    "ticket_id", "message_id", "kind", "status", "copied", "subject", "rfc_message_id", "in_reply_to", "references"
)  # fmt: skip
GAVE_UP = {DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.SUPPRESSED}


async def deliveries(
    by: User, *, limit: int, before: int | None = None, states: Collection[DeliveryState] = ()
) -> list[Delivery]:
    """Copies of outgoing mail, newest first. Raises Forbidden.

    Args:
        before: only those whose id is lower.
        states: only those in one of these; in any where there are none.
    """
    require(by, Verb.MANAGE_OUTBOX)
    rows = await connections.get("default").execute_query_dict(
        # A range of deliveries_by_state: for a mere `=` PostgreSQL walks down all ids where hardly a copy fits.
        """SELECT found.id FROM unnest($1::text[]) AS wanted (state) CROSS JOIN LATERAL (
               SELECT id FROM deliveries d WHERE d.state >= wanted.state AND (d.state, d.id) < (wanted.state, $2)
               ORDER BY d.state DESC, d.id DESC LIMIT $3
           ) found ORDER BY found.id DESC LIMIT $3""",
        [sorted(set(states or DeliveryState)), LARGEST_ID if before is None else before, limit],
    )
    return await Delivery.filter(id__in=[row["id"] for row in rows]).order_by("-id")


async def retry(work: Work, by: User, delivery_id: int, *, email: str | None = None) -> Delivery:
    """One that was put off leaves now; one that did not arrive leaves once more, as a copy of its own.

    Args:
        email: the address that was meant; whoever has it takes part in the ticket from now on.

    Raises:
        Forbidden, NotFound: as it says.
        Invalid: the corrected address is none that mail can go to.
        Conflict: it waits, it arrived, it was sent again already, or its address gets no mail.
    """
    require(by, Verb.MANAGE_OUTBOX)
    known = await Delivery.get_or_none(id=known_id(delivery_id, "delivery"))
    if known is None:
        raise NotFound("delivery")
    if known.ticket_id:
        await locked(work, known.ticket_id)  # first, as those do who file what came back
    delivery = await Delivery.filter(id=known.id).select_for_update().get()
    corrected = email.strip().lower() if email else delivery.recipient
    if delivery.state is DeliveryState.DEFERRED and corrected == delivery.recipient:
        return await _now(work, delivery)
    if delivery.state not in GAVE_UP:
        raise Conflict(f"Delivery {delivery.id} is {delivery.state}: only what did not arrive is sent again.")
    return await _again(work, by, delivery, corrected)


async def _now(work: Work, delivery: Delivery) -> Delivery:
    delivery.due_at = datetime.now(UTC)
    await delivery.save(update_fields=["due_at"])
    work.mail_waits = True
    return delivery


async def _again(work: Work, by: User, delivery: Delivery, corrected: str) -> Delivery:
    if delivery.ticket_id is None:
        raise Conflict("Mail about an account is not sent again: its owner asks for a new one.")
    reader = await User.get(id=delivery.user_id)
    if corrected != delivery.recipient:
        reader = await _whom_it_was_meant_for(work, by, delivery, corrected)
        corrected = reader.email
    await _check(delivery, reader, corrected)
    copy = await Delivery.create(
        **{name: getattr(delivery, name) for name in COPIED},
        user_id=reader.id,
        recipient=corrected,
        again=await _times_before(delivery, corrected),
        trace=trace.current(),
    )
    data = {"delivery": copy.id, "recipient": delivery.recipient, "to": corrected}
    await Event.create(
        ticket_id=delivery.ticket_id, message_id=delivery.message_id, actor_id=by.id, kind="sent_again", data=data
    )
    work.mail_waits = work.changed = True
    log.info("delivery %s: sent again as %s by user %s", delivery.id, copy.id, by.id)
    return copy


async def who_tries(by: User, to: str | None) -> tuple[Address, str]:
    """From which mailbox and to whom a test mail goes: to the caller themselves unless an admin names another.

    Raises:
        Forbidden, Invalid: as it says.
        Conflict: there is no mailbox to write from.
    """
    require(by, Verb.TEST_RELAY)
    named = to.strip() if to else by.email
    if not is_address(named):
        raise Invalid("to", "not an e-mail address")
    if named.lower() != by.email:
        require(by, Verb.TEST_RELAY_ELSEWHERE)
    mailbox = await Mailbox.filter(active=True).order_by("id").first()
    if mailbox is None:
        raise Conflict("There is no mailbox to write from.")
    return Address(mailbox.name, mailbox.address), named


async def _whom_it_was_meant_for(work: Work, by: User, delivery: Delivery, email: str) -> User:
    """Whoever has the corrected address; they take part from now on. Raises Invalid and Conflict."""
    assert delivery.ticket_id is not None
    if delivery.kind is LetterKind.NOTICE:
        raise Conflict("A notice is for one member of staff: it cannot go to another address.")
    part = await add_participant(work, by, delivery.ticket_id, email=email)
    if part.user.email == delivery.recipient:
        raise Invalid("email", f"mail for this person goes to {delivery.recipient}, where it did not arrive")
    found: User = part.user
    return found


async def _check(delivery: Delivery, reader: User, recipient: str) -> None:
    """Raises Conflict where the reader got the mail, may get it yet, or gets none."""
    if not reader.active:
        raise Conflict("The account of this person has ended.")
    same = Delivery.filter(rfc_message_id=delivery.rfc_message_id, recipient=recipient)
    other = await same.exclude(id=delivery.id).order_by("-again").first()
    if other and (other.again > delivery.again or other.state not in GAVE_UP):
        raise Conflict(f"The same mail to {recipient} is {other.state}: see delivery {other.id}.")
    suppressed = (await suppressions.why_not([recipient])).get(recipient)
    if suppressed:
        raise Conflict(f"{suppressed[0].upper()}{suppressed[1:]}. Lift that first, or correct the address.")


async def _times_before(delivery: Delivery, recipient: str) -> int:
    same = Delivery.filter(rfc_message_id=delivery.rfc_message_id, recipient=recipient)
    newest = await same.order_by("-again").first()
    return newest.again + 1 if newest else 0
