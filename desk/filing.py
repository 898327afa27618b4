"""Filing a mail: which ticket it belongs to, who wrote it, and what follows. Writes as one part of a transaction."""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from desk import breakers, circles, invitations, outbox, people
from desk.clues import LONGEST_ID, named, ticket_of_return_path, where
from desk.conversations import LARGEST_TEXT, locked, reopen, say, start
from desk.flags import Flag, flags_of, is_rewritten, known_as
from desk.invitations import Guest
from desk.mailboxes import first_mailbox, is_ours, own_addresses
from desk.participants import MOST_PARTICIPANTS
from desk.reports import REPORTS, file_report
from desk.senders import SenderProof, proof_here, role_of
from desk.threads import Verdict
from desk.topics import is_new_topic
from desk.work import Work
from letters import (
    Address,
    Letter,
    divide_again,
    is_address,
    read_message_id,
    read_return_path,
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
SUBJECTS_BEFORE = 20  # of the newest mails, that a reply's subject is laid beside
MOST_ATTACHMENTS = 100  # of a message; the raw mail has them all

NO_PROOF = SenderProof()


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


async def file_mail(work: Work, entry: Inbound, letter: Letter, kept: Kept, proof: SenderProof = NO_PROOF) -> Filed:
    """Turns a mail into a ticket or a message, or says why it becomes neither.

    The caller holds the journal row locked and writes what comes back into it, in the same transaction.
    """
    await _one_at_a_time(work, letter)
    first = await _filed_before(work, letter)
    if first:
        return Filed(InboundState.IGNORED, "the same mail was filed before", first.ticket_id, first.id)
    if await _parent_waits(work, entry, letter):
        return Filed(None, "its parent is not read yet")
    if letter.kind in REPORTS:
        report = await file_report(work, entry, letter)
        return Filed(report.state, report.reason, report.ticket)
    own = await own_addresses(work)
    author = author_of(entry, letter)
    refusal = _no_message(work, letter, author, own)
    if refusal:
        return Filed(InboundState.IGNORED, refusal, await ticket_of_return_path(work, entry))
    assert author is not None
    sender = await people.whoever_wrote(work, known_as(author, rewritten=is_rewritten(letter, author)))
    await breakers.one_at_a_time(work, sender)
    verdict = await where(work, entry, letter, sender, own)
    proof = await proof_here(work, proof, letter, sender, verdict, own)
    ticket = await locked(work, verdict.ticket) if verdict.ticket else None
    if ticket:
        letter = divide_again(letter, await _what_we_wrote(ticket, notes=verdict.for_note))
    # Nobody but staff hears of a note, whoever is named in an answer to it.
    guests = [] if verdict.for_note else invitations.guests_of(work, letter, sender, own)
    automatic = _automatic(work, entry, letter)
    arrival = _Arrival(entry, letter, kept, proof, author, sender, verdict, own, guests, automatic=automatic)
    if verdict.for_note and not arrival.is_note:
        arrival = replace(arrival, letter=_own_words(letter))
    goes_to = None if ticket is None or (_long_closed(work, ticket) and not arrival.is_note) else ticket
    held = await breakers.holds(work, entry, letter, sender, goes_to)
    if held:
        return Filed(InboundState.HELD, held, goes_to.id if goes_to else None)
    return await (_append(work, arrival, goes_to) if goes_to else _open(work, arrival, follows=ticket))


@dataclass(frozen=True)
class _Arrival:
    """A mail on its way to a ticket, with all that is known about it."""

    entry: Inbound
    letter: Letter
    kept: Kept
    proof: SenderProof
    author: Address
    sender: User
    verdict: Verdict
    own: dict[str, Mailbox]
    guests: list[Guest]
    automatic: bool

    @property
    def role(self) -> Role:
        """In which the sender speaks."""
        is_author = self.author == self.letter.from_ and not is_rewritten(self.letter, self.author)
        return role_of(self.sender, self.proof, made_for=self.verdict.made_for, is_author=is_author)

    @property
    def is_note(self) -> bool:
        """Staff answer a note. The same answer in other hands is a stranger's mail."""
        return self.verdict.for_note and self.role.is_staff

    @property
    def vouched(self) -> bool:
        """It came to the reply address made for its sender: so it may bring people in, which a From alone may not."""
        return self.verdict.made_for == self.sender.id and not self.automatic

    @property
    def defects(self) -> list[str]:
        """What was odd about the mail, and what of it only the raw mail has."""
        found = list(self.letter.defects)
        if len(self.letter.attachments) > MOST_ATTACHMENTS:
            found.append(f"{len(self.letter.attachments)} attachments: the raw mail has those after {MOST_ATTACHMENTS}")
        if any(_cut(text) != text for text in (self.letter.new_text, self.letter.quoted)):
            found.append(f"a text of more than {LARGEST_TEXT} bytes: the raw mail has the rest")
        if len(self.guests) >= MOST_PARTICIPANTS:
            found.append(f"{len(self.guests)} other recipients: no more than {MOST_PARTICIPANTS} people take part")
        return found

    @property
    def segments(self) -> list[dict[str, Any]] | None:
        """The whole text, divided; None where that is longer than a message's text may be."""
        whole = _cut(self.letter.text) == self.letter.text
        return [asdict(segment) for segment in self.letter.segments] if whole else None

    def direction(self, *, opening: bool) -> Direction:
        """What staff answer goes out, but not to a note; what a machine of theirs says stays among staff as well."""
        if opening or not self.role.is_staff:
            return Direction.INBOUND
        return Direction.INTERNAL if self.automatic or self.is_note else Direction.OUTBOUND

    def message(self, *, opening: bool = False, stranger: bool = False, flags: tuple[Flag, ...] = ()) -> Message:
        letter = self.letter
        rejected = (Flag.REJECTED,) if self.proof.rejects else ()
        flagged = {"flags": [*flags_of(letter, self.author), *rejected, *flags]}
        return Message(
            opening=opening,
            author_id=self.sender.id,
            author_role=self.role,
            direction=self.direction(opening=opening),
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
            email=_headers(letter, self.proof, automatic=self.automatic) | {"defects": self.defects} | flagged,
            why=self.verdict.as_json(),
            blob=self.kept.raw,
        )


async def _open(work: Work, mail: _Arrival, follows: Ticket | None) -> Filed:
    mailbox = first_mailbox(mail.own, mail.entry.envelope_to)
    title = mail.letter.subject.strip() or "(no subject)"
    ticket = await start(work, title=title, mailbox=mailbox, requester=mail.sender, follows=follows)
    message = mail.message(opening=True)
    await _say(work, mail, ticket, mailbox, message)
    await invitations.invite(work, ticket, mail.guests)
    answerable = not mail.automatic and not mail.proof.rejects
    if answerable and await circles.may_answer(work, mail.entry, ticket, message, mail.sender):
        await outbox.acknowledge(work, ticket, mailbox, message, mail.sender)
    reason = f"a new ticket that follows #{follows.id}" if follows else "a new ticket"
    return Filed(InboundState.PROCESSED, reason, ticket.id, message.id)


async def _append(work: Work, mail: _Arrival, ticket: Ticket) -> Filed:
    mailbox = await Mailbox.get(id=ticket.mailbox_id)
    theirs = [mail.sender.email, mail.author.key]
    part = Participant.filter(ticket_id=ticket.id, user__email__in=theirs, user__active=True)
    new_topic = is_new_topic(mail.letter, await _subjects(work, ticket))
    known = mail.role.is_staff or await part.exists()
    message = mail.message(stranger=not known, flags=(Flag.NEW_TOPIC,) if new_topic else ())
    await _say(work, mail, ticket, mailbox, message)
    if mail.vouched and not message.stranger:
        await invitations.invite(work, ticket, mail.guests, by=mail.sender)
    if message.direction is Direction.OUTBOUND:
        await outbox.forward_message(work, ticket, mailbox, message, mail.sender)
    elif message.direction is Direction.INBOUND and not mail.automatic:
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


async def _what_we_wrote(ticket: Ticket, *, notes: bool) -> list[str]:
    """The texts that a reply on this ticket may repeat; with `notes` those as well."""
    directions = [Direction.OUTBOUND, Direction.INTERNAL] if notes else [Direction.OUTBOUND]
    ours = Message.filter(ticket_id=ticket.id, direction__in=directions).order_by("-id").limit(SENT_BEFORE)
    return [str(text) for text in await ours.values_list("text", flat=True)]


async def _subjects(work: Work, ticket: Ticket) -> list[str]:
    """What the ticket and its mails have been called, the newest ones."""
    rows = await work.rows(
        """SELECT email->>'subject' AS subject FROM messages
           WHERE ticket_id = $1 AND via = 'email' ORDER BY id DESC LIMIT $2""",
        ticket.id,
        SUBJECTS_BEFORE,
    )
    return [ticket.title, *(row["subject"] for row in rows)]


# -- what the mail itself says


def _own_words(letter: Letter) -> Letter:
    """The letter without what it repeats, as far as that is known: a customer reads what a stranger writes."""
    own = tuple(segment for segment in letter.segments if segment.kind == "new")
    text = "".join(segment.text for segment in own)
    defects = (*letter.defects, "it answers a note: the raw mail has what it repeats of it")
    return replace(letter, text=text, segments=own, new_text=text.strip(), quoted="", html=None, defects=defects)


def _no_message(work: Work, letter: Letter, author: Address | None, own: dict[str, Mailbox]) -> str | None:
    """Why the mail makes no message, if it makes none."""
    if read_message_id(work.house.reply_keys, letter.message_id) is not None:
        return "mail of our own that came back"
    if author is None:
        return "it names nobody who could have sent it"
    if is_ours(work, author.email, own):
        return f"it says that it comes from our own {author.email}"
    return None


def author_of(entry: Inbound, letter: Letter) -> Address | None:
    """Whom the mail is from: its From, else its Sender, Reply-To or envelope, the first that is an address."""
    candidates = [letter.from_, letter.sender, *letter.reply_to, Address("", entry.envelope_from)]
    return next((found for found in candidates if found and is_address(found.email)), None)


def _automatic(work: Work, entry: Inbound, letter: Letter) -> bool:
    """A machine sent it: never answered, reopens nothing (RFC 3834, section 2). No person writes to a return path."""
    keys = work.house.reply_keys
    returned = any(read_return_path(keys, address) is not None for address in entry.envelope_to)
    return letter.kind != "human" or not entry.envelope_from or returned


def _long_closed(work: Work, ticket: Ticket) -> bool:
    grace = timedelta(days=work.house.settings.reopen_days)
    return (
        ticket.status is Status.CLOSED and ticket.closed_at is not None and ticket.closed_at + grace < datetime.now(UTC)
    )


def _headers(letter: Letter, proof: SenderProof, *, automatic: bool) -> dict[str, Any]:
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
        "reply_to": [person(address) for address in letter.reply_to],
        "date": letter.date.isoformat().replace("+00:00", "Z") if letter.date else None,
        "auto": automatic,
        "authentication": dict(proof.authentication),
        "forwarded_from": person(letter.forwarded.sender) if letter.forwarded else None,
    }


def _cut(text: str) -> str:
    """The text up to the limit of a message's."""
    data = text.encode()
    return text if len(data) <= LARGEST_TEXT else data[:LARGEST_TEXT].decode(errors="ignore")
