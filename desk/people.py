"""People: those who register, those whom an admin makes, and those whom we know from their mail."""

import re
from typing import Any

from tortoise.exceptions import IntegrityError

from desk import passwords
from desk.confirmation import ask_for_proof
from desk.errors import Conflict, Forbidden, Invalid, NotFound, Taken, known_id
from desk.permissions import Verb, require
from desk.work import House, Work
from letters import Address, is_address
from models import RefreshToken, Role, User

USERNAME = re.compile(r"[^\s@/\x00-\x1f\x7f]{1,150}")
LONGEST_NAME = 200


async def register(house: House, *, username: str, email: str, password: str) -> User:
    """A customer of their own making. They only claim the address, until a link mailed to it proves it.

    Raises:
        Forbidden: accounts are made by admins only.
        Invalid: a field is not one we take.
        Taken: the name, or the address of somebody who has an account.
    """
    if house.settings.registration == "off":
        raise Forbidden("Accounts are made by admins only.")
    email = _checked(username, email, password)
    if await User.exists(email=email, proven=True, password_hash__isnull=False):
        raise Taken("email")
    password_hash = await passwords.hash_password(password)
    async with house.work() as work:
        user = User(username=username, email=email, role=Role.CUSTOMER, proven=False, password_hash=password_hash)
        await _save(user)
        await ask_for_proof(work, user)
    return user


async def add_user(
    house: House, by: User | None, *, username: str, email: str, password: str, role: Role, name: str = ""
) -> User:
    """A user whom an admin vouches for. Somebody known from mail gets their account on the row that they have.

    Args:
        by: the admin; None where the command line speaks for whoever owns the machine.

    Raises:
        Forbidden, Invalid, Taken: as it says.
    """
    if by:
        require(by, Verb.MANAGE_USERS)
    email = _checked(username, email, password)
    known = await User.get_or_none(email=email, proven=True)
    if known and known.password_hash is not None:
        raise Taken("email")
    user = known or User(email=email, proven=True)
    user.username, user.role, user.name = username, role, name or user.name
    user.password_hash = await passwords.hash_password(password)
    await _save(user)
    return user


async def make_first_admin(work: Work, *, username: str, email: str, password: str) -> User:
    """The admin of a fresh instance, on the row that their address has already, if it has one.

    Raises:
        Invalid: a field is not one we take.
    """
    email = _checked(username, email, password)
    admin = await whoever_wrote(work, Address("", email))
    admin.username, admin.role, admin.password_hash = username, Role.ADMIN, await passwords.hash_password(password)
    await admin.save()
    return admin


async def change_user(by: User, user_id: int, changes: dict[str, Any]) -> User:
    """Role, name and whether the account is active; a change of role or an end of activity ends all sessions.

    Raises:
        Forbidden, NotFound, Invalid: as it says.
        Conflict: it would leave nobody who may manage users.
    """
    require(by, Verb.MANAGE_USERS)
    user = await User.get_or_none(id=known_id(user_id, "user"))
    if user is None:
        raise NotFound("user")
    loses_rights = changes.get("role", user.role) is not Role.ADMIN or changes.get("active") is False
    if user.id == by.id and loses_rights:
        raise Conflict("You cannot take your own rights: ask another admin.")
    for name, value in changes.items():
        setattr(user, name, value)
    await user.save(update_fields=list(changes))
    if "role" in changes or changes.get("active") is False:
        await RefreshToken.filter(user_id=user.id).delete()
    return user


async def everyone(by: User, *, limit: int, after: int) -> list[User]:
    """Users by id, those after `after`. Raises Forbidden."""
    require(by, Verb.MANAGE_USERS)
    return await User.filter(id__gt=after).order_by("id").limit(limit)


async def rename(user: User, name: str) -> User:
    """What a person may change of themselves."""
    user.name = name
    await user.save(update_fields=["name"])
    return user


async def whoever_wrote(work: Work, address: Address) -> User:
    """The person behind an address of a mail; a customer is made for one that nobody knows."""
    people = await everybody(work, [address])
    return people[address.key]


async def everybody(work: Work, addresses: list[Address]) -> dict[str, User]:
    """The people behind addresses, by address in lower case. Unknown ones become customers without a password."""
    wanted = {address.key: address.name for address in reversed(addresses)}
    # In the order of their addresses: two mails that name the same people must not wait for each other in a ring.
    for email in sorted(wanted):
        await work.rows(
            """INSERT INTO users (email, name, role, proven, active, created_at)
               VALUES ($1, $2, 'customer', true, true, now()) ON CONFLICT (email) WHERE proven DO NOTHING
               RETURNING id""",
            email,
            wanted[email][:LONGEST_NAME],
        )
    people = await User.filter(email__in=list(wanted), proven=True)
    for person in people:
        if not person.name and wanted[person.email] and person.password_hash is None:
            person.name = wanted[person.email][:LONGEST_NAME]
            await person.save(update_fields=["name"])
    return {person.email: person for person in people}


def _checked(username: str, email: str, password: str) -> str:
    """The address in lower case. Raises Invalid."""
    if not USERNAME.fullmatch(username):
        raise Invalid("username", "1 to 150 characters, without spaces, @ and /")
    if not is_address(email) or any(ord(character) < 33 for character in email):
        raise Invalid("email", "not an e-mail address")
    if len(password) < passwords.SHORTEST:
        raise Invalid("password", f"at least {passwords.SHORTEST} characters")
    return email.lower()


async def _save(user: User) -> None:
    try:
        await user.save()
    except IntegrityError as error:
        raise Taken("username" if "users_username" in str(error) else "email") from None
