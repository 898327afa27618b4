"""The tree of a mail's parts, split on bytes.

The tree is split here, because the standard library's parser takes 16 s for 25 MB under 200 levels, recurses without
end, and cannot give an embedded mail back byte for byte. Past the limits the tree is poorer, never lost: what lies
deeper, or comes later, stays one leaf.
"""

import re
from dataclasses import dataclass, field

from letters.identity import HEADER_END, straightened
from letters.parameters import Parameters, read_parameters
from letters.transfer import decode_transfer

DEPTH_LIMIT = 50  # levels
PART_LIMIT = 1000  # of a whole mail
HEADER_LIMIT = 1024 * 1024  # bytes of one header block; what goes on after that is body
FIELD_LIMIT = 5000  # fields of one block

LINE_END = re.compile(rb"\r?\n")
FIELD_START = re.compile(rb"([!-9;-~]+)[ \t]*:[ \t]*")  # white space before the colon: RFC 5322, 4.5
NEXT_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9-]+:")
MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+|multipart/.*")
DELIMITER_ABOVE_FIELDS = re.compile(
    rb"^--([^\r\n]{1,200}?)[ \t]*\r?\n(?:content-(?:type|transfer-encoding|disposition|id)|mime-version)[ \t]*:",
    re.MULTILINE | re.IGNORECASE,
)
ANY_DELIMITER = re.compile(rb"^--([^\s-][^\r\n]{0,200}?)[ \t]*\r?$", re.MULTILINE)
DELIMITERS_TRIED = 20  # lines that may be a boundary when the declared one is missing

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
    root = _part(memoryview(straightened(raw)), "text/plain", tally, 0)
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
    fields, length = _fields(bytes(raw[:end]))
    return fields, raw[length if length < end else body_at :]


def _fields(block: bytes) -> tuple[Fields, int]:
    """The fields of a header block, and how many bytes they and what was skipped between them take."""
    lines = block.splitlines(keepends=True)
    found: list[tuple[str, list[bytes]]] = []
    length = 0
    for at, line in enumerate(lines):
        start = FIELD_START.match(line)
        if start and len(found) < FIELD_LIMIT:
            found.append((start[1].decode("ascii").lower(), [line[start.end() :]]))
        elif line[:1] in (b" ", b"\t"):
            if found:
                found[-1][1].append(line)
        elif start or (at == 0 and line.startswith((b"From ", b">From "))):
            pass  # past the limit, or the envelope of an mbox
        elif not (at + 1 < len(lines) and NEXT_FIELD.match(lines[at + 1])):
            break
        length += len(line)
    # PostgreSQL takes no NUL, and whoever quotes a field must not have to think of that.
    return [(name, b"".join(pieces).rstrip(b"\r\n").replace(b"\0", b"")) for name, pieces in found], length


def _part(raw: memoryview, default_type: str, tally: Tally, depth: int) -> Part:
    fields, body = split_header(raw)
    if len(fields) >= FIELD_LIMIT:
        tally.defects.append(f"more than {FIELD_LIMIT} header fields, the rest not read")
    part = Part(fields, body)
    part.content_type, part.parameters = _media_type(part, default_type)
    if depth == 0 and not part.value("content-type") and DELIMITER_ABOVE_FIELDS.match(body):
        tally.defects.append("parts without a Content-Type that announces them, read as multipart/mixed")
        part.content_type = "multipart/mixed"
    if part.content_type.startswith("multipart/"):
        _split_parts(part, tally, depth)
    return part


def _media_type(part: Part, default_type: str) -> tuple[str, Parameters]:
    """Of several Content-Type fields the first that can be read."""
    parameters: Parameters = {}
    for value in part.values("content-type"):
        said, read = read_parameters(value)
        parameters = parameters or read
        if MEDIA_TYPE.fullmatch(said):
            return said, read
    return default_type, parameters


def _split_parts(part: Part, tally: Tally, depth: int) -> None:
    if depth >= DEPTH_LIMIT:
        tally.defects.append(f"parts nested deeper than {DEPTH_LIMIT} levels, the rest kept as one attachment")
        part.content_type = "application/octet-stream"
        return
    pieces = _declared_pieces(part, tally) or _found_pieces(part.body, tally)
    if not pieces:
        tally.defects.append("multipart without parts, read as text")
        part.content_type = "text/plain"
        return
    default_type = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
    part.parts = [_part(piece, default_type, tally, depth + 1) for piece in pieces]


def _declared_pieces(part: Part, tally: Tally) -> list[memoryview]:
    """The parts by the declared boundary, also where the whole multipart is encoded, against RFC 2045, 6.4."""
    boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
    pieces = _pieces(part.body, boundary, tally) if boundary else []
    encoding, _ = read_parameters(part.value("content-transfer-encoding"))
    if boundary and not pieces and encoding in {"base64", "quoted-printable"}:
        decoded = memoryview(decode_transfer(bytes(part.body), encoding, text=False)[0])
        pieces = _pieces(decoded, boundary, tally)
        if pieces:
            tally.defects.append(f"multipart in {encoding}, decoded as a whole")
    return pieces


def _found_pieces(body: memoryview, tally: Tally) -> list[memoryview]:
    """The parts by the first line that looks like a boundary: fields follow it, or it comes again and closes."""
    above_fields = DELIMITER_ABOVE_FIELDS.search(body)
    boundary = above_fields[1] if above_fields else _closed_delimiter(body)
    if not boundary:
        return []
    tally.defects.append("boundary does not fit, the first line that looks like one taken")
    return _pieces(body, boundary, tally)


def _closed_delimiter(body: memoryview) -> bytes:
    for tried, line in enumerate(ANY_DELIMITER.finditer(body)):
        if tried >= DELIMITERS_TRIED:
            break
        if re.compile(rb"\n" + re.escape(b"--" + line[1]) + rb"--[ \t]*\r?(?:\n|\Z)").search(body, line.end()):
            return line[1]
    return b""


def _pieces(body: memoryview, boundary: bytes, tally: Tally) -> list[memoryview]:
    """What lies between the delimiter lines; the line end before a delimiter belongs to it (RFC 2046, 5.1.1).

    A closing delimiter ends nothing where parts follow it: some programs write it after each part.
    """
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
        start = None if found[1] and pieces else found.end()
        if tally.parts >= PART_LIMIT and start is not None:
            tally.defects.append(f"more than {PART_LIMIT} parts, the rest kept as one")
            return [*pieces, body[start:]]
    if start is not None:
        tally.defects.append("multipart without its closing delimiter")
        pieces.append(body[start:])
    return pieces


def _before_line_end(body: memoryview, at: int) -> int:
    return at - 2 if bytes(body[max(0, at - 2) : at]) == b"\r\n" else at - 1
