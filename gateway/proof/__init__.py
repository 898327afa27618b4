"""Proof of sender: what SPF, DKIM and DMARC, or a relay that we trust, say of a mail.

`prove` answers for one mail and never raises. It asks DNS, so the intake calls it; the listener does not even import
this package. Why it is as it is: docs/decisions/proof-of-sender.md.
"""

from gateway.proof.judge import prove
from gateway.proof.proof import Policy, Proof, Result, Session

__all__ = ["Policy", "Proof", "Result", "Session", "prove"]
