"""Address lists of a header: names, groups, comments, and what real mail writes instead of the grammar of RFC 5322."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from letters.letter import Address
from letters.words import FOLD, VALUE_LIMIT, decode_words

MAILBOX_LIMIT = 5000
CARRIED_LIMIT = 500  # characters of a name that nobody quoted, with commas in it

TOKEN = re.compile(
    r'(?P<encoded>=\?[^?\s]{0,100}\?[bBqQ]\?[^?]*\?=)|(?P<local>"(?:[^"\\]|\\.)*+"@[^\s",;:<>()]+)'
    r'|"(?P<quoted>(?:[^"\\]|\\.)*+)"|<(?P<angle>[^<>]*)>'
    r'|(?P<mark>[,;:(])|(?P<white>\s+)|(?P<word>[^\s",;:<(]+|.)',
    re.DOTALL,
)
UNQUOTED_TOKEN = re.compile(TOKEN.pattern.replace('"(', '(?!)"('), re.DOTALL)
PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
LOCAL_NAME = re.compile(r"[A-Za-z0-9._-]+")
COMMENT = re.compile(r"\([^()]*\)")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
NOT_IN_ADDRESS = re.compile(r"[\s\x00-\x1f\x7f]+")
NAMED_ADDRESS = re.compile(r"<[^<>@\s]+@[^<>@\s]+>")


@dataclass(slots=True)
class Entry:
    """One element of the list while it is read."""

    phrase: list[str] = field(default_factory=list)  # raw words and the white space between them
    comments: list[str] = field(default_factory=list)
    angle: str | None = None
    quoted: bool = False


def read_mailboxes(value: bytes, hint: str | None = None, *, again: bool = True) -> tuple[Address, ...]:
    """Every mailbox of an address header, groups opened, elements without any address left out."""
    # Latin-1 keeps each byte apart until names are decoded.
    text = FOLD.sub(b"", value[:VALUE_LIMIT]).decode("latin-1")
    found: list[Address] = []
    carried = ""  # `Last, First <a@b>`: a name that nobody quoted
    for entry in _entries(text):
        phrase = "".join(entry.phrase).strip()
        if not phrase and entry.angle is None:
            continue
        address = _address(entry, carried, hint)
        if address:
            found.append(address)
            carried = ""
            continue
        if again and "=?" in phrase and NAMED_ADDRESS.search(_decoded(phrase, hint)):
            # All of it, address included, went into encoded words.
            found.extend(read_mailboxes(_decoded(phrase, hint).encode(), again=False))
        carried = f"{carried}{phrase}, "[:CARRIED_LIMIT] if entry.angle is None and "@" not in phrase else ""
        if len(found) >= MAILBOX_LIMIT:
            break
    alone = carried.removesuffix(", ")
    if not found and LOCAL_NAME.fullmatch(alone):  # `From: root`, as machines write to themselves
        return (Address("", alone),)
    return tuple(dict.fromkeys(found))


def _entries(text: str) -> Iterator[Entry]:
    entry, position = Entry(), 0
    tokens = TOKEN
    while position < len(text):
        token = tokens.match(text, position)
        if token is None:
            break
        if token[0] == '"':  # it never closes: looking for its end again and again would take time in the square
            tokens = UNQUOTED_TOKEN
        position = token.end()
        match token.lastgroup, token[0]:
            case "mark", "(":
                comment, position = _comment(text, position)
                entry.comments.append(comment)
            case "mark", ":" if (
                entry.angle is None and not entry.quoted and not any("@" in word for word in entry.phrase)
            ):
                entry = Entry()  # the name of a group
            case "mark", "," | ";":
                yield entry
                entry = Entry()
            case "angle", _ if entry.angle is None:
                entry.angle = token["angle"]
            case "local", _ if entry.angle is None:
                entry.angle = token["local"]
            case "quoted", _:
                entry.phrase.append(ESCAPED.sub(r"\1", token["quoted"]))
                entry.quoted = True
            case _, word:
                entry.phrase.append(word)
    yield entry


def _comment(text: str, position: int) -> tuple[str, int]:
    """A comment's text and where it ends; comments nest (RFC 5322, 3.2.2). An open one takes all that is left."""
    depth, start = 1, position
    for sign in PARENTHESIS.finditer(text, position):
        depth += {"(": 1, ")": -1}.get(sign[0], 0)
        if depth == 0:
            return ESCAPED.sub(r"\1", text[start : sign.start()]), sign.end()
    return text[start:], len(text)


def _address(entry: Entry, carried: str, hint: str | None) -> Address | None:
    phrase = "".join(entry.phrase).strip()
    if entry.angle is not None:
        email = _email(entry.angle, hint)
        return Address(_name(carried + phrase, entry, hint), email) if email else None
    words = phrase.replace(" @ ", "@").split()
    with_at = [word for word in words if "@" in word.strip("@") and not word.startswith("=?")]
    if not with_at:
        return None
    rest = " ".join(word for word in words if word != with_at[-1] and word not in "<>")
    if entry.quoted and len(words) > 1 and not rest:
        return None
    email = _email(with_at[-1].strip("<>"), hint)
    return Address(_name(carried + rest, entry, hint), email) if email else None


def _email(text: str, hint: str | None) -> str:
    """A bare address, its domain in lower case; an old route in front (`@a,@b:`) and `mailto:` dropped."""
    if text.startswith('"'):
        text = _decoded(text, hint)
    else:
        text = NOT_IN_ADDRESS.sub("", _decoded(COMMENT.sub("", text), hint)).strip("'")
    text = re.sub(r"^(?:@[^:]*:|mailto:)", "", text, flags=re.IGNORECASE)
    local, at, domain = text.rpartition("@")
    return f"{local}{at}{domain.lower()}" if at else text


def _name(phrase: str, entry: Entry, hint: str | None) -> str:
    name = " ".join(_decoded(phrase, hint).split())
    if name.startswith('"') or name.count('"') == 1:  # what is left of quotes that were escaped twice or not closed
        name = name.strip('"')
    return name or " ".join(_decoded(" ".join(entry.comments), hint).split())


def _decoded(text: str, hint: str | None) -> str:
    return decode_words(text.encode("latin-1", "replace"), hint)
