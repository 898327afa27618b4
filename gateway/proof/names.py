"""Questions to DNS: at the resolver that the settings name, few, none for long, the answers kept for their TTL."""

import functools
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import dns.exception
import dns.name
import dns.rdata
import dns.resolver

from gateway.proof.resolver import Resolver, ResolverAway
from settings import Listen

MOST_QUESTIONS = 40  # about one mail; SPF may cost ten terms, and ten addresses for some of them (RFC 7208, 4.6.4)
PATIENCE = 6.0  # seconds for all that one mail asks: a role has to end within ten
ONE_QUESTION = 2.0  # seconds, in which it is sent twice (resolver.ONE_TRY)
LONGEST_KEPT = 3600.0  # seconds, whatever the TTL: who takes a key back wants to be heard
MOST_KEPT = 4096  # answers
LARGEST_KEPT = 4096  # bytes of one, so that all of them take a few MB at most
LARGEST_TEXT = 8192  # bytes of a TXT record; what is longer is no record of ours, and costs time to read

Answer = tuple[Any, ...]  # TXT: bytes; A, AAAA, PTR: str; MX: (preference, name)


class Unanswered(Exception):
    """DNS says neither yes nor no; it may later."""


class TooMany(Exception):
    """The mail asks for more than its share."""


class Names:
    """A resolver and what it said. One for a process; threads may share it."""

    def __init__(self, server: Listen | None) -> None:
        self._resolver = Resolver(server)
        self._kept: OrderedDict[tuple[dns.name.Name, str], tuple[float, Answer]] = OrderedDict()
        self._lock = threading.Lock()

    def kept(self, name: dns.name.Name, kind: str) -> Answer | None:
        with self._lock:
            until, answer = self._kept.get((name, kind), (0.0, ()))
        return answer if until > time.monotonic() else None

    def ask(self, name: dns.name.Name, kind: str, seconds: float) -> Answer:
        """Every record, none where there is none. Raises Unanswered."""
        try:
            found = self._resolver.resolve(name, kind, seconds)
        except dns.resolver.NXDOMAIN as error:
            self._keep(name, kind, (), min(map(_seconds_of, error.kwargs["responses"].values())))
            return ()
        except (dns.exception.DNSException, OSError, ResolverAway) as error:
            raise Unanswered(f"{kind} of {name.to_text(omit_final_dot=True)}: {_said(error)}") from error
        answer = tuple(_value(record, kind) for record in found)
        if kind == "TXT":
            answer = tuple(text for text in answer if len(text) <= LARGEST_TEXT)
        self._keep(name, kind, answer, found.expiration - time.time() if found.rrset else _seconds_of(found.response))
        return answer

    def _keep(self, name: dns.name.Name, kind: str, answer: Answer, seconds: float) -> None:
        if seconds <= 0 or sum(len(str(value)) for value in answer) > LARGEST_KEPT:
            return
        with self._lock:
            self._kept[name, kind] = (time.monotonic() + min(seconds, LONGEST_KEPT), answer)
            self._kept.move_to_end((name, kind))
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


@functools.cache
def names_at(server: Listen | None) -> Names:
    """The one resolver of this process for a server; the system's where None."""
    return Names(server)


class Questions:
    """What one mail may ask. Not for several threads."""

    def __init__(self, names: Names, *, most: int = MOST_QUESTIONS, patience: float = PATIENCE) -> None:
        self._names = names
        self._left = most
        self._until = time.monotonic() + patience

    def texts(self, name: str) -> tuple[bytes, ...]:
        """The TXT records of a name, the parts of each joined. Raises Unanswered and TooMany."""
        return self.ask(name, "TXT")

    def ask(self, name: str, kind: str) -> Answer:
        """Raises Unanswered and TooMany."""
        try:
            asked = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError):
            return ()  # no name that DNS can have
        kept = self._names.kept(asked, kind)
        if kept is not None:
            return kept
        if self._left <= 0:
            raise TooMany("it takes too many questions to DNS")
        self._left -= 1
        seconds = min(ONE_QUESTION, self._until - time.monotonic())
        if seconds <= 0:
            raise Unanswered(f"{kind} of {name}: no time left")
        return self._names.ask(asked, kind, seconds)


VALUES: dict[str, Callable[[Any], Any]] = {
    "TXT": lambda record: b"".join(record.strings),
    "A": lambda record: record.address,
    "AAAA": lambda record: record.address,
    "PTR": lambda record: record.target.to_text(omit_final_dot=True),
    "MX": lambda record: (record.preference, record.exchange.to_text(omit_final_dot=True)),
}


def _value(record: dns.rdata.Rdata, kind: str) -> Any:
    return VALUES[kind](record)


def _seconds_of(response: Any) -> float:
    """How long a "there is none" may be kept: not at all where the zone does not say (RFC 2308, 5)."""
    told = any(section.rdtype == dns.rdatatype.SOA for section in response.authority)
    return float(response.resolve_chaining().minimum_ttl) if told else 0.0


def _said(error: Exception) -> str:
    return type(error).__name__ if isinstance(error, OSError) else " ".join(str(error).split())[:120]
