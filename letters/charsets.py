"""Bytes to text: what the mail declares first, then UTF-8, then what the bytes look like, then cp1252 with marks.

A declaration that fits wins over any guess. Python's own "encodings" (`zlib`, `rot_13`, `unicode_escape`, `idna`, …)
are no charsets of mail and count as undeclared.
"""

import codecs
import re
from dataclasses import dataclass

# What mail calls it -> the superset that real mail means by it, in the order to try.
ALIASES: dict[str, tuple[str, ...]] = {
    "iso8859-1": ("cp1252", "latin_1"),
    "ascii": ("ascii",),
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "euc_kr": ("cp949",),
    "shift_jis": ("cp932", "shift_jis_2004"),
    "iso2022_jp": ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_3", "iso2022_jp_2004"),
    "big5": ("cp950", "big5hkscs"),
    "iso8859-9": ("cp1254", "iso8859_9"),
    "iso8859-11": ("cp874", "iso8859_11"),
    "tis-620": ("cp874", "iso8859_11"),
}
# Names that mail uses and Python does not know.
NAMES = {
    "ansi_x3.4-1968": "ascii",
    "binary": "",
    "cn-gb": "gb18030",
    "gb_2312-80": "gb2312",
    "gb18030-2022": "gb18030",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "ks_c_5601": "cp949",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-euc-jp": "euc_jp",
    "x-gbk": "gb18030",
    "x-sjis": "cp932",
    "x-windows-949": "cp949",
}
CHARSET_OF_MAIL = re.compile(
    r"ascii|utf-(?:7|8|8-sig|16|16-le|16-be|32|32-le|32-be)|iso8859-\d{1,2}|cp\d{3,4}|koi8-[rtu]|kz1048|ptcp154|hz|johab"
    r"|mac-[a-z0-9]+|tis-620|big5(?:hkscs)?|gb(?:2312|k|18030)|euc_(?:jp|kr|jis_2004|jisx0213)"
    r"|shift_jis(?:_2004|x0213)?|iso2022_(?:jp(?:_1|_2|_3|_2004|_ext)?|kr)|hp-roman8"
)
ESCAPES = re.compile(rb"\x1b\$[@B(]|\x1b\([BIJ]")
MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
UNWANTED = re.compile("[\0\ud800-\udfff]")
SAMPLE = 64 * 1024  # bytes that a guess looks at


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text free of NUL and lone surrogates, the codec that made it, and what had to be done beside the declaration."""

    text: str
    charset: str
    defect: str | None = None


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """The text of `data`, whatever it is: never raises."""
    for codec in candidates(declared):
        text = _strict(data, codec)
        if text is not None:
            return Decoded(clean(text), codec)
    said = f"charset {declared[:40]!r}" if declared else "no charset"
    text = _strict(data, "utf-8-sig")
    if text is not None:
        fits = data.isascii() or not declared
        return Decoded(clean(text), "utf-8", None if fits else f"{said} declared, read as utf-8")
    guess = detect(data)
    text = _strict(data, guess) if guess else None
    if guess and text is not None:
        return Decoded(clean(text), guess, f"{said} declared, read as {guess}")
    fallback = guess or "cp1252"
    return Decoded(
        clean(data.decode(fallback, "replace")), fallback, f"{said} declared, read as {fallback} with losses"
    )


def fits(data: bytes, codec: str) -> bool:
    """Whether `data` is sound text in `codec`."""
    return _strict(data, codec) is not None


def candidates(declared: str | None) -> tuple[str, ...]:
    """The codecs for a declared charset, best first; none for a name that is no charset of mail."""
    name = (declared or "").strip().strip("\"'").lower()
    if not name or len(name) > 40 or not name.isascii() or "\0" in name:
        return ()
    try:
        codec = codecs.lookup(NAMES.get(name, name)).name
    except LookupError:
        return ()
    return ALIASES.get(codec, (codec,)) if CHARSET_OF_MAIL.fullmatch(codec) else ()


def detect(data: bytes) -> str | None:
    """A guess for bytes that declare nothing that fits, None where nothing speaks for any charset."""
    sample = data[:SAMPLE]
    if ESCAPES.search(sample):
        return "iso2022_jp_ext"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    high = sum(byte > 0x7F for byte in sample)
    if high and sum(map(len, MULTIBYTE.findall(sample))) > 0.8 * high:
        return "utf-8"
    scores = {
        codec: _likeness(sample, codec)
        for codec in ("euc_jp", "cp932", "gb18030", "cp950", "cp949", "koi8-r", "cp1251")
    }
    best = max(scores, key=lambda codec: scores[codec])
    return best if scores[best] > 0.6 else None


def clean(text: str) -> str:
    """Without NUL, which PostgreSQL cannot keep, and lone surrogates, which nothing can write."""
    return UNWANTED.sub("", text)


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError):
        return None


# Letters so common in a language that running text is full of them.
COMMON = {
    "euc_jp": re.compile("[\u3040-\u30ff、。]"),
    "cp932": re.compile("[\u3040-\u30ff、。]"),
    "gb18030": re.compile("[的一是了我不在人有他这个们中来上大为和国到以说时要就出会可也你对生能子那得于您请好谢，。]"),
    "cp950": re.compile("[的一是了我不在人有他這個們中來上大為和國到以說時要就出會可也你對生能子那得於您請好謝，。]"),
    "cp949": re.compile("[이다는을의에가를은고하지로한도사기리자시어안요니습]"),
    "koi8-r": re.compile("[оеаинтсрвлкмдпу]"),
    "cp1251": re.compile("[оеаинтсрвлкмдпу]"),
}
SHARE = {"euc_jp": 0.4, "cp932": 0.4, "gb18030": 0.2, "cp950": 0.2, "cp949": 0.25, "koi8-r": 0.6, "cp1251": 0.6}


def _likeness(data: bytes, codec: str) -> float:
    """How much the bytes read like running text in `codec`: about 1 for such text, 0 where they do not fit."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        text = decoder.decode(data)
    except UnicodeDecodeError:
        return 0.0
    foreign = sum(sign > "\x7f" for sign in text)
    if foreign < 2:
        return 0.0
    return len(COMMON[codec].findall(text)) / foreign / SHARE[codec]
