"""What is known of a mail's sender: plain frozen values."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Result = Literal["pass", "fail", "softfail", "neutral", "none", "temperror", "permerror", "policy"]  # RFC 8601, 2.7
Policy = Literal["none", "quarantine", "reject"]


@dataclass(frozen=True)
class Session:
    """How the mail came, as the journal keeps it. `peer` is empty on a Unix socket, `envelope_from` for bounces."""

    peer: str
    helo: str
    envelope_from: str
    protocol: str = "smtp"
    received_at: datetime = field(default_factory=lambda: datetime.now(UTC))  # when a signature had to be valid


@dataclass(frozen=True)
class Evidence:
    """One finding: what a method says, and the domain that it is about."""

    method: Literal["spf", "dkim"]
    result: Result
    domain: str = ""
    selector: str = ""
    reason: str = ""
    covers: frozenset[str] = frozenset()  # the fields that a signature signs, in lower case


@dataclass(frozen=True)
class Proof:
    """The verdicts on one mail, of RFC 8601 each, and what follows from them.

    `proven`: the mail comes from the domain of its From, shown by SPF or DKIM of an aligned domain. It says so of the
    domain and not of the part before the @, and it holds without a DMARC record too.

    `addressed_to`: where a signature alone proves it, the recipients in To and Cc that are signed too. Anybody who has
    the mail may have sent it on; only there its author did. None: the domain's own server brought it here. `id_signed`:
    its Message-ID is signed as well, so that nobody can bring it once more as another mail.
    """

    author_domain: str = ""
    spf: Result = "none"
    spf_domain: str = ""
    dkim: Result = "none"
    dkim_domain: str = ""
    dkim_selector: str = ""
    dmarc: Result = "none"
    policy: Policy = "none"  # what the domain asks for this mail if it fails
    proven: bool = False
    addressed_to: frozenset[str] | None = None
    id_signed: bool = True
    judged_by: str = ""  # the relay whose word it is, empty for our own
    reasons: tuple[str, ...] = ()

    @property
    def rejects(self) -> bool:
        """The domain asks to reject this mail. It is filed all the same, marked, and gets no automatic answer."""
        return self.dmarc == "fail" and self.policy == "reject"

    def as_json(self) -> dict[str, Any]:
        """The three verdicts that REST promises, and beside them what they are about."""
        return {
            "spf": self.spf,
            "dkim": self.dkim,
            "dmarc": self.dmarc,
            "domains": {"author": self.author_domain, "spf": self.spf_domain, "dkim": self.dkim_domain},
            "selector": self.dkim_selector,
            "policy": self.policy,
            "proven": self.proven,
            "rejects": self.rejects,
            "judged_by": self.judged_by,
            "reasons": list(self.reasons),
        }
