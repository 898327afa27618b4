"""Writing outgoing mail into the outbox, in the transaction of what caused it. Sending is `mailer/`'s."""

import secrets
from collections.abc import Collection, Sequence
from typing import Any

from desk import limits, suppressions
from desk.recipients import Recipient, chosen, readers
from desk.work import Work
from letters import reply_subject, strip_subject, write_message_id
from models import (
    Delivery,
    DeliveryState,
    Direction,
    LetterKind,
    Mailbox,
    Message,
    Status,
    Ticket,
    User,
    Via,
)
from watch import trace

CONFIRM_SUBJECT = {"en": "Confirm your address", "de": "Adresse bestätigen"}


def mint_message_id(work: Work, mailbox: Mailbox, ticket_id: int) -> str:
    """A Message-ID of ours, bare, that proves its ticket."""
    domain = mailbox.address.rpartition("@")[2]
    return write_message_id(work.house.reply_key, domain, ticket_id, secrets.token_hex(8))


async def acknowledge(work: Work, ticket: Ticket, mailbox: Mailbox, opening: Message, owner: User) -> None:
    """The automatic answer to whoever opened the ticket; none past the limit on their address."""
    if not await limits.may_be_answered(work, owner):
        return
    suppressed = (await suppressions.why_not([owner.email])).get(owner.email)
    recipient = Recipient(owner, suppressed=suppressed)
    await _write(work, ticket, mailbox, LetterKind.ACKNOWLEDGEMENT, [recipient], message=opening)


async def send_message(
    work: Work, ticket: Ticket, mailbox: Mailbox, message: Message, by: User, only: Collection[int] | None = None
) -> None:
    """A staff message, to the owner and everybody who takes part, but not to whoever wrote it.

    Args:
        only: ids of those of them who get this one.

    Raises:
        Invalid: `only` names nobody, or somebody else.
    """
    people = await readers(work, ticket, by)
    people = people if only is None else chosen(people, only)
    await _write(work, ticket, mailbox, LetterKind.MESSAGE, people, message=message)


async def tell_status(work: Work, ticket: Ticket, mailbox: Mailbox, by: User) -> None:
    """The ticket's new status, to the owner and everybody who takes part, but not to whoever set it."""
    people = await readers(work, ticket, by)
    await _write(work, ticket, mailbox, LetterKind.STATUS, people, status=ticket.status)


async def send_confirmation(work: Work, mailbox: Mailbox, user: User) -> None:
    """The mail whose link proves the address of a new account; its words are the mailer's."""
    domain = mailbox.address.rpartition("@")[2]
    await Delivery.create(
        kind=LetterKind.CONFIRMATION,
        user_id=user.id,
        recipient=user.email,
        subject=CONFIRM_SUBJECT[work.house.settings.language],
        rfc_message_id=f"confirm.{secrets.token_hex(16)}@{domain}",
        trace=trace.current(),
        **_standing((await suppressions.why_not([user.email])).get(user.email)),
    )
    work.mail_waits = True


async def _write(
    work: Work,
    ticket: Ticket,
    mailbox: Mailbox,
    kind: LetterKind,
    people: Sequence[Recipient],
    *,
    message: Message | None = None,
    status: Status | None = None,
) -> None:
    if not people:
        return
    parent, references = await _lineage(work, ticket)
    message_id = (
        message.rfc_message_id if message and kind is LetterKind.MESSAGE else mint_message_id(work, mailbox, ticket.id)
    )
    await Delivery.bulk_create(
        [
            Delivery(
                ticket_id=ticket.id,
                message_id=message.id if message else None,
                kind=kind,
                status=status,
                user_id=recipient.person.id,
                recipient=recipient.person.email,
                copied=recipient.copied,
                subject=reply_subject(strip_subject(ticket.title), ticket.id),
                rfc_message_id=message_id,
                in_reply_to=parent,
                references=references,
                trace=trace.current(),
                **_standing(recipient.suppressed),
            )
            for recipient in people
        ]
    )
    work.mail_waits = True


def _standing(suppressed: str | None) -> dict[str, Any]:
    """How a delivery begins: it waits to be sent, or says why it never is."""
    if suppressed is None:
        return {"state": DeliveryState.QUEUED}
    return {"state": DeliveryState.SUPPRESSED, "error": suppressed}


async def _lineage(work: Work, ticket: Ticket) -> tuple[str, list[str]]:
    """What the next mail answers, and the ids before it, oldest first, that one last (RFC 5322, section 3.6.4).

    It answers the customers' newest mail: their mail programs hang it there. The opening message leads, so that the
    thread holds together where everything between is lost; one made by REST lends its id though it was never mailed.
    """
    inbound = Message.filter(ticket_id=ticket.id, direction=Direction.INBOUND)
    opening = await inbound.get(opening=True)
    newest = await inbound.filter(via=Via.EMAIL, stranger=False).order_by("-id").first()
    parent = newest or opening
    chain = [opening.rfc_message_id, *reversed(parent.references), parent.rfc_message_id]
    earlier = [found for found in dict.fromkeys(chain) if found != parent.rfc_message_id]
    return parent.rfc_message_id, [*earlier, parent.rfc_message_id]
