"""Lists of `tag=value;`, as DKIM (RFC 6376, 3.2) and DMARC (RFC 7489, 6.4) write them."""

import base64
import binascii
import re

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Unreadable(Exception):
    """It is not what the standard says it should be."""


def read_tags(text: bytes) -> dict[str, str]:
    """Names to values without white space around them. Raises Unreadable; a name twice is too (RFC 6376, 3.2)."""
    tags: dict[str, str] = {}
    for spec in text.decode("utf-8", "replace").split(";"):
        if not spec.strip():
            continue
        name, equals, value = spec.partition("=")
        name = name.strip()
        if not equals or not NAME.fullmatch(name):
            raise Unreadable("it is no list of tags")
        if name in tags:
            raise Unreadable(f"it has {name}= twice")
        tags[name] = value.strip()
    return tags


def read_base64(text: str) -> bytes:
    """Raises Unreadable. White space may stand anywhere in it."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("a value is no base64") from None


def read_number(text: str) -> int:
    """Raises Unreadable."""
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise Unreadable("a value is no number")
    return int(text)
