"""winmail.dat: what Outlook and Exchange wrap in TNEF (MS-OXTNEF), unwrapped into texts and files.

All of it is bounded by the size of the input: each byte is looked at once a level, and levels end at LEVEL_LIMIT.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from letters import charsets, rtf

SIGNATURE = b"\x78\x9f\x3e\x22"
LEVEL_LIMIT = 5  # mails inside mails
FILES_LIMIT = 1000
PROPERTY_LIMIT = 20_000  # of one list
VALUE_LIMIT = 10_000  # of one property of several values

# Attributes (2.1.3): the low half of the id.
BODY, TITLE, DATA, TRANSPORT_NAME = 0x800C, 0x8010, 0x800F, 0x9001
NEW_ATTACHMENT, MESSAGE_PROPERTIES, ATTACHMENT_PROPERTIES, CODEPAGE = 0x9002, 0x9003, 0x9005, 0x9007
SUBJECT = 0x8004
# Properties of MAPI (MS-OXPROPS).
P_SUBJECT, P_BODY, P_RTF, P_HTML, P_CODEPAGE = 0x0037, 0x1000, 0x1009, 0x1013, 0x3FDE
P_DATA, P_NAME, P_LONG_NAME, P_MIME, P_ID, P_DISPLAY = 0x3701, 0x3704, 0x3707, 0x370E, 0x3712, 0x3001
SIZES = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
STRING, UNICODE, OBJECT, BINARY = 0x1E, 0x1F, 0x0D, 0x102
SEVERAL = 0x1000
TEXTS = frozenset({STRING, UNICODE})
NAMED = 0x8000  # ids from here on carry a name

Properties = dict[int, tuple[int, bytes]]


@dataclass(slots=True)
class File:
    """A file in the container; `content_type` is empty where the container does not tell."""

    name: str = ""
    content: bytes = b""
    content_type: str = ""
    content_id: str = ""
    inner: "Wrapped | None" = None  # a mail inside


@dataclass(slots=True)
class Wrapped:
    """What a container holds."""

    subject: str = ""
    plain: str = ""
    html: str = ""
    rtf: bytes = b""  # compressed
    files: list[File] = field(default_factory=list)

    def text(self) -> tuple[str, str]:
        """Plain text and HTML, from the best form that is there; each may be empty."""
        if self.plain.strip() or self.html.strip() or not self.rtf:
            return self.plain, self.html
        return rtf.read(rtf.decompressed(self.rtf))


@dataclass(slots=True)
class Reader:
    """The state of one level."""

    level: int
    charset: str = "cp1252"
    found: Wrapped = field(default_factory=Wrapped)

    def text(self, kind: int, data: bytes) -> str:
        """A string of MAPI: UTF-16, or in the sender's code page."""
        if kind == UNICODE:
            return charsets.clean(data[: len(data) - len(data) % 2].decode("utf-16-le", "replace"))
        return charsets.decode(data.rstrip(b"\0"), self.charset).text


