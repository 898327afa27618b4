"""What a mail says about where it belongs, and what we know of that: the clues that `desk/threads.py` decides by."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice

from desk.mailboxes import is_signed
from desk.threads import ENVELOPE, Clues, Known, Signed, Verdict, decide
from desk.work import Work
from letters import (
    Letter,
    find_subject_tag,
    read_message_id,
    read_reply_address,
    read_return_path,
    resembles_ours,
)
from models import Delivery, Direction, Inbound, LetterKind, Mailbox, Participant, Role, Ticket, User

NAMED_IDS = 50  # of References that are looked up; more than a reader would ever follow
NAMED_ADDRESSES = 200  # that are looked at for a signature, those of the envelope first
LONGEST_ID = 1000  # characters of a Message-ID that is worth an index entry
ON_ITS_WAY = timedelta(days=5)  # how late a mail may be: senders try that long (RFC 5321, section 4.5.4.1)


async def where(work: Work, entry: Inbound, letter: Letter, sender: User, own: Mapping[str, Mailbox]) -> Verdict:
    """The ticket that the mail belongs to, with every candidate."""
    clues = await _clues(work, entry, letter, own)
    return decide(clues, await _known(work, clues, letter, sender))


def named(letter: Letter) -> tuple[str, ...]:
    """The ids that the mail names as what it answers, nearest parent first. Its own is never among them."""
    ids = (*_in_reply_to(letter), *_references(letter))
    return tuple(dict.fromkeys(message_id for message_id in ids if len(message_id) <= LONGEST_ID))


async def ticket_of_return_path(work: Work, entry: Inbound) -> int | None:
    """The ticket of the delivery whose signed return path this mail was sent to."""
    for address in entry.envelope_to:
        delivery_id = read_return_path(work.house.reply_keys, address)
        if delivery_id is not None:
            delivery = await Delivery.get_or_none(id=delivery_id)
            return delivery.ticket_id if delivery else None
    return None


# -- what the mail says


async def _clues(work: Work, entry: Inbound, letter: Letter, own: Mapping[str, Mailbox]) -> Clues:
    places: dict[str, str] = {}
    for address, place in islice(_addresses(entry, letter), NAMED_ADDRESSES):
        places.setdefault(address.lower(), place)
    return Clues(
        signed=tuple([found async for found in _signed(work, places)]),
        in_reply_to=_in_reply_to(letter),
        references=_references(letter),
        subject_tag=find_subject_tag(letter.subject),
        forged=tuple(_forged(work, [*places, *named(letter)], own)),
    )


def _addresses(entry: Inbound, letter: Letter) -> Iterator[tuple[str, str]]:
    """Where the mail went: its envelope, and its header, since some servers hand everything on to the mailbox alone."""
    yield from ((address, ENVELOPE) for address in entry.envelope_to)
    yield from ((address, "the recipient that a mail server noted") for address in letter.delivered_to)
    yield from ((address.email, "To") for address in letter.to)
    yield from ((address.email, "Cc") for address in letter.cc)


async def _signed(work: Work, places: Mapping[str, str]) -> AsyncIterator[Signed]:
    for address, place in places.items():
        reply = read_reply_address(work.house.reply_keys, address)
        if reply:
            yield Signed(reply.ticket, reply.person, place, note=reply.note)
            continue
        delivery_id = read_return_path(work.house.reply_keys, address)
        delivery = await Delivery.get_or_none(id=delivery_id) if delivery_id is not None else None
        if delivery and delivery.ticket_id:
            yield Signed(delivery.ticket_id, delivery.user_id, place, return_path=True)


def _in_reply_to(letter: Letter) -> tuple[str, ...]:
    return tuple(ident for ident in letter.in_reply_to if ident != letter.message_id)[:NAMED_IDS]


def _references(letter: Letter) -> tuple[str, ...]:
    """Newest first."""
    return tuple(ident for ident in reversed(letter.references) if ident != letter.message_id)[:NAMED_IDS]


def _forged(work: Work, shown: Sequence[str], own: Mapping[str, Mailbox]) -> Iterator[str]:
    """Addresses and ids in the form of ours that we did not sign. Those of other domains another desk may have."""
    domains = {address.rpartition("@")[2] for address in own}
    for found in shown:
        if found.rpartition("@")[2].lower() in domains and resembles_ours(found) and not _by_us(work, found):
            yield found


def _by_us(work: Work, found: str) -> bool:
    return is_signed(work, found) or read_message_id(work.house.reply_keys, found) is not None


# -- what we know of it


async def _known(work: Work, clues: Clues, letter: Letter, sender: User) -> Known:
    own_ids, by_message_id = await _tickets_of(work, (*clues.in_reply_to, *clues.references))
    named_by_replies = await _tickets_that_name(work, letter.message_id)
    alike = await _tickets_that_answer_the_same(work, letter) if not by_message_id else ()
    wanted = {*(found.ticket for found in clues.signed), *named_by_replies, *alike}
    wanted.update(*by_message_id.values(), [clues.subject_tag] if clues.subject_tag else [])
    return Known(
        tickets=frozenset([ticket.id for ticket in await Ticket.filter(id__in=wanted).only("id")]),
        by_message_id=by_message_id,
        signed_ids=own_ids,
        revoked=await _revoked(clues.signed),
        sender=sender.id,
        taken_part_in=await _taken_part_in(sender, wanted),
        named_by_replies=named_by_replies,
        naming_the_same=alike,
        answers_note=await _tells_of_a_note(own_ids),
    )


async def _tickets_of(work: Work, ids: Sequence[str]) -> tuple[frozenset[str], dict[str, tuple[int, ...]]]:
    """The ids that are ours by their signature, and the tickets of all ids: others by the messages we have."""
    signed = {ident: ticket for ident in ids if (ticket := read_message_id(work.house.reply_keys, ident)) is not None}
    tickets = {ident: [ticket] for ident, ticket in signed.items()}
    # OFFSET 0 fences the search off: with LIMIT alone PostgreSQL would walk the primary key backwards.
    rows = await work.rows(
        """SELECT rfc_message_id, ticket_id FROM (
               SELECT rfc_message_id, ticket_id, max(id) AS newest FROM messages
               WHERE rfc_message_id = ANY($1::text[]) AND direction <> 'internal' GROUP BY 1, 2 OFFSET 0
           ) found ORDER BY newest DESC LIMIT 100""",
        [ident[:LONGEST_ID] for ident in ids if ident not in signed],
    )
    for row in rows:
        tickets.setdefault(row["rfc_message_id"], []).append(row["ticket_id"])
    return frozenset(signed), {ident: tuple(found) for ident, found in tickets.items()}


async def _tells_of_a_note(own_ids: Collection[str]) -> bool:
    """Whether one of these mails of ours told a member of staff of a note."""
    if not own_ids:
        return False
    told = Delivery.filter(rfc_message_id__in=[ident.lower() for ident in own_ids], kind=LetterKind.NOTICE)
    return await told.filter(message__direction=Direction.INTERNAL).exists()


async def _tickets_that_name(work: Work, message_id: str) -> tuple[int, ...]:
    """The tickets where a reply to this mail came before it: opened by it or, with an id that is new to us, joined.

    An id that we have is of another mail: some programs give one id to many.
    """
    rows = await work.rows(
        """SELECT ticket_id FROM messages
           WHERE "references" @> ARRAY[$1::text] AND direction <> 'internal'
             AND (opening OR NOT EXISTS (SELECT 1 FROM messages m WHERE m.rfc_message_id = $1))
           ORDER BY id LIMIT 5""",
        message_id[:LONGEST_ID],
    )
    return tuple(dict.fromkeys(row["ticket_id"] for row in rows))


async def _tickets_that_answer_the_same(work: Work, letter: Letter) -> tuple[int, ...]:
    """The tickets opened by another reply to the parent, which is on its way for longer than its replies.

    Machines are left out: some put one and the same made-up parent into all that they ever send.
    """
    parent = next(iter(named(letter)), None)
    if parent is None or letter.kind != "human":
        return ()
    rows = await work.rows(
        """SELECT ticket_id FROM messages
           WHERE "references" @> ARRAY[$1::text] AND opening AND created_at > now() - $2::interval
             AND email->>'auto' = 'false' ORDER BY id LIMIT 5""",
        parent,
        ON_ITS_WAY,
    )
    return tuple(row["ticket_id"] for row in rows)


async def _revoked(signed: Sequence[Signed]) -> frozenset[tuple[int, int]]:
    """The reply addresses that count no more: of an account that was ended, of a customer who takes no part any more.

    The row of somebody who is gone became part of another when they proved their address: theirs still counts.
    """
    people = {person.id: person for person in await User.filter(id__in={found.person for found in signed})}
    parts = {(part.ticket_id, part.user_id) for part in await Participant.filter(user_id__in=list(people))}
    wanted = {(found.ticket, found.person) for found in signed if found.person in people}
    ended = {found for found in wanted if not people[found[1]].active}
    left = {found for found in wanted - parts if people[found[1]].role is Role.CUSTOMER}
    return frozenset(ended | left)


async def _taken_part_in(sender: User, tickets: set[int]) -> frozenset[int]:
    parts = await Participant.filter(ticket_id__in=tickets, user_id=sender.id)
    return frozenset(part.ticket_id for part in parts)
