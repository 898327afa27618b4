"""What a relay that we trust found out about a mail: its Authentication-Results (RFC 8601), and nobody else's.

A field is believed only where the relay itself can have written it. Fields are put on top of a mail, and a relay writes
its results above its own Received (RFC 8601, 4), older filters of it directly below. So, from the top:

- results above the first Received are the relay's: all of them count, for some filters write one field each;
- else the first of its results between the first and the second Received counts, and that one alone;
- what stands below the second Received may be the sender's own, and never counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast, get_args

from gateway.proof.canonical import Field
from gateway.proof.domains import domain_of
from gateway.proof.proof import Evidence, Result, Session
from letters.authentication import Finding, read_results
from settings import Settings

# Of several verdicts by one method the first in this order counts: a relay that says two things has proven none.
WORST_FIRST: list[Result] = ["fail", "permerror", "temperror", "policy", "softfail", "neutral", "none", "pass"]


@dataclass(frozen=True)
class Word:
    """A relay's word on a mail. None: it says nothing of that method."""

    relay: str
    spf: Evidence | None
    signatures: tuple[Evidence, ...] | None
    dmarc: Result | None


def is_trusted(session: Session, settings: Settings) -> bool:
    """Whether the mail came from a relay of ours, so that its peer is not the sender's."""
    return session.peer in settings.trusted_relays


def word_of_relay(fields: Sequence[Field], author: str, session: Session, settings: Settings) -> Word | None:
    """What the relay says of the mail, if it is trusted and says anything."""
    if not settings.authserv_id or not is_trusted(session, settings):
        return None
    findings = _its_findings(fields, settings.authserv_id)
    if not findings:  # it says nothing, or that it did not look
        return None
    spf = [_spf(finding) for finding in findings if finding.method == "spf"]
    dkim = [_dkim(finding) for finding in findings if finding.method == "dkim"]
    dmarc = [_result(finding) for finding in findings if finding.method == "dmarc" and _is_about(finding, author)]
    spf.sort(key=lambda one: WORST_FIRST.index(one.result))
    dmarc.sort(key=WORST_FIRST.index)
    return Word(
        settings.authserv_id,
        spf[0] if spf else None,
        tuple(dkim) if dkim else None,
        dmarc[0] if dmarc else None,
    )


def _its_findings(fields: Iterable[Field], authserv_id: str) -> list[Finding]:
    found: list[Finding] = []
    received, heard = 0, False
    for field in fields:
        if field.name == "received":
            received += 1
            if heard or received > 1:
                break
        if field.name != "authentication-results":
            continue
        results = read_results(field.value)
        if results is None:
            break  # it may be the relay's, and says we know not what
        if results.authserv_id.lower() == authserv_id.lower():
            found += results.findings
            heard = True
            if received:
                break
    return found


def _result(finding: Finding) -> Result:
    return cast("Result", finding.result) if finding.result in get_args(Result) else "none"


def _spf(finding: Finding) -> Evidence:
    domain = domain_of(finding.value("smtp", "mailfrom") or finding.value("smtp", "helo"))
    return _evidence("spf", finding, domain)


def _dkim(finding: Finding) -> Evidence:
    domain = domain_of(finding.value("header", "d") or finding.value("header", "i"))
    return _evidence("dkim", finding, domain, finding.value("header", "s"))


def _evidence(method: str, finding: Finding, domain: str, selector: str = "") -> Evidence:
    result = _result(finding)
    reason = f"{method}: {result} for {domain or 'no domain'}, says the relay"
    return Evidence("spf" if method == "spf" else "dkim", result, domain, selector, reason)


def _is_about(finding: Finding, author: str) -> bool:
    """DMARC is about the From field; a relay that names another domain read another mail than we."""
    said = finding.value("header", "from")
    return not said or domain_of(said) == author
