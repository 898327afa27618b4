"""The path in `MAIL FROM:<path>` and `RCPT TO:<path>` (RFC 5321, 4.1.2), read by one expression.

aiosmtpd reads it with the parser for header fields: half of a small mail's CPU time, and it takes the comments and
folding of headers, which have no place in an envelope.
"""

import re

ATOMS = r"[^\s<>()\[\]\\,;:@\"\x00-\x1f\x7f]+"  # wide on purpose: UTF-8 (RFC 6531) and the odd dots of the real world
QUOTED = r"\"(?:[^\"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*\""
LITERAL = r"\[[^\s\[\]<>\x00-\x1f\x7f]*\]"
ADDRESS = rf"(?:{ATOMS}|{QUOTED})(?:@(?:{ATOMS}|{LITERAL}))?"
PATH = re.compile(rf"(?:<(?P<path>{ADDRESS})?>|(?P<bare>{ADDRESS}))(?P<rest>(?:\s.*)?)", re.DOTALL)
NULL = "<>"


def read_path(text: str) -> tuple[str, str] | None:
    """The address and what follows it, or None where there is no path.

    The null path is the text `<>`. Source routes are no paths here: nothing has sent them since 1989 but relay probes.
    """
    found = PATH.fullmatch(text.strip())
    if not found:
        return None
    return found["path"] or found["bare"] or NULL, found["rest"].strip()
