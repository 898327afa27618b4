"""Lines of a bounce that name a recipient.

Nearly all mail systems put the recipients on lines of their own, or at the start of a line with the reason behind it,
or name them inside a line that tells of a failure. Those are looked for rather than each system's own words.
"""

import re
from dataclasses import dataclass

from letters.bounces import marks
from letters.bounces.status import tells

ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@\\|]{1,64}@[^\W_](?:[\w.-]{0,250}\w)?")
_ADDRESS = ADDRESS.pattern
_LABEL = (
    r"(?:(?:failed |intended |original |final |undeliverable |invalid |affected )?(?:recipients?|address(?:es)?|user|to"
    r"|addressed to|error-for)(?: address)?(?: is| was)?|destinataire|destinatario|destinatário|empfänger"
    r"|受信者|宛先|收件人)\s*[:=]\s*"
)
_OPEN, _CLOSE = r"[\s*•·>\"'<\[(-]{0,40}(?:smtp[:=]|mailto:)?", r"[>\"'\])]{0,5}"
# An address with nothing but marks, or a remark in parentheses, around it.
ALONE = re.compile(
    rf"{_OPEN}(?P<label>{_LABEL})?{_OPEN}(?P<email>{_ADDRESS}){_CLOSE}\s*(?:<[^<>\s]{{1,320}}>)?[:.,;…]*\s*(?:\((?P<rest>[^()]{{0,300}})\)?)?",
    re.IGNORECASE,
)
LEADING = re.compile(
    rf"{_OPEN}(?P<label>{_LABEL})?{_OPEN}(?P<email>{_ADDRESS}){_CLOSE}(?P<mark>\s*(?:\.\.\.|[:;,(–-])|\s)\s*(?P<rest>\S.*)",
    re.IGNORECASE,
)
SENT_TO = re.compile(
    r"(?:addressed to|(?:message|mail|sent|delivered|deliver|delivery) to|recipient|smtp=)"
    rf"[\s:'\"<(\[]{{0,10}}(?P<email>{_ADDRESS})",
    re.IGNORECASE,
)
ENVELOPE = re.compile(rf"(?:RCPT|RECIPIENT) TO:\s*<?(?P<email>{_ADDRESS})", re.IGNORECASE)
NOT_A_RECIPIENT = re.compile(
    r"envelope-from|mail from:|contact|support|reply to|questions|\bhelp\b|https?://", re.IGNORECASE
)
SEPARATOR = re.compile(r"[,;\s]+")
ON_A_DAY = re.compile(r"on (?:\w{2,10}[,.]? )?\d")  # Exchange: `ann@a.example on Mon, 5 Jan 2026`


@dataclass(frozen=True, slots=True)
class Told:
    """A recipient that a line names. How sure that is: 3 in a list of failures, 1 where it may be another address."""

    email: str
    sure: int
    line: int
    rest: str  # what the line says beside the address


def read_told(lines: list[str]) -> list[Told]:
    """Every stripped line that names a recipient; surer below words of failure than above them."""
    opened = False
    found: list[Told] = []
    for at, line in enumerate(lines):
        failed = bool(marks.FAILED.search(line))
        if "@" in line and not marks.ECHOED_FIELD.match(line):
            one = _told(line, at, opened=opened, failed=failed)
            found += _listed(line, at, opened=opened) or ([one] if one else [])
        opened = opened or failed
    return found


def _listed(line: str, at: int, *, opened: bool) -> list[Told]:
    """Several recipients in a row, with nothing else on the line."""
    words = [word.strip("<>\"'") for word in SEPARATOR.split(line) if word]
    if len(words) < 2 or len(set(words)) < 2 or not all(ADDRESS.fullmatch(word) for word in words):
        return []
    return [Told(_clean(word), 3 if opened else 1, at, "") for word in words]


def _told(line: str, at: int, *, opened: bool, failed: bool) -> Told | None:
    envelope = ENVELOPE.search(line)
    if envelope:
        return Told(_clean(envelope["email"]), 2, at, line)
    alone = ALONE.fullmatch(line)
    if alone:
        of_the_original = (alone["label"] or "").strip().lower() in {"to:", "to :"}
        return Told(_clean(alone["email"]), 3 if opened and not of_the_original else 1, at, alone["rest"] or "")
    leading = LEADING.match(line)
    if leading and (leading["mark"].strip() or tells(leading["rest"]) or ON_A_DAY.match(leading["rest"])):
        rest = "" if ON_A_DAY.match(leading["rest"]) else leading["rest"]
        return Told(_clean(leading["email"]), 3 if opened else 2, at, rest)
    sent = SENT_TO.search(line)
    if sent and (opened or failed):
        return Told(_clean(sent["email"]), 2, at, line)
    return _inside(line, at, failed=failed)


def _inside(line: str, at: int, *, failed: bool) -> Told | None:
    if NOT_A_RECIPIENT.search(line) and not failed:
        return None
    address = ADDRESS.search(line)
    if address and (failed or tells(line[: address.start()]) or tells(line[address.end() :])):
        return Told(_clean(address[0]), 2, at, line)
    return None


def _clean(email: str) -> str:
    local, _, domain = email.strip("'`*.").rpartition("@")
    return f"{local.split('smtp=')[-1].split('SMTP=')[-1]}@{domain.lower()}"
