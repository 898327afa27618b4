"""Proving an address: a link mailed to it, and what its account gets when the link comes back."""

from datetime import timedelta

from desk import limits, outbox, signed
from desk.errors import Conflict, Unproven
from desk.work import House, Work
from models import Delivery, Event, Mailbox, Message, Participant, Ticket, User

PURPOSE = "confirm"
LASTS = timedelta(days=3)


async def ask_for_proof(work: Work, user: User) -> None:
    """Mails the link to the address that a new account claims, within the limit of automatic mail to it."""
    mailbox = await Mailbox.filter(active=True).order_by("id").first()
    if mailbox and await limits.may_be_answered(work, user):
        await outbox.send_confirmation(work, mailbox, user)


def confirmation_link(house: House, user: User) -> str:
    """The link that proves that whoever follows it reads mail to the user's address."""
    return f"{house.settings.public}/confirm/{signed.sign(house, PURPOSE, user.id, LASTS, email=user.email)}"


async def confirm(house: House, token: str) -> User:
    """The address is proven: what was mailed from it is the account's from now on.

    Raises:
        Unproven: the link is not ours, has expired, or its account is gone.
        Conflict: another account has proven the address meanwhile.
    """
    shown = signed.read(house, PURPOSE, token)
    if shown is None:
        raise Unproven("This link is not valid, or older than three days: register again to get a new one.")
    user_id, claims = shown
    async with house.work():
        people = await User.filter(email=claims.get("email")).order_by("id").select_for_update()
        user = next((person for person in people if person.id == user_id and person.active), None)
        if user is None:
            raise Unproven("This link is not valid any more.")
        known = next((person for person in people if person.proven and person.id != user.id), None)
        if known:
            await _take_over(known, user)
        user.proven = True
        await user.save(update_fields=["proven", "name"])
    return user


async def _take_over(known: User, user: User) -> None:
    """Everything of the person known from mail becomes the account's. Raises Conflict where that one has an account."""
    if known.password_hash is not None:
        raise Conflict("Another account has proven this address.")
    user.name = user.name or known.name
    there = await Participant.filter(user_id=user.id).values_list("ticket_id", flat=True)
    await Participant.filter(user_id=known.id, ticket_id__in=there).delete()
    await Participant.filter(user_id=known.id).update(user_id=user.id)
    await Ticket.filter(requester_id=known.id).update(requester_id=user.id)
    await Message.filter(author_id=known.id).update(author_id=user.id)
    await Event.filter(actor_id=known.id).update(actor_id=user.id)
    await Delivery.filter(user_id=known.id).update(user_id=user.id)
    await known.delete()
