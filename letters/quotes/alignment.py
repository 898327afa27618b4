"""The same words found again in another form of a text: re-wrapped, marked, with links and white space of its own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)  # a sign of Chinese counts as one
ADDRESS_OF_LINK = re.compile(
    r"\]\([^\s()]{1,2000}\)|<(?:https?|mailto):[^\s<>]{1,2000}>|https?://[^\s<>()\"']{1,2000}", re.IGNORECASE
)
SHINGLE = 5  # words that must be the same in a row to count as found again
PLACES = 8  # of one shingle that are looked at: more often it is boilerplate
LOOK_AHEAD = 60  # words that one side may have more than the other at one place
MISSES = 2000  # places at which the sides may differ


@dataclass(frozen=True, slots=True)
class Run:
    """`length` words from `here` on are those from `there` on."""

    here: int
    there: int
    length: int


def words_of(text: str) -> list[str]:
    """The words of a text without case, and without the addresses of its links."""
    return WORD.findall(ADDRESS_OF_LINK.sub(" ", text).casefold())


def words_by_line(lines: Sequence[str]) -> tuple[list[str], list[int]]:
    """The words of all lines in a row, and for each of them the line that it stands in."""
    words: list[str] = []
    at: list[int] = []
    for number, line in enumerate(lines):
        found = words_of(line)
        words += found
        at += [number] * len(found)
    return words, at


def runs(here: Sequence[str], there: Sequence[str]) -> Iterator[Run]:
    """Every run of at least `SHINGLE` words that both have, from the top of `here` downwards, none twice."""
    places: dict[tuple[str, ...], list[int]] = {}
    for at in range(len(there) - SHINGLE + 1):
        known = places.setdefault(tuple(there[at : at + SHINGLE]), [])
        if len(known) < PLACES:
            known.append(at)
    at = expected = 0
    while at <= len(here) - SHINGLE:
        candidates = places.get(tuple(here[at : at + SHINGLE]))
        if not candidates:
            at += 1
            continue
        start = min(candidates, key=lambda place: abs(place - expected))
        length = SHINGLE
        while at + length < len(here) and start + length < len(there) and here[at + length] == there[start + length]:
            length += 1
        yield Run(at, start, length)
        at += length
        expected = start + length


def side_by_side(here: Sequence[str], there: Sequence[str]) -> dict[int, int] | None:
    """For words of `here` their places in `there`, where both are one text in two forms; None where they are not.

    Both are read downwards at once: where they differ, each may have up to `LOOK_AHEAD` words of its own.
    """
    pairs: dict[int, int] = {}
    left = right = misses = 0
    while left < len(here) and right < len(there):
        if here[left] == there[right]:
            pairs[left] = right
            left, right = left + 1, right + 1
            continue
        misses += 1
        step = _next_agreement(here, there, left, right)
        if step is None or misses > MISSES:
            break
        left, right = left + step[0], right + step[1]
    return pairs if len(pairs) >= 0.8 * len(here) else None


def _next_agreement(here: Sequence[str], there: Sequence[str], left: int, right: int) -> tuple[int, int] | None:
    """How many words to skip on each side, as few as possible, until two in a row agree (one, at the end)."""
    ahead: dict[tuple[str, ...], int] = {}
    for skip in range(LOOK_AHEAD):
        ahead.setdefault(tuple(there[right + skip : right + skip + 2]), skip)
    steps = [
        (skip, ahead[pair])
        for skip in range(LOOK_AHEAD)
        if (pair := tuple(here[left + skip : left + skip + 2])) and pair in ahead
    ]
    return min(steps, key=sum, default=None)
