"""Charsets that shift in the middle of the text: UTF-7, the ISO 2022 family, HZ.

Python's own codecs give up at the first flaw, some with an "internal codec error", and do not know what vendors put
into these. Here damage becomes U+FFFD, or stays as it was written, and the rest is read.
"""

import base64
import re
from collections.abc import Callable

ESCAPE = re.compile(rb"\x1b(?:\$[@AB]|\$?[()*+.,/-]{1}[0-~]|&@|[NO]|\([0-~])|[\x0e\x0f]")
UTF_7_SHIFT = re.compile(rb"\+([A-Za-z0-9+/]*)-?")
IMAP_SHIFT = re.compile(rb"&([A-Za-z0-9+,]*)-?")
SHIFT_OUT = re.compile(rb"\x0e([^\x0f\n]*)\x0f?")
HZ_SHIFT = re.compile(rb"~(?:\{([^~\n]*)(?:~\}|(?=\n)|\Z)|(~)|\n)")
CAREFUL = 4 * 1024 * 1024  # bytes; what comes after them is shown as it is written
HIGH = bytes(byte | 0x80 if 0x21 <= byte <= 0x7E else byte for byte in range(256))


Reader = Callable[[bytes], str]


def utf_7(data: bytes) -> str | None:
    """RFC 2152. A shift that holds no whole characters stays as it was written."""
    return _unshifted(data[:CAREFUL], UTF_7_SHIFT, b"+") + _as_written(data) if data.isascii() else None


def utf_7_imap(data: bytes) -> str | None:
    """The form of RFC 3501, 5.1.3."""
    return _unshifted(data[:CAREFUL], IMAP_SHIFT, b"&") + _as_written(data) if data.isascii() else None


def iso_2022_jp(data: bytes) -> str | None:
    """RFC 1468 and 1554, half-width kana, JIS X 0212 and 0213, and the rows of NEC and IBM; None without escapes."""
    if b"\x1b" not in data and b"\x0e" not in data:
        return data.decode("ascii") if data.isascii() else None
    out: list[str] = []
    reader: Reader = _ascii
    before, position = reader, 0
    for escape in ESCAPE.finditer(data, 0, CAREFUL):
        out.append(reader(data[position : escape.start()]))
        position = escape.end()
        if escape[0] == b"\x0e":
            before, reader = reader, _kana
        elif escape[0] == b"\x0f":
            reader = before
        else:
            reader = JAPANESE.get(escape[0][1:], reader)
    out.append(reader(data[position:CAREFUL]))
    return "".join(out) + _as_written(data)


def iso_2022_kr(data: bytes) -> str | None:
    """RFC 1557; the designator at the start may be missing."""
    return _shifted_out(data, b"\x1b$)C", "cp949")


def iso_2022_cn(data: bytes) -> str | None:
    """RFC 1922, as far as GB 2312 goes."""
    return _shifted_out(data, b"\x1b$)A", "gb18030")


def hz(data: bytes) -> str | None:
    """RFC 1843."""
    if not data.isascii():
        return None
    marked = HZ_SHIFT.sub(
        lambda shift: (shift[1] or shift[2] or b"").translate(HIGH if shift[1] else None), data[:CAREFUL]
    )
    return marked.decode("gb18030", "replace") + _as_written(data)


def _as_written(data: bytes) -> str:
    return data[CAREFUL:].decode("ascii", "replace")


def _unshifted(data: bytes, shift: re.Pattern[bytes], sign: bytes) -> str:
    out: list[str] = []
    position = 0
    for found in shift.finditer(data):
        out += (data[position : found.start()].decode("ascii"), _utf_16(found, sign))
        position = found.end()
    out.append(data[position:].decode("ascii"))
    return "".join(out)


def _utf_16(found: re.Match[bytes], sign: bytes) -> str:
    digits = found[1].replace(b",", b"/") if sign == b"&" else found[1]
    if not digits:
        return sign.decode()
    whole = base64.b64decode(digits[: len(digits) - (len(digits) % 4 == 1)] + b"=" * (-len(digits) % 4))
    try:
        return whole[: len(whole) - len(whole) % 2].decode("utf-16-be") or found[0].decode("ascii")
    except UnicodeDecodeError:
        return found[0].decode("ascii")


def _shifted_out(data: bytes, designator: bytes, codec: str) -> str | None:
    if b"\x0e" not in data and not data.isascii():
        return None
    marked = SHIFT_OUT.sub(lambda shift: shift[1].translate(HIGH), data[:CAREFUL].replace(designator, b""))
    return marked.replace(b"\x0f", b"").decode(codec, "replace") + _as_written(data)


def _ascii(data: bytes) -> str:
    # By cp932 for the half-width kana of 8 bits that some programs leave in. JIS X 0201 has a yen sign for the
    # backslash, and mail means the backslash.
    return data.decode("cp932", "replace")


def _kana(data: bytes) -> str:
    return data.translate(HIGH).decode("cp932", "replace")


def _jis(data: bytes) -> str:
    """Two bytes a character, by way of cp932, which has the rows of NEC and IBM too."""
    out = bytearray()
    position = 0
    while position < len(data):
        row, cell = data[position], data[position + 1] if position + 1 < len(data) else 0
        if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
            out.append(row if row < 0x80 else 0x3F)
            position += 1
            continue
        lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
        out += bytes((lead, cell + (0x7E if row % 2 == 0 else 0x20 if cell >= 0x60 else 0x1F)))
        position += 2
    return out.decode("cp932", "replace")


def _by(codec: str, lead: bytes = b"") -> Reader:
    """A reader of two 7-bit bytes a character that are `codec` with the high bits set, after `lead` where given."""

    def read(data: bytes) -> str:
        high = data.translate(HIGH)
        if lead:
            high = re.sub(rb"[\xa1-\xfe]{2}", lambda pair: lead + pair[0], high)
        return high.decode(codec, "replace")

    return read


JAPANESE: dict[bytes, Reader] = {
    b"(B": _ascii,
    b"(J": _ascii,
    b"(H": _ascii,
    b"(I": _kana,
    b"$@": _jis,
    b"$B": _jis,
    b"$(@": _jis,
    b"$(B": _jis,
    b"$A": _by("gb18030"),
    b"$(A": _by("gb18030"),
    b"$(C": _by("cp949"),
    b"$(D": _by("euc_jp", b"\x8f"),
    b"$(O": _by("euc_jis_2004"),
    b"$(Q": _by("euc_jis_2004"),
    b"$(P": _by("euc_jis_2004", b"\x8f"),
}
