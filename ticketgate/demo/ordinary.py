"""Ordinary conversations: a matter out of the words, as far as it has got, and what staff did beside it."""

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Literal

from models import Priority, Status
from ticketgate.demo.papers import invoice, pdf
from ticketgate.demo.pictures import PAINTS, jpeg, png
from ticketgate.demo.script import Answer, Change, Conversation, File, Mail, Note, Step, Way
from ticketgate.demo.words import SHARES, Language, Matter, Person, language

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STAFF = 4  # three agents, and the admin who looks at the demo
WHOLE = 5  # letters of a matter
NOTES = {
    "parcel": ("The carrier lost one on this route last week too.", "Label printed twice, depot has been told."),
    "workshop": ("Bench is full on Wednesday, otherwise any day.", "Needs the long axle from the cellar."),
    "invoice": ("Old address is still in the shop system, I have changed it there.",),
    "battery": ("Same batch as last month's, the bench knows.", "Third E-07 this week. Do we have ports left?"),
    "refund": ("Checked the return, nothing missing.", "Paid by voucher in part, look before you send it."),
    "warranty": ("Photo shows it clearly, no need to see the frame.", "Painter says a week."),
    "dealer": ("Ten per cent is agreed for all of this year.",),
    "order": ("Still on the bench, easy.",),
}


def conversations(chance: random.Random) -> Iterator[Conversation]:
    """Without end, the same for the same chance: one after the other, in the shares of SHARES."""
    people = {code: language(code).people(chance) for code in SHARES}
    matters: dict[str, Iterator[Matter]] = {code: iter(()) for code in SHARES}
    while True:
        code = chance.choices(list(SHARES), list(SHARES.values()))[0]
        spoken = language(code)
        matter = next(matters[code], None)
        if matter is None:
            matters[code] = iter(chance.sample(spoken.matters, len(spoken.matters)))
            matter = next(matters[code])
        if not people[code]:
            people[code] = spoken.people(chance)
        yield _Writer(chance, spoken, matter, people[code].pop()).conversation()


class _Writer:
    """Writes one conversation."""

    def __init__(self, chance: random.Random, spoken: Language, matter: Matter, person: Person) -> None:
        self.chance, self.spoken, self.matter, self.person = chance, spoken, matter, person
        self.agent = chance.randrange(STAFF)
        self.order = chance.randint(20100, 20990)
        self.item = chance.choice(spoken.items)

    def conversation(self) -> Conversation:
        """As far as it has got: 1 to 5 letters, and then closed, frozen or left."""
        chance = self.chance
        letters = chance.choices(range(1, WHOLE + 1), (20, 22, 16, 22, 20))[0]
        status = self._status(letters)
        first, *later = islice(self._letters(), letters)
        steps: list[Step] = [first, *self._sorted_in(letters), *later]
        noted = letters > 1 and chance.random() < 0.3
        if noted:
            steps.append(Note(chance.randrange(STAFF), chance.choice(NOTES[self.matter.tag]), 25 * MINUTE))
        if status:
            steps.append(Change(self.agent, chance.randint(5, 300) * MINUTE, status=status))
        waits = letters % 2 == 1 and not noted and status is None
        return Conversation(tuple(steps), self._ends(letters, status), read=not (waits and chance.random() < 0.5))

    def _status(self, letters: int) -> Status | None:
        if letters == WHOLE:
            return Status.CLOSED
        if letters % 2 == 1:
            return None
        return self.chance.choices((None, Status.CLOSED, Status.FROZEN), (5, 4, 2))[0]

    def _ends(self, letters: int, status: Status | None) -> timedelta:
        if status:
            return self.chance.uniform(0.5, 26) * DAY
        if letters % 2 == 0:
            return self.chance.uniform(1, 120) * HOUR
        return self.chance.choices((self.chance.uniform(8, 80) * MINUTE, self.chance.uniform(1, 90) * HOUR), (1, 3))[0]

    def _sorted_in(self, letters: int) -> Iterator[Step]:
        """Half of those that nobody has answered are nobody's yet."""
        if letters == 1 and self.chance.random() < 0.5:
            return
        by = self.chance.randrange(STAFF)
        tags = (self.matter.tag, *((f"order {self.order}",) if self.chance.random() < 0.3 else ()))
        priority = self.chance.choices((None, Priority.HIGH, Priority.URGENT, Priority.LOW), (14, 3, 1, 2))[0]
        yield Change(by, self.chance.randint(2, 90) * MINUTE, assignee=self.agent, tags=tags, priority=priority)

    def _letters(self) -> Iterator[Step]:
        matter, at_once = self.matter, self.chance.random() < 0.5
        file = self._file()
        subject, first, later = self._filled(matter.subject), file if at_once else (), () if at_once else file
        yield Mail(self.person, self._theirs(matter.asks), way=Way.NEW, subject=subject, files=first)
        yield self._answer("answers")
        yield self._reply(self._theirs(matter.adds), later)
        yield self._answer("solves")
        yield self._reply(f"{self._filled(matter.thanks)}\n\n{self.person.given}")

    def _answer(self, letter: Literal["answers", "solves"]) -> Answer:
        text = self.matter.answers if letter == "answers" else self.matter.solves
        said = f"{self.spoken.staff_greeting}\n\n{text}\n\n{self.spoken.staff_closing}"
        files = self._paper() if letter in self.matter.papers else ()
        return Answer(self.agent, self._filled(said), self._pause(), files=files)

    def _reply(self, text: str, files: tuple[File, ...] = ()) -> Mail:
        quoting = self.spoken.wrote if self.chance.random() < 0.7 else ""
        return Mail(self.person, text, self._pause(), quoting=quoting, files=files)

    def _pause(self) -> timedelta:
        return self.chance.uniform(0.4, 30) * HOUR

    def _theirs(self, text: str) -> str:
        sign = f"\n\n-- \n{self.person.name}\n{self.person.email}" if self.chance.random() < 0.35 else ""
        return f"{self.spoken.greeting}\n\n{self._filled(text)}\n\n{self.spoken.closing}\n{self.person.name}{sign}"

    def _filled(self, text: str) -> str:
        person = self.person
        return text.format(given=person.given, family=person.family, order=self.order, item=self.item)

    def _file(self) -> tuple[File, ...]:
        """What the customer sends along."""
        paint = self.chance.randrange(len(PAINTS))
        match self.matter.file:
            case "photo" if self.chance.random() < 0.3:
                return (File(f"IMG_{self.order}.png", "image/png", png(paint)),)
            case "photo":
                return (File(f"IMG_{self.order}.jpg", "image/jpeg", jpeg(paint)),)
            case "invoice":
                return (self._invoice(),)
            case "note":
                lines = ("14 bicycles, sand or moss green", "Outdoors, under a roof", "Service for three years")
                return (File("requirements.txt", "text/plain", "\n".join(lines).encode()),)
            case _:
                return ()

    def _paper(self) -> tuple[File, ...]:
        """What we send along."""
        if self.matter.tag == "invoice":
            return (self._invoice(),)
        return (File(f"halde-{self.order}.pdf", "application/pdf", pdf("Halde Cycles", [f"Order {self.order}"])),)

    def _invoice(self) -> File:
        price = self.chance.randint(24, 1890)
        return File(f"invoice-{self.order}.pdf", "application/pdf", invoice(self.order, f"Order {self.order}", price))
