"""`value; name=value`: Content-Type and Content-Disposition, with the long and foreign parameters of RFC 2231."""

import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from letters import charsets
from letters.words import FOLD, VALUE_LIMIT, decode_words

Parameters = dict[str, str]

PARAMETER_LIMIT = 1000  # parameters of one field

COMMENT = re.compile(rb"\([^()]*\)")
NAME = re.compile(rb"[;\s,]*([^\s=:;\",]+)\s*[=:]\s*")
# A quoted value ends at a quote with a semicolon, another parameter or nothing behind it: some writers forget to
# escape the quotes inside.
QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*+)"?+(?=\s*(?:;|\Z|[\w*-]+=))', re.DOTALL)
QUOTES_INSIDE = re.compile(rb'"([^;]{0,1000})"(?=\s*(?:;|\Z))')
# Names of files hold spaces, and nobody quotes them; but `name=` after a space is the next parameter.
BARE = re.compile(rb"[^;\s]*(?:\s++(?![\w*-]+=(?!\?))[^;\s]*)*+")
NEXT = re.compile(rb"[^;]*;?")
SECTION = re.compile(rb"(?P<name>[^*]+)(?:\*(?P<number>\d{1,3}))?(?P<extended>\*)?")
ESCAPED = re.compile(rb"\\(.)", re.DOTALL)

Section = tuple[int, bool, bytes]  # number, whether percent-encoded, value


def read_parameters(value: bytes, hint: str | None = None) -> tuple[str, Parameters]:
    """(`text/plain`, {`charset`: `utf-8`, …}): names and the main value in lower case, parameters decoded.

    `hint`: the charset to try for bytes that declare none.
    """
    value = FOLD.sub(b"", value[:VALUE_LIMIT])
    main, semicolon, rest = value.partition(b";")
    if b"=" in main:  # `text/plain charset=utf-8`
        main, _, glued = COMMENT.sub(b" ", main).strip().partition(b" ")
        rest = glued + semicolon + rest
    main = COMMENT.sub(b" ", main).strip().strip(b"\"', ")
    sections: dict[str, dict[int, Section]] = {}
    plain: Parameters = {}
    for name, text in _pairs(rest):
        found = SECTION.fullmatch(name.lower())
        if not found:
            continue
        key = found["name"].decode("ascii", "replace")
        if found["number"] or found["extended"]:
            number = int(found["number"] or 0)
            sections.setdefault(key, {}).setdefault(number, (number, bool(found["extended"]), text))
        else:
            plain.setdefault(key, decode_words(text, hint))
    long = {key: _joined(list(parts.values()), hint) for key, parts in sections.items()}
    return main.decode("ascii", "replace").lower(), plain | long


def _pairs(rest: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = found = 0
    while position < len(rest) and found < PARAMETER_LIMIT:
        name = NAME.match(rest, position)
        if name is None:
            position = _end(NEXT, rest, position)
            continue
        found += 1
        start = name.end()
        quoted = (
            (QUOTED.match(rest, start) or QUOTES_INSIDE.match(rest, start)) if rest[start : start + 1] == b'"' else None
        )
        if quoted:
            yield name[1], _unescaped(quoted[1])
            position = quoted.end()
        else:
            position = _end(BARE, rest, start)
            yield name[1], _bare(rest[start:position])


def _end(pattern: re.Pattern[bytes], rest: bytes, position: int) -> int:
    found = pattern.match(rest, position)
    return found.end() if found and found.end() > position else position + 1


def _unescaped(text: bytes) -> bytes:
    """RFC 5322, 3.2.4. In raw Shift_JIS and Big5 a backslash may be the second half of a character."""
    return ESCAPED.sub(rb"\1", text) if text.isascii() else re.sub(rb'\\(["\\])', rb"\1", text)


def _bare(text: bytes) -> bytes:
    return re.sub(rb"\s+\([^()]*\)$", b"", text.strip().strip(b'"'))


def _joined(sections: list[Section], hint: str | None) -> str:
    """RFC 2231, 3 and 4: sections in the order of their numbers, the charset named by the first."""
    sections = sorted(sections, key=lambda section: section[0])
    charset, data = None, b""
    for at, (_, extended, value) in enumerate(sections):
        if at == 0 and extended and value.count(b"'") >= 2:
            declared, _, value = value.split(b"'", 2)  # noqa: PLW2901 - the charset stands before the value
            charset = declared.decode("ascii", "replace")
        data += unquote_to_bytes(value) if extended else value
    if not charset or b"=?" in data:
        return decode_words(data, charset or hint)
    return " ".join(charsets.decode(data, charset).text.splitlines())
