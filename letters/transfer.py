"""Content-Transfer-Encoding (RFC 2045, 6): the bytes of a leaf, as much of them as can be read."""

import base64
import binascii
import re

from letters.uuencode import decode_uuencoded

PLAIN = frozenset({"", "7bit", "8bit", "binary", "7-bit", "8-bit", "7bits", "8bits", "none", "us-ascii", "utf-8"})
UUENCODE = frozenset({"x-uuencode", "x-uue", "uuencode", "uue", "x-uu"})

PADDING = re.compile(rb"=+")
PADDED_PIECES = 1000  # pieces of base64, each padded alone, in one body
NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
DOUBLED_SIGNS = 100_000  # `==` in a body that is no quoted-printable at all
WHITE_AFTER_SIGN = re.compile(rb"=[ \t]+(?=[\r\n]|\Z)")
BROKEN_BY_CR = re.compile(rb"=\r(?!\n)")
PROSE = re.compile(rb"[A-Za-z][,.:!?]? [A-Za-z]")


def decode_transfer(data: bytes, encoding: str, *, text: bool) -> tuple[bytes, str | None]:
    """The bytes behind a transfer encoding, and what was odd about it. `text`: a body part that people read."""
    name = encoding.strip("\"'; ").lower()
    if name in PLAIN:
        return data, None
    if name == "quoted-printable":
        return decode_quoted(data), None
    if name == "base64":
        return _base64(data, text=text)
    if name in UUENCODE:
        content = decode_uuencoded(data)
        return (data, "uuencoding that cannot be read, kept as it is") if content is None else (content, None)
    return data, f"unknown transfer encoding {name[:40]!r}, read as it is"


def decode_base64(data: bytes) -> tuple[bytes, bool]:
    """Base64, as much of it as can be read, and whether that was all: foreign characters and bad padding do no harm."""
    squeezed = data.translate(None, b" \t\r\n")
    pieces = PADDING.split(squeezed, PADDED_PIECES)
    digits = [piece.translate(None, NOT_BASE64) for piece in pieces]
    whole = [piece[: len(piece) - (len(piece) % 4 == 1)] for piece in digits]
    sound = sum(map(len, whole)) == len(squeezed) - squeezed.count(b"=")
    return b"".join(base64.b64decode(piece + b"=" * (-len(piece) % 4)) for piece in whole), sound


def decode_quoted(data: bytes) -> bytes:
    """Quoted-printable; an invalid escape stays as it is written.

    `binascii` takes `==` for one sign, forgets the line after `=` and a CR alone, and knows no white space after `=`.
    """
    doubled = data.count(b"==")
    if doubled > DOUBLED_SIGNS:
        return data
    if doubled:
        data = re.sub(rb"=(?==)", b"=3D", data)
    return binascii.a2b_qp(BROKEN_BY_CR.sub(b"=\n", WHITE_AFTER_SIGN.sub(b"=", data)))


def _base64(data: bytes, *, text: bool) -> tuple[bytes, str | None]:
    if _is_prose(data):
        return data, "text that is no base64 declared as such, read as it is"
    tail = _tail(data) if text else len(data)
    content, sound = decode_base64(data[:tail])
    if tail < len(data):
        return content + b"\n" + data[tail:], "text after the base64 kept"
    return content, None if sound else "base64 with foreign characters or an odd length, read as far as it goes"


def _is_prose(data: bytes) -> bool:
    """Lines of several words each: base64 has no spaces inside a line."""
    lines = [line.strip() for line in data[:4096].splitlines()]
    return sum(b" " in line for line in lines) > sum(bool(line) for line in lines) / 2


def _tail(data: bytes) -> int:
    """Where a footer begins that a list or a scanner has put below base64 without encoding it."""
    prose = PROSE.search(data, max(0, data.find(b" ") - 2)) if b" " in data else None
    if not prose:
        return len(data)
    blank = max(data.rfind(b"\n\n", 0, prose.start()), data.rfind(b"\n\r\n", 0, prose.start()))
    padded = PADDING.search(data, 0, prose.start())
    return min(
        (at for at in (blank, padded.end() if padded else -1) if at > 0),
        default=data.rfind(b"\n", 0, prose.start()) + 1,
    )
