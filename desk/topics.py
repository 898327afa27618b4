"""Whether a mail in an old thread asks something new: customers reuse the last mail they have as an address book."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from letters import Letter, strip_subject

WORD = re.compile(r"\w{4,}")  # shorter ones are in every subject
ALIKE = 0.6  # of SequenceMatcher's ratio: from there on two subjects are spellings of one
COMPARED = 300  # characters of a subject


def is_new_topic(letter: Letter, subjects: Iterable[str]) -> bool:
    """Whether a person wrote it under a subject far from all of the thread's, and quoted nothing.

    Args:
        subjects: the ticket's title and whatever else its mails were called.
    """
    if letter.kind != "human" or any(segment.kind in {"quote", "forward"} for segment in letter.segments):
        return False
    return all(differ(letter.subject, subject) for subject in subjects)


def differ(one: str, other: str) -> bool:
    """Whether two subjects are about different things; an empty one says nothing about that."""
    first, second = _bare(one), _bare(other)
    if not first or not second:
        return False
    words, others = set(WORD.findall(first)), set(WORD.findall(second))
    if words and others and 2 * len(words & others) >= min(len(words), len(others)):
        return False
    return SequenceMatcher(None, first, second, autojunk=False).ratio() < ALIKE


def _bare(subject: str) -> str:
    return strip_subject(subject).casefold()[:COMPARED].strip()
