"""Conversations with the desk: what each mail says, and in which order the senders' MTAs bring them.

Everything follows from the seed. Mail programs differ in what they name of the mail that they answer, people in whether
they keep the subject, and some programs use a Message-ID twice. MTAs bring a mail late, twice, or to two mailboxes.

A reply overtakes what it answers only where one ticket is the right answer still, since tickets are not merged: where
it names the whole way back to the first mail and the conversation does not divide. Else it is `after` another mail.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from tests.cast import SUPPORT, mail

BILLING = "billing@desk.example"
CUSTOMERS = [f"c{number}@people.example" for number in range(400)]
MOST_MAILS = 12
SUBJECTS = ("The parcel is late", "A wrong invoice", "I cannot sign in", "配送について", "ログインできません")
OTHER_SUBJECTS = ("One more thing", "My new address", "Urgent!", "追加の質問")
TEXTS = ("It is still broken", "Thank you, it works", "Which one do you mean?", "よろしくお願いします")
LATE, LATE_BY = 0.25, 25.0  # the share of mails that an MTA brings late, and by how many other mails on average
SAME_ID = 0.03  # the share of mails whose id the same program gives to another
COPIES = {"once": 92, "twice": 4, "to both mailboxes": 2, "to each mailbox": 2}


class Shape(StrEnum):
    """Who answers what: each the mail before, all the first, or anybody any of them."""

    CHAIN = "chain"
    FAN = "fan"
    TREE = "tree"


class Naming(StrEnum):
    """What a mail says about the one that it answers."""

    BOTH = "In-Reply-To and References"
    REFERENCES = "References"
    IN_REPLY_TO = "In-Reply-To"
    ADDRESS = "nothing: it goes to the reply address in our acknowledgement"


@dataclass(frozen=True)
class Mail:
    """`text` is its own and no other mail's, unlike `message_id`."""

    conversation: int
    message_id: str
    sender: str
    others: tuple[str, ...]
    subject: str
    text: str
    naming: Naming
    answers: "Mail | None" = None

    @property
    def way(self) -> tuple[str, ...]:
        """The ids back to the first mail, oldest first, whatever of it the mail names."""
        return (*self.answers.way, self.answers.message_id) if self.answers else ()

    @property
    def in_reply_to(self) -> str | None:
        return self.answers.message_id if self.answers and self.naming in {Naming.BOTH, Naming.IN_REPLY_TO} else None

    @property
    def references(self) -> tuple[str, ...]:
        """Oldest first, as RFC 5322, section 3.6.4 makes them of the parent's."""
        if self.answers is None or self.naming not in {Naming.BOTH, Naming.REFERENCES}:
            return ()
        parent = self.answers
        before = parent.references or ((parent.in_reply_to,) if parent.in_reply_to else ())
        return (*before, parent.message_id)

    @property
    def names_the_whole_way(self) -> bool:
        return set(self.way) <= {self.in_reply_to, *self.references}

    def raw(self, to: str) -> bytes:
        return mail(
            self.sender,
            to=to,
            subject=self.subject,
            text=f"{self.text}\n",
            Cc=", ".join(self.others) or None,
            Message_ID=f"<{self.message_id}>",
            In_Reply_To=f"<{self.in_reply_to}>" if self.in_reply_to else None,
            References=" ".join(f"<{ident}>" for ident in self.references) or None,
        )


@dataclass(frozen=True)
class Handover:
    """One DATA. `after`: the text of the mail that has to be taken before; `copy`: it came another way as well."""

    mail: Mail
    to: tuple[str, ...] = (SUPPORT,)
    after: str | None = None
    copy: bool = False

    def raw(self) -> bytes:
        """A copy to the other mailbox comes another way, so its header is not the same."""
        way = b"Received: from list.example (list.example [192.0.2.7]) by mx.example\r\n" if self.copy else b""
        return way + self.mail.raw(", ".join(dict.fromkeys((SUPPORT, *self.to))))


