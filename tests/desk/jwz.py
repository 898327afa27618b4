"""Threads as mail programs show them: the algorithm of Jamie Zawinski (https://www.jwz.org/doc/threading.html), steps 1
to 3, over the headers alone. Step 5, which gathers what is left by its subject, is left out: we rely on no subject."""

import re
from collections.abc import Iterable
from email.message import Message

ID = re.compile(r"<([^<>\s]+)>")


def threads(mails: Iterable[Message]) -> list[set[str]]:
    """The Message-IDs of each thread, those of mails that are only named among them."""
    parents: dict[str, str | None] = {}
    for mail in mails:
        (own,) = ID.findall(mail["Message-ID"])
        named = [ident for ident in _named(mail) if ident != own]
        for before, after in zip([None, *named], named, strict=False):
            parents.setdefault(after, None)
            if before and parents[after] is None and not _leads_to(parents, before, after):
                parents[after] = before
        parents.setdefault(own, None)
        if named and not _leads_to(parents, named[-1], own):
            parents[own] = named[-1]
    found: dict[str, set[str]] = {}
    for ident in parents:
        found.setdefault(_root(parents, ident), set()).add(ident)
    return list(found.values())


def _named(mail: Message) -> list[str]:
    """References, and the first of In-Reply-To where there are none."""
    return ID.findall(mail["References"] or "") or ID.findall(mail["In-Reply-To"] or "")[:1]


def _leads_to(parents: dict[str, str | None], start: str, wanted: str) -> bool:
    at: str | None = start
    while at is not None:
        if at == wanted:
            return True
        at = parents.get(at)
    return False


def _root(parents: dict[str, str | None], ident: str) -> str:
    while (above := parents[ident]) is not None:
        ident = above
    return ident
