"""People: those who register, those whom an admin makes, and those whom we know from their mail."""

import re
from datetime import UTC, datetime
from typing import Any

from tortoise.exceptions import IntegrityError

from desk import passwords
from desk.addresses import alone_with, is_another, people_at
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
        Taken: the name, or the address: of somebody who has an account, or another one of somebody's.
    """
    if house.settings.registration == "off":
        raise Forbidden("Accounts are made by admins only.")
    email = _checked(username, email, password)
    if await is_another(email) or await User.exists(email=email, proven=True, password_hash__isnull=False):
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
    if await is_another(email) or (known and known.password_hash is not None):
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
    if changes.get("active") is False:
        await RefreshToken.filter(user_id=user.id).delete()
    elif "role" in changes:
        # None goes on. An access token of one tells until its end who is calling: what they may is asked of their row.
        await RefreshToken.filter(user_id=user.id).update(expires_at=datetime.now(UTC))
    return user


async def everyone(by: User, *, limit: int, after: int, accounts: bool = False) -> list[User]:
    """Users by id, those after `after`. Raises Forbidden.

    Args:
        accounts: only those who have one: most people have written by mail, and never sign in.
    """
    require(by, Verb.MANAGE_USERS)
    some = User.filter(username__isnull=False) if accounts else User.all()
    return await some.filter(id__gt=after).order_by("id").limit(limit)


async def change_oneself(user: User, changes: dict[str, Any]) -> User:
    """What a person may change of themselves: `name`, and of which tickets they want mail (`notify`), where staff.

    Raises:
        Forbidden: they get no notices.
    """
    if "notify" in changes:
        require(user, Verb.GET_NOTICES)
    for name, value in changes.items():
        setattr(user, name, value)
    await user.save(update_fields=list(changes))
    return user


async def whoever_wrote(work: Work, address: Address) -> User:
    """The person behind an address of a mail; a customer is made for one that nobody knows."""
    people = await everybody(work, [address])
    return people[address.key]


async def everybody(work: Work, addresses: list[Address]) -> dict[str, User]:
    """The people behind addresses, by address in lower case. Unknown ones become customers without a password.

    Several addresses of one person lead to that person.
    """
    wanted = {address.key: address.name[:LONGEST_NAME] for address in reversed(addresses)}
    found = await people_at(work, wanted)
    # In the order of their addresses: two mails that name the same people must not wait for each other in a ring.
    unknown = sorted(wanted.keys() - found.keys())
    for email in unknown:
        await _welcome(work, email, wanted[email])
    found |= await people_at(work, unknown) if unknown else {}
    for email, person in found.items():
        if not person.name and wanted[email] and person.password_hash is None:
            person.name = wanted[email]
            await person.save(update_fields=["name"])
    return found


async def _welcome(work: Work, email: str, name: str) -> None:
    """Makes a customer of an address, unless somebody has it by now."""
    await alone_with(work, email)
    if not await is_another(email):
        await work.rows(
            """INSERT INTO users (email, name, role, proven, active, created_at)
               VALUES ($1, $2, 'customer', true, true, now()) ON CONFLICT (email) WHERE proven DO NOTHING
               RETURNING id""",
            email,
            name,
        )


def _checked(username: str, email: str, password: str) -> str:
    """The address in lower case. Raises Invalid."""
    if not USERNAME.fullmatch(username):
        raise Invalid("username", "1 to 150 characters, without spaces, @ and /")
    if not is_address(email) or any(ord(character) < 33 for character in email):
        raise Invalid("email", "not an e-mail address")
    passwords.check(password)
    return email.lower()


async def _save(user: User) -> None:
    try:
        await user.save()
    except IntegrityError as error:
        raise Taken("username" if "users_username" in str(error) else "email") from None
