"""The people and mails that tests of the desk are about."""

import email.policy
import email.utils
from dataclasses import dataclass
from email.message import EmailMessage
from itertools import count

import bcrypt

from desk import House
from gateway.intake import Intake
from models import Delivery, Inbound, Mailbox, Message, Role, Ticket, User
from settings import Settings

PASSWORD = "correct horse 9 battery"
# Four rounds instead of twelve: the hash says so itself, and tests sign in often.
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
SUPPORT = "support@desk.example"
numbers = count(1)


@dataclass
class Cast:
    """A desk with one mailbox, an admin, two agents and a customer with an account."""

    house: House
    mailbox: Mailbox
    admin: User
    ann: User
    ben: User
    carl: User

    async def receive(self, raw: bytes, to: str | list[str] = SUPPORT, envelope_from: str | None = None) -> Inbound:
        """Puts a mail into the journal as the listener does, and has the intake read it."""
        entry = await self.accept(raw, to, envelope_from)
        await Intake(self.house).read_one()
        return await Inbound.get(id=entry.id)

    async def accept(self, raw: bytes, to: str | list[str] = SUPPORT, envelope_from: str | None = None) -> Inbound:
        headers = email.message_from_bytes(raw)
        sender = email.utils.parseaddr(headers["From"] or "")[1] if envelope_from is None else envelope_from
        return await Inbound.create(
            envelope_from=sender,
            envelope_to=[to] if isinstance(to, str) else to,
            size=len(raw),
            raw_bytes=raw,
            rfc_message_id=(headers["Message-ID"] or "").strip(" <>") or None,
        )


async def make_cast(settings: Settings) -> Cast:
    roles = {"admin": Role.ADMIN, "ann": Role.AGENT, "ben": Role.AGENT, "carl": Role.CUSTOMER}
    await User.bulk_create([_person(name, role) for name, role in roles.items()])
    people = {str(user.username): user for user in await User.all()}
    return Cast(house=House(settings), mailbox=await Mailbox.create(address=SUPPORT), **people)


def _person(name: str, role: Role) -> User:
    domain = "people" if role is Role.CUSTOMER else "desk"
    return User(username=name, name=name.title(), email=f"{name}@{domain}.example", role=role, password_hash=HASH)


def mail(
    sender: str = "Zoë Ünal <zoe@people.example>",
    to: str = SUPPORT,
    subject: str = "It does not work",
    text: str = "Hello,\n\nit does not work.\n",
    *,
    files: tuple[tuple[str, bytes], ...] = (),
    **headers: str | None,
) -> bytes:
    """A mail as a mail program writes it. `In_Reply_To="<a@b>"` and the like add headers; None leaves one out."""
    message = EmailMessage(policy=email.policy.SMTP)
    given: dict[str, str | None] = {
        "From": sender,
        "To": to,
        "Subject": subject,
        "Date": "Mon, 23 Nov 2026 09:38:00 +0100",
        "Message-ID": f"<mail-{next(numbers)}@client.example>",
    }
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in given.items():
        if value is not None:
            message[name] = value
    message.set_content(text)
    for filename, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=filename)
    return message.as_bytes()


async def ticket_of(entry: Inbound) -> Ticket:
    assert entry.ticket_id, f"no ticket: {entry.state} {entry.reason}"
    return await Ticket.get(id=entry.ticket_id)


async def texts(ticket: Ticket) -> list[str]:
    said = await Message.filter(ticket_id=ticket.id).order_by("id")
    return [message.text.strip() for message in said]


async def outbox(ticket: Ticket) -> list[tuple[str, str]]:
    """Kind and recipient of every mail that waits or went out, in order."""
    found = await Delivery.filter(ticket_id=ticket.id).order_by("id")
    return [(str(delivery.kind), delivery.recipient) for delivery in found]
