"""RTF as Outlook mails it: compressed (MS-OXRTFCP), plain text or HTML inside (MS-OXRTFEX)."""

import re
import struct
from dataclasses import dataclass

from letters import charsets

COMPRESSED_LIMIT = 512 * 1024  # bytes that are read
UNCOMPRESSED_LIMIT = 1024 * 1024
NESTING_LIMIT = 1000  # groups

COMPRESSED, STORED = 0x75465A4C, 0x414C454D
DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
WINDOW = 4096

TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|(?P<run>(?:\\'[0-9a-fA-F]{2})+)|\\(?P<sign>[^a-zA-Z])"
    rb"|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)|[\r\n]+"
)
SIGNS = {"par": "\n", "line": "\n", "row": "\n", "sect": "\n", "page": "\n", "tab": "\t", "cell": "\t"} | {
    "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”"
}  # fmt: skip
HIDDEN = frozenset(
    [
        "fonttbl",
        "colortbl",
        "stylesheet",
        "info",
        "pict",
        "object",
        "header",
        "footer",
        "headerl",
        "headerr",
        "headerf",
        "footerl",
        "footerr",
        "footerf",
        "footnote",
        "generator",
        "listtable",
        "listoverridetable",
        "themedata",
        "datastore",
        "xmlnstbl",
        "rsidtbl",
        "fldinst",
        "mhtmltag",
    ]
)
FONT_CHARSETS = {
    128: "cp932",
    129: "cp949",
    134: "gb18030",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
}
FONT = re.compile(rb"\\f(\d{1,5})(?:\\[a-z]+-?\d*)*?\\fcharset(\d{1,3})")
PAGE = re.compile(rb"\\ansicpg(\d{3,5})")


def decompressed(data: bytes) -> bytes:
    """The RTF inside, as much of it as there is within the limits; empty where it is none."""
    if len(data) < 16:
        return b""
    size, kind = struct.unpack_from("<II", data, 4)
    if kind == STORED:
        return data[16 : 16 + min(size, UNCOMPRESSED_LIMIT)]
    return _unpacked(data[16 : 16 + COMPRESSED_LIMIT], min(size, UNCOMPRESSED_LIMIT)) if kind == COMPRESSED else b""


def read(data: bytes) -> tuple[str, str]:
    """(text, "") or ("", HTML) out of RTF."""
    page = PAGE.search(data[:1000])
    reader = Reader(
        charset=f"cp{page[1].decode()}" if page else "cp1252",
        fonts={int(font[1]): FONT_CHARSETS.get(int(font[2]), "") for font in FONT.finditer(data[:65536])},
        is_html=b"\\fromhtml" in data[:1000],
    )
    for token in TOKEN.finditer(data[:UNCOMPRESSED_LIMIT]):
        reader.take(token)
    text = charsets.clean("".join(reader.out).encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return ("", text) if reader.is_html else (text.strip("\n"), "")


@dataclass(slots=True)
class Group:
    """What holds between a pair of braces."""

    hidden: bool = False
    rtf_only: bool = False  # between \\htmlrtf and \\htmlrtf0: nothing of the HTML
    charset: str = ""
    skipped: int = 1  # signs after \\u that stand in for it


class Reader:
    """Walks over the tokens of RTF."""

    def __init__(self, charset: str, fonts: dict[int, str], *, is_html: bool) -> None:
        self.charset = charset
        self.fonts = fonts
        self.is_html = is_html
        self.out: list[str] = []
        self.group = Group()
        self.outer: list[Group] = []
        self.optional = False  # after \\*: a destination that may be skipped
        self.to_skip = 0

    def take(self, token: re.Match[bytes]) -> None:
        """One token more."""
        if token["brace"]:
            self._brace(token["brace"])
        elif token["word"]:
            number = int(token["number"]) if token["number"] else None
            self._word(token["word"].decode().lower(), number)
        elif token["sign"]:
            self._sign(token["sign"])
        elif token["run"]:
            self._write(bytes.fromhex(token["run"].replace(b"\\'", b"").decode()))
        elif token["text"]:
            self._write(token["text"])

    def _brace(self, brace: bytes) -> None:
        self.to_skip, self.optional = 0, False
        if brace == b"}":
            self.group = self.outer.pop() if self.outer else self.group
        elif len(self.outer) < NESTING_LIMIT:
            self.outer.append(self.group)
            group = self.group
            self.group = Group(group.hidden, group.rtf_only, group.charset, group.skipped)

    def _word(self, word: str, number: int | None) -> None:
        group = self.group
        optional, self.optional = self.optional, False
        if word == "htmltag" and optional:
            group.hidden = not self.is_html
        elif word in HIDDEN or optional:
            group.hidden = True
        elif word == "htmlrtf":
            group.rtf_only = number != 0
        elif word == "f":
            group.charset = self.fonts.get(number or 0, "")
        elif word == "uc":
            group.skipped = min(number or 0, 10)
        elif word == "u" and number is not None:
            self._put(chr(number % 0x10000))
            self.to_skip = group.skipped
        elif word in SIGNS:
            self._put("\r\n" if self.is_html and SIGNS[word] == "\n" else SIGNS[word])

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self.optional = True
        elif sign in b"\\{}":
            self._write(sign)
        elif sign == b"~":
            self._put("\xa0")
        elif sign == b"_":
            self._put("-")
        elif sign in b"\r\n":
            self._put("\n")

    def _write(self, data: bytes) -> None:
        skipped = min(self.to_skip, len(data))
        self.to_skip = 0
        if len(data) > skipped:
            self._put(charsets.decode(data[skipped:], self.group.charset or self.charset).text)

    def _put(self, text: str) -> None:
        if not (self.group.hidden or (self.is_html and self.group.rtf_only)):
            self.out.append(text)


def _unpacked(data: bytes, size: int) -> bytes:
    """Runs of eight tokens behind a byte of flags: a byte, or offset and length in a window of 4096 bytes (2.2)."""
    out = bytearray(DICTIONARY)
    limit = size + len(DICTIONARY)
    position = 0
    while position < len(data) and len(out) < limit:
        flags = data[position]
        position += 1
        for bit in range(8):
            if position >= len(data):
                break
            if not flags >> bit & 1:
                out.append(data[position])
                position += 1
                continue
            if position + 1 >= len(data):
                return bytes(out[len(DICTIONARY) :])
            offset, length = data[position] << 4 | data[position + 1] >> 4, (data[position + 1] & 15) + 2
            position += 2
            start = len(out) - (len(out) - offset) % WINDOW
            if start == len(out) or start < 0:  # the end mark points at where it would write
                return bytes(out[len(DICTIONARY) : limit])
            for at in range(start, start + length):  # a reference may run into what it writes itself
                out.append(out[at])
    return bytes(out[len(DICTIONARY) : limit])
