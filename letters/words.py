"""Text of a header field: encoded words (RFC 2047), also split inside a character or glued together, and raw 8-bit."""

import base64
import binascii
import re

from letters import charsets

VALUE_LIMIT = 256 * 1024  # bytes of a field that are read

ENCODED_WORD = re.compile(
    rb"=\?(?P<charset>[A-Za-z0-9_.:+-]{1,60})(?:\*[^?\s]{0,40})?\?(?P<encoding>[bBqQ])"
    rb"\?(?P<text>[^?]*(?:\?(?!=)[^?]{0,200}){0,3})\?="
)
FOLD = re.compile(rb"\r?\n|\r")
PADDING = re.compile(rb"=+")
NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
CONTROL = re.compile("[\x00-\x1f\x7f]+")


def decode_words(value: bytes, hint: str | None = None) -> str:
    """The text of an unstructured field, on one line. `hint`: the charset to try for bytes that declare none."""
    value = FOLD.sub(b"", value[:VALUE_LIMIT])
    out: list[str] = []
    run: list[bytes] = []  # encoded words in a row that share a charset: a character may be split between them
    run_charset = b""
    position = 0
    for word in ENCODED_WORD.finditer(value):
        between = value[position : word.start()]
        adjacent = bool(run) and not between.strip()
        if run and not (adjacent and word["charset"].lower() == run_charset):
            out.append(charsets.decode(b"".join(run), run_charset.decode()).text)
            run = []
        if not adjacent:
            out.append(_plain(between, hint))
        run.append(_payload(word))
        run_charset = word["charset"].lower()
        position = word.end()
    if run:
        out.append(charsets.decode(b"".join(run), run_charset.decode()).text)
    out.append(_plain(value[position:], hint))
    return CONTROL.sub(" ", "".join(out))


def decode_base64(data: bytes) -> tuple[bytes, bool]:
    """Base64, as much of it as can be read, and whether that was all: foreign characters and bad padding do no harm."""
    squeezed = data.translate(None, b" \t\r\n")
    pieces = [piece.translate(None, NOT_BASE64) for piece in PADDING.split(squeezed)]  # each may have been padded alone
    whole = [piece[: len(piece) - (len(piece) % 4 == 1)] for piece in pieces]
    sound = sum(map(len, whole)) == len(squeezed) - squeezed.count(b"=")
    return b"".join(base64.b64decode(piece + b"=" * (-len(piece) % 4)) for piece in whole), sound


def _payload(word: re.Match[bytes]) -> bytes:
    if word["encoding"] in b"bB":
        return decode_base64(word["text"])[0]
    return binascii.a2b_qp(word["text"].replace(b"\t", b" "), header=True)


def _plain(data: bytes, hint: str | None) -> str:
    if data.isascii() and b"\x1b" not in data:
        return data.decode("ascii")
    return charsets.decode(data, "utf-8" if charsets.fits(data, "utf-8") else hint).text
