"""Who gets the next mail of a ticket, and why: one answer for whoever asks before sending, and for the outbox.

`readers` is that answer; `chosen` is what staff may make of it for one message; `preview` lays it beside the last mail.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tortoise.queryset import QuerySet

from desk import suppressions
from desk.errors import Invalid, NotFound, known_id
from desk.permissions import Verb, require, require_sight
from desk.work import Work
from models import Delivery, Direction, LetterKind, Mailbox, Participant, Ticket, User

WHY = {"requester": "the requester", "to": "named in To of a mail", "cc": "named in Cc of a mail"}


@dataclass(frozen=True)
class Recipient:
    """Somebody who gets a copy. The first one stands in To, all others in Cc.

    Attributes:
        suppressed: why no mail goes to the address for now; None where it does.
    """

    person: User
    copied: bool = False
    why: str = ""
    suppressed: str | None = None


@dataclass(frozen=True)
class Preview:
    """Who would get a message now, beside who got the ticket's last mail.

    Attributes:
        new: ids of those who did not get that one; nobody, where there was none.
        dropped: those who got it and would not get this.
        warnings: kind and detail of what to look at twice.
    """

    recipients: list[Recipient]
    new: frozenset[int]
    dropped: list[User]
    warnings: list[tuple[str, str]]

    def as_json(self) -> dict[str, Any]:
        return {
            "recipients": [
                _person(found.person)
                | {"field": "cc" if found.copied else "to", "why": found.why, "suppressed": found.suppressed}
                | {"new": found.person.id in self.new}
                for found in self.recipients
            ],
            "dropped": [_person(person) for person in self.dropped],
            "warnings": [{"kind": kind, "detail": detail} for kind, detail in self.warnings],
        }


async def readers(work: Work, ticket: Ticket, by: User) -> list[Recipient]:
    """Who takes part, the requester first; without `by`, without ended accounts, each address once."""
    parts = await Participant.filter(ticket_id=ticket.id).select_related("user").order_by("id")
    parts.sort(key=lambda part: part.user_id != ticket.requester_id)
    added = await _added_by_staff(work, ticket)
    found: dict[str, Recipient] = {}
    for part in parts:
        if part.user_id != by.id and part.user.active:
            why = f"added by {added[part.user_id]}" if part.user_id in added else WHY[part.source]
            found.setdefault(part.user.email, Recipient(part.user, copied=bool(found), why=why))
    suppressed = await suppressions.why_not(found)
    return [replace(recipient, suppressed=suppressed.get(email)) for email, recipient in found.items()]


def chosen(found: Sequence[Recipient], only: Collection[int]) -> list[Recipient]:
    """Those of them whom staff chose for one message, by their ids.

    Raises:
        Invalid: it is nobody, or somebody else.
    """
    if not only:
        raise Invalid("recipients", "nobody: a note is what goes to nobody")
    strangers = set(only) - {recipient.person.id for recipient in found}
    if strangers:
        named = ", ".join(map(str, sorted(strangers)))
        raise Invalid("recipients", f"not among those who would get this message: {named}")
    kept = [recipient for recipient in found if recipient.person.id in only]
    return [replace(recipient, copied=index > 0) for index, recipient in enumerate(kept)]


async def preview(work: Work, by: User, ticket_id: int) -> Preview:
    """What a message of this person's would do now.

    Raises:
        NotFound, Forbidden: as it says.
    """
    ticket = await Ticket.get_or_none(id=known_id(ticket_id, "ticket"))
    if ticket is None:
        raise NotFound("ticket")
    require_sight(by, ticket)
    require(by, Verb.SEE_RECIPIENTS)
    found = await readers(work, ticket, by)
    last, writer = await _last_mail(ticket)
    had = {writer, *(person.id for person in last)}
    getting = {recipient.person.id for recipient in found}
    return Preview(
        recipients=found,
        new=frozenset(getting - had) if last else frozenset(),
        dropped=[person for person in last if person.id not in {*getting, by.id}],
        warnings=[*_warnings(found), *await _new_domains(ticket, found)],
    )


async def _last_mail(ticket: Ticket) -> tuple[list[User], int | None]:
    """Those who got the ticket's last mail, and the id of whoever wrote it and knows it as well."""
    last = await _mails(ticket).order_by("-id").first().select_related("message")
    if last is None:
        return [], None
    copies = await Delivery.filter(rfc_message_id=last.rfc_message_id).select_related("user").order_by("id")
    said = last.message if last.message and last.message.direction is Direction.OUTBOUND else None
    return [copy.user for copy in copies], said.author_id if said else None


def _mails(ticket: Ticket) -> QuerySet[Delivery]:
    """Those of the ticket to whoever takes part; notices are among staff."""
    return Delivery.filter(ticket_id=ticket.id).exclude(kind=LetterKind.NOTICE)


def _warnings(found: Sequence[Recipient]) -> list[tuple[str, str]]:
    if all(recipient.suppressed for recipient in found):
        return [("nobody", "no mail would go out")]
    return []


async def _new_domains(ticket: Ticket, found: Sequence[Recipient]) -> list[tuple[str, str]]:
    """The domains that no mail of the ticket went to or came from its requester."""
    requester = await User.get(id=ticket.requester_id)
    mailbox = await Mailbox.get(id=ticket.mailbox_id)
    mailed = await _mails(ticket).distinct().values_list("recipient", flat=True)
    known = {_domain(str(address)) for address in (requester.email, mailbox.address, *mailed)}
    domains = dict.fromkeys(_domain(recipient.person.email) for recipient in found)
    return [("new_domain", domain) for domain in domains if domain not in known]


async def _added_by_staff(work: Work, ticket: Ticket) -> dict[int, str]:
    """Who added whom; the name of the one who did it last."""
    rows = await work.rows(
        """SELECT (e.data->>'user')::bigint AS person, coalesce(nullif(u.name, ''), u.username) AS by
           FROM events e JOIN users u ON u.id = e.actor_id
           WHERE e.ticket_id = $1 AND e.kind = 'joined' AND u.role <> 'customer' ORDER BY e.id""",
        ticket.id,
    )
    return {row["person"]: row["by"] for row in rows}


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _person(person: User) -> dict[str, Any]:
    return {"id": person.id, "name": person.name or person.username or "", "email": person.email}
