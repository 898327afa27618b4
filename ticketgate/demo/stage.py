"""Who and what a performance needs: the staff, the mailboxes, and notes of what was to happen when."""

from dataclasses import dataclass, field
from datetime import datetime

from desk import House, add_mailbox, add_user
from desk.errors import Taken
from desk.passwords import generate
from models import Mailbox, Role, Ticket, User
from settings import BadSetting, Settings
from ticketgate.demo.script import Standing

AGENTS = {"jonas": "Jonas Albrecht", "ines": "Ines Moreau", "tom": "Tom Okafor"}
DOMAIN = "halde.example"  # of the agents
WORKSHOP = "workshop"  # the local part of the second mailbox


@dataclass(frozen=True)
class Stamp:
    """A step that was performed on a ticket at `began`, and belongs to `planned`."""

    ticket: int
    began: datetime
    planned: datetime


@dataclass(frozen=True)
class Posted:
    """A mail that came in, when it was to come, and what would be known of its sender."""

    message_id: str
    domain: str
    planned: datetime
    standing: Standing


@dataclass
class Stage:
    """`staff` are the three agents and the first admin; `mailboxes` the first one and the workshop's.

    `run`: is in every Message-ID, so that a second demo on the same desk sends other mails.
    """

    settings: Settings
    house: House
    staff: list[User]
    mailboxes: list[Mailbox]
    run: int
    stamps: list[Stamp] = field(default_factory=list)
    mails: list[Posted] = field(default_factory=list)


async def set_up(settings: Settings, house: House) -> tuple[Stage, dict[str, str]]:
    """The stage, and the passwords of agents that were made for it, by their names.

    Raises:
        BadSetting: the instance has no mailbox or admin, or somebody else has the name of an agent.
    """
    admin = await User.filter(role=Role.ADMIN, active=True).order_by("id").first()
    first = await Mailbox.filter(active=True).order_by("id").first()
    if admin is None or first is None:
        raise BadSetting("there is no admin or no mailbox yet: start `ticketgate up` once, it makes them")
    latest = await Ticket.all().order_by("-id").first()
    passwords: dict[str, str] = {}
    staff = [*[await _agent(house, username, passwords) for username in AGENTS], admin]
    mailboxes = [first, await _workshop(admin, first)]
    return Stage(settings, house, staff, mailboxes, run=latest.id if latest else 0), passwords


async def _agent(house: House, username: str, passwords: dict[str, str]) -> User:
    email = f"{username}@{DOMAIN}"
    present = await User.get_or_none(username=username, email=email, role=Role.AGENT, active=True)
    if present:
        return present
    password = generate()
    try:
        made = await add_user(
            house, None, username=username, email=email, password=password, role=Role.AGENT, name=AGENTS[username]
        )
    except Taken:
        raise BadSetting(f"the demo wants an agent {username} <{email}>, and somebody has that name already") from None
    passwords[username] = password
    return made


async def _workshop(admin: User, first: Mailbox) -> Mailbox:
    address = f"{WORKSHOP}@{first.address.rpartition('@')[2]}"
    present = await Mailbox.get_or_none(address=address)
    return present or await add_mailbox(admin, address=address, name="Halde Cycles, workshop")
