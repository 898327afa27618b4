"""What somebody types into the search: words, phrases in quotes, operators such as `from:zoe` or `-is:closed`. Pure.

`parse` tells them apart and refuses what an operator cannot mean; `desk/views/finding.py` makes conditions of them.
What looks like an operator and is none (`http://…`, `Re:`) is a word, and so is anything in quotes.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from desk.errors import Invalid
from desk.tags import tidy_one
from models import Priority

MOST_WORDS = 20  # later ones are not looked for
MOST_OPERATORS = 20


class Name(StrEnum):
    """Of an operator."""

    FROM = "from"
    TO = "to"
    SUBJECT = "subject"
    IS = "is"
    TAG = "tag"
    ASSIGNEE = "assignee"
    MAILBOX = "mailbox"
    BEFORE = "before"
    AFTER = "after"
    HAS = "has"
    PRIORITY = "priority"


class Unclear(Invalid):
    """An operator that means nothing; `at` is its place, counted in UTF-16 code units, end exclusive."""

    def __init__(self, message: str, at: tuple[int, int]) -> None:
        super().__init__("q", message)
        self.at = at


@dataclass(frozen=True)
class Word:
    """One word, whose end may be missing; or a phrase, whose words stand in a row."""

    text: str
    phrase: bool = False


@dataclass(frozen=True)
class Operator:
    """`value` is one that the operator takes: a day as `2026-11-23`, a tag as tickets keep it."""

    name: Name
    value: str
    negated: bool
    at: tuple[int, int]

    @property
    def for_staff(self) -> bool:
        """Whether it asks for what customers do not see."""
        return self.name in {Name.TAG, Name.ASSIGNEE, Name.PRIORITY} or (
            self.name is Name.HAS and self.value in {"bounce", "note"}
        )


@dataclass(frozen=True)
class Query:
    words: tuple[Word, ...] = ()
    operators: tuple[Operator, ...] = ()

    @property
    def number(self) -> int | None:
        """The number of a ticket, where that is the one thing that was typed beside operators."""
        found = re.fullmatch(r"#?([0-9]{1,18})", self._only_word)
        return int(found[1]) if found else None

    @property
    def message_id(self) -> str | None:
        """A Message-ID in its angle brackets, likewise."""
        found = re.fullmatch(r"<([^<>]+@[^<>]+)>", self._only_word)
        return found[1] if found else None

    @property
    def _only_word(self) -> str:
        return self.words[0].text if len(self.words) == 1 and not self.words[0].phrase else ""


def parse(typed: str) -> Query:
    """What was typed, taken apart.

    Raises:
        Unclear: an operator has a value that it does not take, or there are too many.
    """
    words, operators = list[Word](), list[Operator]()
    for found in _parts(typed.replace("\0", " ")):
        if found["name"]:
            operators.append(_operator(found))
        else:
            words.append(Word(found["phrase"], phrase=True) if found["phrase"] is not None else Word(found["word"]))
    if len(operators) > MOST_OPERATORS:
        raise Unclear(f"at most {MOST_OPERATORS} operators", operators[MOST_OPERATORS].at)
    return Query(tuple(word for word in words if word.text.strip())[:MOST_WORDS], tuple(operators))


# A quote that nobody closed reaches to the end: so it is while somebody types.
PART = re.compile(
    rf"""(?P<not>-?)(?P<name>{"|".join(Name)}):(?:"(?P<quoted>[^"]*)"?|(?P<bare>\S*))
        |"(?P<phrase>[^"]*)"?
        |(?P<word>\S+)""",
    re.VERBOSE | re.IGNORECASE,
)
SPACE = re.compile(r"\s*")


def _parts(typed: str) -> Iterator[re.Match[str]]:
    place = 0
    while found := PART.match(typed, SPACE.match(typed, place).end()):  # type: ignore[union-attr]  # it matches anything
        yield found
        place = found.end()


def _operator(found: re.Match[str]) -> Operator:
    name, value = Name(found["name"].lower()), found["quoted"] if found["quoted"] is not None else found["bare"]
    at = (_units(found.string[: found.start()]), _units(found.string[: found.end()]))
    try:
        taken = VALUES.get(name, _anything)(value.strip())
    except Invalid as refusal:
        raise Unclear(refusal.message, at) from None
    return Operator(name, taken, bool(found["not"]), at)


def _units(text: str) -> int:
    """The length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


# -- what each operator takes; Invalid says in words what it would have taken


def _anything(value: str) -> str:
    if not value:
        raise Invalid("q", "something has to follow the colon")
    return value


def _one_of(*known: str) -> Callable[[str], str]:
    def take(value: str) -> str:
        if value.lower() not in known:
            raise Invalid("q", f"one of {', '.join(known)}")
        return value.lower()

    return take


def _state(value: str) -> str:
    if value.lower() == "held":
        raise Invalid("q", "mail that is held is no ticket yet: the journal has it")
    return _one_of("active", "frozen", "closed", "unread")(value)


def _day(value: str) -> str:
    try:
        day = date.fromisoformat(value) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else None
    except ValueError:
        day = None
    if day is None or not 1970 <= day.year < 3000:
        raise Invalid("q", "a day such as 2026-11-23")
    return value


VALUES: dict[Name, Callable[[str], str]] = {
    Name.IS: _state,
    Name.HAS: _one_of("attachment", "bounce", "note", "draft"),
    Name.PRIORITY: _one_of(*Priority),
    Name.BEFORE: _day,
    Name.AFTER: _day,
    Name.TAG: tidy_one,
}
