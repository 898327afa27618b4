"""Filing a mail: which ticket it belongs to, who wrote it, and what follows. Writes as one part of a transaction."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from desk import limits, outbox, people
from desk.clues import LONGEST_ID, named, ticket_of_return_path, where
from desk.conversations import LARGEST_TEXT, join, locked, reopen, say, start
from desk.mailboxes import first_mailbox, own_addresses
from desk.threads import Verdict
from desk.work import Work
from letters import (
    Address,
    Letter,
    divide_again,
    is_address,
    read_message_id,
    read_reply_address,
    read_return_path,
    split_detail,
)
from models import (
    Attachment,
    Direction,
    Inbound,
    InboundState,
    Mailbox,
    Message,
    Participant,
    Role,
    Status,
    Ticket,
    User,
    Via,
)

SENT_BEFORE = 20  # of our messages that a reply is laid beside, the newest ones
MOST_ATTACHMENTS = 100  # of a message; the raw mail has them all
REPORTS = {"bounce": "a bounce", "feedback_report": "a feedback report", "read_receipt": "a read receipt"}
UNJUDGED = {"spf": "none", "dkim": "none", "dmarc": "none"}  # RFC 8601, section 2.2: no authentication was done


@dataclass(frozen=True)
class Kept:
    """The blobs of a mail: its raw bytes, and its first attachments in the letter's order."""

    raw: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Filed:
    """What became of a mail. A state of None: its parent is still in the journal, it has to wait for it."""

    state: InboundState | None
    reason: str
    ticket: int | None = None
    message: int | None = None


async def file_mail(work: Work, entry: Inbound, letter: Letter, kept: Kept) -> Filed:
    """Turns a mail into a ticket or a message, or says why it becomes neither.

    The caller holds the journal row locked and writes what comes back into it, in the same transaction.
    """
    await _one_at_a_time(work, letter)
    first = await _filed_before(work, letter)
    if first:
        return Filed(InboundState.IGNORED, "the same mail was filed before", first.ticket_id, first.id)
    if await _parent_waits(work, entry, letter):
        return Filed(None, "its parent is not read yet")
    own = await own_addresses(work)
    author = _author(entry, letter)
    refusal = _no_message(work, letter, author, own)
    if refusal:
        return Filed(InboundState.IGNORED, refusal, await ticket_of_return_path(work, entry))
    assert author is not None
    sender = await people.whoever_wrote(work, author)
    verdict = await where(work, entry, letter, sender)
    ticket = await locked(work, verdict.ticket) if verdict.ticket else None
    if ticket:
        letter = divide_again(letter, await _what_we_wrote(ticket))
    arrival = _Arrival(entry, letter, kept, sender, verdict, own)
    if ticket is None or _long_closed(work, ticket):
        passed = None if entry.past_limit else await limits.opens_too_many(work, sender)
        if passed:
            return Filed(InboundState.HELD, f"{sender.email} opened {passed.amount} tickets within the limit {passed}")
        return await _open(work, arrival, follows=ticket)
    return await _append(work, arrival, ticket)


