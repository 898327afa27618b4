"""Which ticket a mail belongs to: candidates in, verdict out. Pure, so that every case is a line in a table of tests.

First match wins (CONTRACT.md section 4): a signed reply address, In-Reply-To, References with the newest first, the
subject's tag where the sender takes part in that ticket; last, a parent that comes after the reply that names it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Rule(StrEnum):
    """Why a mail belongs to a ticket, best proof first."""

    REPLY_ADDRESS = "reply address"
    IN_REPLY_TO = "in-reply-to"
    REFERENCES = "references"
    SUBJECT_TAG = "subject tag"
    NAMED_BY_A_REPLY = "a reply that named it"


@dataclass(frozen=True)
class Clues:
    """What a mail says about where it belongs. Message-IDs are bare."""

    reply_tickets: tuple[int, ...] = ()  # of valid signed reply addresses in the envelope
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()  # newest first
    subject_tag: int | None = None


@dataclass(frozen=True)
class Known:
    """What the desk knows about those clues."""

    tickets: frozenset[int] = frozenset()  # those of the clues that exist
    by_message_id: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # tickets, newest message first
    taken_part_in: frozenset[int] = frozenset()  # tickets that the sender takes part in
    named_by_replies: tuple[int, ...] = ()  # tickets whose messages name this mail as their parent


@dataclass(frozen=True)
class Candidate:
    rule: Rule
    ticket: int
    evidence: str


@dataclass(frozen=True)
class Verdict:
    """The ticket (None: a new one), the rule that won, and every candidate in the order of its strength."""

    ticket: int | None
    rule: Rule | None
    candidates: tuple[Candidate, ...]

    def as_json(self) -> dict[str, object]:
        """What is stored with the message: why it is here."""
        return {
            "rule": self.rule,
            "candidates": [
                {"rule": found.rule, "ticket": found.ticket, "evidence": found.evidence} for found in self.candidates
            ],
        }


def decide(clues: Clues, known: Known) -> Verdict:
    """Where the mail belongs."""
    candidates = tuple(_candidates(clues, known))
    if not candidates:
        return Verdict(None, None, ())
    return Verdict(candidates[0].ticket, candidates[0].rule, candidates)


def _candidates(clues: Clues, known: Known) -> Iterator[Candidate]:
    for ticket in clues.reply_tickets:
        if ticket in known.tickets:
            yield Candidate(Rule.REPLY_ADDRESS, ticket, "signed reply address")
    for rule, ids in ((Rule.IN_REPLY_TO, clues.in_reply_to), (Rule.REFERENCES, clues.references)):
        for message_id in ids:
            for ticket in known.by_message_id.get(message_id, ()):
                if ticket in known.tickets:
                    yield Candidate(rule, ticket, message_id)
    if clues.subject_tag in known.tickets and clues.subject_tag in known.taken_part_in:
        yield Candidate(Rule.SUBJECT_TAG, clues.subject_tag, f"[#{clues.subject_tag}], and the sender takes part")
    for ticket in known.named_by_replies:
        yield Candidate(Rule.NAMED_BY_A_REPLY, ticket, "a reply that came before it")
