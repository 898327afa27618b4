"""Who speaks where in a text: new words, quoted mail, a forwarded mail, signature, disclaimer.

Nothing is cut away: the text is divided, and its segments in a row are the text again. In doubt words count as new,
since an answer that is hidden is worse than a quote that is shown. Evidence, the best first: the mails that we sent
ourselves (`earlier`), the marks that a mail program leaves in its HTML (`clients`), the words of the text (`rules`).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from letters.letter import Letter, Segment, SegmentKind
from letters.quotes.earlier import compare
from letters.quotes.fields import MARKS
from letters.quotes.marks import begins_mail, mark_of_history
from letters.quotes.page import LINE_LIMIT, Page, lines_of
from letters.quotes.rules import Label, Labels, label_lines

NEW = Label("new", "", 1.0)
WORD = re.compile(r"\w+")


def divide(
    text: str, html: str | None = None, sent: Sequence[str] = (), *, forwarding: bool = False
) -> tuple[Segment, ...]:
    """The text divided; line by line, neighbours of one kind joined.

    `html`: the same words with the mail program's marks. `sent`: texts of mails that this one may quote.
    `forwarding`: the subject says that a mail is passed on.
    """
    lines = lines_of(text)
    stripped = [MARKS.sub("", line[: 2 * LINE_LIMIT]).strip()[:LINE_LIMIT] for line in lines]
    marks = _marks(stripped, html, forwarding=forwarding) if html else {}
    delimiters = frozenset(at for at, line in enumerate(lines) if line.rstrip("\n") == "-- ")
    page = Page(stripped, {at: label.kind for at, label in marks.items()}, delimiters)
    labels = [
        mark or label
        for mark, label in zip(map(marks.get, range(page.end)), label_lines(page, forwarding=forwarding), strict=True)
    ]
    compare(stripped, labels, sent)
    return _joined(lines, _with_empty_lines(stripped, labels))


def divide_again(letter: Letter, sent: Sequence[str]) -> Letter:
    """The letter, divided by what it repeats of the texts in `sent`: the mails that we wrote on its ticket."""
    forwarding = any(segment.kind == "forward" for segment in letter.segments)
    divided = divide(letter.text, letter.html, sent, forwarding=forwarding)
    return replace(letter, segments=divided, new_text=new_words(divided), quoted=other_words(divided))


def new_words(divided: tuple[Segment, ...]) -> str:
    """What the author newly wrote, without the empty lines around it.

    One word alone has what may be its signature beside it: so little is more often cut short than all of an answer.
    Where nothing is new, the mail that is passed on; where there is none either, all of the text.
    """
    new = _text_of(divided, "new")
    if len(WORD.findall(new)) == 1 and new.isascii():
        new = _text_of(divided, "new", "signature")
    return (new or _text_of(divided, "forward") or "".join(segment.text for segment in divided)).strip()


def _text_of(divided: tuple[Segment, ...], *kinds: SegmentKind) -> str:
    """The texts of some kinds, empty where they hold no word."""
    text = "".join(segment.text for segment in divided if segment.kind in kinds)
    return text if text.strip() else ""


def other_words(divided: tuple[Segment, ...]) -> str:
    """Everything that is not new."""
    return "".join(segment.text for segment in divided if segment.kind != "new")


def _marks(lines: list[str], html: str, *, forwarding: bool) -> dict[int, Label]:
    """What the HTML says of the lines. A marked quote that opens like a forwarded mail is one."""
    from letters.quotes.clients import marked_lines  # noqa: PLC0415 - its parser takes 25 ms to load

    marks = marked_lines(lines, html)
    forward = False
    last = -1
    for at, label in sorted(marks.items()):
        if any(lines[n] for n in range(last + 1, at)) or last < 0:
            forward = mark_of_history(lines, at) == "forward" or (forwarding and last < 0 and begins_mail(lines, at))
        if forward and label.kind == "quote":
            marks[at] = Label("forward", label.rule, label.confidence)
        last = at
    return marks


def _with_empty_lines(lines: list[str], labels: Labels) -> list[Label]:
    """Empty lines belong to what stands above them, at the top to what stands below."""
    last = next((label for label, line in zip(labels, lines, strict=True) if line), None) or NEW
    filled = []
    for label, line in zip(labels, lines, strict=True):
        last = (label or NEW) if line else last
        filled.append(last)
    return filled


def _joined(lines: list[str], labels: list[Label]) -> tuple[Segment, ...]:
    """One segment for neighbours of one kind; it is as sure as the least sure of them."""
    divided = []
    at = 0
    for kind, group in groupby(labels, key=_kind):
        run = list(group)
        rules = dict.fromkeys(label.rule for label in run if label.rule)
        text = "".join(lines[at : at + len(run)])
        divided.append(Segment(kind, text, "; ".join(rules), min(label.confidence for label in run)))
        at += len(run)
    return tuple(divided)


def _kind(label: Label) -> SegmentKind:
    return label.kind
