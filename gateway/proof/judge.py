"""The verdict on one mail: who says what, in which order, and what follows."""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from gateway.proof.canonical import Ambiguous, Field, header_of
from gateway.proof.domains import aligned, domain_of
from gateway.proof.envelope import judge_envelope
from gateway.proof.names import Questions, names_at
from gateway.proof.policy import Rules, decide, find_rules, proves
from gateway.proof.proof import Evidence, Proof, Result, Session
from gateway.proof.relays import Word, is_trusted, word_of_relay
from gateway.proof.signatures import judge_signatures
from letters.identity import straightened
from letters.mailboxes import read_mailboxes
from letters.mime import split_header
from settings import Settings

log = logging.getLogger(__name__)

THREADS = 16  # they wait for DNS; what is more than that waits for a thread
MOST_REASONS = 12
RECIPIENTS = frozenset({"to", "cc"})
BY_RELAYS = RECIPIENTS | {"message-id"}  # they do not say what is signed: it counts as it stands
BEST_FIRST: list[Result] = ["pass", "temperror", "policy", "fail", "permerror", "softfail", "neutral", "none"]

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="proof")


async def prove(raw: bytes, author: str, session: Session, settings: Settings) -> Proof:
    """What proves that `author` sent this mail. Never raises; takes as long as DNS, at most `names.PATIENCE` seconds.

    `author` is the address that the mail is filed under. It is proven only where it is the one mailbox of the one From.
    """
    return await asyncio.get_running_loop().run_in_executor(_threads, _prove, raw, author, session, settings)


def _prove(raw: bytes, author: str, session: Session, settings: Settings) -> Proof:
    try:
        return _judged(raw, author, session, settings)
    except Exception:  # a mail must not stop at what we got wrong, and must not pass by it
        log.exception("the sender of a mail could not be judged")
        return Proof(spf="temperror", dkim="temperror", dmarc="temperror", reasons=("an error of ours",))


def _judged(raw: bytes, author: str, session: Session, settings: Settings) -> Proof:
    questions = Questions(names_at(settings.dns_server))
    doubt = _doubt_about(raw, author)
    domain = "" if doubt else domain_of(author)
    word = word_of_relay(_fields(raw), domain, session, settings)
    # In the order of what counts: where the time runs out, SPF is missed least.
    signatures = _signatures(word, raw, domain, session, questions)
    rules = _rules(word, raw, domain, questions)
    spf = _envelope(word, session, settings, questions)
    found = (spf, *signatures)
    best = _best(signatures, domain)
    dmarc: Result = "permerror" if doubt else (word and word.dmarc) or decide(domain, rules, found)
    brought = proves(domain, rules, (spf,))  # by a server of the domain: it came from nowhere else
    covered = _covered(word, domain, rules, signatures)
    return Proof(
        author_domain=domain,
        spf=spf.result,
        spf_domain=spf.domain,
        dkim=best.result,
        dkim_domain=best.domain,
        dkim_selector=best.selector,
        dmarc=dmarc,
        policy=rules.policy,
        proven=bool(domain) and _proven(word, domain, rules, found),
        addressed_to=None if brought else _recipients(raw, covered),
        id_signed=brought or "message-id" in covered,
        judged_by=word.relay if word else "",
        reasons=_reasons(doubt, rules, found),
    )


def _doubt_about(raw: bytes, author: str) -> str:
    """Why nobody can be the author of this mail, if so (RFC 7489, 6.6.1). The reading is the one that is shown."""
    fields, _ = split_header(memoryview(straightened(raw)))
    values = [value for name, value in fields if name == "from"]
    mailboxes = [mailbox for value in values for mailbox in read_mailboxes(value)]
    if len(values) != 1 or len(mailboxes) != 1:
        return f"dmarc: {len(values)} From fields with {len(mailboxes)} mailboxes"
    if mailboxes[0].key != author.lower():
        return "dmarc: From names somebody else"
    return "" if domain_of(author) else "dmarc: From has no domain"


def _fields(raw: bytes) -> tuple[Field, ...]:
    try:
        return header_of(raw)[0]
    except Ambiguous:
        return ()


def _signatures(
    word: Word | None, raw: bytes, domain: str, session: Session, questions: Questions
) -> tuple[Evidence, ...]:
    if word and word.signatures is not None:
        return word.signatures
    return judge_signatures(raw, domain, session.received_at, questions)


def _rules(word: Word | None, raw: bytes, domain: str, questions: Questions) -> Rules:
    if not domain or (word and word.dmarc == "pass"):
        return Rules("none")
    # The lot falls the same way whenever the mail is read again.
    return find_rules(domain, hashlib.sha256(raw).digest()[0] * 100 // 256, questions)


def _envelope(word: Word | None, session: Session, settings: Settings, questions: Questions) -> Evidence:
    """Our own SPF only where the peer is the sender's: behind a relay, or over LMTP, it would judge the relay."""
    if word and word.spf:
        return word.spf
    if session.protocol == "lmtp" or is_trusted(session, settings):
        return Evidence("spf", "none")
    return judge_envelope(session, questions)


def _best(signatures: Sequence[Evidence], domain: str) -> Evidence:
    """The signature that the verdict shows: a pass before all else, one of the author's domain before others."""

    def rank(one: Evidence) -> tuple[int, bool]:
        return BEST_FIRST.index(one.result), not aligned(one.domain, domain, strict=False)

    return min(signatures, key=rank, default=Evidence("dkim", "none"))


def _proven(word: Word | None, domain: str, rules: Rules, found: Sequence[Evidence]) -> bool:
    """A relay's verdict on DMARC stands; without one the findings decide, also where the domain has no record."""
    if word and word.dmarc in {"pass", "fail"}:
        return word.dmarc == "pass"
    return proves(domain, rules, found)


def _covered(word: Word | None, domain: str, rules: Rules, signatures: Sequence[Evidence]) -> frozenset[str]:
    """The fields that the author's domain signed."""
    if word and (word.dmarc == "pass" or word.signatures is not None):
        return BY_RELAYS
    return frozenset[str]().union(*(one.covers for one in signatures if proves(domain, rules, (one,))))


def _recipients(raw: bytes, covered: frozenset[str]) -> frozenset[str]:
    """The addresses in those fields of To and Cc that are covered, in lower case."""
    fields, _ = split_header(memoryview(straightened(raw)))
    values = [value for name, value in fields if name in RECIPIENTS & covered]
    return frozenset(mailbox.key for value in values for mailbox in read_mailboxes(value))


def _reasons(doubt: str, rules: Rules, found: Sequence[Evidence]) -> tuple[str, ...]:
    said = [doubt, rules.reason, *(one.reason for one in found)]
    return tuple(reason.replace("\0", "") for reason in said if reason)[:MOST_REASONS]
