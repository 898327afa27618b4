"""SPF: may this peer send for the envelope's domain (RFC 7208)? pyspf evaluates, we ask DNS."""

from typing import Any

import spf  # type: ignore[import-untyped]

from gateway.proof.domains import plain
from gateway.proof.names import Questions, TooMany, Unanswered
from gateway.proof.proof import Evidence, Result, Session

RESULTS: tuple[Result, ...] = ("pass", "fail", "softfail", "neutral", "none", "temperror", "permerror")
MOST_VOID = 2  # answers without a record, RFC 7208, 4.6.4


def judge_envelope(session: Session, questions: Questions) -> Evidence:
    """What SPF says of the sender's domain, of the HELO name where the sender is null (RFC 7208, 2.4)."""
    local, _, domain = session.envelope_from.rpartition("@")
    domain = plain(domain if session.envelope_from else session.helo)
    peer = session.peer.partition("%")[0]
    if not domain or "." not in domain or not peer:
        return Evidence("spf", "none", domain, reason="spf: no domain to ask, or no address that the mail came from")
    try:
        query = _Query(questions, i=peer, s=f"{local or 'postmaster'}@{domain}", h=plain(session.helo) or domain)
        result, _, said = query.check()
    except Exception as error:  # noqa: BLE001 - whatever a stranger's record does to the library
        result, said = "permerror", type(error).__name__
    if result not in RESULTS:
        result = "permerror"
    return Evidence("spf", result, domain, reason=f"spf: {result} for {domain}{_because(result, said)}")


class _Query(spf.query):  # type: ignore[misc]  # pyspf has no types
    """pyspf's evaluation with DNS of ours: its own would be one module-wide function and a resolver that it chooses."""

    def __init__(self, questions: Questions, **given: str) -> None:
        super().__init__(strict=True, **given)
        self._questions = questions

    def dns(self, name: str, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:
        """The answers as pyspf wants them. CNAMEs are the resolver's."""
        try:
            found = self._questions.ask(name, qtype)
        except Unanswered as error:
            raise spf.TempError(str(error)) from error
        except TooMany as error:
            raise spf.PermError(str(error)) from error
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > MOST_VOID:
                raise spf.PermError("too many names without records")
        return [(text,) for text in found] if qtype == "TXT" else list(found)

    def get_explanation(self, spec: str) -> None:
        """Nobody reads it, and it would cost a question."""


def _because(result: str, said: object) -> str:
    return f" ({str(said).removeprefix('SPF Permanent Error: ')[:200]})" if result.endswith("error") else ""