@dataclass(frozen=True)
class _Arrival:
    """A mail on its way to a ticket, with all that is known about it."""

    entry: Inbound
    letter: Letter
    kept: Kept
    sender: User
    verdict: Verdict
    own: dict[str, Mailbox]

    @property
    def automatic(self) -> bool:
        """A machine sent it: never answered, reopens nothing (RFC 3834, section 2)."""
        return self.letter.kind != "human" or not self.entry.envelope_from

    @property
    def defects(self) -> list[str]:
        """What was odd about the mail, and what of it only the raw mail has."""
        found = list(self.letter.defects)
        if len(self.letter.attachments) > MOST_ATTACHMENTS:
            found.append(f"{len(self.letter.attachments)} attachments: the raw mail has those after {MOST_ATTACHMENTS}")
        if any(_cut(text) != text for text in (self.letter.new_text, self.letter.quoted)):
            found.append(f"a text of more than {LARGEST_TEXT} bytes: the raw mail has the rest")
        return found

    @property
    def segments(self) -> list[dict[str, Any]] | None:
        """The whole text, divided; None where that is longer than a message's text may be."""
        whole = _cut(self.letter.text) == self.letter.text
        return [asdict(segment) for segment in self.letter.segments] if whole else None

    def message(self, *, opening: bool = False, stranger: bool = False) -> Message:
        letter = self.letter
        return Message(
            opening=opening,
            author_id=self.sender.id,
            author_role=Role.CUSTOMER,  # who claims to be staff has to prove it, and a From header proves nothing
            direction=Direction.INBOUND,
            via=Via.EMAIL,
            stranger=stranger,
            text=_cut(letter.new_text),
            quoted=_cut(letter.quoted) or None,
            segments=self.segments,
            html=letter.html,
            rfc_message_id=letter.message_id[:LONGEST_ID],
            in_reply_to=letter.in_reply_to[0] if letter.in_reply_to else None,
            references=list(named(letter)),
            content_hash=letter.content_hash,
            email=_headers(letter, automatic=self.automatic) | {"defects": self.defects},
            why=self.verdict.as_json(),
            blob=self.kept.raw,
        )


async def _open(work: Work, mail: _Arrival, follows: Ticket | None) -> Filed:
    mailbox = first_mailbox(mail.own, mail.entry.envelope_to)
    title = mail.letter.subject.strip() or "(no subject)"
    ticket = await start(work, title=title, mailbox=mailbox, requester=mail.sender, follows=follows)
    message = mail.message(opening=True)
    await _say(work, mail, ticket, mailbox, message)
    await _invite(work, mail, ticket)
    if not mail.automatic:
        await outbox.acknowledge(work, ticket, mailbox, message, mail.sender)
    reason = f"a new ticket that follows #{follows.id}" if follows else "a new ticket"
    return Filed(InboundState.PROCESSED, reason, ticket.id, message.id)


async def _append(work: Work, mail: _Arrival, ticket: Ticket) -> Filed:
    mailbox = await Mailbox.get(id=ticket.mailbox_id)
    part = Participant.filter(ticket_id=ticket.id, user__email=mail.sender.email)
    message = mail.message(stranger=not await part.exists())
    await _say(work, mail, ticket, mailbox, message)
    if not mail.automatic:
        await reopen(work, ticket, mail.sender)
    return Filed(InboundState.PROCESSED, f"found by {mail.verdict.rule}", ticket.id, message.id)


async def _say(work: Work, mail: _Arrival, ticket: Ticket, mailbox: Mailbox, message: Message) -> None:
    await say(work, ticket, mailbox, message)
    parts = zip(mail.letter.attachments[:MOST_ATTACHMENTS], mail.kept.attachments, strict=True)
    await Attachment.bulk_create(
        [
            Attachment(
                message_id=message.id,
                filename=part.filename,
                content_type=part.content_type[:255],
                size=len(part.content),
                sha256=bytes.fromhex(blob),
                inline=part.inline,
                content_id=part.content_id,
                blob=blob,
            )
            for part, blob in parts
        ]
    )


async def _invite(work: Work, mail: _Arrival, ticket: Ticket) -> None:
    """Everybody else in To and Cc takes part; our own addresses never do."""
    named: dict[str, tuple[Address, str]] = {}
    for source, addresses in (("to", mail.letter.to), ("cc", mail.letter.cc)):
        for address in addresses:
            if is_address(address.email) and not _is_ours(work, address, mail.own):
                named.setdefault(address.key, (address, source))
    named.pop(mail.sender.email, None)
    found = await people.everybody(work, [address for address, _ in named.values()])
    for key, (_, source) in named.items():
        await join(work, ticket, found[key], source)


# -- what we know already


