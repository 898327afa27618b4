"""Text of a header field: encoded words (RFC 2047), also split inside a character or glued together, and raw 8-bit."""

import re
from dataclasses import dataclass, field
from itertools import islice

from letters import charsets
from letters.transfer import decode_base64, decode_quoted

VALUE_LIMIT = 256 * 1024  # bytes of a field that are read
WORDS_LIMIT = 1000  # encoded words of one field; further ones stay as they are written

# Spaces inside are taken as they come; the end may be missing where the field ends.
ENCODED_WORD = re.compile(
    rb"=\?(?P<charset>[A-Za-z0-9_.:+-]{0,60})(?:\*[^?\s]{0,40})?\?(?P<encoding>[bBqQ])"
    rb"\?(?P<text>[^?]*(?:\?(?!=)[^?]{0,200}){0,3})(?:\?=|\??\Z)"
)
FOLD = re.compile(rb"\r?\n|\r")
CONTROL = re.compile("[\x00-\x1f\x7f]+")


@dataclass(slots=True)
class Run:
    """Encoded words in a row that share a charset: a character, or four digits of base64, may be split between them."""

    charset: bytes = b""
    payload: bytearray = field(default_factory=bytearray)
    digits: bytes = b""  # base64 that ends in the middle of a group

    def add(self, word: re.Match[bytes]) -> None:
        """One more word; it must have the charset of the run."""
        self.charset = word["charset"].lower()
        text = word["text"]
        if text.endswith(b"=") and word["encoding"] in b"qQ":
            text += b"3D"  # an escape that is none
        if word["encoding"] not in b"bB":
            self._decode_digits()
            self.payload += decode_quoted(text.replace(b"\t", b" ").replace(b"_", b"=20"))
            return
        self.digits += b"".join(text.split())
        if self.digits.endswith(b"=") or len(self.digits) % 4 == 0:
            self._decode_digits()

    def text(self) -> str:
        """The text so far; the run is empty after."""
        self._decode_digits()
        text = charsets.decode(bytes(self.payload), self.charset.decode()).text if self.payload else ""
        self.payload.clear()
        self.charset = b""
        return text

    def _decode_digits(self) -> None:
        self.payload += decode_base64(self.digits)[0]
        self.digits = b""


def decode_words(value: bytes, hint: str | None = None) -> str:
    """The text of an unstructured field, on one line. `hint`: the charset to try for bytes that declare none."""
    value = FOLD.sub(b"", value[:VALUE_LIMIT])
    if b"=?" not in value:
        return _one_line(_plain(value, hint))
    out: list[str] = []
    run = Run()
    position = 0
    for word in islice(ENCODED_WORD.finditer(value), WORDS_LIMIT):
        between = value[position : word.start()]
        adjacent = position > 0 and not between.strip()
        if not adjacent or word["charset"].lower() != run.charset:
            out.append(run.text())
        if not adjacent:
            out.append(_plain(between, hint))
        run.add(word)
        position = word.end()
    out += (run.text(), _plain(value[position:], hint))
    return _one_line("".join(out))


def _one_line(text: str) -> str:
    return CONTROL.sub(" ", text.replace("\0", ""))


def _plain(data: bytes, hint: str | None) -> str:
    if data.isascii() and b"\x1b" not in data:
        return data.decode("ascii")
    return charsets.decode(data, "utf-8" if charsets.fits(data, "utf-8") else hint).text
