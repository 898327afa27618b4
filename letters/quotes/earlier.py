"""The best evidence of a quote: the very words of a mail that we sent.

Runs of words are found again however the lines were wrapped, marked or linked. Found lines are a quote; lines between
two runs that followed each other in our mail are not: somebody answered there, whatever the marks around them say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from letters.quotes.alignment import Run, runs, words_by_line, words_of
from letters.quotes.rules import Label, Labels

ENOUGH = 8  # words in a row that are no accident
SENT_READ = 20  # mails
WORDS_READ = 40_000  # of one text
GAP = 3  # words that may be missing between two runs that still follow each other
QUOTED = Label("quote", "the words of a mail that we sent", 1.0)


@dataclass(slots=True)
class Found:
    """A run, and the lines of this mail that it covers from the first word to the last."""

    run: Run
    first: int
    last: int


def compare(lines: Sequence[str], labels: Labels, sent: Sequence[str]) -> None:
    """Corrects `labels` by what the mails in `sent` say."""
    if not sent:
        return
    words, line_of = words_by_line(lines)
    words, line_of = words[:WORDS_READ], line_of[:WORDS_READ]
    totals = _totals(line_of)
    for text in sent[:SENT_READ]:
        ours = words_of(text)[:WORDS_READ]
        found = [
            Found(run, line_of[run.here], line_of[run.here + run.length - 1])
            for run in runs(words, ours)
            if run.length >= min(ENOUGH, len(ours))
        ]
        _mark_found(found, lines, labels, line_of, totals)
        _show_answers(found, labels)


def _totals(line_of: list[int]) -> dict[int, int]:
    counted: dict[int, int] = {}
    for line in line_of:
        counted[line] = counted.get(line, 0) + 1
    return counted


def _mark_found(
    found: list[Found], lines: Sequence[str], labels: Labels, line_of: list[int], totals: dict[int, int]
) -> None:
    """Lines that consist of our words, and the line above them that introduces them."""
    covered: dict[int, int] = {}
    for part in found:
        for at in range(part.run.here, part.run.here + part.run.length):
            covered[line_of[at]] = covered.get(line_of[at], 0) + 1
    for line, count in covered.items():
        if count >= 0.8 * totals[line]:
            labels[line] = QUOTED
    for line in [line for line in covered if labels[line] is QUOTED]:
        above = next((n for n in range(line - 1, max(line - 4, -1), -1) if lines[n]), None)
        if above is not None and labels[above] is None and _introduces(lines[above]):
            labels[above] = Label("quote", "a line with a date above the words of a mail that we sent", 0.8)


def _introduces(line: str) -> bool:
    return line.endswith((":", "：")) and any(sign.isdigit() for sign in line) and ("@" in line or line.count(" ") >= 3)


def _show_answers(found: list[Found], labels: Labels) -> None:
    for above, below in pairwise(found):
        follows = 0 <= below.run.there - (above.run.there + above.run.length) <= GAP
        for at in range(above.last + 1, below.first) if follows else ():
            label = labels[at]
            if label is not None and label.kind == "quote":
                labels[at] = None
