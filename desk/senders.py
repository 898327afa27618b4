"""Who really sent a mail, as far as it proves it; and who may speak as staff by mail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models import Role, User

NOT_JUDGED = {"spf": "none", "dkim": "none", "dmarc": "none"}  # RFC 8601, section 2.2: no authentication was done


@dataclass(frozen=True)
class SenderProof:
    """What the edge found out about a mail's sender.

    `proven`: it comes from the domain of its From. `rejects`: that domain asks to reject it.
    """

    authentication: Mapping[str, Any] = field(default_factory=lambda: NOT_JUDGED)
    proven: bool = False
    rejects: bool = False


def role_of(person: User, proof: SenderProof, *, made_for: int | None, is_author: bool) -> Role:
    """The role in which a person speaks by this mail.

    Staff have to prove it: their domain's signature or SPF, or the reply address made for them, with their own From.

    Args:
        made_for: the id of the person for whom the signed reply address was made that the mail came to.
        is_author: the person is the mail's From itself, and no list put them there.
    """
    shown = proof.proven or (made_for == person.id and not proof.rejects)
    return person.role if is_author and shown and person.active else Role.CUSTOMER