def plan(seed: int, conversations: int) -> list[Handover]:
    """All that the senders' MTAs hand over, in the order in which they try."""
    chance = random.Random(seed)
    timed: list[tuple[float, Handover]] = []
    lone: list[str] = []
    for number in range(conversations):
        written = _conversation(chance, number)
        if len(written) == 1:
            written = [_with_an_id_of(chance, lone, written[0])]
            lone.append(written[0].mail.message_id)
        begins = chance.uniform(0, conversations * MOST_MAILS / 2)
        timed += _on_their_way(chance, written, begins)
    return [handover for _, handover in sorted(timed, key=lambda one: one[0])]


def _conversation(chance: random.Random, number: int) -> list[Handover]:
    """As it is written, each mail in answer to one that its author has."""
    shape = chance.choice((Shape.CHAIN, Shape.CHAIN, Shape.FAN, Shape.TREE))
    people = chance.sample(CUSTOMERS, chance.choice((1, 1, 2, 2, 3)))
    mails = [_mail(chance, number, 0, people)]
    written = [Handover(mails[0])]
    for turn in range(1, chance.randint(1, MOST_MAILS)):
        answers = {Shape.CHAIN: mails[-1], Shape.FAN: mails[0], Shape.TREE: chance.choice(mails)}[shape]
        mails.append(_mail(chance, number, turn, people, answers, mails[0].subject))
        after = _waits_for(shape, mails[0], mails[-1])
        written.append(Handover(mails[-1], after=after))
        if mails[-1].naming is not Naming.ADDRESS and chance.random() < SAME_ID:
            written.append(Handover(replace(mails[-1], text=f"{mails[-1].text}, again"), after=after))
    return written


def _mail(
    chance: random.Random, number: int, turn: int, people: list[str], answers: Mail | None = None, subject: str = ""
) -> Mail:
    sender = chance.choice(people)
    first, other = f"{chance.choice(SUBJECTS)} ({number})", f"{chance.choice(OTHER_SUBJECTS)} ({number})"
    return Mail(
        conversation=number,
        message_id=f"{number}.{turn}@client.example",
        sender=sender,
        others=tuple(person for person in people if person != sender),
        subject=first if answers is None else chance.choices((f"Re: {subject}", other), (6, 1))[0],
        text=f"{chance.choice(TEXTS)} ({number}, {turn})",
        naming=chance.choices(list(Naming), (9, 3, 5, 2))[0] if answers else Naming.BOTH,
        answers=answers,
    )


def _waits_for(shape: Shape, first: Mail, reply: Mail) -> str | None:
    """The text of the mail that has to be there before the reply, for it to find the ticket."""
    if reply.naming is Naming.ADDRESS:
        return None  # it waits for our acknowledgement
    if not reply.names_the_whole_way:
        assert reply.answers
        return reply.answers.text
    return first.text if shape is Shape.TREE else None


def _with_an_id_of(chance: random.Random, lone: list[str], handover: Handover) -> Handover:
    """Some programs give one Message-ID to several mails: here to mails that nobody names."""
    if not lone or chance.random() > 0.2:
        return handover
    return replace(handover, mail=replace(handover.mail, message_id=chance.choice(lone)))


def _on_their_way(chance: random.Random, written: list[Handover], begins: float) -> Iterator[tuple[float, Handover]]:
    """When each mail comes, counted in everybody's mails. Hurried people answer before the mail is filed."""
    pause, at = chance.choice((3.0, 40.0)), begins
    for handover in written:
        at += chance.expovariate(1 / pause)
        comes = at + (chance.expovariate(1 / LATE_BY) if chance.random() < LATE else 0.0)
        yield from _copies(chance, handover, comes)


def _copies(chance: random.Random, handover: Handover, comes: float) -> Iterator[tuple[float, Handover]]:
    """The mail, now and then for both mailboxes or by two ways, or once more since the 250 was lost."""
    to_us = handover.mail.naming is not Naming.ADDRESS
    kind = chance.choices(list(COPIES), list(COPIES.values()))[0]
    if kind == "to both mailboxes" and to_us:
        handover = replace(handover, to=tuple(chance.sample((SUPPORT, BILLING), 2)))
    yield comes, handover
    if kind == "twice":
        yield comes + chance.expovariate(1 / 50), handover
    if kind == "to each mailbox" and to_us:
        yield comes + chance.expovariate(1 / 5), replace(handover, to=(BILLING,), copy=True)
