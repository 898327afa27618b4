"""The mail that a message of staff would become, by the code that writes it when it leaves."""

from collections.abc import Collection
from typing import Any

from desk.conversations import LARGEST_TEXT, glimpsed, rendered, written
from desk.outbox import subject_of
from desk.permissions import Verb, require
from desk.recipients import chosen, readers
from desk.work import Work
from letters import Address
from mailer.wording import of_message, signed, to_and_cc, word
from models import Direction, LetterKind, Mailbox, Message, Status, TextFormat, User


async def preview(
    work: Work,
    by: User,
    ticket_id: int,
    *,
    text: str,
    markup: TextFormat,
    recipients: Collection[int] | None,
    status: Status | None,
) -> dict[str, Any]:
    """Subject, sender, recipients and both forms of the text. Nothing is written.

    Args:
        recipients: ids of those who are to get it, out of those who would; all of them where None.
        status: what the ticket is to become with it.

    Raises:
        NotFound, Forbidden, Invalid: as it says.
    """
    ticket = await glimpsed(by, ticket_id)
    require(by, Verb.SEE_RECIPIENTS)
    mailbox: Mailbox = ticket.mailbox
    people = await readers(work, ticket, by)
    people = people if recipients is None else chosen(people, recipients)
    text = written(text, "text", LARGEST_TEXT)
    html = await rendered(text, markup)
    message = Message(text=text, format=markup, html=html, direction=Direction.OUTBOUND)
    told = status if status is not ticket.status else None
    facts = {"ticket": ticket.id, "title": ticket.title, "reader": ""} | of_message(message, by, mailbox, told)
    words = word(work.house.settings.language, LetterKind.MESSAGE, **facts)
    reached = [one for one in people if one.suppressed is None]
    to, cc = to_and_cc([(Address(one.person.name, one.person.email), one.copied) for one in reached])
    return {
        "subject": subject_of(ticket),
        "from": _shown(Address(signed(by) or mailbox.name, mailbox.address)),
        "to": [_shown(address) for address in to],
        "cc": [_shown(address) for address in cc],
        "text": words.text,
        "html": words.html,
    }


def _shown(address: Address) -> dict[str, str]:
    return {"name": address.name, "email": address.email}
