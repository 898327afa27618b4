"""Writing outgoing mail into the outbox, in the transaction of what caused it. Sending is `mailer/`'s."""

import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from desk import limits, suppressions
from desk.errors import Invalid
from desk.recipients import Recipient, chosen, readers
from desk.work import Work
from letters import first_subject, reply_subject, strip_subject, weight, write_message_id
from models import (
    Attachment,
    Delivery,
    DeliveryState,
    Direction,
    Event,
    LetterKind,
    Mailbox,
    Message,
    Status,
    TextFormat,
    Ticket,
    User,
    Via,
)
from settings import Settings
from watch import trace

ACCOUNT_SUBJECTS = {
    LetterKind.CONFIRMATION: {"en": "Confirm your address", "de": "Adresse bestätigen"},
    LetterKind.RESET: {"en": "Choose a new password", "de": "Neues Passwort wählen"},
}


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
    work: Work,
    ticket: Ticket,
    mailbox: Mailbox,
    message: Message,
    by: User,
    only: Collection[int] | None = None,
    *,
    status: Status | None = None,
    parent: Message | None = None,
    due_at: datetime | None = None,
) -> bool:
    """A staff message, to the owner and everybody who takes part, but not to whoever wrote it.

    Args:
        only: ids of those of them who get this one.
        status: the ticket's new one, which the mail tells too.
        parent: what it answers; the customers' newest mail where absent.
        due_at: when it leaves, at the earliest.

    Answers whether a mail waits: nobody may take part, or nobody get mail.

    Raises:
        Invalid: `only` names nobody, or somebody else.
    """
    people = await readers(work, ticket, by)
    people = people if only is None else chosen(people, only)
    kind = LetterKind.MESSAGE
    await _write(work, ticket, mailbox, kind, people, message=message, status=status, parent=parent, due_at=due_at)
    return any(recipient.suppressed is None for recipient in people)


async def forward_message(work: Work, ticket: Ticket, mailbox: Mailbox, message: Message, by: User) -> None:
    """A message that staff sent by mail, as `send_message`; the mail names files that do not fit into it."""
    files = await Attachment.filter(message_id=message.id).order_by("id")
    if not fits(work.house.settings, message, files):
        names = [part.filename for part in files]
        await Event.create(ticket_id=ticket.id, kind="files_left_out", message_id=message.id, data={"files": names})
    await send_message(work, ticket, mailbox, message, by)


def subject_of(ticket: Ticket) -> str:
    """Of a mail that answers on the ticket."""
    return reply_subject(strip_subject(ticket.title), ticket.id)


def fits(settings: Settings, message: Message, files: Sequence[Attachment]) -> bool:
    """Whether the message's mail, with all of its files, is no larger than a mail may be."""
    if not files:
        return True
    html = message.html if message.format is TextFormat.MARKDOWN and message.html else escape(message.text)
    sizes = [(part.filename, part.size) for part in files]
    return weight(message.text, html, sizes) <= settings.max_message_size


def check_weight(work: Work, message: Message, files: Sequence[Attachment]) -> None:
    """Raises Invalid where a message's files are too much for its mail."""
    if not fits(work.house.settings, message, files):
        raise Invalid("files", f"the mail would be larger than {work.house.settings.max_message_size} bytes")


async def send_notice(work: Work, ticket: Ticket, mailbox: Mailbox, message: Message, to: User) -> None:
    """To a member of staff, what somebody else said on the ticket."""
    recipient = Recipient(to, suppressed=(await suppressions.why_not([to.email])).get(to.email))
    await _write(work, ticket, mailbox, LetterKind.NOTICE, [recipient], message=message)


async def tell_status(
    work: Work, ticket: Ticket, mailbox: Mailbox, by: User, *, due_at: datetime | None = None
) -> str | None:
    """The ticket's new status, to the owner and everybody who takes part, but not to whoever set it.

    Answers the Message-ID of the mail; None where nobody gets one.
    """
    people = await readers(work, ticket, by)
    return await _write(work, ticket, mailbox, LetterKind.STATUS, people, status=ticket.status, due_at=due_at)


async def send_confirmation(work: Work, mailbox: Mailbox, user: User, email: str | None = None) -> None:
    """The mail whose link proves the address of a new account, or one more; its words are the mailer's."""
    await _write_to_account(work, mailbox, LetterKind.CONFIRMATION, user, email or user.email)


async def send_reset(work: Work, mailbox: Mailbox, user: User) -> None:
    """The mail whose link sets a new password of an account; its words are the mailer's."""
    await _write_to_account(work, mailbox, LetterKind.RESET, user, user.email)


async def _write_to_account(work: Work, mailbox: Mailbox, kind: LetterKind, user: User, email: str) -> None:
    domain = mailbox.address.rpartition("@")[2]
    await Delivery.create(
        kind=kind,
        user_id=user.id,
        recipient=email,
        subject=ACCOUNT_SUBJECTS[kind][work.house.settings.language],
        rfc_message_id=f"{kind}.{secrets.token_hex(16)}@{domain}",
        trace=trace.current(),
        **_standing((await suppressions.why_not([email])).get(email)),
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
    parent: Message | None = None,
    due_at: datetime | None = None,
) -> str | None:
    if not people:
        return None
    begins = message is not None and message.opening and kind is LetterKind.MESSAGE
    heading = _first_heading(ticket) if begins else await _heading(ticket, parent)
    message_id = _lent_id(kind, message) or mint_message_id(work, mailbox, ticket.id)
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
                rfc_message_id=message_id,
                trace=trace.current(),
                due_at=due_at or datetime.now(UTC),
                **heading,
                **_standing(recipient.suppressed),
            )
            for recipient in people
        ]
    )
    work.mail_waits = True
    return message_id


def _first_heading(ticket: Ticket) -> dict[str, Any]:
    return {"subject": first_subject(ticket.title, ticket.id), "in_reply_to": None, "references": []}


async def _heading(ticket: Ticket, parent: Message | None) -> dict[str, Any]:
    in_reply_to, references = await _lineage(ticket, parent)
    return {"subject": subject_of(ticket), "in_reply_to": in_reply_to, "references": references}


def _lent_id(kind: LetterKind, message: Message | None) -> str | None:
    """The id of a message that its mail has too. One that staff sent by mail has their mail program's: no ticket's."""
    lends = message is not None and kind is LetterKind.MESSAGE and message.via is not Via.EMAIL
    return message.rfc_message_id if message and lends else None


def _standing(suppressed: str | None) -> dict[str, Any]:
    """How a delivery begins: it waits to be sent, or says why it never is."""
    if suppressed is None:
        return {"state": DeliveryState.QUEUED}
    return {"state": DeliveryState.SUPPRESSED, "error": suppressed}


async def _lineage(ticket: Ticket, parent: Message | None) -> tuple[str, list[str]]:
    """What the next mail answers, and the ids before it, oldest first, that one last (RFC 5322, section 3.6.4).

    Where nobody said what, it answers the customers' newest mail: their mail programs hang it there. The opening
    message leads, so that the thread holds together where everything between is lost; one made by REST lends its id
    though it was never mailed.
    """
    opening = await Message.get(ticket_id=ticket.id, opening=True)
    inbound = Message.filter(ticket_id=ticket.id, direction=Direction.INBOUND, via=Via.EMAIL, stranger=False)
    parent = parent or await inbound.order_by("-id").first() or opening
    chain = [opening.rfc_message_id, *reversed(parent.references), parent.rfc_message_id]
    earlier = [found for found in dict.fromkeys(chain) if found != parent.rfc_message_id]
    return parent.rfc_message_id, [*earlier, parent.rfc_message_id]
