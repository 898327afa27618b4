"""Whose domain it is: domains in the form in which DNS has them, and which of them belong together."""

import functools
import re

from publicsuffixlist import PublicSuffixList

from letters import ascii_domain

LONGEST = 253  # characters
LABEL = re.compile(r"[a-z0-9_-]{1,63}")  # with the underscore: selectors have it, against RFC 6376


def plain(domain: str) -> str:
    """The domain in lower case ASCII without a final dot; empty where it is none."""
    try:
        bare = ascii_domain(domain.strip().removesuffix("."))
    except ValueError:
        return ""
    return bare if len(bare) <= LONGEST and all(map(LABEL.fullmatch, bare.split("."))) else ""


def domain_of(address: str) -> str:
    """The plain domain of an address, or of what already is one."""
    return plain(address.rpartition("@")[2])


def organizational(domain: str) -> str:
    """The domain that somebody registered (RFC 7489, 3.2): the public suffix and one label. A suffix stays as it is."""
    return _suffixes().privatesuffix(domain) or domain


def aligned(one: str, other: str, *, strict: bool) -> bool:
    """Whether the domains are the same for DMARC (RFC 7489, 3.1)."""
    if not one or not other:
        return False
    return one == other or (not strict and organizational(one) == organizational(other))


@functools.cache
def _suffixes() -> PublicSuffixList:
    """The list that the package carries; a release of it is a new list. Reading it takes a tenth of a second."""
    return PublicSuffixList()
