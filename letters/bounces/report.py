"""Delivery reports: what RFC 3464 says of each recipient, wherever in the mail it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from letters.bounces.groups import Group, read_groups
from letters.bounces.leaves import PARTS_READ, REPORT_LIMIT, leaves, text_of
from letters.mime import Part

REPORT_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
NO_FAILURE = frozenset({"delivered", "relayed", "expanded"})  # RFC 3464, 2.3.3

# A report in the running text, where a program forgot to make a part of it.
LOOSE_REPORT = re.compile(r"^(?:final|original)-recipient[ \t]*:", re.IGNORECASE | re.MULTILINE)
ADDRESS_TYPE = re.compile(r"[A-Za-z0-9_-]{1,40}\s*;")
BARE = re.compile(r"[\s<>\"']+")
XTEXT = re.compile(r"\+(2B|3D)")  # the two that RFC 3461, 4 wants encoded; `ann+40@` is an address
UTF8_ADDRESS = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # RFC 6533, 3
WORD = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Reported:
    """What a report says of one recipient; empty where it says nothing."""

    email: str
    action: str
    status: str  # the field as it stands, comments included
    diagnostic: str

    @property
    def failed(self) -> bool:
        """Whether the mail did not arrive, or not yet."""
        return self.action not in NO_FAILURE


def read_report(root: Part, text: str) -> list[Reported]:
    """All recipients that the report tells of, delivered ones too; empty where there is no report.

    `text`: the visible text of the mail, read where no part is a report.
    """
    found = [reported for part in _reports(root) for reported in _reported(text_of(part))]
    if not found and LOOSE_REPORT.search(text[:REPORT_LIMIT]):
        found = list(_reported(text[:REPORT_LIMIT]))
    return found


def original_id(root: Part) -> str:
    """The Message-ID that some reports give of the mail they are about, else empty."""
    groups = (group for part in _reports(root) for group in read_groups(text_of(part)))
    return next((group["x-original-message-id"] for group in groups if "x-original-message-id" in group), "")


def _reports(root: Part) -> Iterator[Part]:
    return islice((leaf for leaf in leaves(root) if leaf.content_type in REPORT_TYPES), PARTS_READ)


def _reported(text: str) -> Iterator[Reported]:
    for group in read_groups(text):
        email = _recipient(group)
        if email:
            action = WORD.search(group.get("action", ""))
            yield Reported(email, action[0].lower() if action else "", group.get("status", ""), _diagnostic(group))


def _recipient(group: Group) -> str:
    """Whom we wrote to, not where it was forwarded, as far as the report tells (RFC 3464, 2.3.1)."""
    named = [_address(group.get(name, "")) for name in ("original-recipient", "final-recipient", "x-actual-recipient")]
    return next((email for email in named if "@" in email), "") or next(filter(None, named), "")


def _address(value: str) -> str:
    """`rfc822; ann@a.example`, the type in any case or missing."""
    found = ADDRESS_TYPE.match(value)
    address = value[found.end() :] if found else value
    address = UTF8_ADDRESS.sub(_character, address)
    address = XTEXT.sub(lambda code: chr(int(code[1], 16)), address)
    if "@" not in address:
        address = address.replace("+40", "@")
    address = BARE.sub("", address.split(" (")[0])
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain.lower()}"


def _character(code: re.Match[str]) -> str:
    point = int(code[1], 16)
    return chr(point) if point < 0xD800 or 0xE000 <= point < 0x110000 else ""


def _diagnostic(group: Group) -> str:
    """`smtp; 550 No such user`, without the type."""
    value = group.get("diagnostic-code", "")
    found = ADDRESS_TYPE.match(value)
    return value[found.end() :].strip() if found else value
