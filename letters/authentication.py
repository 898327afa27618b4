"""Authentication-Results: what a mail server found out about a mail (RFC 8601, 2.2).

    authserv-id [version] 1*( ";" method [/version] "=" result [reason=…] *( ptype.property=value ) )

with comments and folds between any two of them. Whether to believe it is not asked here. A field that breaks the
grammar says nothing at all: in what a careless server copied out of a mail, a sender may have written.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from letters.words import FOLD

LONGEST = 64 * 1024  # bytes
MOST_FINDINGS = 100
TOKEN = re.compile(
    r'(?P<white>\s+)|"(?P<quoted>(?:[^"\\]|\\.)*+)"|(?P<mark>[();=/])|(?P<word>[^\s"();=/]+)',
    re.DOTALL,
)
PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
KEYWORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")
PROPERTY = re.compile(r"([A-Za-z0-9-]+)\.([A-Za-z0-9._-]+)")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Finding:
    """One method's result, names in lower case. `properties`: (`header`, `d`, `example.org`), in order."""

    method: str
    result: str
    reason: str
    properties: tuple[tuple[str, str, str], ...]

    def value(self, ptype: str, name: str) -> str:
        """The first value of a property, empty where it is missing."""
        return next((value for kind, key, value in self.properties if (kind, key) == (ptype, name)), "")


@dataclass(frozen=True, slots=True)
class Results:
    """One field: who says it, and what. No findings: nothing was checked."""

    authserv_id: str
    findings: tuple[Finding, ...]


def read_results(value: bytes) -> Results | None:
    """What a field's value says, None where it breaks the grammar. Never raises."""
    if len(value) > LONGEST:
        return None
    try:
        pieces = _pieces(FOLD.sub(b"", value).decode("utf-8", "replace"))
        authserv_id = _authserv_id(next(pieces, []))
        said = [piece for piece in pieces if piece]
        if [[word.text.lower() for word in piece] for piece in said] == [["none"]]:
            return Results(authserv_id, ())
        return Results(authserv_id, tuple(_finding(piece) for piece in said[:MOST_FINDINGS]))
    except _Broken:
        return None


class _Broken(Exception):
    """It breaks the grammar."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A word, a mark, or a quoted string; `apart` where white space or a comment stands before it."""

    text: str
    apart: bool
    quoted: bool = False

    def is_mark(self, mark: str) -> bool:
        return self.text == mark and not self.quoted


def _pieces(text: str) -> Iterator[list[_Word]]:
    """What lies between semicolons."""
    piece: list[_Word] = []
    for word in _words(text):
        if word.is_mark(";"):
            yield piece
            piece = []
        else:
            piece.append(word)
    yield piece


def _words(text: str) -> Iterator[_Word]:
    position, apart = 0, True
    while position < len(text):
        token = TOKEN.match(text, position)
        if token is None or token[0] == ")":
            raise _Broken
        position = token.end()
        if token["white"] or token[0] == "(":
            position = position if token["white"] else _after_comment(text, position)
            apart = True
            continue
        if token["quoted"] is None:
            yield _Word(token[0], apart)
        else:
            yield _Word(ESCAPED.sub(r"\1", token["quoted"]), apart, quoted=True)
        apart = False


def _after_comment(text: str, position: int) -> int:
    """Where a comment ends; they nest (RFC 5322, 3.2.2)."""
    depth = 1
    for sign in PARENTHESIS.finditer(text, position):
        depth += {"(": 1, ")": -1}.get(sign[0], 0)
        if depth == 0:
            return sign.end()
    raise _Broken


def _authserv_id(piece: Sequence[_Word]) -> str:
    """The first piece: an id, and perhaps the version, which has to be the only one there is."""
    text = [word.text for word in piece]
    if not text or any(word.is_mark("=") for word in piece) or text[1:] not in ([], ["1"]):
        raise _Broken
    return text[0]


def _finding(piece: list[_Word]) -> Finding:
    method, rest = _method(piece)
    result, rest = rest[0], rest[1:]
    if result.quoted or not KEYWORD.fullmatch(result.text):
        raise _Broken
    reason = ""
    properties: list[tuple[str, str, str]] = []
    while rest:
        name, value, rest = _pair(rest)
        found = PROPERTY.fullmatch(name)
        if found:
            properties.append((found[1].lower(), found[2].lower(), value))
        elif name.lower() == "reason":
            reason = value
        # Others, as `action=none`, are inventions of single servers: read over.
    return Finding(method, result.text.lower(), reason, tuple(properties))


def _method(piece: list[_Word]) -> tuple[str, list[_Word]]:
    """`method`, perhaps `/` and its version, which has to be 1, and `=`; then what is left, at least one word."""
    text = [word.text for word in piece]
    at = 3 if text[1:2] == ["/"] and text[2:3] == ["1"] else 1
    if len(piece) < at + 2 or not piece[at].is_mark("=") or piece[0].quoted or not KEYWORD.fullmatch(text[0]):
        raise _Broken
    return text[0].lower(), piece[at + 1 :]


def _pair(words: list[_Word]) -> tuple[str, str, list[_Word]]:
    """`name = value`. The value goes on as long as nothing stands apart: base64 has `/` and `=`, addresses quotes."""
    if len(words) < 3 or words[0].quoted or not words[0].apart or not words[1].is_mark("="):
        raise _Broken
    if words[2].is_mark("=") or words[2].is_mark("/"):
        raise _Broken
    end = 3
    while end < len(words) and not words[end].apart:
        end += 1
    return words[0].text, "".join(word.text for word in words[2:end]), words[end:]
