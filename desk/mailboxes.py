"""The addresses that open tickets."""

from typing import Any

from tortoise.exceptions import IntegrityError

from desk.errors import Conflict, Invalid, NotFound, Taken, known_id
from desk.permissions import Verb, require
from desk.work import Work
from letters import is_address, read_reply_address, read_return_path, split_detail
from models import Mailbox, User


async def add_mailbox(by: User, *, address: str, name: str = "") -> Mailbox:
    """A further address that opens tickets; the listeners hear of it at once.

    Raises:
        Forbidden, Invalid, Taken: as it says.
    """
    require(by, Verb.MANAGE_MAILBOXES)
    if not is_address(address) or not address.isascii() or split_detail(address)[1] is not None:
        raise Invalid("address", "not an e-mail address that can be a mailbox (no +, ASCII only)")
    try:
        return await Mailbox.create(address=address.lower(), name=name)
    except IntegrityError:
        raise Taken("address") from None


async def change_mailbox(by: User, mailbox_id: int, changes: dict[str, Any]) -> Mailbox:
    """Its name, and whether it takes mail.

    Raises:
        Forbidden, NotFound: as it says.
        Conflict: no mailbox would be left that takes mail.
    """
    mailbox = await one_mailbox(by, mailbox_id)
    if changes.get("active") is False and not await Mailbox.filter(active=True).exclude(id=mailbox.id).exists():
        raise Conflict("It is the last mailbox that takes mail.")
    for name, value in changes.items():
        setattr(mailbox, name, value)
    await mailbox.save(update_fields=list(changes))
    return mailbox


async def one_mailbox(by: User, mailbox_id: int) -> Mailbox:
    """Raises Forbidden and NotFound."""
    require(by, Verb.MANAGE_MAILBOXES)
    mailbox = await Mailbox.get_or_none(id=known_id(mailbox_id, "mailbox"))
    if mailbox is None:
        raise NotFound("mailbox")
    return mailbox


async def every_mailbox(by: User) -> list[Mailbox]:
    """All mailboxes, oldest first. Raises Forbidden."""
    require(by, Verb.MANAGE_MAILBOXES)
    return await Mailbox.all().order_by("id")


async def own_addresses(work: Work) -> dict[str, Mailbox]:
    """Every mailbox by its address, also those that are not active any more: their mail is ours all the same."""
    return {mailbox.address: mailbox for mailbox in await Mailbox.all().order_by("id")}


def is_ours(work: Work, address: str, own: dict[str, Mailbox]) -> bool:
    """Whether the address is a mailbox, a detail of one, or signed by us."""
    return split_detail(address)[0] in own or is_signed(work, address)


def is_signed(work: Work, address: str) -> bool:
    """Whether it is a reply address or a return path of ours."""
    keys = work.house.reply_keys
    return read_reply_address(keys, address) is not None or read_return_path(keys, address) is not None


def first_mailbox(own: dict[str, Mailbox], recipients: list[str]) -> Mailbox:
    """The mailbox that a mail was sent to: of the first recipient that has one, else the oldest we have."""
    for recipient in recipients:
        mailbox = own.get(split_detail(recipient)[0])
        if mailbox:
            return mailbox
    return next(iter(own.values()))
