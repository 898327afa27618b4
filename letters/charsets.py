"""Bytes to text: what the mail declares first, then UTF-8, then what the bytes look like, then cp1252 with marks.

A declaration that fits wins over any guess, and one that fits but for a few damaged characters too. Python's own
"encodings" (`zlib`, `rot_13`, `unicode_escape`, `idna`, …) are no charsets of mail and count as undeclared.
"""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass

from letters import guesses, shifting
from letters.charset_names import SHIFTING, candidates

# Their damage shows in the text, and what is sound around it is read.
READERS: dict[str, Callable[[bytes], str | None]] = {
    "utf-7": shifting.utf_7,
    "utf-7-imap": shifting.utf_7_imap,
    "iso-2022-jp": shifting.iso_2022_jp,
    "iso-2022-kr": shifting.iso_2022_kr,
    "iso-2022-cn": shifting.iso_2022_cn,
    "hz": shifting.hz,
}
WIDE = re.compile(r"utf-(16|32)(-[lb]e)?")
C1 = re.compile("[\x80-\x9f]")
UNWANTED = re.compile("[\0\ud800-\udfff]")
# Share of the characters beyond ASCII that may be damaged in text that keeps its charset. Little else passes for UTF-8.
SPOILT = 0.15
SPOILT_UTF_8 = 0.5


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text free of NUL and lone surrogates, the codec that made it, and what had to be done beside the declaration."""

    text: str
    charset: str
    defect: str | None = None


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """The text of `data`, whatever it is: never raises."""
    said = f"charset {declared[:40]!r}" if declared else "no charset"
    codecs_declared = candidates(declared)
    if guesses.has_japanese_escapes(data) and not SHIFTING.intersection(codecs_declared):
        return Decoded(clean(shifting.iso_2022_jp(data) or ""), "iso-2022-jp", f"{said} declared, read as iso-2022-jp")
    for codec in codecs_declared:
        text = _strict(data, codec)
        if text is not None:
            return Decoded(clean(text), codec)
    text = _strict(data, "utf-8-sig")
    if text is not None:
        fits = data.isascii() or not declared
        return Decoded(clean(text), "utf-8", None if fits else f"{said} declared, read as utf-8")
    damaged = _damaged(data, codecs_declared)
    if damaged:
        return damaged
    return _guessed(data, codecs_declared, said)


def fits(data: bytes, codec: str) -> bool:
    """Whether `data` is sound text in `codec`."""
    return _strict(data, codec) is not None


def clean(text: str) -> str:
    """Without NUL, which PostgreSQL cannot keep, lone surrogates, which nothing can write, and a BOM in front."""
    return UNWANTED.sub("", text).removeprefix("\ufeff")


def _strict(data: bytes, codec: str) -> str | None:
    if codec in SHIFTING:
        text = READERS[codec](data)
        return None if text is None or (codec != "utf-7" and _spoilt(text, codec)) else text
    if WIDE.fullmatch(codec):
        return _wide(data, codec)
    try:
        text = data.decode(codec)
    except (UnicodeError, LookupError):
        return None
    return _windows_punctuation(data, codec) if codec.startswith("iso8859") and C1.search(text) else text


def _wide(data: bytes, codec: str) -> str | None:
    """UTF-16 and UTF-32. Without a BOM the zeros in ASCII tell the order; text without any is mislabelled."""
    width = 4 if "32" in codec else 2
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        codec = codec[:6]
    elif b"\0" not in data:
        if data.isascii() or _strict(data, "utf-8") is not None:
            return None
        codec = codec if codec[6:] else f"{codec}-be"
    else:
        big = data[0::width].count(0) >= data[width - 1 :: width].count(0)
        codec = f"{codec[:6]}-{'be' if big else 'le'}"
    whole = len(data) - len(data) % width  # a last byte alone is no character
    try:
        return data[:whole].decode(codec)
    except UnicodeError:
        return None


def _windows_punctuation(data: bytes, codec: str) -> str:
    """ISO 8859 has controls where Windows has quotes, dashes and letters: nobody mails the controls."""
    if codec == "iso8859-2" and (windows := _strict(data, "cp1250")) is not None:
        return windows
    every_byte = bytes(range(256))
    upper = every_byte[0xA0:].decode(codec, "replace")
    table = every_byte[:0x80].decode() + every_byte[0x80:0xA0].decode("cp1252", "replace") + upper
    return codecs.charmap_decode(data, "replace", table)[0]


def _damaged(data: bytes, declared: tuple[str, ...]) -> Decoded | None:
    """Text that is in its declared charset, or in UTF-8, but for a few characters; these become marks."""
    for codec in (*declared[:1], *(("utf-8",) if "utf-8" not in declared else ())):
        if codec in SHIFTING:
            text = READERS[codec](data) or "\ufffd\ufffd"
        elif guesses.is_multibyte(codec) or (WIDE.fullmatch(codec) and b"\0" in data):
            text = data.decode(codec, "replace")
        else:
            continue
        if not _spoilt(text, codec) or (codec in declared and _cut_short(text)):
            return Decoded(clean(text), codec, f"damaged characters in text in {codec}, shown as \ufffd")
    return None


def _spoilt(text: str, codec: str) -> bool:
    damaged = text.count("\ufffd")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore")) if damaged else 0
    return damaged > (SPOILT_UTF_8 if codec == "utf-8" else SPOILT) * beyond_ascii


def _cut_short(text: str) -> bool:
    return text.count("\ufffd") == 1 and text.endswith("\ufffd")


def _guessed(data: bytes, declared: tuple[str, ...], said: str) -> Decoded:
    guess = guesses.detect(data)
    text = _strict(data, guess) if guess else None
    if guess and text is not None:
        return Decoded(clean(text), guess, f"{said} declared, read as {guess}")
    if declared and (declared[0] in SHIFTING or guesses.is_multibyte(declared[0])) and not guess:
        codec = "utf-8" if declared[0] in SHIFTING else declared[0]
        return Decoded(clean(data.decode(codec, "replace")), codec, f"{said} declared, does not fit, read with losses")
    fallback = guess if guess and guess not in SHIFTING else "cp1252"
    text = data.decode(fallback, "replace")
    losses = " with losses" if "\ufffd" in text else ""
    return Decoded(clean(text), fallback, f"{said} declared, read as {fallback}{losses}")