async def _one_at_a_time(work: Work, letter: Letter) -> None:
    """Mails that name each other are filed one after the other, by however many intake processes.

    Without it a parent and its reply, read at the same moment, would each miss the other and open two tickets.
    """
    await work.rows(
        """SELECT pg_advisory_xact_lock(key) FROM (
               SELECT DISTINCT hashtextextended(id, 0) AS key FROM unnest($1::text[]) AS id ORDER BY key
           ) keys""",
        [letter.message_id, *named(letter)],
    )


async def _filed_before(work: Work, letter: Letter) -> Message | None:
    same = Message.filter(rfc_message_id=letter.message_id[:LONGEST_ID], content_hash=letter.content_hash)
    return await same.first()


async def _parent_waits(work: Work, entry: Inbound, letter: Letter) -> bool:
    """Whether a mail that this one names was accepted before it and is not read yet."""
    found = await work.rows(
        """SELECT id FROM inbound WHERE state = 'accepted' AND id < $1 AND rfc_message_id = ANY($2::text[]) LIMIT 1""",
        entry.id,
        list(named(letter)),
    )
    return bool(found)


async def _what_we_wrote(ticket: Ticket) -> list[str]:
    """The texts that a reply on this ticket may repeat."""
    ours = Message.filter(ticket_id=ticket.id, direction=Direction.OUTBOUND).order_by("-id").limit(SENT_BEFORE)
    return [str(text) for text in await ours.values_list("text", flat=True)]


# -- what the mail itself says


def _no_message(work: Work, letter: Letter, author: Address | None, own: dict[str, Mailbox]) -> str | None:
    """Why the mail makes no message, if it makes none."""
    if read_message_id(work.house.reply_key, letter.message_id) is not None:
        return "mail of our own that came back"
    if letter.kind in REPORTS:
        return f"{REPORTS[letter.kind]} ({', '.join(letter.reasons)})"
    if author is None:
        return "it names nobody who could have sent it"
    if _is_ours(work, author, own):
        return f"it says that it comes from our own {author.email}"
    return None


def _author(entry: Inbound, letter: Letter) -> Address | None:
    """Whom the mail is from: its From, else its Sender, Reply-To or envelope, the first that is an address."""
    candidates = [letter.from_, letter.sender, *letter.reply_to, Address("", entry.envelope_from)]
    return next((found for found in candidates if found and is_address(found.email)), None)


def _is_ours(work: Work, address: Address, own: dict[str, Mailbox]) -> bool:
    key = work.house.reply_key
    signed = read_reply_address(key, address.email) or read_return_path(key, address.email) is not None
    return bool(signed) or split_detail(address.email)[0] in own


def _long_closed(work: Work, ticket: Ticket) -> bool:
    grace = timedelta(days=work.house.settings.reopen_days)
    return (
        ticket.status is Status.CLOSED and ticket.closed_at is not None and ticket.closed_at + grace < datetime.now(UTC)
    )


def _headers(letter: Letter, *, automatic: bool) -> dict[str, Any]:
    """The mail's headers as REST shows them."""

    def person(address: Address | None) -> dict[str, str] | None:
        return {"name": address.name, "email": address.email} if address else None

    return {
        "message_id": letter.message_id,
        "in_reply_to": letter.in_reply_to[0] if letter.in_reply_to else None,
        "references": list(letter.references),
        "subject": letter.subject,
        "from": person(letter.from_),
        "to": [person(address) for address in letter.to],
        "cc": [person(address) for address in letter.cc],
        "date": letter.date.isoformat().replace("+00:00", "Z") if letter.date else None,
        "auto": automatic,
        "authentication": UNJUDGED,
    }


def _cut(text: str) -> str:
    """The text up to the limit of a message's."""
    data = text.encode()
    return text if len(data) <= LARGEST_TEXT else data[:LARGEST_TEXT].decode(errors="ignore")
