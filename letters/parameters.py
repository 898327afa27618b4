"""`value; name=value`: Content-Type and Content-Disposition, with the long and foreign parameters of RFC 2231."""

import re
from urllib.parse import unquote_to_bytes

from letters import charsets
from letters.words import VALUE_LIMIT, decode_words

Parameters = dict[str, str]

PARAMETER = re.compile(rb';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL)
COMMENT = re.compile(rb"\([^()]*\)")
SECTION = re.compile(rb"(?P<name>[^*]+)(?:\*(?P<number>\d{1,3}))?(?P<extended>\*)?")
ESCAPED = re.compile(rb'\\(["\\])')

Section = tuple[int, bool, bytes]  # number, whether percent-encoded, value


def read_parameters(value: bytes) -> tuple[str, Parameters]:
    """(`text/plain`, {`charset`: `utf-8`, …}): names and the main value in lower case, parameters decoded."""
    value = value[:VALUE_LIMIT]
    main, semicolon, rest = value.partition(b";")
    main, _, glued = COMMENT.sub(b" ", main).strip().partition(b" ")  # `text/plain charset=utf-8`
    sections: dict[str, list[Section]] = {}
    plain: Parameters = {}
    for name, text in PARAMETER.findall(b";" + glued + semicolon + rest):
        found = SECTION.fullmatch(name.lower())
        if not found:
            continue
        key = found["name"].decode("ascii", "replace")
        if found["number"] or found["extended"]:
            sections.setdefault(key, []).append((int(found["number"] or 0), bool(found["extended"]), _unquoted(text)))
        else:
            plain.setdefault(key, decode_words(_unquoted(text)))
    return main.decode("ascii", "replace").lower(), plain | {key: _joined(parts) for key, parts in sections.items()}


def _unquoted(text: bytes) -> bytes:
    text = text.strip()
    if text.startswith(b'"'):
        return ESCAPED.sub(rb"\1", text[1:].removesuffix(b'"'))
    return re.sub(rb"\s+\([^()]*\)$", b"", text)


def _joined(sections: list[Section]) -> str:
    """RFC 2231, 3 and 4: sections in the order of their numbers, the charset named by the first."""
    sections = sorted(sections, key=lambda section: section[0])
    charset, data = None, b""
    for at, (_, extended, value) in enumerate(sections):
        if at == 0 and extended and value.count(b"'") >= 2:
            declared, _, value = value.split(b"'", 2)  # noqa: PLW2901 - the charset stands before the value
            charset = declared.decode("ascii", "replace")
        data += unquote_to_bytes(value) if extended else value
    if charset is None:
        return decode_words(data)
    return " ".join(charsets.decode(data, charset).text.splitlines())
