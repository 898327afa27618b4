"""Whom a mail brings into its ticket: the other recipients that its To and Cc name."""

from collections.abc import Iterable
from dataclasses import dataclass

from desk import people
from desk.addresses import people_at
from desk.conversations import join
from desk.flags import known_as
from desk.mailboxes import is_ours
from desk.participants import MOST_PARTICIPANTS, removed_by_staff, taking_part
from desk.work import Work
from letters import Address, Letter, is_address, is_no_reply
from models import Event, Mailbox, Ticket, User


@dataclass(frozen=True)
class Guest:
    """Somebody whom the header names beside the sender; `source` is the field, to or cc."""

    address: Address
    source: str


def guests_of(work: Work, letter: Letter, sender: User, own: dict[str, Mailbox]) -> list[Guest]:
    """Everybody else in To and Cc, each once: never an address of ours, nor one where nobody reads."""
    guests: dict[str, Guest] = {}
    for source, addresses in (("to", letter.to), ("cc", letter.cc)):
        for address in _readers(work, addresses, own):
            guests.setdefault(address.key, Guest(known_as(address), source))
    guests.pop(sender.email, None)
    return list(guests.values())


async def invite(work: Work, ticket: Ticket, guests: list[Guest], by: User | None = None) -> None:
    """Lets as many of them take part as a ticket has room for.

    Args:
        by: who brings them into a ticket that was there before; whoever staff removed from it stays away.
    """
    present = await taking_part(ticket)
    away = await removed_by_staff(work, ticket) | ({by.email} if by else set())
    coming = await _newcomers(work, guests, present | away)
    coming = coming[: MOST_PARTICIPANTS - len(present)]
    found = await people.everybody(work, [guest.address for guest in coming])
    for guest in coming:
        person = found[guest.address.key]
        await join(work, ticket, person, guest.source)
        if by:
            await Event.create(ticket_id=ticket.id, actor_id=by.id, kind="joined", data={"user": person.id})


async def _newcomers(work: Work, guests: list[Guest], others: set[str]) -> list[Guest]:
    """The guests that are none of the others, by whichever address they are named: each person once."""
    known = await people_at(work, [guest.address.key for guest in guests])
    coming: dict[str, Guest] = {}
    for guest in guests:
        first = known[guest.address.key].email if guest.address.key in known else guest.address.key
        if not {first, guest.address.key} & others:
            coming.setdefault(first, guest)
    return list(coming.values())


def _readers(work: Work, addresses: Iterable[Address], own: dict[str, Mailbox]) -> Iterable[Address]:
    for address in addresses:
        if is_address(address.email) and not is_ours(work, address.email, own) and not is_no_reply(address.email):
            yield address
