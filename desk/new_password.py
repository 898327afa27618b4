"""A new password: for whoever knows the present one, or reads the mail of the account's address."""

import hashlib
import hmac
import uuid
from datetime import UTC, datetime, timedelta

from desk import limits, outbox, passwords, signed
from desk.addresses import people_at
from desk.errors import Invalid, Unproven
from desk.sessions import Session, end_all, hold
from desk.work import House, Work
from models import LetterKind, Mailbox, User

PURPOSE = "reset"
LASTS = timedelta(hours=1)
CLAIMS_TOLD = 3  # accounts that claim one unproven address and that are mailed a link, newest first
NOT_VALID = "This link is not valid, used already, or older than an hour: ask for a new one."


async def change_password(house: House, session: Session, *, current: str, new: str) -> None:
    """The user's own; all their other sessions end.

    Raises:
        Invalid: `current` is not their password, or `new` is too short.
    """
    passwords.check(new, "new")
    user = session.user
    if not await passwords.matches(current, user.password_hash):
        raise Invalid("current", "not your password")
    if not await _set(house, user, new, stays=session.family):
        raise Invalid("current", "not your password any more")


async def forget_password(house: House, email: str) -> None:
    """Mails a link to the address where an account goes by it; nobody learns whether one does.

    Where no account has proven the address, each that claims it gets a link of its own: all of them go to the address,
    and only whoever reads its mail can use one. Beside a proven account mere claims get none.
    """
    async with house.work() as work:
        mailbox = await Mailbox.filter(active=True).order_by("id").first()
        for user in await _accounts_at(work, email.strip().lower()):
            if mailbox and user.active and await limits.may_be_answered(work, user, (LetterKind.RESET,)):
                await outbox.send_reset(work, mailbox, user)


def reset_link(house: House, user: User, asked_at: datetime) -> str:
    """The link that sets a new password, for an hour from when it was asked for, while the present one stands.

    Raises:
        ValueError: the hour is over.
    """
    if asked_at + LASTS <= datetime.now(UTC):
        raise ValueError("its link would be too old")
    token = signed.sign(house, PURPOSE, user.id, LASTS, since=asked_at, account=_fingerprint(house, user))
    return f"{house.settings.public}/reset/{token}"


async def reset_password(house: House, token: str, password: str) -> None:
    """A new password by a mailed link, which is used up by it; all sessions of the account end.

    The address counts as no more proven than before: that is for the link which says so.

    Raises:
        Unproven: the link is not ours, too old or used, or the account has ended or has another password by now.
        Invalid: the password is too short.
    """
    shown = signed.read(house, PURPOSE, token)
    user = await User.get_or_none(id=shown[0]) if shown else None
    if shown is None or user is None or shown[1].get("account") != _fingerprint(house, user):
        raise Unproven(NOT_VALID)
    passwords.check(password, "password")
    if not await _set(house, user, password):
        raise Unproven(NOT_VALID)


async def _accounts_at(work: Work, email: str) -> list[User]:
    proven = (await people_at(work, [email])).get(email)
    if proven and proven.password_hash:
        return [proven]
    return await User.filter(email=email, proven=False, password_hash__isnull=False).order_by("-id").limit(CLAIMS_TOLD)


async def _set(house: House, known: User, password: str, *, stays: uuid.UUID | None = None) -> bool:
    """Whether the account still has the password that it was known with; then it has the new one."""
    password_hash = await passwords.hash_password(password)
    async with house.work():
        user = await hold(known.id)
        if user is None or not user.active or user.password_hash != known.password_hash:
            return False
        user.password_hash = password_hash
        await user.save(update_fields=["password_hash"])
        await end_all(user.id, but=stays)
    return True


def _fingerprint(house: House, user: User) -> str:
    """Of an account and its password: a link serves for one change. The hash itself leaves us in no mail."""
    standing = f"{user.id} {user.email} {user.password_hash}".encode()
    return hmac.new(house.token_key, b"ticketgate reset " + standing, hashlib.sha256).hexdigest()[:32]
