"""What staff should look at twice in a mail: marks on its message, each told by the mail itself."""

import re
import unicodedata
from enum import StrEnum

from letters import Address, Letter

ADDRESS_IN_NAME = re.compile(r"[^\s@<>()\"'`,;:]+@[^\s@<>()\"'`,;:]+\.[^\s@<>()\"'`,;:.]{2,}")
VIA = re.compile(r"\s+via\s+", re.IGNORECASE)


class Flag(StrEnum):
    NEW_TOPIC = "new_topic"  # a new question in an old thread (desk/topics.py)
    NAME_PRETENDS = "name_pretends"  # the display name shows another address than the sender's
    REPLY_TO_DIFFERS = "reply_to_differs"  # answers are asked for at an address that is not the sender's
    REJECTED = "rejected"  # the domain that it claims to come from asks to reject it (DMARC)
    FROM_REWRITTEN = "from_rewritten"  # a mailing list put itself in the place of the author


def flags_of(letter: Letter, author: Address) -> list[Flag]:
    """The flags that the header gives reason for."""
    found = {
        Flag.NAME_PRETENDS: pretends(author),
        Flag.REPLY_TO_DIFFERS: bool(letter.reply_to) and author.key not in {found.key for found in letter.reply_to},
        Flag.FROM_REWRITTEN: is_rewritten(letter, author),
    }
    return [flag for flag, holds in found.items() if holds]


def pretends(address: Address) -> bool:
    """Whether the display name shows another address than its own (`"boss@desk.example" <x@evil.example>`)."""
    name = unicodedata.normalize("NFKC", address.name).casefold()
    return any(shown != address.email.casefold() for shown in ADDRESS_IN_NAME.findall(name))


def is_rewritten(letter: Letter, author: Address) -> bool:
    """Whether a list says that it put its own address into From, so that DMARC passes (`Zoe via List <list@…>`)."""
    if letter.original_from and letter.original_from.key != author.key:
        return True
    return letter.kind == "list" and bool(VIA.search(author.name))


def known_as(address: Address, *, rewritten: bool = False) -> Address:
    """The address with the name to keep for it: none that shows another address, of `Zoe via List` the list's own."""
    name = VIA.split(address.name)[-1] if rewritten else address.name
    kept = Address(name, address.email)
    return Address("", address.email) if pretends(kept) else kept
