"""The tree of a mail's parts, split on bytes.

The standard library parses header blocks (`compat32`, which raises on nothing). The tree is split here, because the
library's own takes 16 s for 25 MB under 200 levels, recurses without end, and cannot give an embedded mail back byte
for byte. Past the limits the tree is poorer, never lost: what lies deeper, or comes later, stays one leaf.
"""

import re
from dataclasses import dataclass, field
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser

from letters.identity import HEADER_END
from letters.parameters import Parameters, read_parameters

DEPTH_LIMIT = 50  # levels
PART_LIMIT = 1000  # of a whole mail
HEADER_LIMIT = 1024 * 1024  # bytes of one header block; what goes on after that is body
FIELD_LIMIT = 5000  # fields of one block

LINE_END = re.compile(rb"\r?\n")
FIELD_START = re.compile(rb"[!-9;-~]+[ \t]*:")
SPACE_BEFORE_COLON = re.compile(rb"^([!-9;-~]+)[ \t]+:")  # RFC 5322, 4.5
NEXT_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9-]+:")
MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+|multipart/.*")
FIRST_DELIMITER = re.compile(rb"^--([^\r\n]{1,200}?)[ \t]*\r?$", re.MULTILINE)

HEADERS: BytesHeaderParser = BytesHeaderParser(policy=policy.compat32)
Fields = list[tuple[str, bytes]]


@dataclass(slots=True)
class Part:
    """A node of the tree: header fields in order (names in lower case, values raw), bytes as sent, parts below it."""

    fields: Fields
    body: memoryview
    content_type: str = "text/plain"
    parameters: Parameters = field(default_factory=dict)
    parts: list["Part"] = field(default_factory=list)

    def values(self, name: str) -> list[bytes]:
        """All values of the header `name`, top first."""
        return [value for key, value in self.fields if key == name]

    def value(self, name: str) -> bytes:
        """The first value of the header `name`, empty where it is missing."""
        return next((value for key, value in self.fields if key == name), b"")


@dataclass(slots=True)
class Tally:
    """What the whole mail has used of its limits, and what was odd about it."""

    parts: int = 0
    defects: list[str] = field(default_factory=list)


def split(raw: bytes) -> tuple[Part, tuple[str, ...]]:
    """The tree of a mail, and its defects. Any bytes are a mail."""
    tally = Tally()
    start = len(raw) - len(raw.removeprefix(b"\xef\xbb\xbf").lstrip())
    root = _part(memoryview(raw)[start:], "text/plain", tally, 0)
    return root, tuple(dict.fromkeys(tally.defects))


def split_header(raw: memoryview) -> tuple[Fields, memoryview]:
    """Header fields and body of a mail or a part.

    A line that is no field ends the header, unless more fields follow it: then it is skipped.
    """
    at_once = LINE_END.match(raw)
    if at_once:
        return [], raw[at_once.end() :]
    blank = HEADER_END.search(raw, 0, HEADER_LIMIT)
    end, body_at = blank.span() if blank else (min(len(raw), HEADER_LIMIT),) * 2
    lines, length = _header_lines(bytes(raw[:end]))
    message = HEADERS.parsebytes(b"".join(lines))
    return _fields(message), raw[length if length < end else body_at :]


def _part(raw: memoryview, default_type: str, tally: Tally, depth: int) -> Part:
    fields, body = split_header(raw)
    part = Part(fields, body)
    said, part.parameters = read_parameters(part.value("content-type"))
    part.content_type = said if MEDIA_TYPE.fullmatch(said) else default_type
    if part.content_type.startswith("multipart/"):
        _split_parts(part, tally, depth)
    return part


def _split_parts(part: Part, tally: Tally, depth: int) -> None:
    if depth >= DEPTH_LIMIT:
        tally.defects.append(f"parts nested deeper than {DEPTH_LIMIT} levels, the rest kept as one attachment")
        part.content_type = "application/octet-stream"
        return
    boundary = _boundary(part, tally)
    pieces = _pieces(part.body, boundary, tally) if boundary else []
    if not pieces:
        tally.defects.append("multipart without parts, read as text")
        part.content_type = "text/plain"
        return
    default_type = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
    part.parts = [_part(piece, default_type, tally, depth + 1) for piece in pieces]


def _boundary(part: Part, tally: Tally) -> bytes:
    """The declared boundary, else the first line that looks like one."""
    declared = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
    if declared and re.search(re.escape(b"--" + declared), part.body):
        return declared
    found = FIRST_DELIMITER.search(part.body)
    if not found or not found[1].strip(b"-"):
        return b""
    tally.defects.append("boundary does not fit, the first line that looks like one taken")
    return found[1]


def _pieces(body: memoryview, boundary: bytes, tally: Tally) -> list[memoryview]:
    """What lies between the delimiter lines; the line end before a delimiter belongs to it (RFC 2046, 5.1.1)."""
    # A literal comes first, so that the search runs at the speed of memchr.
    delimiter = re.compile(re.escape(b"--" + boundary) + rb"(--)?[ \t]*(?:\r\n|\n|\r|\Z)")
    pieces: list[memoryview] = []
    start: int | None = None
    for found in delimiter.finditer(body):
        if found.start() and body[found.start() - 1] not in b"\r\n":
            continue
        if start is not None:
            pieces.append(body[start : max(start, _before_line_end(body, found.start()))])
            tally.parts += 1
        if found[1] and start is not None:
            return pieces
        start = found.end()
        if tally.parts >= PART_LIMIT:
            tally.defects.append(f"more than {PART_LIMIT} parts, the rest kept as one")
            return [*pieces, body[start:]]
    if start is not None:
        tally.defects.append("multipart without its closing delimiter")
        pieces.append(body[start:])
    return pieces


def _before_line_end(body: memoryview, at: int) -> int:
    return at - 2 if bytes(body[max(0, at - 2) : at]) == b"\r\n" else at - 1


def _header_lines(block: bytes) -> tuple[list[bytes], int]:
    """The lines of a header block that hold fields, and how many bytes they and those skipped between them take."""
    lines = block.splitlines(keepends=True)
    kept: list[bytes] = []
    length = 0
    for at, line in enumerate(lines):
        if FIELD_START.match(line):
            kept.append(SPACE_BEFORE_COLON.sub(rb"\1:", line))
        elif line[:1] in (b" ", b"\t") or (at == 0 and line.startswith(b"From ")):
            kept.append(line)
        elif not (at + 1 < len(lines) and NEXT_FIELD.match(lines[at + 1])):
            break
        length += len(line)
    return kept, length


def _fields(message: Message) -> Fields:
    return [(name.lower(), _raw(str(value))) for name, value in message.raw_items()][:FIELD_LIMIT]


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
