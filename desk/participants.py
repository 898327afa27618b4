"""Who takes part in a ticket, as staff change it. Mail does so by `desk/invitations.py`."""

from desk import people
from desk.addresses import check_address
from desk.conversations import join, locked
from desk.errors import Conflict, Invalid, NotFound, known_id
from desk.flags import known_as
from desk.permissions import Verb, require, require_sight
from desk.work import Work
from letters import Address
from models import Event, Participant, Ticket, User

MOST_PARTICIPANTS = 50  # of a ticket: past that a mail to all of them is a mailing


async def add_participant(work: Work, by: User, ticket_id: int, *, email: str, name: str = "") -> Participant:
    """The person behind the address gets the ticket's mail from now on; nothing changes where they do already.

    Raises:
        Forbidden, NotFound: as it says.
        Invalid: not an address of somebody who reads mail, or one of our own.
        Conflict: the ticket has as many participants as it may.
    """
    ticket = await _changeable(work, by, ticket_id)
    await check_address(work, email)
    found = await people.whoever_wrote(work, known_as(Address(name.strip(), email)))
    if not found.active:
        raise Invalid("email", "the account of this person has ended")
    if found.email not in await taking_part(ticket):
        await _admit(work, ticket, found, by)
    return await Participant.get(ticket_id=ticket.id, user_id=found.id).select_related("user")


async def remove_participant(work: Work, by: User, ticket_id: int, user_id: int) -> None:
    """The person gets no more mail of the ticket, and the reply addresses made for them count no more.

    Raises:
        Forbidden, NotFound: as it says.
        Conflict: it is the requester.
    """
    ticket = await _changeable(work, by, ticket_id)
    part = await Participant.get_or_none(ticket_id=ticket.id, user_id=known_id(user_id, "participant"))
    if part is None:
        raise NotFound("participant")
    if part.user_id == ticket.requester_id:
        raise Conflict("The requester of a ticket always takes part in it.")
    await part.delete()
    await Event.create(ticket_id=ticket.id, actor_id=by.id, kind="removed", data={"user": user_id})
    work.changed = True


async def taking_part(ticket: Ticket) -> set[str]:
    """The first addresses of those who take part."""
    parts = await Participant.filter(ticket_id=ticket.id).select_related("user")
    return {part.user.email for part in parts}


async def removed_by_staff(work: Work, ticket: Ticket) -> set[str]:
    """The first addresses of those whom staff removed and have not added again."""
    rows = await work.rows(
        """SELECT u.email FROM users u JOIN (
               SELECT DISTINCT ON (data->>'user') (data->>'user')::bigint AS person, kind FROM events
               WHERE ticket_id = $1 AND kind IN ('joined', 'removed') ORDER BY data->>'user', id DESC
           ) latest ON latest.person = u.id WHERE latest.kind = 'removed'""",
        ticket.id,
    )
    return {row["email"] for row in rows}


async def _changeable(work: Work, by: User, ticket_id: int) -> Ticket:
    """The ticket, locked. Raises NotFound and Forbidden."""
    ticket = await locked(work, ticket_id)
    require_sight(by, ticket)
    require(by, Verb.CHANGE_TICKETS)
    return ticket


async def _admit(work: Work, ticket: Ticket, person: User, by: User) -> None:
    if await Participant.filter(ticket_id=ticket.id).count() >= MOST_PARTICIPANTS:
        raise Conflict(f"A ticket has at most {MOST_PARTICIPANTS} participants.")
    await join(work, ticket, person, "cc")
    await Event.create(ticket_id=ticket.id, actor_id=by.id, kind="joined", data={"user": person.id})
    work.changed = True
