"""A conversation performed on a running desk: its mails through the listener, staff's part by the desk's verbs."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import accumulate

from desk import add_message, add_note, change_ticket
from desk.answers import Terms
from desk.reading import mark_read
from desk.uploads import take_in
from letters import subject_tag, write_reply_address, write_return_path
from models import Delivery, DeliveryState, Mailbox, Message, User, Via
from settings import Away
from ticketgate.demo.mails import Heading, quoted, returned, written
from ticketgate.demo.post import filed, hand_in, until
from ticketgate.demo.script import Answer, Change, Conversation, File, Mail, Note, Return, Step, Way
from ticketgate.demo.stage import Posted, Stage, Stamp

ON_THE_WAY = (DeliveryState.QUEUED, DeliveryState.SENDING)


class Performance:
    """Of one conversation. `number` tells it from the others; `now` is when the demo is to end."""

    def __init__(self, stage: Stage, conversation: Conversation, number: int, now: datetime) -> None:
        self._stage, self._conversation, self._number = stage, conversation, number
        self._mailbox: Mailbox = stage.mailboxes[conversation.mailbox]
        self._turn = asyncio.Lock()  # fair: whoever asks first has it first
        self._ends = now - conversation.ends
        self._at = self._ends
        self._ticket = 0
        self._subject = ""
        self._letters: list[str] = []  # Message-IDs that the next letter names, oldest first
        self._ours: tuple[str, str] = ("", "")  # who wrote our latest letter, and its words

    @property
    def acts(self) -> list[tuple[datetime, int]]:
        """When each step is to be, and its index."""
        moments = accumulate((step.after for step in self._conversation.steps[1:]), initial=timedelta(0))
        begins = self._ends - (self._conversation.begins - self._conversation.ends)
        return [(begins + moment, index) for index, moment in enumerate(moments)]

    async def act(self, at: datetime, index: int) -> None:
        """One step, after those before it: call it in their order. Raises Away where the desk does not go along."""
        async with self._turn:
            self._at, began = at, datetime.now(UTC)
            await self._step(self._conversation.steps[index], index)
            self._stage.stamps.append(Stamp(self._ticket, began, at))

    async def settle(self) -> None:
        """Staff have read it, where they have."""
        latest = await Message.filter(ticket_id=self._ticket).order_by("-id").first()
        if latest is None or not self._conversation.read:
            return
        async with self._stage.house.work() as work:
            for person in self._stage.staff:
                await mark_read(work, person, self._ticket, latest.id)

    async def _step(self, step: Step, index: int) -> None:
        match step:
            case Mail():
                await self._mail(step, index)
            case Answer():
                await self._answer(step)
            case Note():
                async with self._stage.house.work() as work:
                    await add_note(work, self._staff(step.agent), self._ticket, text=step.text, via=Via.DASHBOARD)
            case Change():
                await self._change(step)
            case Return():
                await self._return(step)

    # -- customers

    async def _mail(self, mail: Mail, index: int) -> None:
        domain = mail.by.email.rpartition("@")[2]
        message_id = f"{self._stage.run}.{self._number}.{index}@{domain}"
        to = self._mailbox.address if mail.way is not Way.REPLY else await self._reply_address(mail)
        parents = tuple(self._letters)
        heading = Heading(
            message_id, self._at, to, self._subject_of(mail), *((parents[-1], parents) if parents else ())
        )
        author, text = self._ours
        over = mail.quoting.format(name=author, date=f"{self._at:%Y-%m-%d}") if author else ""
        raw = written(mail, heading, quoted(over, text) if over else "")
        await hand_in(self._stage.settings, raw, mail.by.email, to)
        self._stage.mails.append(Posted(message_id, domain, self._at, mail.standing))
        entry = await filed(message_id)
        if entry.ticket_id:
            self._ticket, self._letters = entry.ticket_id, [*self._letters[:1], message_id]
        elif not self._ticket:
            why = entry.reason or "no reason given"
            raise Away(f"a mail of {mail.by.email} became no ticket, it is {entry.state}: {why}")
        self._subject = self._subject or mail.subject

    def _subject_of(self, mail: Mail) -> str:
        return mail.subject or f"Re: {self._subject} {subject_tag(self._ticket)}"

    async def _reply_address(self, mail: Mail) -> str:
        """The address that stands in Reply-To of our mails to somebody."""
        person = await User.get(email=mail.by.email, proven=True)
        return write_reply_address(self._stage.house.reply_key, self._mailbox.address, self._ticket, person.id)

    async def _return(self, step: Return) -> None:
        """The mail server of a recipient sends our latest mail back, once it has left."""
        copies = Delivery.filter(ticket_id=self._ticket, recipient=step.of.email).order_by("-id")

        async def left() -> Delivery | None:
            return await copies.exclude(state__in=ON_THE_WAY).first()

        copy = await until(left, "our mails do not leave: is the worker running?")
        header = EmailMessage()
        header["From"], header["To"] = self._mailbox.address, copy.recipient
        header["Subject"], header["Date"] = copy.subject, format_datetime(self._at)
        header["Message-ID"] = f"<{copy.rfc_message_id}>"
        to = write_return_path(self._stage.house.reply_key, self._mailbox.address, copy.id)
        ident, raw = returned(header, to, step)
        await hand_in(self._stage.settings, raw, "", to)
        await filed(ident)

    # -- staff

    def _staff(self, index: int) -> User:
        return self._stage.staff[index]

    async def _answer(self, step: Answer) -> None:
        by = self._staff(step.agent)
        files = [await self._upload(by, file) for file in step.files]
        async with self._stage.house.work() as work:
            terms = Terms(files=files, set_status=step.sets)
            said = await add_message(work, by, self._ticket, text=step.text, via=Via.DASHBOARD, terms=terms)
        self._letters = [*self._letters[:1], said.rfc_message_id]
        self._ours = (by.name or by.username or by.email, step.text)

    async def _upload(self, by: User, file: File) -> int:
        kept = await take_in(
            self._stage.house, by, filename=file.name, content_type=file.content_type, content=file.content
        )
        return int(kept.id)

    async def _change(self, step: Change) -> None:
        wanted = {
            "assignee": None if step.assignee is None else self._staff(step.assignee).id,
            "tags": None if step.tags is None else list(step.tags),
            "priority": step.priority,
        }
        others = {name: value for name, value in wanted.items() if value is not None}
        async with self._stage.house.work() as work:
            await change_ticket(work, self._staff(step.agent), self._ticket, status=step.status, **others)
