"""Where the words of a search stand in a text, so that they can be marked there. Pure.

A text is folded as PostgreSQL folds it for the index (models/migrations/0004: lower case, without accents, each sign of
Chinese, Japanese and Korean a word), sign by sign, so that what is found can be pointed at in the text as it is.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from desk.queries import Word

Span = tuple[int, int]
WINDOW = 160  # characters of a passage
BEFORE = 60  # of them before the first hit

# Letters that stand alone, letters and digits in a row, and the accents and vowel signs that are written over them.
CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
ACCENTS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
TOKEN = re.compile(rf"[{CJK}]|(?:[^\W_{CJK}]|[{ACCENTS}])+")


@dataclass(frozen=True)
class Passage:
    """A piece of a text on one line; `marks` are counted in UTF-16 code units."""

    text: str
    marks: list[Span]


@dataclass(frozen=True)
class Needle:
    """Words in a row, folded. `open`: the end of the last one may be missing."""

    tokens: tuple[str, ...]
    open: bool


class Folding:
    """How signs are folded: ASCII is known, and the rest is what PostgreSQL says (`unaccent(lower(sign))`)."""

    def __init__(self, signs: Mapping[str, str]) -> None:
        self._signs = signs

    def fold(self, text: str) -> str:
        if text.isascii():
            return text.lower()
        return "".join(self._signs.get(sign, sign.lower()) for sign in text).replace(" ", "")

    def needles(self, words: Iterable[Word]) -> list[Needle]:
        """What is looked for; a word without letters and digits is nothing."""
        found = [Needle(tuple(map(self.fold, TOKEN.findall(word.text))), open=not word.phrase) for word in words]
        return [needle for needle in found if needle.tokens]

    def spans(self, text: str, needles: Sequence[Needle]) -> list[Span]:
        """Where the needles stand in the text, from left to right, none over another; in characters."""
        places = [found.span() for found in TOKEN.finditer(text)]
        folded = [self.fold(text[start:end]) for start, end in places]
        found = set[Span]()
        for index in range(len(folded)):
            for needle in needles:
                if _stands_at(folded, index, needle):
                    last = places[index + len(needle.tokens) - 1]
                    end = self._end(text, last, needle.tokens[-1]) if needle.open else last[1]
                    found.add((places[index][0], end))
        return _apart(sorted(found))

    def _end(self, text: str, place: Span, folded: str) -> int:
        """Where in the token at `place` so many folded letters end."""
        start, end = place
        length = 0
        for index in range(start, end):
            length += len(self.fold(text[index]))
            if length >= len(folded):
                return index + 1
        return end


def strange_signs(texts: Iterable[str]) -> list[str]:
    """The signs whose folding has to be asked for."""
    return sorted({sign for text in texts if not text.isascii() for sign in text if not sign.isascii()})


def one_line(text: str) -> str:
    return " ".join(text.split())


def whole(text: str, spans: Sequence[Span]) -> Passage:
    """All of a text that is one line already."""
    return Passage(text, in_units(text, spans))


def round_the_first(text: str, spans: Sequence[Span]) -> Passage:
    """About WINDOW characters of a long line, with dots where something was left out."""
    start, end = _piece(text, spans[0])
    lead, tail = "…" if start else "", "…" if end < len(text) else ""
    shift = len(lead) - start
    kept = [(first + shift, last + shift) for first, last in spans if start <= first and last <= end]
    return whole(f"{lead}{text[start:end]}{tail}", kept)


def in_units(text: str, spans: Iterable[Span]) -> list[Span]:
    """The same places, counted in UTF-16 code units."""

    def units(place: int) -> int:
        return len(text[:place].encode("utf-16-le", "surrogatepass")) // 2

    return [(units(start), units(end)) for start, end in spans]


def _piece(text: str, hit: Span) -> Span:
    """The piece round a hit; it begins and ends between words, where there is a space to be found."""
    start = max(0, min(hit[0] - BEFORE, len(text) - WINDOW))
    if start:
        start = text.find(" ", start, hit[0]) + 1 or start
    end = min(len(text), max(start + WINDOW, hit[1]))
    if end < len(text):
        space = text.rfind(" ", hit[1], end)
        end = end if space < 0 else space
    return start, end


def _stands_at(tokens: Sequence[str], index: int, needle: Needle) -> bool:
    *firsts, last = needle.tokens
    end = index + len(firsts)
    if end >= len(tokens) or list(tokens[index:end]) != firsts:
        return False
    return tokens[end].startswith(last) if needle.open else tokens[end] == last


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Spans in order; those that overlap are one."""
    kept = list[Span]()
    for start, end in spans:
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept
