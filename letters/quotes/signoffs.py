"""Signatures: behind a delimiter, a closing and a name, a block of contact data, what a phone puts below.

Only at the end of what somebody wrote, only when short, and only when the lines look like a name and how to reach it:
a customer's own words are worth more than a tidy page.
"""

import re
from dataclasses import dataclass

from letters.quotes.closings import CLOSING, THANKS
from letters.quotes.fields import ADDRESS

BLOCK_LINES = 15  # lines with words; a longer block under a delimiter is no signature
CLOSED_LINES = 10  # the same under a closing
LINE_LIMIT = 80  # characters of a line in a block without a delimiter
DELIMITER = re.compile(r"--|__|--\s*--?|[—–]{1,2}|\*\*\*?|-- ?\s*--")
LONG_RULE = re.compile(r"[-_=—–*~]{3,80}")

_WORD = r"(?:[^\W\d_a-zß-öø-ÿ][\w'’.\-]*|de|von|van|der|den|da|di|del|la|le|bin|al|y|e|dos|das|zu|zum|ten|ter|af|av)"
NAME = re.compile(rf"[*_]*\(?{_WORD}(?:[ \xa0,&|]{{1,3}}{_WORD}){{0,5}}[*_,.)]{{0,3}}")
SHORT_NAME = re.compile(r"/{1,2} ?[^\W\d_][\w'’.\-]{0,25}(?: [^\W\d_a-z][\w'’.\-]{0,25}){0,3}")
PHONE = re.compile(r"(?:\+|\(?0|\(?\d)[\d \t().\-/\xa0]{6,25}\d")
URL = re.compile(
    r"https?://\S|\bwww\.\S|\b[\w-]{2,40}\.(?:com|net|org|io|de|fr|es|it|nl|eu|co\.uk"
    r"|pl|se|dk|no|fi|cz|ru|jp|cn|br|ca|ch|at|example)\b",
    re.IGNORECASE,
)
ITEM = re.compile(r"(?:\d{1,2}[.)]|[-*•]) \S")
POSTSCRIPT = re.compile(r"p\.?\s?p?\.?s\b|n\.?b\b|edit\b|update\b", re.IGNORECASE)
SENTENCE = re.compile(r"[.!?…。？！]\s|[?;…？]$|[.!。！]$")
ASKED = re.compile(
    r"[:：]$|address|phone|number|contact|reach|details|call me|send|ship|deliver|adress|telefon|nummer|kontakt"
    r"|erreich|daten"
    r"|coordonn|numéro|joindre|livr|datos|direcci|teléfono|número|contact|dirizz|numero|recapit|endere|contato"
    r"|gegevens|bereik"
    r"|numer|dane|adres|kapcsolat|cím|телефон|адрес|контакт|номер|住所|電話|地址|电话|주소|전화",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Signature:
    """Lines from `start` up to the end of what somebody wrote."""

    start: int
    rule: str
    confidence: float


def is_delimiter(line: str) -> bool:
    """Whether the line parts a signature from the words above it (`-- `, RFC 3676, 4.3, and its cousins)."""
    return bool(DELIMITER.fullmatch(line))


def below_delimiter(lines: list[str]) -> bool:
    """Whether these lines may stand below a dash that is no `-- `: several programs and many people draw one."""
    words = [line for line in lines if line]
    return any(map(_is_contact, words)) and all(map(_of_signature, words))


def goes_on(lines: list[str]) -> bool:
    """Whether below a `--` no signature stands but more of the text: sentences, or items of a list."""
    words = [line for line in lines if line]
    return sum(map(_is_prose, words)) > 1 or any(map(ITEM.match, words))


def read_signature(lines: list[str], start: int, end: int) -> Signature | None:
    """The signature without a `-- ` at the end of `lines[start:end]`; `start` is the first line with words."""
    last = end
    while last > start and not lines[last - 1]:
        last -= 1
    return (
        _closed(lines, start, last)
        or _named(lines, start, last)
        or _ruled(lines, start, last)
        or _contacts(lines, start, last)
    )


def _closed(lines: list[str], start: int, end: int) -> Signature | None:
    """`Best regards,` and below it nothing but who and how to reach."""
    words = 0
    for at in range(end - 1, start, -1):
        line = lines[at]
        if not line:
            continue
        courteous = len(line) <= LINE_LIMIT + 60 and CLOSING.fullmatch(line)
        if courteous or THANKS.fullmatch(line):
            below = [line for line in lines[at + 1 : end] if line]
            if courteous or (sum(map(_is_contact, below)) and not _is_contact(below[0])):
                return Signature(
                    _with_thanks(lines, start, at), "a closing with a name below it", 0.8 if below else 0.7
                )
            return None
        words += 1
        if words > CLOSED_LINES or not _of_signature(line):
            return None
    return None


def _with_thanks(lines: list[str], start: int, at: int) -> int:
    """A closing may stand right below another one; words of thanks on a line of their own stay where they are."""
    return at - 1 if at - 1 > start and lines[at - 1] and CLOSING.fullmatch(lines[at - 1]) else at


def _named(lines: list[str], start: int, end: int) -> Signature | None:
    """`/Ann` as the last line, as they sign in the North; behind a dash an item of a list may stand."""
    at = end - 1
    if at <= start or not SHORT_NAME.fullmatch(lines[at]):
        return None
    above = next((lines[n] for n in range(at - 1, start - 1, -1) if lines[n]), "")
    shown = above.startswith(("/", "$", "#", ">")) or above.endswith((":", ",", "：")) or bool(lines[at - 1])
    return None if shown else Signature(at, "a name behind a slash", 0.6)


def _ruled(lines: list[str], start: int, end: int) -> Signature | None:
    """A rule, and below it nothing but short lines, several of them contact data."""
    words = 0
    for at in range(end - 1, start, -1):
        line = lines[at]
        if LONG_RULE.fullmatch(line):
            below = [line for line in lines[at + 1 : end] if line]
            contacts = sum(map(_is_contact, below))
            return Signature(at, "a rule with contact data below it", 0.6) if contacts >= 2 else None
        words += bool(line)
        if words > BLOCK_LINES or (line and not _of_signature(line)):
            return None
    return None


def _contacts(lines: list[str], start: int, end: int) -> Signature | None:
    """A last paragraph of a name and at least two ways to reach it, under words that did not announce it."""
    top = end
    while top > start and lines[top - 1]:
        top -= 1
    block = lines[top:end]
    if top <= start or not 3 <= len(block) <= CLOSED_LINES or not NAME.fullmatch(block[0]) or len(block[0]) > 40:
        return None
    if sum(map(_is_contact, block)) < 2 or not all(map(_of_signature, block)):
        return None
    above = [line for line in lines[start:top] if line]
    enough = sum(len(line.split()) for line in above) >= 12
    announced = any(ASKED.search(line) for line in above[-2:])
    return Signature(top, "a name with contact data below the text", 0.5) if enough and not announced else None


def _is_contact(line: str) -> bool:
    return bool(ADDRESS.search(line) or PHONE.search(line) or URL.search(line))


def _of_signature(line: str) -> bool:
    """Whether a line could stand in a signature: short, no sentence, a name or a way to reach somebody."""
    if len(line) > LINE_LIMIT:
        return False
    return _is_contact(line) or LONG_RULE.fullmatch(line) is not None or is_delimiter(line) or not _is_prose(line)


def _is_prose(line: str) -> bool:
    """A line that says something: sentence marks, or mostly words in lower case."""
    words = line.split()
    if POSTSCRIPT.match(line):
        return True
    if SENTENCE.search(line) and len(words) > 3:
        return True
    return len(words) > 5 and sum(word[:1].islower() for word in words) > len(words) / 2
