"""Plays a conversation of tests/conversations/*.yml on a desk and tells what became of it (README.md there)."""

import email
import email.policy
import re
from email.message import EmailMessage
from typing import Any

from desk import add_mailbox, add_message, add_note, change_ticket, open_ticket, views
from desk.addresses import add_address
from desk.participants import add_participant, remove_participant
from letters import write_message_id, write_reply_address, write_return_path
from mailer import delivery
from mailer.transport import Answer, NotTaken, Outgoing
from models import (
    Attachment,
    Delivery,
    Direction,
    Inbound,
    Mailbox,
    Message,
    Notify,
    Participant,
    Status,
    Ticket,
    User,
)
from tests.cast import SUPPORT, Cast, mail

STAFF = {"ann", "ben", "admin"}
PLACEHOLDER = re.compile(r"\{(\w+)(?: ([^{}]*))?\}")
OTHER_KEY = b"a key of somebody else"
Step = dict[str, Any]


class Stage:
    """A desk on which the steps of one conversation are played in turn. A step's first key is its verb."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.mails = 0
        self.sent: list[EmailMessage] = []
        self.refused: set[str] = set()

    async def play(self, step: Step) -> None:
        verb, what = next(iter(step.items()))
        await getattr(self, verb)(step, what)

    # -- what people outside do

    async def mail(self, step: Step, sender: str) -> None:
        """A mail to the mailbox, where nothing else is said."""
        headers = {"In-Reply-To": f"<{step['answers']}@client.example>"} if "answers" in step else {}
        await self._receive(step, sender, to=SUPPORT, subject="Lamp", headers=headers)

    async def reply(self, step: Step, sender: str) -> None:
        """What a mail program makes of `reply` to the last mail that the sender had from us."""
        last = await Delivery.filter(recipient=address(sender)).order_by("-id").first()
        assert last, f"{sender} had no mail to reply to"
        assert last.ticket_id
        note = await Message.exists(id=last.message_id, direction=Direction.INTERNAL)
        to = write_reply_address(self.cast.house.reply_key, SUPPORT, last.ticket_id, last.user_id, note=note)
        references = " ".join(f"<{ident}>" for ident in [*last.references, last.rfc_message_id])
        headers = {"In-Reply-To": f"<{last.rfc_message_id}>", "References": references}
        await self._receive(step, sender, to=to, subject=last.subject, headers=headers)

    async def raw(self, step: Step, text: str) -> None:
        """A mail as it stands, in the charset that the step names."""
        raw = text.replace("\n", "\r\n").encode(step.get("charset", "utf-8"))
        await self.cast.receive(raw, await self._addresses(step.get("at", SUPPORT)), step.get("envelope_from"))

    async def again(self, step: Step, which: str) -> None:
        """The same mail once more, by another hop, to the mailbox or elsewhere."""
        entry = await Inbound.filter(rfc_message_id=f"{which}@client.example").order_by("id").first()
        assert entry, f"no mail {which}"
        raw = await self.cast.house.blobs.get(entry.blob or "")
        await self.cast.receive(b"Received: by another hop\r\n" + raw, await self._addresses(step.get("at", SUPPORT)))

    async def _receive(self, step: Step, sender: str, *, to: str, subject: str, headers: dict[str, str]) -> None:
        self.mails += 1
        given = {"Message-ID": f"<{step.get('id', f'm{self.mails}')}@client.example>", **headers}
        given |= {name: await self._filled(value) for name, value in step.get("headers", {}).items()}
        if "cc" in step:
            given["Cc"] = ", ".join(await self._addresses(step["cc"]))
        kept: dict[str, str | None] = dict.fromkeys(step.get("without", ()))
        shown = await self._addresses(step.get("to", to))
        raw = mail(
            sender if "@" in sender else f"{sender.title()} <{address(sender)}>",
            ", ".join(shown),
            await self._filled(step.get("subject", subject)),
            step.get("text", f"mail {self.mails}"),
            files=tuple((name, name.encode()) for name in step.get("files", ())),
            **given | kept,
        )
        at = await self._addresses(step["at"]) if "at" in step else [to]
        await self.cast.receive(raw, at, step.get("envelope_from"))

    # -- what staff do

    async def say(self, step: Step, text: str) -> None:
        chosen = [(await person(one)).id for one in step["to"]] if "to" in step else None
        async with self.cast.house.work() as work:
            await add_message(work, await by(step), await ticket(step), text=text, recipients=chosen)

    async def note(self, step: Step, text: str) -> None:
        async with self.cast.house.work() as work:
            await add_note(work, await by(step), await ticket(step), text=text)

    async def set(self, step: Step, status: str) -> None:
        async with self.cast.house.work() as work:
            await change_ticket(work, await by(step), await ticket(step), status=Status(status))

    async def open(self, step: Step, title: str) -> None:
        """Carl's ticket, over REST."""
        async with self.cast.house.work() as work:
            await open_ticket(work, self.cast.carl, title=title, text=step.get("text", "by hand"))

    async def add(self, step: Step, somebody: str) -> None:
        async with self.cast.house.work() as work:
            await add_participant(work, await by(step), await ticket(step), email=address(somebody))

    async def remove(self, step: Step, somebody: str) -> None:
        found = await person(somebody)
        async with self.cast.house.work() as work:
            await remove_participant(work, await by(step), await ticket(step), found.id)

    async def assign(self, step: Step, somebody: str) -> None:
        """To somebody who wants notices of what is theirs."""
        found = await person(somebody)
        await User.filter(id=found.id).update(notify=Notify.ASSIGNED)
        async with self.cast.house.work() as work:
            await change_ticket(work, await by(step), await ticket(step), assignee=found.id)

    async def address(self, step: Step, email: str) -> None:
        """One more of somebody's."""
        async with self.cast.house.work() as work:
            await add_address(work, self.cast.admin, (await person(step["of"])).id, email=address(email))

    async def mailbox(self, _step: Step, box: str) -> None:
        await add_mailbox(self.cast.admin, address=box)

    async def ended(self, _step: Step, somebody: str) -> None:
        await User.filter(email=address(somebody)).update(active=False)

    async def closed(self, step: Step, days: int) -> None:
        """Closed so many days ago."""
        await Ticket._meta.db.execute_query(
            "UPDATE tickets SET status = 'CL', closed_at = now() - make_interval(days => $1) WHERE id = $2",
            [days, await ticket(step)],
        )

    async def refuses(self, _step: Step, somebody: str) -> None:
        """The mail server of this person takes nothing from now on."""
        self.refused.add(address(somebody))

    # -- placeholders

    async def _addresses(self, value: str | list[str]) -> list[str]:
        return [address(await self._filled(one)) for one in ([value] if isinstance(value, str) else value)]

    async def _filled(self, text: str) -> str:
        """The text with its placeholders: `{reply zoe}`, `{note ann}`, `{returned zoe}`, `{ours}`, `{forged zoe}`, …"""
        for found in list(PLACEHOLDER.finditer(text)):
            text = text.replace(found[0], await getattr(self, f"_{found[1]}")(found[2] or ""))
        return text

    async def _reply(self, somebody: str) -> str:
        return await self._reply_address(self.cast.house.reply_key, somebody)

    async def _note(self, somebody: str) -> str:
        name, _, number = somebody.partition(" ")
        key, person_id = self.cast.house.reply_key, (await person(name)).id
        return write_reply_address(key, SUPPORT, int(number or 1), person_id, note=True)

    async def _forged(self, somebody: str) -> str:
        return await self._reply_address(OTHER_KEY, somebody)

    async def _reply_address(self, key: bytes, somebody: str) -> str:
        name, _, number = somebody.partition(" ")
        return write_reply_address(key, SUPPORT, int(number or 1), (await person(name)).id)

    async def _forged_id(self, number: str) -> str:
        return f"<{write_message_id(OTHER_KEY, 'desk.example', int(number or 1), 'abc')}>"

    async def _returned(self, somebody: str) -> str:
        last = await Delivery.filter(recipient=address(somebody)).order_by("-id").first()
        assert last, f"{somebody} had no mail"
        return write_return_path(self.cast.house.reply_key, SUPPORT, last.id)

    async def _ours(self, number: str) -> str:
        """The Message-ID of our last mail, of a ticket where that is said."""
        mails = Delivery.filter(ticket_id=int(number)) if number else Delivery.all()
        last = await mails.order_by("-id").first()
        assert last, "we sent nothing"
        return f"<{last.rfc_message_id}>"

    # -- what became of it

    async def tickets(self) -> list[dict[str, Any]]:
        """Every ticket as the cases tell it, the oldest first."""
        return [await told(found) for found in await Ticket.all().order_by("id")]

    async def journal(self) -> list[str]:
        return [f"{entry.state}: {entry.reason}" for entry in await Inbound.all().order_by("id")]

    async def mails_out(self) -> list[str]:
        """`message to zoe, cc kim`, one for each mail whatever the number of its copies."""
        lines: dict[str, list[Delivery]] = {}
        for copy in await Delivery.all().order_by("id"):
            lines.setdefault(copy.rfc_message_id, []).append(copy)
        return [_mail_told(copies) for copies in lines.values()]

    async def states(self) -> dict[str, str]:
        """The state of the newest copy to each recipient."""
        return {short(copy.recipient): str(copy.state) for copy in await Delivery.all().order_by("id")}

    async def search(self, query: str) -> list[int]:
        """What staff find."""
        wanted = views.Wanted(query=query)
        page = await views.tickets(self.cast.ann, views.Display(str, str), wanted, limit=50, summary=True)
        return [found["id"] for found in page.items]

    async def compose(self) -> None:
        """Puts what waits into `sent`, as it goes over the wire."""
        while claimed := await delivery.claim(100):
            for copy in sorted(claimed, key=lambda copy: copy.id):
                await delivery.deliver(self.cast.house, self, copy)

    async def send(self, outgoing: Outgoing) -> Answer:
        """A mail server that takes everything, but for those who refuse it."""
        if outgoing.recipient in self.refused:
            raise NotTaken("no such user", code=550, final=True)
        found = email.message_from_bytes(outgoing.content, policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        self.sent.append(found)
        return Answer(250, "taken")

    async def close(self) -> None:
        """Nothing of it is open."""


def address(somebody: str) -> str:
    """`zoe` is zoe@people.example, `ann` is ann@desk.example; whatever has an @ is itself."""
    if "@" in somebody:
        return somebody
    return f"{somebody}@{'desk' if somebody in STAFF else 'people'}.example"


def short(email_address: str) -> str:
    """The other way round."""
    local, _, domain = email_address.partition("@")
    return local if address(local) == f"{local}@{domain}" else email_address


async def person(somebody: str) -> User:
    return await User.get(email=address(somebody), proven=True)


async def by(step: Step) -> User:
    return await person(step.get("by", "ann"))


async def ticket(step: Step) -> int:
    """The number that the step names, else that of the newest ticket."""
    newest = await Ticket.all().order_by("-id").first()
    assert newest, "there is no ticket"
    return int(step.get("ticket", newest.id))


async def told(found: Ticket) -> dict[str, Any]:
    owner, box = await User.get(id=found.requester_id), await Mailbox.get(id=found.mailbox_id)
    parts = await Participant.filter(ticket_id=found.id).select_related("user").order_by("id")
    said = await Message.filter(ticket_id=found.id).select_related("author").order_by("id")
    return {
        "owner": short(owner.email),
        "people": [short(part.user.email) for part in parts],
        "title": found.title,
        "status": str(found.status),
        "mailbox": box.address,
        "follows": found.follows_id,
        "said": [_said(message) for message in said],
        "rules": [message.why["rule"] if message.why else None for message in said],
        "refused": [message.why["refused"][0]["reason"] for message in said if message.why and message.why["refused"]],
        "files": await _files(found),
        "doubts": sum(bool(message.why and message.why["doubt"]) for message in said),
    }


async def _files(found: Ticket) -> list[str]:
    return [part.filename for part in await Attachment.filter(message__ticket_id=found.id).order_by("id")]


def _said(message: Message) -> str:
    """`zoe: Hello`, with what stands out of it: `eve@evil.example (stranger): Hello`."""
    marks = ["note"] if message.direction is Direction.INTERNAL else []
    marks += ["stranger"] if message.stranger else []
    if message.email:
        marks += ["automatic"] if message.email["auto"] else []
        marks += message.email["flags"]
    shown = f" ({', '.join(marks)})" if marks else ""
    return f"{short(message.author.email)}{shown}: {message.text.strip()}"


def _mail_told(copies: list[Delivery]) -> str:
    to, cc = ([short(copy.recipient) for copy in copies if copy.copied is copied] for copied in (False, True))
    return f"{copies[0].kind} to {' '.join(to)}" + (f", cc {' '.join(cc)}" if cc else "")
