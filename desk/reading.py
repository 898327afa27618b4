"""Up to where somebody has read a ticket: a mark of their own, that only they move."""

from desk.errors import LARGEST_ID, Invalid, NotFound, known_id
from desk.permissions import require_sight
from desk.work import Work
from models import Direction, Message, ReadMark, Ticket, User


async def mark_read(work: Work, by: User, ticket_id: int, message_id: int) -> None:
    """The person has read the ticket up to this message. A mark never goes back.

    Raises:
        NotFound: there is no such ticket, or it is not theirs to see.
        Invalid: the ticket has no such message that they may see.
    """
    ticket = await _seen(by, ticket_id)
    message = await Message.get_or_none(id=message_id, ticket_id=ticket.id) if 0 < message_id <= LARGEST_ID else None
    if message is None or (message.direction is Direction.INTERNAL and not by.role.is_staff):
        raise Invalid("message", "not a message of this ticket")
    await work.rows(
        """INSERT INTO read_marks AS mark (user_id, ticket_id, message_id, at) VALUES ($1, $2, $3, now())
           ON CONFLICT (user_id, ticket_id) DO UPDATE
               SET message_id = greatest(mark.message_id, excluded.message_id), at = now()
           RETURNING id""",
        by.id,
        ticket.id,
        message.id,
    )


async def mark_unread(work: Work, by: User, ticket_id: int) -> None:
    """The person has read nothing of the ticket. Raises NotFound."""
    ticket = await _seen(by, ticket_id)
    await ReadMark.filter(user_id=by.id, ticket_id=ticket.id).delete()


async def _seen(by: User, ticket_id: int) -> Ticket:
    ticket = await Ticket.get_or_none(id=known_id(ticket_id, "ticket"))
    if ticket is None:
        raise NotFound("ticket")
    require_sight(by, ticket)
    return ticket
