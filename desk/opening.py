"""Opening a ticket over REST: somebody asks for help, or staff write to a customer first."""

from collections.abc import Sequence

from desk import outbox, people, uploads
from desk.addresses import check_address
from desk.conversations import LARGEST_TEXT, LONGEST_TITLE, rendered, say, start, written
from desk.errors import LARGEST_ID, Conflict, Invalid
from desk.permissions import Verb, require
from desk.work import Work
from letters import Address
from models import Direction, Mailbox, Message, TextFormat, Ticket, User, Via


async def open_ticket(
    work: Work,
    by: User,
    *,
    title: str,
    text: str,
    via: Via = Via.API,
    markup: TextFormat = TextFormat.PLAIN,
    files: Sequence[int] = (),
) -> Ticket:
    """A ticket of their own, acknowledged by mail.

    Args:
        files: ids of uploads of theirs that become its attachments.

    Raises:
        Forbidden, Invalid: as it says.
        Conflict: there is no mailbox yet.
    """
    require(by, Verb.OPEN_TICKETS)
    title, message = _titled(title), await _opening(by, Direction.INBOUND, via, text, markup)
    mailbox = await _mailbox(None)
    ticket = await start(work, title=title, mailbox=mailbox, requester=by)
    await say(work, ticket, mailbox, message)
    await uploads.take_along(work, by, message, files)
    await outbox.acknowledge(work, ticket, mailbox, message, by)
    return ticket


async def write_to(
    work: Work,
    by: User,
    *,
    requester: Address,
    title: str,
    text: str,
    mailbox_id: int | None = None,
    via: Via = Via.API,
    markup: TextFormat = TextFormat.PLAIN,
    files: Sequence[int] = (),
) -> Ticket:
    """A ticket that begins with a mail of staff's to a customer, who is made where nobody knows the address.

    Args:
        mailbox_id: from which it is written; the first one where absent.

    Raises:
        Forbidden, Invalid: as it says.
        Conflict: there is no mailbox yet.
    """
    require(by, Verb.WRITE_FIRST)
    title, message = _titled(title), await _opening(by, Direction.OUTBOUND, via, text, markup)
    mailbox = await _mailbox(mailbox_id)
    customer = await _customer(work, by, requester)
    ticket = await start(work, title=title, mailbox=mailbox, requester=customer, by=by)
    await say(work, ticket, mailbox, message)
    outbox.check_weight(work, message, await uploads.take_along(work, by, message, files))
    await outbox.send_message(work, ticket, mailbox, message, by)
    return ticket


async def _customer(work: Work, by: User, address: Address) -> User:
    """Whoever is behind the address. Raises Invalid where no mail of the writer's can reach them."""
    await check_address(work, address.email, "requester.email")
    found = await people.whoever_wrote(work, address)
    if found.id == by.id:
        raise Invalid("requester.email", "your own")
    if not found.active:
        raise Invalid("requester.email", "the account of this person has ended")
    return found


def _titled(title: str) -> str:
    return written(title, "title", LONGEST_TITLE * 16)[:LONGEST_TITLE]


async def _opening(by: User, direction: Direction, via: Via, text: str, markup: TextFormat) -> Message:
    text = written(text, "body_text", LARGEST_TEXT)
    return Message(
        opening=True,
        author_id=by.id,
        author_role=by.role,
        direction=direction,
        via=via,
        text=text,
        format=markup,
        html=await rendered(text, markup),
    )


async def _mailbox(mailbox_id: int | None) -> Mailbox:
    active = Mailbox.filter(active=True).order_by("id")
    if mailbox_id is None:
        found = await active.first()
        if found is None:
            raise Conflict("There is no mailbox yet: an admin has to add one.")
        return found
    found = await active.filter(id=mailbox_id).first() if 0 < mailbox_id <= LARGEST_ID else None
    if found is None:
        raise Invalid("mailbox", "no mailbox of ours that is in use")
    return found
