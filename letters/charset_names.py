"""What mail calls its charsets, and which codecs of Python read them."""

import codecs
import re

# What mail calls it -> the superset that real mail means by it, in the order to try.
ALIASES: dict[str, tuple[str, ...]] = {
    "iso8859-1": ("cp1252", "latin_1"),
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "euc_kr": ("cp949",),
    "shift_jis": ("cp932", "shift_jis_2004"),
    "cp932": ("cp932", "shift_jis_2004"),
    "euc_jp": ("euc_jp", "euc_jis_2004"),
    "big5": ("cp950", "big5hkscs"),
    "iso8859-8": ("cp1255", "iso8859-8"),
    "iso8859-9": ("cp1254", "iso8859-9"),
    "iso8859-11": ("cp874", "iso8859-11"),
    "tis-620": ("cp874", "iso8859-11"),
}
# Names that mail uses and Python does not know, once prefixes and numbers are read (see `_numbered`).
NAMES = {
    "ansi_x3.4-1968": "ascii",
    "binary": "",
    "cn-gb": "gb18030",
    "cn-big5": "big5",
    "euc-cn": "gb18030",
    "euc-tw": "",
    "gb_2312-80": "gb2312",
    "gb18030-2022": "gb18030",
    "imap4-utf-7": "utf-7-imap",
    "iso-10646-ucs-2": "utf-16",
    "iso-2022-cn-ext": "iso-2022-cn",
    "iso-2022-jp-ms": "iso-2022-jp",
    "iso-latin-1": "latin-1",
    "isolatin1": "latin-1",
    "jis": "iso-2022-jp",
    "koi8": "koi8-r",
    "ks_c_5601": "cp949",
    "ks_c_5601-1989": "cp949",
    "macce": "mac-latin2",
    "sjis-win": "cp932",
    "tis620-2533": "tis-620",
    "ucs-2": "utf-16",
    "ucs2": "utf-16",
    "unicode": "utf-16",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-2-0-utf-7": "utf-7",
    "unicode-2-0-utf-8": "utf-8",
    "unicodefffe": "utf-16-be",
    "utf-8-mac": "utf-8",
    "utf8mb3": "utf-8",
    "utf8mb4": "utf-8",
    "visual": "iso8859-8",
    "windows-31j": "cp932",
    "x-euc-jp": "euc_jp",
    "x-gbk": "gb18030",
    "x-mac-arabic": "mac-arabic",
    "x-mac-ce": "mac-latin2",
    "x-mac-centraleurroman": "mac-latin2",
    "x-mac-chinesesimp": "gb18030",
    "x-mac-chinesetrad": "cp950",
    "x-mac-croatian": "mac-croatian",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-farsi": "mac-farsi",
    "x-mac-greek": "mac-greek",
    "x-mac-hebrew": "cp1255",
    "x-mac-icelandic": "mac-iceland",
    "x-mac-japanese": "cp932",
    "x-mac-korean": "cp949",
    "x-mac-roman": "mac-roman",
    "x-mac-romanian": "mac-romanian",
    "x-mac-thai": "cp874",
    "x-mac-turkish": "mac-turkish",
    "x-mac-ukrainian": "mac-cyrillic",
    "x-sjis": "cp932",
    "x-viet-tcvn": "",
}
# Microsoft's numbers that are no `cpNNN` of Python.
PAGES = {
    "936": "gb18030",
    "951": "big5hkscs",
    "1200": "utf-16-le",
    "1201": "utf-16-be",
    "10000": "mac-roman",
    "10029": "mac-latin2",
    "12000": "utf-32-le",
    "12001": "utf-32-be",
    "20127": "ascii",
    "20866": "koi8-r",
    "20936": "gb18030",
    "21866": "koi8-u",
    "38598": "iso8859-8",
    "50220": "iso-2022-jp",
    "50221": "iso-2022-jp",
    "50222": "iso-2022-jp",
    "50225": "iso-2022-kr",
    "50227": "iso-2022-cn",
    "51932": "euc_jp",
    "51936": "gb18030",
    "51949": "cp949",
    "52936": "hz",
    "54936": "gb18030",
    "65000": "utf-7",
    "65001": "utf-8",
} | {str(28590 + number): f"iso8859-{number}" for number in range(1, 17)}
PAGE = re.compile(r"(?:x-)?(?:cs)?(?:ibm|cp|dos|windows|win|ms|ansi|codepage)?[-_ ]?0*(\d{3,5})")
ISO_8859 = re.compile(r"(?:x-)?(?:iso)?[-_ ]?8859[-_ ]?0?(\d{1,2})(?:[:_-](?:\d{4}|[ei])|-windows-.{1,40})?")
END_OF_NAME = re.compile(r"[;,\s\"'<>]")
CHARSET_OF_MAIL = re.compile(
    r"ascii|utf-(?:7|8|8-sig|16|16-le|16-be|32|32-le|32-be)|iso8859-\d{1,2}|cp\d{3,4}|koi8-[rtu]|kz1048|ptcp154|hz|johab"
    r"|mac-[a-z0-9]+|tis-620|big5(?:hkscs)?|gb(?:2312|k|18030)|euc_(?:jp|kr|jis_2004|jisx0213)"
    r"|shift_jis(?:_2004|x0213)?|iso2022_(?:jp(?:_1|_2|_3|_2004|_ext)?|kr)|hp-roman8"
)
# Charsets that shift in the middle of the text; letters.shifting reads them.
SHIFTING = frozenset({"utf-7", "utf-7-imap", "iso-2022-jp", "iso-2022-kr", "iso-2022-cn", "hz"})
NAME_LIMIT = 60  # characters


def candidates(declared: str | None) -> tuple[str, ...]:
    """The codecs for a declared charset, best first; none for a name that is no charset of mail."""
    name = END_OF_NAME.split((declared or "").strip("\"' \t\r\n").lower()[:NAME_LIMIT], maxsplit=1)[0]
    name = _numbered(NAMES.get(name, name))
    if name in SHIFTING:
        return (name,)
    if not name or not name.isascii() or "\0" in name:
        return ()
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        return ()
    if codec.startswith("iso2022_"):
        return ("iso-2022-kr",) if codec == "iso2022_kr" else ("iso-2022-jp",)
    if codec in SHIFTING:
        return (codec,)
    return ALIASES.get(codec, (codec,)) if CHARSET_OF_MAIL.fullmatch(codec) else ()


def _numbered(name: str) -> str:
    """`windows-1250`, `x-cp1250`, `win1250`, `8859-2`, `iso_8859-8-i`, `850`: all by their number."""
    iso = ISO_8859.fullmatch(name)
    if iso:
        return f"iso8859-{iso[1]}"
    page = PAGE.fullmatch(name)
    return PAGES.get(page[1], f"cp{page[1]:0>3}") if page else name
