"""Who really sent a mail, as far as it proves it; and who may speak as staff by mail."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from desk.threads import Rule, Verdict
from desk.work import Work
from letters import Letter, read_reply_address, split_detail
from models import Message, Role, User

NOT_JUDGED = {"spf": "none", "dkim": "none", "dmarc": "none"}  # RFC 8601, section 2.2: no authentication was done


@dataclass(frozen=True)
class SenderProof:
    """What the edge found out about a mail's sender.

    `proven`: it comes from the domain of its From. `rejects`: that domain asks to reject it. `addressed_to`: the
    recipients in lower case that its author signed, where nothing but a signature proves the mail; None otherwise.
    `id_signed`: they signed the Message-ID too.
    """

    authentication: Mapping[str, Any] = field(default_factory=lambda: NOT_JUDGED)
    proven: bool = False
    rejects: bool = False
    addressed_to: frozenset[str] | None = None
    id_signed: bool = True


async def proof_here(
    work: Work, proof: SenderProof, letter: Letter, sender: User, verdict: Verdict, own: Container[str]
) -> SenderProof:
    """The proof as far as it holds where the mail is filed: its author has to have sent it there, and only once.

    A signature says nothing of the envelope. Whoever was sent a signed mail, about whatever it was, could send it on to
    their own reply address, or to the mailbox with an In-Reply-To of their choice. That it was filed before is told by
    its Message-ID; where that is not signed, by its words.
    """
    if proof.addressed_to is None:
        return proof
    sent_here = _names_this_place(proof.addressed_to, verdict, own, work.house.reply_keys)
    same = Message.filter(author_id=sender.id, content_hash=letter.content_hash)
    if sent_here and (proof.id_signed or not await same.exists()):
        return proof
    return replace(proof, proven=False)


def role_of(person: User, proof: SenderProof, *, made_for: int | None, is_author: bool) -> Role:
    """The role in which a person speaks by this mail.

    Staff have to prove it: their domain's signature or SPF, or the reply address made for them, with their own From.

    Args:
        made_for: the id of the person for whom the signed reply address was made that the mail came to.
        is_author: the person is the mail's From itself, and no list put them there.
    """
    shown = proof.proven or (made_for == person.id and not proof.rejects)
    return person.role if is_author and shown and person.active else Role.CUSTOMER


def _names_this_place(
    addressed_to: frozenset[str], verdict: Verdict, own: Container[str], keys: tuple[bytes, ...]
) -> bool:
    """Whether a mail to these addresses belongs where it is filed. A reply address counts for its own ticket only."""
    replies = (read_reply_address(keys, address) for address in addressed_to)
    if any(reply and reply.ticket == verdict.ticket for reply in replies):
        return True
    return verdict.rule is not Rule.REPLY_ADDRESS and any(split_detail(address)[0] in own for address in addressed_to)
