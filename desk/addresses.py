"""The addresses of people: whose mail comes from which. One person may have several; ours goes to the first.

`people_at` is the one look-up: whoever asks who is behind an address asks it. An address belongs to one person, by
their own row or by one in `other_addresses`; `alone_with` keeps the two tables from both taking it at once.
"""

import logging
from collections.abc import Collection
from datetime import timedelta

from desk import limits, merging, outbox, signed
from desk.errors import Conflict, Invalid, NotFound, Unproven, known_id
from desk.mailboxes import is_ours, own_addresses
from desk.permissions import Verb, require
from desk.work import House, Work
from letters import is_address, is_no_reply
from models import Event, Mailbox, OtherAddress, User

log = logging.getLogger(__name__)

PURPOSE = "address"
LASTS = timedelta(days=3)
MOST_ADDRESSES = 20  # of one person, beside the first


# -- who is behind an address


async def people_at(work: Work, emails: Collection[str]) -> dict[str, User]:
    """The people behind addresses (in lower case), by address; those that nobody has are left out.

    Somebody who only claims an address does not have it.
    """
    rows = await work.rows(
        """SELECT email, id FROM users WHERE email = ANY($1::text[]) AND proven
           UNION ALL SELECT email, user_id FROM other_addresses WHERE email = ANY($1::text[])""",
        list(emails),
    )
    people = await User.in_bulk({row["id"] for row in rows}, "id")
    return {row["email"]: people[row["id"]] for row in rows if row["id"] in people}


async def is_another(email: str) -> bool:
    """Whether the address (in lower case) is one of somebody whose first address is another."""
    return await OtherAddress.exists(email=email)


async def alone_with(work: Work, email: str) -> None:
    """Until the end of the transaction nobody else decides whose address it is."""
    await work.rows("SELECT pg_advisory_xact_lock(hashtextextended($1, 2))", f"address {email}")


async def check_address(work: Work, email: str, field: str = "email") -> str:
    """The address in lower case. Raises Invalid, naming the field, where no one can be reached at it."""
    if not is_address(email):
        raise Invalid(field, "not an e-mail address")
    if is_ours(work, email, await own_addresses(work)):
        raise Invalid(field, "an address of our own: mail to it would come back")
    if is_no_reply(email):
        raise Invalid(field, "an address where nobody reads")
    return email.lower()


# -- staff


async def addresses_of(by: User, person_id: int) -> list[OtherAddress]:
    """The other addresses of a person, oldest first. Raises Forbidden and NotFound."""
    if by.id != person_id:
        require(by, Verb.MANAGE_ADDRESSES)
    person = await _known(person_id)
    return await OtherAddress.filter(user_id=person.id).order_by("id")


async def add_address(work: Work, by: User, person_id: int, *, email: str) -> OtherAddress:
    """Mail from the address is the person's from now on, and so is all that a customer without account sent from it.

    Raises:
        Forbidden, NotFound, Invalid: as it says; to staff only admins add an address.
        Conflict: it is somebody else's who has an account or is staff, or the person can have none.
    """
    person = await _changeable(by, person_id)
    return await _give(work, person, await check_address(work, email), by)


async def remove_address(by: User, person_id: int, email: str) -> None:
    """Mail from the address is no longer the person's; what they sent from it stays theirs.

    Raises:
        Forbidden, NotFound: as it says; everybody may remove their own.
    """
    person = by if by.id == person_id else await _changeable(by, person_id)
    if not is_address(email) or not await OtherAddress.filter(user_id=person.id, email=email.lower()).delete():
        raise NotFound("address")
    log.info("user %s has an address less, by user %s", person.id, by.id)


# -- oneself


async def ask_for_address(work: Work, by: User, *, email: str) -> None:
    """Mails the link that proves that the address is theirs, within the limit of automatic mail to it.

    Raises:
        Invalid: as it says.
        Conflict: it is somebody else's who has an account or is staff, or they can have none.
    """
    email = await check_address(work, email)
    await _check_free(by, (await people_at(work, [email])).get(email), email)
    mailbox = await Mailbox.filter(active=True).order_by("id").first()
    if mailbox and await limits.may_be_mailed(work, email):
        await outbox.send_confirmation(work, mailbox, by, email)


def address_link(house: House, user: User, email: str) -> str:
    """The link that proves that whoever follows it reads mail to one more address of the user's."""
    return f"{house.settings.public}/confirm/{signed.sign(house, PURPOSE, user.id, LASTS, email=email)}"


async def prove(house: House, token: str) -> User | None:
    """The address is the user's from now on; None where the token is no such link.

    Raises:
        Unproven: the account is gone.
        Conflict: somebody else has proven the address meanwhile, or they can have none.
    """
    shown = signed.read(house, PURPOSE, token)
    if shown is None:
        return None
    user_id, claims = shown
    async with house.work() as work:
        user = await User.get_or_none(id=user_id, active=True)
        if user is None:
            raise Unproven("This link is not valid any more.")
        await _give(work, user, claims["email"], user)
    return user


# -- steps


async def _known(person_id: int) -> User:
    person = await User.get_or_none(id=known_id(person_id, "person"))
    if person is None:
        raise NotFound("person")
    return person


async def _changeable(by: User, person_id: int) -> User:
    """Raises Forbidden and NotFound. What comes from an address of staff may speak for us: admins alone add one."""
    require(by, Verb.MANAGE_ADDRESSES)
    person = await _known(person_id)
    if person.role.is_staff:
        require(by, Verb.MANAGE_USERS)
    return person


async def _give(work: Work, person: User, email: str, by: User) -> OtherAddress:
    await alone_with(work, email)
    known = (await people_at(work, [email])).get(email)
    locked = {found.id: found for found in await merging.lock(work, person.id, *([known.id] if known else []))}
    if person.id not in locked:
        raise NotFound("person")
    person, known = locked[person.id], locked.get(known.id) if known else None
    await _check_free(person, known, email)
    if known and known.id != person.id:
        await _merge(work, known, person, by)
    address, made = await OtherAddress.get_or_create(email=email, defaults={"user_id": person.id})
    if made:
        log.info("user %s has one more address, by user %s", person.id, by.id)
    return address


async def _check_free(person: User, known: User | None, email: str) -> None:
    """Raises Conflict where the address cannot become the person's."""
    if not person.active or not person.proven:
        raise Conflict("Only somebody with an account in force and a first address that is proven has others.")
    if email == person.email:
        raise Conflict("It is the person's first address already.")
    if known and known.id == person.id:
        return
    if known and (known.email != email or known.password_hash or known.role.is_staff or not known.active):
        raise Conflict("It is an address of somebody else.")
    if await OtherAddress.filter(user_id=person.id).count() >= MOST_ADDRESSES:
        raise Conflict(f"A person has at most {MOST_ADDRESSES} other addresses.")


async def _merge(work: Work, known: User, person: User, by: User) -> None:
    data = {"user": person.id, "email": known.email}
    tickets = await merging.merge(work, known, person)
    await Event.bulk_create(
        [Event(ticket_id=ticket, actor_id=by.id, kind="same_person", data=data) for ticket in tickets]
    )
    work.changed = True
