"""What follows from a report about our mail: bounce, complaint, read receipt. None opens or reopens a ticket."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from desk.bounces import Match, fate, matches, recipients_of
from desk.suppressions import Cause, bounced_softly_too_often, suppress
from desk.work import Work
from letters import Bounce, FailedRecipient, Letter
from models import Delivery, DeliveryState, Event, Inbound, InboundState, Proof, SuppressionReason
from models.states import DELIVERY_MOVES, check_move

Facts = dict[str, str | int | None]

REPORTS = {"bounce": "a bounce", "feedback_report": "a feedback report", "read_receipt": "a read receipt"}
NAMED = 5  # recipients that a reason in the journal has room for
LONGEST_ERROR = 2000

# What came back must have left. Only a copy's own recipient knows its return path: it left whatever the row says, as
# after a restore. A Message-ID is known as soon as the first of its copies is out.
MAY_COME_BACK: dict[Proof, set[DeliveryState]] = {
    Proof.RETURN_PATH: {DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED, DeliveryState.SENT},
    Proof.MESSAGE_ID: {DeliveryState.SENDING, DeliveryState.DEFERRED, DeliveryState.SENT},
    Proof.UNSIGNED: {DeliveryState.SENT},
}
# Too long or too large, or a content that cannot be converted (RFC 3463, sections 3.3, 3.4 and 3.7): another mail
# arrives. Every other 5.x is the address's, also a policy's 5.7: who refuses for good is not asked again and again.
ABOUT_THE_MAIL = re.compile(r"5\.(?:2\.3|3\.4|6\.\d+)")
# Feedback that calls no mail unwanted (RFC 5965, RFC 6430, RFC 6591).
WANTED = frozenset({"not-spam", "auth-failure", "virus"})

CODE = re.compile(r"(?<![\w.@-])([45][0-5]\d)(?![\w.@])")
CODES_IN_FRONT = re.compile(r"(?:[45][0-5]\d(?:[ -]|$))?\s*(?:#?[45]\.\d{1,3}\.\d{1,3}(?!\.?\d))?[\s:,-]*")


@dataclass(frozen=True)
class Reported:
    """What became of a report, as its row in the journal tells it."""

    state: InboundState
    reason: str
    ticket: int | None = None


async def file_report(work: Work, entry: Inbound, letter: Letter) -> Reported:
    """Carries out what a report of one of the kinds in REPORTS asks for, and says what that was."""
    found = await matches(work, entry, letter)
    what = f"{REPORTS[letter.kind]} ({', '.join(letter.reasons)})"
    if not found:
        about = f" about {_some(recipients_of(letter))}" if recipients_of(letter) else ""
        return Reported(InboundState.IGNORED, f"{what}{about} that fits no mail of ours")
    ticket = next((one.copy.ticket for one in found if one.copy.ticket), None)
    if letter.kind == "read_receipt":
        return Reported(InboundState.IGNORED, what, ticket)
    await _lock(work, found)
    news = [await (_complained if letter.kind == "feedback_report" else _bounced)(work, letter, one) for one in found]
    if not any(news) and await _reported_before(entry, letter):
        return Reported(InboundState.IGNORED, "the same report was filed before", ticket)
    recipients = _some([one.copy.recipient for one in found])
    return Reported(InboundState.PROCESSED, f"{what} of the mail to {recipients}; proof: {found[0].proof}", ticket)


async def _bounced(work: Work, letter: Letter, found: Match) -> bool:
    """Whether the bounce told anything new of this copy, which is then carried out."""
    failure = fate(letter.bounce or Bounce((), None, ()), found.copy)
    delivery = await Delivery.get(id=found.copy.id)
    facts: Facts = {"recipient": delivery.recipient, "status": failure.status, "diagnostic": failure.diagnostic}
    if failure.kind == "delayed":
        waits = delivery.state in MAY_COME_BACK[found.proof]
        return waits and await _leave_once(work, delivery, "delayed", facts, found)
    proven = delivery.state is DeliveryState.BOUNCED and delivery.bounce_proof is Proof.UNSIGNED and found.signed
    if not proven and delivery.state not in MAY_COME_BACK[found.proof]:
        return False
    await _come_back(delivery, failure, found.proof)
    await _leave(work, delivery, "bounced", facts | {"code": delivery.code, "error": delivery.error}, found)
    reason = await _reason_to_suppress(work, delivery, failure) if found.signed else None
    if reason:
        await suppress(work, Cause(delivery, reason, failure.status, failure.diagnostic))
    return True


async def _complained(work: Work, letter: Letter, found: Match) -> bool:
    """As `_bounced`. The copy stays `sent`: it arrived."""
    kind = letter.complaint.feedback_type if letter.complaint else None
    delivery = await Delivery.get(id=found.copy.id)
    facts: Facts = {"recipient": delivery.recipient, "feedback_type": kind}
    if not await _leave_once(work, delivery, "complained", facts, found):
        return False
    if found.signed and kind and kind not in WANTED:
        await suppress(work, Cause(delivery, SuppressionReason.COMPLAINT, diagnostic=kind))
    return True


async def _come_back(delivery: Delivery, failure: FailedRecipient, proof: Proof) -> None:
    if delivery.state is not DeliveryState.BOUNCED:
        check_move(DELIVERY_MOVES, delivery.state, DeliveryState.BOUNCED)
    delivery.state, delivery.bounced_at, delivery.bounce_proof = DeliveryState.BOUNCED, datetime.now(UTC), proof
    delivery.code, delivery.error = code_and_error(failure)
    await delivery.save(update_fields=["state", "bounced_at", "bounce_proof", "code", "error"])


def code_and_error(failure: FailedRecipient) -> tuple[int, str]:
    """The SMTP code of a failure, and its text with the RFC 3463 status in front: `550`, `5.1.1 no such user`."""
    first = "5" if failure.kind == "hard" else "4"
    codes = [code for code in CODE.findall(failure.diagnostic) if code[0] == first]
    said = failure.diagnostic[CODES_IN_FRONT.match(failure.diagnostic).end() :]  # type: ignore[union-attr]  # all is optional
    error = " ".join(filter(None, (failure.status, said)))[:LONGEST_ERROR]
    return int(codes[0]) if codes else int(f"{first}50"), error or "it came back without a reason"


async def _reason_to_suppress(work: Work, delivery: Delivery, failure: FailedRecipient) -> SuppressionReason | None:
    if failure.kind == "hard":
        about_the_mail = ABOUT_THE_MAIL.fullmatch(failure.status or "")
        return None if about_the_mail else SuppressionReason.HARD_BOUNCE
    return SuppressionReason.SOFT_BOUNCES if await bounced_softly_too_often(work, delivery.recipient) else None


# -- rows that others may be at


async def _lock(work: Work, found: tuple[Match, ...]) -> None:
    """Tickets, then deliveries, each in the order of their ids: two reports at once must not wait for each other."""
    tickets = [one.copy.ticket for one in found if one.copy.ticket]
    await work.rows("SELECT id FROM tickets WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE", tickets)
    deliveries = [one.copy.id for one in found]
    await work.rows("SELECT id FROM deliveries WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE", deliveries)


async def _leave_once(work: Work, delivery: Delivery, kind: str, facts: Facts, found: Match) -> bool:
    """Whether the event is the first of its kind about the delivery, with this proof."""
    same = {"delivery": delivery.id, "proof": found.proof}
    told = Event.filter(ticket_id=delivery.ticket_id, kind=kind, data__contains=same)
    if await told.exists():
        return False
    await _leave(work, delivery, kind, facts, found)
    return True


async def _leave(work: Work, delivery: Delivery, kind: str, facts: Facts, found: Match) -> None:
    """An event on the ticket, which becomes the one with the newest activity: somebody has to look at it."""
    if delivery.ticket_id is None:
        return
    await work.rows(
        """UPDATE tickets SET updated_at = greatest(now(), updated_at + interval '1 microsecond')
           WHERE id = $1 RETURNING id""",
        delivery.ticket_id,
    )
    data = facts | {"delivery": delivery.id, "proof": found.proof}
    await Event.create(ticket_id=delivery.ticket_id, kind=kind, message_id=delivery.message_id, data=data)
    work.changed = True


async def _reported_before(entry: Inbound, letter: Letter) -> bool:
    same = Inbound.filter(rfc_message_id=letter.message_id, state=InboundState.PROCESSED, message_id=None)
    return await same.exclude(id=entry.id).exists()


def _some(recipients: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(recipients) - NAMED} more" if len(recipients) > NAMED else ""
    return f"{', '.join(recipients[:NAMED])}{more}"
