"""Which deliveries a bounce is about; complaints and read receipts too.

Best proof first: the signed return path, which each copy has of its own; then our signed Message-ID, together with the
recipient that failed; then recipient and time, which anybody could have written: that informs and does no more. All
copies share their Message-ID, so whoever got one could report another's: of such a report the id is no proof.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from desk.addresses import people_at
from desk.clues import named
from desk.work import Work
from letters import (
    Bounce,
    FailedRecipient,
    Letter,
    ascii_domain,
    read_message_id,
    read_reply_address,
    read_return_path,
)
from letters.letter import Headers
from models import Delivery, Inbound, Participant, Proof

MOST_RECIPIENTS = 100  # of one report: each of our copies has one
LATEST = timedelta(days=5)  # until a mail server gives up (RFC 5321, section 4.5.4.1)
MILDEST_FIRST = ("delayed", "soft", "hard")


@dataclass(frozen=True)
class Copy:
    """A delivery, as far as a report can be about it."""

    id: int
    ticket: int | None
    person: int
    recipient: str


@dataclass(frozen=True)
class Known:
    """What we know of the mails that a report may be about."""

    returned: tuple[Copy, ...] = ()  # whose signed return path it came to, or repeats
    named: tuple[Copy, ...] = ()  # of the mail that it names by our signed Message-ID
    persons: frozenset[int] = frozenset()  # whose signed reply address it repeats
    by_a_reader: bool = False  # whoever wrote it takes part, or got a copy
    recent: tuple[Copy, ...] = ()  # the newest to each recipient, where it names no mail that is another


@dataclass(frozen=True)
class Match:
    copy: Copy
    proof: Proof

    @property
    def signed(self) -> bool:
        return self.proof is not Proof.UNSIGNED


def match(recipients: Sequence[str], known: Known) -> tuple[Match, ...]:
    """The copies that a report about these recipients is about, each once."""
    found: dict[int, Match] = {}
    for one in _candidates({_key(email) for email in recipients}, known):
        found.setdefault(one.copy.id, one)
    if found:
        return tuple(found.values())
    if len(known.named) == 1:  # it went on from there to an address that we did not write to
        return (Match(known.named[0], Proof.UNSIGNED if recipients else _proof_by_id(known.named[0], known)),)
    return () if known.named else tuple(Match(copy, Proof.UNSIGNED) for copy in known.recent)


def _candidates(failed: set[str], known: Known) -> Iterator[Match]:
    for copy in known.returned:
        yield Match(copy, Proof.RETURN_PATH)
    for copy in known.named:
        if _key(copy.recipient) in failed or copy.person in known.persons:
            yield Match(copy, _proof_by_id(copy, known))


def _proof_by_id(copy: Copy, known: Known) -> Proof:
    """What our Message-ID proves of a copy: nothing from a reader of it, nor beside the signature of another copy."""
    of_another = known.returned or (known.persons and copy.person not in known.persons)
    return Proof.UNSIGNED if known.by_a_reader or of_another else Proof.MESSAGE_ID


def fate(bounce: Bounce, copy: Copy) -> FailedRecipient:
    """What a bounce says of a copy. Where it names others, whom our recipient forwards to, the mildest of it counts."""
    own = [one for one in bounce.recipients if _key(one.email) == _key(copy.recipient)]
    unknown = FailedRecipient(copy.recipient, None, "soft", "")
    return min(own or bounce.recipients, key=lambda one: MILDEST_FIRST.index(one.kind), default=unknown)


def recipients_of(letter: Letter) -> tuple[str, ...]:
    """Whom a report is about, as far as it says."""
    if letter.bounce:
        return tuple(one.email for one in letter.bounce.recipients[:MOST_RECIPIENTS])
    return letter.complaint.recipients[:MOST_RECIPIENTS] if letter.complaint else ()


# -- what a report says, and what we know of it


async def matches(work: Work, entry: Inbound, letter: Letter) -> tuple[Match, ...]:
    """The deliveries that a report is about."""
    return match(recipients_of(letter), await _known(work, entry, letter))


async def _known(work: Work, entry: Inbound, letter: Letter) -> Known:
    original, headers = _original(letter)
    keys = work.house.reply_keys
    paths = (
        *entry.envelope_to,
        *letter.delivered_to,
        *(to.email for to in letter.to),
        *_values(headers, "return-path"),
    )
    ids = {ident for path in paths if (ident := read_return_path(keys, path)) is not None}
    returned = await Delivery.filter(id__in=[ident for ident in ids if ident < 2**63]).order_by("id")
    ours = [ident for ident in (original, *named(letter)) if ident and read_message_id(keys, ident) is not None]
    replies = (read_reply_address(keys, value) for value in _values(headers, "reply-to"))
    copies = await _copies_of(ours)
    recent = [] if returned or ours else await _recent(work, letter)
    return Known(
        returned=tuple(map(_copy, returned)),
        named=tuple(map(_copy, copies)),
        persons=frozenset(reply.person for reply in replies if reply),
        by_a_reader=await _is_by_a_reader(work, entry, letter, copies),
        recent=tuple(map(_copy, recent)),
    )


async def _copies_of(ids: Sequence[str]) -> list[Delivery]:
    """Every copy of the first of these mails that is known."""
    for ident in ids:
        found = await Delivery.filter(rfc_message_id=ident.strip().lower()).order_by("id")
        if found:
            return found
    return []


async def _is_by_a_reader(work: Work, entry: Inbound, letter: Letter, copies: Sequence[Delivery]) -> bool:
    """Whether it says itself that no machine wrote it, but somebody to whom we write about the same."""
    shown = (letter.from_, letter.sender, *letter.reply_to)
    senders = {entry.envelope_from.lower(), *(address.email.lower() for address in shown if address)}
    senders |= {person.email for person in (await people_at(work, senders)).values()}
    tickets = {copy.ticket_id for copy in copies if copy.ticket_id}
    taking_part = Participant.filter(ticket_id__in=tickets, user__email__in=senders)
    return any(copy.recipient in senders for copy in copies) or await taking_part.exists()


async def _recent(work: Work, letter: Letter) -> list[Delivery]:
    """The newest mail to each recipient that went out not long ago, and may be the one that came back.

    Spam that bears our address comes back to us too. A subject that we did not write, or, without one, an id that we
    did not, tells that it was not our mail.
    """
    original, headers = _original(letter)
    subject = next(iter(_values(headers, "subject")), None)
    if subject is None and original is not None:
        return []
    rows = await work.rows(
        """SELECT DISTINCT ON (recipient) id FROM deliveries
           WHERE recipient = ANY($1::text[]) AND state = 'sent' AND created_at > now() - $2::interval * 2
             AND sent_at > now() - $2::interval AND ($3::text IS NULL OR subject = $3)
           ORDER BY recipient, id DESC""",
        sorted({email.lower() for email in recipients_of(letter)}),
        LATEST,
        subject,
    )
    return await Delivery.filter(id__in=[row["id"] for row in rows]).order_by("id")


def _original(letter: Letter) -> tuple[str | None, Headers]:
    report = letter.bounce or letter.complaint
    return (report.original_message_id, report.original_headers) if report else (None, ())


def _values(headers: Headers, name: str) -> list[str]:
    return [value for found, value in headers if found.lower() == name]


def _copy(delivery: Delivery) -> Copy:
    return Copy(delivery.id, delivery.ticket_id, delivery.user_id, delivery.recipient)


def _key(email: str) -> str:
    """What two spellings of one address share, its domain written either way."""
    local, _, domain = email.lower().rpartition("@")
    try:
        return f"{local}@{ascii_domain(domain)}"
    except ValueError:
        return f"{local}@{domain}"
