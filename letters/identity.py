"""The Message-ID, read the same way by the listener (for every mail, in microseconds) and by `parse`."""

import hashlib
import re

PEEK_LIMIT = 64 * 1024  # bytes
FIRST_LINES = 4096  # bytes
ID_LIMIT = 900  # characters: what a header line of ours could still carry

BOM = b"\xef\xbb\xbf"
TURNED_LINE_END = re.compile(rb"[^\r\n]+\n\r(?!\n)")
DOUBLED_LINE_END = re.compile(rb"[^\r\n]*\r\r\n")
# A line of nothing but white space also ends the header, unless the header goes on below it.
HEADER_END = re.compile(rb"\r?\n(?:\r?\n|[ \t]+\r?\n(?![ \t]|[!-9;-~]+:))|\r\r(?!\n)")
MESSAGE_ID = re.compile(rb"^message-id[ \t]*:((?:[^\r\n]|\r?\n[ \t]+(?=\S))*)", re.IGNORECASE | re.MULTILINE)
IN_BRACKETS = re.compile(rb"<\s*([^<>]*[^<>\s])\s*>")
WHITE = re.compile(rb"\s+")


def peek_message_id(raw: bytes) -> str | None:
    """The bare Message-ID out of the first 64 KiB of the header, or None where there is none that can be used."""
    start = straightened(raw[:PEEK_LIMIT])
    end = HEADER_END.search(start)
    found = MESSAGE_ID.search(start, 0, end.start() if end else len(start))
    return bare_id(found[1]) if found else None


def straightened(raw: bytes) -> bytes:
    """A mail without BOM and white space in front, its line ends LF or CR LF.

    The first lines tell whether they are CR alone, LF CR, or CR CR LF as a double conversion leaves them.
    """
    raw = raw.removeprefix(BOM).lstrip()
    first_lines = raw[:FIRST_LINES]
    if b"\r" in first_lines and b"\n" not in first_lines:
        return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if DOUBLED_LINE_END.match(first_lines):
        return raw.replace(b"\r\r\n", b"\r\n")
    if TURNED_LINE_END.match(first_lines):
        return raw.replace(b"\n\r", b"\n")
    return raw


def bare_id(value: bytes) -> str | None:
    """The first id of a header's value, without angle brackets and white space (RFC 5322, 3.6.4); None for junk."""
    bracketed = IN_BRACKETS.search(value)
    if not bracketed and b"@" not in value:
        return None
    ident = WHITE.sub(b"", bracketed[1] if bracketed else value).strip(b"<>")
    text = as_text(ident)
    return text if text and len(text) <= ID_LIMIT else None


def bare_ids(value: bytes) -> tuple[str, ...]:
    """All ids of an In-Reply-To or References value, in the order written, each once.

    Words without angle brackets count only where nothing stands in brackets: old mail programs wrote whole
    sentences here ("Message from Joe of …").
    """
    found = [m[1] for m in IN_BRACKETS.finditer(value)]
    if not found:
        found = [word.strip(b"<>,;") for word in value.split() if b"@" in word]
    ids = (as_text(WHITE.sub(b"", ident)) for ident in found)
    return tuple(dict.fromkeys(ident for ident in ids if ident and len(ident) <= ID_LIMIT))


def made_up_id(*content: bytes) -> str:
    """An id for a mail that has none: the same mail gets the same id by whatever route it comes."""
    digest = hashlib.sha256(b"\0".join(content)).hexdigest()[:40]
    return f"{digest}@missing.message-id"


def as_text(ident: bytes) -> str:
    """An id as text; 8-bit bytes are against the rules (RFC 6532 aside) and are kept apart all the same."""
    try:
        text = ident.decode("utf-8")
    except UnicodeDecodeError:
        text = ident.decode("latin-1")
    return text.replace("\0", "")
