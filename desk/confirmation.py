"""Proving an address: a link mailed to it, and what its account gets when the link comes back."""

from datetime import UTC, datetime, timedelta

from desk import addresses, limits, merging, outbox, signed
from desk.errors import Conflict, TooSoon, Unproven
from desk.sessions import hold
from desk.work import House, Work
from models import Delivery, LetterKind, Mailbox, User

PURPOSE = "confirm"
LASTS = timedelta(days=3)
BETWEEN = timedelta(seconds=30)  # from one mail to the next that is asked for


async def ask_for_proof(work: Work, user: User) -> None:
    """Mails the link to the address that a new account claims, within the limit of automatic mail to it."""
    mailbox = await Mailbox.filter(active=True).order_by("id").first()
    if mailbox and await limits.may_be_answered(work, user):
        await outbox.send_confirmation(work, mailbox, user)


def confirmation_link(house: House, user: User) -> str:
    """The link that proves that whoever follows it reads mail to the user's address."""
    return f"{house.settings.public}/confirm/{signed.sign(house, PURPOSE, user.id, LASTS, email=user.email)}"


async def ask_again(house: House, user: User) -> None:
    """Mails the link once more to whoever waits for it.

    Raises:
        Conflict: the address is proven already.
        TooSoon: it was mailed just now, or the address had its share of automatic mail.
    """
    async with house.work() as work:
        held = await hold(user.id)  # whoever asks twice at once waits here
        if held is None or held.proven:
            raise Conflict("Your address is proven already.")
        wait = max(await _wait_since_last(user), await limits.wait_before_mail(work, user.email))
        if wait > 0:
            raise TooSoon("A mail is on its way: look there first.", wait)
        await ask_for_proof(work, user)


async def confirm(house: House, token: str) -> User:
    """The address is proven: what was mailed from it is the account's from now on. So it is with one more address.

    Raises:
        Unproven: the link is not ours, has expired, or its account is gone.
        Conflict: the address is somebody else's by now.
    """
    user = await addresses.prove(house, token)
    if user:
        return user
    shown = signed.read(house, PURPOSE, token)
    if shown is None:
        raise Unproven("This link is not valid, or older than three days: ask for a new one.")
    user_id, claims = shown
    async with house.work() as work:
        await addresses.alone_with(work, claims["email"])
        people = await User.filter(email=claims["email"]).order_by("id").select_for_update()
        user = next((person for person in people if person.id == user_id and person.active), None)
        if user is None:
            raise Unproven("This link is not valid any more.")
        known = next((person for person in people if person.proven and person.id != user.id), None)
        if await addresses.is_another(user.email) or (known and known.password_hash is not None):
            raise Conflict("Somebody else has proven this address.")
        if known:
            await merging.merge(work, known, user)
        user.proven = True
        await user.save(update_fields=["proven"])
    return user


async def _wait_since_last(user: User) -> float:
    """The seconds until `BETWEEN` has passed since the link was mailed."""
    sent = Delivery.filter(recipient=user.email, user_id=user.id, kind=LetterKind.CONFIRMATION)
    last = await sent.order_by("-created_at").first()
    return (last.created_at + BETWEEN - datetime.now(UTC)).total_seconds() if last else 0
