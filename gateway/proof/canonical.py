"""A mail as DKIM sees it: exact header fields, and both canonical forms (RFC 6376, 3.4), each in one pass.

The forms are our own, because dkimpy's relaxed one takes time in the square of a run of spaces: 2 s for 40 KB of them,
20 minutes for 1 MB, with the interpreter's lock held. Any stranger can send that.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from letters.identity import straightened
from letters.mime import split_header

FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
FOLDED = re.compile(rb"\r\n(?=[ \t])")
WHITE = re.compile(rb"[ \t]+")


class Ambiguous(Exception):
    """The mail can be read in two ways, so a signature over the one says nothing of the other."""


@dataclass(frozen=True)
class Field:
    """A header field: its name in lower case, and all of it as it came, with the line end."""

    name: str
    raw: bytes

    @property
    def value(self) -> bytes:
        return self.raw.partition(b":")[2]


def header_of(raw: bytes) -> tuple[tuple[Field, ...], bytes]:
    """The fields and the body, line ends CR LF. Raises Ambiguous for a header with lines that are no field."""
    text = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    head, _, body = (b"\r\n" + text).partition(b"\r\n\r\n")
    fields: list[list[bytes]] = []
    for at, line in enumerate(head.split(b"\r\n")[1:]):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1].append(line)
        elif FIELD.match(line):
            fields.append([line])
        elif not (at == 0 and line.startswith(b"From ")):
            raise Ambiguous("a line of the header is no field")
    return tuple(_field(b"".join(line + b"\r\n" for line in lines)) for lines in fields), body


def ensure_one_reading(raw: bytes, fields: Sequence[Field], body: bytes) -> None:
    """Raises Ambiguous where we would show another mail than the one that was signed.

    Whoever puts a field with bare CRs on top of a signed mail could otherwise have it shown with a body of theirs.
    """
    seen, shown = split_header(memoryview(straightened(raw)))
    if [name for name, _ in seen] != [field.name for field in fields]:
        raise Ambiguous("its header can be read in two ways")
    if bytes(shown).replace(b"\r\n", b"\n") != body.replace(b"\r\n", b"\n"):
        raise Ambiguous("its body can be read in two ways")


def canonical_field(field: Field, form: str) -> bytes:
    if form == "simple":
        return field.raw
    value = WHITE.sub(b" ", FOLDED.sub(b"", field.value)).strip(b" \r\n")
    return field.name.encode() + b":" + value + b"\r\n"


def canonical_body(body: bytes, form: str) -> bytes:
    if form == "relaxed":
        body = WHITE.sub(b" ", body).replace(b" \r\n", b"\r\n").removesuffix(b" ")
    text = body.rstrip(b"\r\n")
    # What is left at the end are CR LF, which do not count, and bare CRs, which do.
    text += body[len(text) :].replace(b"\r\n", b"\n").rstrip(b"\n").replace(b"\n", b"\r\n")
    return text + b"\r\n" if text or form == "simple" else b""


def _field(raw: bytes) -> Field:
    return Field(raw.partition(b":")[0].decode("ascii").strip().lower(), raw)
