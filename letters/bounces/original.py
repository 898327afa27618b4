"""The mail that came back: its header, in whatever form the bounce returns it."""

import re

from letters.bounces.leaves import PARTS_READ, content, leaves
from letters.bounces.marks import ECHOED_FIELD
from letters.bounces.report import original_id
from letters.bounces.returned import TEXT_LIMIT, returned_words
from letters.identity import bare_id, bare_ids
from letters.letter import Headers
from letters.mime import HEADER_LIMIT, Fields, Part, split_header
from letters.words import decode_words

RETURNED_TYPES = frozenset(
    {
        "message/rfc822",
        "message/global",
        "text/rfc822-headers",
        "text/rfc822-header",
        "message/rfc822-headers",
        "message/global-headers",
        "message/partial",
    }
)
TRANSPORTED = frozenset({"from", "to", "subject", "date", "message-id", "received"})
ID_LINE = re.compile(r"^[ \t>]{0,20}message-id[ \t]{0,20}:[ \t]{0,20}(\S{3,900})", re.IGNORECASE | re.MULTILINE)


def read_original(root: Part, text: str) -> tuple[str | None, Headers]:
    """(Message-ID, header) of the mail that came back: from a part of its own, else from the text.

    The id may also stand in the report, in words, or in what the bounce says it answers.
    """
    headers = next(filter(None, (_header(content(part, HEADER_LIMIT)) for part in _returned(root))), ())
    headers = headers or _header(returned_words(text).encode()) or _echoed(text)
    ident = next((value for name, value in headers if name.lower() == "message-id"), "")
    in_words = ID_LINE.search(text[:TEXT_LIMIT])
    said = (ident, original_id(root), in_words[1] if in_words else "")
    found = next(filter(None, (bare_id(value.encode()) for value in said)), None)
    return found or next(iter(bare_ids(root.value("in-reply-to"))), None), headers


def _returned(root: Part) -> list[Part]:
    """The parts that may hold it; some programs call it plain text."""
    parts = list(leaves(root))
    typed = [part for part in parts if part.content_type in RETURNED_TYPES]
    return (typed or [part for part in parts[1:] if part.content_type == "text/plain"])[:PARTS_READ]


def _header(raw: bytes) -> Headers:
    fields, _ = split_header(memoryview(raw.lstrip(b"\r\n")))
    known = {name for name, _ in fields} & TRANSPORTED
    return _decoded(fields) if len(known) >= 2 or "message-id" in known else ()


def _decoded(fields: Fields) -> Headers:
    return tuple((name, decode_words(value).strip()) for name, value in fields)


def _echoed(text: str) -> Headers:
    """A few fields that the bounce repeats in its own words: `Subject: …`, `To: …`."""
    lines = (ECHOED_FIELD.match(line[:1000]) for line in text.split("\n", 200)[:200])
    found = [(line["name"].lower(), line["value"].strip()) for line in lines if line]
    return tuple((name, value) for name, value in found if value and name in TRANSPORTED)
