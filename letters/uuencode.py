"""Uuencoded files: as a transfer encoding, and in the middle of a text, as mail had them before MIME."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

FILES_LIMIT = 1000  # files of one text
BEGINS_TRIED = 50_000  # `begin` lines of one text
LINES_LIMIT = 600_000  # of one file: 25 MB are 400,000 full lines
FULL_LINE = 45  # bytes
BEGIN = re.compile(rb"^begin(?P<base64>-base64)? +[0-7]{3,4} +(?P<name>[^\r\n]{1,300})\r?\n", re.MULTILINE)
LINE = re.compile(rb"([ -`][ -`]*)\r?(?:\n|\Z)")
BASE64_LINE = re.compile(rb"([A-Za-z0-9+/]+={0,2})[ \t]*\r?(?:\n|\Z)")
END = re.compile(rb"(?:[ \t]*\r?\n)?end[ \t]*\r?(?:\n|\Z)")
BASE64_END = re.compile(rb"====[ \t]*\r?(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class File:
    """A file found in a text, and where its block stands there."""

    name: bytes
    content: bytes
    start: int
    end: int


def decode_uuencoded(data: bytes) -> bytes | None:
    """The first file of uuencoded data, with or without its `begin` line; None where there is none."""
    found = next(uuencoded_files(data), None)
    if found:
        return found.content
    start = len(data) - len(data.lstrip(b"\r\n"))
    content, end = _lines(data, start)
    return content if end > start else None


def uuencoded_files(data: bytes) -> Iterator[File]:
    """The files in a text. A `begin` line without any sound line below it is text; a block may lack its end."""
    position = found = tried = 0
    while found < FILES_LIMIT and tried < BEGINS_TRIED and (begin := BEGIN.search(data, position)):
        tried += 1
        position = begin.end()
        content, end = (_base64_lines if begin["base64"] else _lines)(data, begin.end())
        closed = (BASE64_END if begin["base64"] else END).match(data, end)
        if closed or (content and end > begin.end()):
            position = closed.end() if closed else end
            found += 1
            yield File(begin["name"].strip(), content, begin.start(), position)


def _lines(data: bytes, position: int) -> tuple[bytes, int]:
    """The bytes of all sound lines from `position` on, and where they end."""
    content: list[bytes] = []
    while len(content) < LINES_LIMIT and (line := LINE.match(data, position)):
        piece = _decoded(line[1])
        if piece is None:
            break
        content.append(piece)
        position = line.end()
        if not piece:
            break
    return b"".join(content), position


def _decoded(line: bytes) -> bytes | None:
    """A line says its length in its first sign; white space at its end may have been lost, or a sum added."""
    length = (line[0] - 32) & 63
    needed = -(-length // 3) * 4
    digits = line[1:].rstrip(b" ") if length else b""
    short = len(digits) < needed - 4 and length != FULL_LINE
    if short or len(digits) > needed + 2:
        return None
    try:
        return binascii.a2b_uu(line[:1] + digits[:needed].ljust(needed, b" "))
    except binascii.Error:
        return None


def _base64_lines(data: bytes, position: int) -> tuple[bytes, int]:
    digits: list[bytes] = []
    while len(digits) < LINES_LIMIT and (line := BASE64_LINE.match(data, position)):
        digits.append(line[1].rstrip(b"="))
        position = line.end()
    joined = b"".join(digits)
    joined = joined[: len(joined) - (len(joined) % 4 == 1)]
    return base64.b64decode(joined + b"=" * (-len(joined) % 4)), position
