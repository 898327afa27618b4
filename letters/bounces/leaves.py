"""The leaves of a mail that a bounce is read from."""

import re
from collections.abc import Iterator

from letters import charsets
from letters.mailboxes import read_mailboxes
from letters.mime import Part
from letters.parameters import read_parameters
from letters.transfer import decode_transfer

PARTS_READ = 10  # of those that may hold a report or the mail that came back
REPORT_LIMIT = 256 * 1024  # bytes of a report that are read; a recipient takes some 400
LINE_ENDS = re.compile(r"\r\n?")


def leaves(part: Part) -> Iterator[Part]:
    """All parts without parts, in the order of the mail; the tree is no deeper than `mime.DEPTH_LIMIT`."""
    if not part.parts:
        yield part
    for below in part.parts:
        yield from leaves(below)


def content(part: Part, limit: int = REPORT_LIMIT) -> bytes:
    """The first bytes of a leaf out of their transfer encoding; reports come encoded against RFC 3464, 2.1.1."""
    encoding = read_parameters(part.value("content-transfer-encoding"))[0]
    return decode_transfer(bytes(part.body[:limit]), encoding, text=True)[0]


def text_of(part: Part) -> str:
    """A leaf as text with `\\n` at the ends of its lines."""
    return LINE_ENDS.sub("\n", charsets.decode(content(part), part.parameters.get("charset")).text)


def addresses(root: Part, *names: str) -> set[str]:
    """The addresses in those header fields, in lower case."""
    return {mailbox.key for name in names for value in root.values(name) for mailbox in read_mailboxes(value)}