def unwrap(data: bytes, level: int = 0) -> Wrapped | None:
    """What is in a container, as far as it can be read; None where it is no container."""
    if not data.startswith(SIGNATURE):
        return None
    reader = Reader(level)
    for ident, value in _attributes(data):
        _take(reader, ident, value)
    return reader.found


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Level, id, length, value, sum: of a file that is cut off, what is there."""
    position = 6
    while position + 9 <= len(data):
        ident, length = struct.unpack_from("<II", data, position + 1)
        yield ident & 0xFFFF, data[position + 9 : position + 9 + length]
        position += 9 + length + 2


def _take(reader: Reader, ident: int, value: bytes) -> None:
    found = reader.found
    if ident == NEW_ATTACHMENT and len(found.files) < FILES_LIMIT:
        found.files.append(File())
    elif ident == CODEPAGE and len(value) >= 4:
        reader.charset = f"cp{struct.unpack_from('<I', value)[0]}"
    elif ident == SUBJECT:
        found.subject = found.subject or reader.text(STRING, value)
    elif ident == BODY:
        found.plain = found.plain or reader.text(STRING, value)
    elif ident == MESSAGE_PROPERTIES:
        _take_message(reader, read_properties(value))
    elif found.files:
        _take_file(reader, found.files[-1], ident, value)


def _take_message(reader: Reader, properties: Properties) -> None:
    found = reader.found
    kind, value = properties.get(P_SUBJECT, (STRING, b""))
    found.subject = reader.text(kind, value) or found.subject
    kind, value = properties.get(P_BODY, (STRING, b""))
    found.plain = reader.text(kind, value) or found.plain
    kind, value = properties.get(P_HTML, (BINARY, b""))
    if value:
        _, page = properties.get(P_CODEPAGE, (3, b""))
        declared = f"cp{struct.unpack_from('<I', page)[0]}" if len(page) >= 4 else None
        found.html = reader.text(kind, value) if kind in TEXTS else charsets.decode(value, declared).text
    found.rtf = properties.get(P_RTF, (BINARY, b""))[1] or found.rtf


def _take_file(reader: Reader, file: File, ident: int, value: bytes) -> None:
    if ident == DATA:
        file.content = value
    elif ident in {TITLE, TRANSPORT_NAME}:
        file.name = file.name or reader.text(STRING, value)
    elif ident == ATTACHMENT_PROPERTIES:
        _take_file_properties(reader, file, read_properties(value))


def _take_file_properties(reader: Reader, file: File, properties: Properties) -> None:
    texts = {ident: reader.text(kind, value) for ident, (kind, value) in properties.items() if kind in TEXTS}
    file.name = texts.get(P_LONG_NAME) or file.name or texts.get(P_NAME) or texts.get(P_DISPLAY, "")
    file.content_type = texts.get(P_MIME, "").strip().lower() or file.content_type
    file.content_id = texts.get(P_ID, "") or file.content_id
    kind, value = properties.get(P_DATA, (BINARY, b""))
    if kind == OBJECT:
        file.content = value[16:]  # the id of the interface stands in front
        file.inner = unwrap(file.content, reader.level + 1) if reader.level < LEVEL_LIMIT else None
    elif value:
        file.content = value


def read_properties(data: bytes) -> Properties:
    """A list of MAPI properties (2.1.3.4) as {id: (type, first value)}, without named ones, up to where it breaks."""
    found: Properties = {}
    try:
        count, position = struct.unpack_from("<I", data)[0], 4
        for _ in range(min(count, PROPERTY_LIMIT)):
            kind, ident = struct.unpack_from("<HH", data, position)
            position = _after_name(data, position + 4) if ident >= NAMED else position + 4
            value, position = _value(data, position, kind)
            if ident < NAMED:
                found.setdefault(ident, (kind & ~SEVERAL, value))
    except (struct.error, KeyError):
        pass  # what was read so far counts
    return found


def _after_name(data: bytes, position: int) -> int:
    named_by = struct.unpack_from("<I", data, position + 16)[0]
    if named_by == 0:
        return position + 24
    length = struct.unpack_from("<I", data, position + 20)[0]
    return position + 24 + _padded(length)


def _value(data: bytes, position: int, kind: int) -> tuple[bytes, int]:
    """The first value of a property and where the next property begins. Raises KeyError for a type that is none."""
    single = kind & ~SEVERAL
    if single not in {STRING, UNICODE, OBJECT, BINARY}:
        size, count = SIZES[single], 1
        if kind & SEVERAL:
            count, position = struct.unpack_from("<I", data, position)[0], position + 4
        return data[position : position + size], position + size * count
    count, position = struct.unpack_from("<I", data, position)[0], position + 4
    first = b""
    for at in range(min(count, VALUE_LIMIT)):
        length = struct.unpack_from("<I", data, position)[0]
        first = data[position + 4 : position + 4 + length] if at == 0 else first
        position += 4 + _padded(length)
    return first, position


def _padded(length: int) -> int:
    return -(-length // 4) * 4


NAME_OF_CONTAINER = re.compile(r"winmail\d*\.dat|att\d*\.dat", re.IGNORECASE)


def is_container(name: str, content_type: str, content: bytes) -> bool:
    """Whether a leaf says that it is TNEF, by its type or its name, and begins like it."""
    said = content_type in {"application/ms-tnef", "application/vnd.ms-tnef"} or NAME_OF_CONTAINER.fullmatch(name)
    return bool(said) and content.startswith(SIGNATURE)
