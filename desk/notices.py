"""Mail to the member of staff whose ticket it is, of what others say there. Only who wants that gets it."""

from desk import outbox
from desk.addresses import people_at
from desk.work import Work
from models import Direction, Mailbox, Message, Notify, Ticket, User


async def tell_assignee(work: Work, ticket: Ticket, mailbox: Mailbox, message: Message) -> None:
    """A notice of a customer's message or a colleague's note, to whom the ticket is assigned.

    Nobody hears of their own words, of what a machine said, or of a mail that they were sent anyway.
    """
    if ticket.assignee_id in (None, message.author_id) or not _concerns_staff(message):
        return
    assignee = await User.get(id=ticket.assignee_id)
    wants = assignee.active and assignee.role.is_staff and assignee.notify is Notify.ASSIGNED
    if wants and not await _was_sent_it(work, assignee, message):
        await outbox.send_notice(work, ticket, mailbox, message, assignee)


def _concerns_staff(message: Message) -> bool:
    by_a_machine = message.email is not None and message.email["auto"]
    return not message.opening and message.direction is not Direction.OUTBOUND and not by_a_machine


async def _was_sent_it(work: Work, person: User, message: Message) -> bool:
    """Whether the mail that the message came as names the person as its recipient, by whichever address."""
    if message.email is None:
        return False
    named = [to["email"].lower() for to in (*message.email["to"], *message.email["cc"])]
    return person.id in {found.id for found in (await people_at(work, named)).values()}
