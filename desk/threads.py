"""Which ticket a mail belongs to: candidates in, verdict out. Pure, so that every case is a line in a table of tests.

First match wins (CONTRACT.md section 4): a signed reply address, In-Reply-To, References with the newest first, the
subject's tag where the sender takes part in that ticket. Last come mails that arrived out of order: a parent after the
reply that names it, and a second reply before the parent of both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

ENVELOPE = "the envelope"  # the place of an address that the mail was really sent to


class Rule(StrEnum):
    """Why a mail belongs to a ticket, best proof first."""

    REPLY_ADDRESS = "reply address"
    IN_REPLY_TO = "in-reply-to"
    REFERENCES = "references"
    SUBJECT_TAG = "subject tag"
    NAMED_BY_A_REPLY = "a reply that named it"
    NAMES_THE_SAME = "another reply to the same"


@dataclass(frozen=True)
class Signed:
    """A reply address or return path of ours, its signature checked: whose it is and where the mail has it.

    `note`: it was made for answers to a note.
    """

    ticket: int
    person: int
    place: str
    return_path: bool = False
    note: bool = False


@dataclass(frozen=True)
class Clues:
    """What a mail says about where it belongs. Message-IDs are bare."""

    signed: tuple[Signed, ...] = ()  # those of the envelope first
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()  # newest first
    subject_tag: int | None = None
    forged: tuple[str, ...] = ()  # addresses and ids in the form of ours that we did not sign


@dataclass(frozen=True)
class Known:
    """What the desk knows about those clues, and about the sender."""

    tickets: frozenset[int] = frozenset()  # those of the clues that exist
    by_message_id: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # tickets, newest message first
    signed_ids: frozenset[str] = frozenset()  # Message-IDs that prove their ticket by their signature
    revoked: frozenset[tuple[int, int]] = frozenset()  # ticket and person of reply addresses that count no more
    sender: int | None = None
    taken_part_in: frozenset[int] = frozenset()  # tickets that the sender takes part in
    named_by_replies: tuple[int, ...] = ()  # tickets whose messages name this mail as their parent
    naming_the_same: tuple[int, ...] = ()  # tickets where a message answers the same mail, which we do not have
    answers_note: bool = False  # one of the mails that it names told staff of a note


@dataclass(frozen=True)
class Candidate:
    """A ticket that the mail may belong to.

    Attributes:
        signed: whether a signature of ours proves it, whoever shows it.
        takes_part: whether the sender takes part in that ticket.
        person: for whom the reply address was made.
    """

    rule: Rule
    ticket: int
    evidence: str
    signed: bool = False
    takes_part: bool = False
    person: int | None = None


@dataclass(frozen=True)
class Refusal:
    """Evidence that counts for nothing, and why."""

    evidence: str
    reason: str


@dataclass(frozen=True)
class Verdict:
    """The ticket (None: a new one), the rule that won, every candidate, the strongest first, and what was refused.

    `for_note`: it answers a note, by one of its addresses or by a mail that it names, whichever rule won.
    """

    ticket: int | None
    rule: Rule | None
    candidates: tuple[Candidate, ...]
    refused: tuple[Refusal, ...] = ()
    for_note: bool = False

    @property
    def doubt(self) -> str | None:
        """A sentence, where the mail points at several tickets."""
        others = dict.fromkeys(found.ticket for found in self.candidates if found.ticket != self.ticket)
        if not others:
            return None
        named = ", ".join(f"#{ticket}" for ticket in others)
        return f"It points at {named} too; the strongest rule won, and within it the nearest parent."

    @property
    def made_for(self) -> int | None:
        """The person for whom the reply address that won was made."""
        return self.candidates[0].person if self.candidates else None

    def as_json(self) -> dict[str, Any]:
        """What is stored with the message: why it is here."""
        return {
            "rule": self.rule,
            "doubt": self.doubt,
            "candidates": [asdict(found) for found in self.candidates],
            "refused": [asdict(refusal) for refusal in self.refused],
        }


def decide(clues: Clues, known: Known) -> Verdict:
    """Where the mail belongs."""
    candidates, refused = tuple(_candidates(clues, known)), tuple(_refusals(clues, known))
    for_note = known.answers_note or any(found.note for found in clues.signed)
    if not candidates:
        return Verdict(None, None, (), refused, for_note)
    return Verdict(candidates[0].ticket, candidates[0].rule, candidates, refused, for_note)


def _candidates(clues: Clues, known: Known) -> Iterator[Candidate]:
    for rule, ticket, evidence, person in _matches(clues, known):
        if ticket in known.tickets:
            signed = rule is Rule.REPLY_ADDRESS or evidence in known.signed_ids
            yield Candidate(rule, ticket, evidence, signed, ticket in known.taken_part_in, person)


def _matches(clues: Clues, known: Known) -> Iterator[tuple[Rule, int, str, int | None]]:
    for found in clues.signed:
        if found.return_path:
            yield Rule.REPLY_ADDRESS, found.ticket, f"the return path of a mail of ours, in {found.place}", None
        elif (found.ticket, found.person) not in known.revoked:
            whose = "the sender" if found.person == known.sender else f"person {found.person}"
            made = f"made for {whose}{' to answer a note' if found.note else ''}, in {found.place}"
            yield Rule.REPLY_ADDRESS, found.ticket, made, found.person
    for rule, ids in ((Rule.IN_REPLY_TO, clues.in_reply_to), (Rule.REFERENCES, clues.references)):
        for message_id in ids:
            for ticket in known.by_message_id.get(message_id, ()):
                yield rule, ticket, message_id, None
    if clues.subject_tag in known.taken_part_in:
        yield Rule.SUBJECT_TAG, clues.subject_tag, f"[#{clues.subject_tag}], and the sender takes part", None
    for ticket in known.named_by_replies:
        yield Rule.NAMED_BY_A_REPLY, ticket, "a reply that came before it", None
    for ticket in known.naming_the_same:
        if ticket in known.taken_part_in:
            yield Rule.NAMES_THE_SAME, ticket, "as a reply to a mail that is not here", None


def _refusals(clues: Clues, known: Known) -> Iterator[Refusal]:
    for forged in clues.forged:
        if forged in known.by_message_id:
            continue  # signed by a key that is gone, but there is the message
        yield Refusal(forged, "it has the form of ours, and we did not sign it")
    for found in clues.signed:
        if not found.return_path and (found.ticket, found.person) in known.revoked:
            whose = f"reply address of person {found.person} on #{found.ticket}, in {found.place}"
            yield Refusal(whose, "it is revoked: that person takes no part any more, or their account has ended")
    tag = clues.subject_tag
    if tag in known.tickets and tag not in known.taken_part_in:
        yield Refusal(f"[#{tag}]", "the sender takes no part in that ticket")
