"""The resolver that we ask, and whether it is there at all."""

import functools
import logging
import time

import dns.exception
import dns.name
import dns.resolver

from settings import Listen

log = logging.getLogger(__name__)

ONE_TRY = 0.9  # seconds, after which a question is sent once more
SILENCES = 3  # questions in a row without an answer, after which we look whether the resolver is there
AWAY_FOR = 10.0  # seconds in which a resolver that is away is not asked


class ResolverAway(Exception):
    """It was not asked."""


class Resolver:
    """Asks, and remembers for a while that nobody answers: mail is then judged at once and filed at its usual pace.

    A stranger's names, whose servers are silent, cannot make it seem away: it is only where it does not answer for the
    root either, which a resolver knows by itself. Threads may share it.
    """

    def __init__(self, server: Listen | None) -> None:
        self._server = server
        self._silences = 0  # threads may miscount by a few: the root decides
        self._away_until = 0.0

    def resolve(self, name: dns.name.Name, kind: str, seconds: float) -> dns.resolver.Answer:
        """The answer, also an empty one. Raises DNSException, OSError and ResolverAway."""
        if self._away_until > time.monotonic():
            raise ResolverAway("the resolver is away")
        try:
            found = self._ask(name, kind, seconds)
        except (dns.exception.DNSException, OSError) as error:
            self._silences = 0 if _is_answer(error) else self._silences + 1
            if self._silences >= SILENCES:
                self._look()
            raise
        self._silences = 0
        return found

    def _look(self) -> None:
        try:
            self._ask(dns.name.root, "NS", ONE_TRY)
        except (dns.exception.DNSException, OSError) as error:
            if not _is_answer(error):
                self._away_until = time.monotonic() + AWAY_FOR
                log.warning("the resolver does not answer; no mail proves its sender in the next %g s", AWAY_FOR)
                return
        self._silences = 0

    def _ask(self, name: dns.name.Name, kind: str, seconds: float) -> dns.resolver.Answer:
        return self._stub.resolve(name, kind, lifetime=seconds, raise_on_no_answer=False, search=False)

    @functools.cached_property
    def _stub(self) -> dns.resolver.Resolver:
        stub = dns.resolver.Resolver(configure=self._server is None)
        if self._server:
            stub.nameservers, stub.port = [self._server.host], self._server.port
        stub.timeout = ONE_TRY
        return stub


def _is_answer(error: Exception) -> bool:
    """Whether the resolver said something, if only that it failed; dnspython keeps what each try brought."""
    tries = getattr(error, "kwargs", {}).get("errors", ())
    return isinstance(error, dns.resolver.NXDOMAIN) or any(response is not None for *_, response in tries)
