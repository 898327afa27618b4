"""What a mail says about where it belongs, and what we know of that: the clues that `desk/threads.py` decides by."""

from collections.abc import Sequence

from desk.threads import Clues, Known, Verdict, decide
from desk.work import Work
from letters import Letter, find_subject_tag, read_message_id, read_reply_address, read_return_path
from models import Delivery, Inbound, Participant, Ticket, User

NAMED_IDS = 50  # of References that are looked up; more than a reader would ever follow
LONGEST_ID = 1000  # characters of a Message-ID that is worth an index entry


async def where(work: Work, entry: Inbound, letter: Letter, sender: User) -> Verdict:
    """The ticket that the mail belongs to, with every candidate."""
    clues = await _clues(work, entry, letter)
    by_message_id = await _tickets_of(work, (*clues.in_reply_to, *clues.references))
    named_by_replies = await _tickets_that_name(work, letter.message_id)
    wanted = {*clues.reply_tickets, *named_by_replies, *([clues.subject_tag] if clues.subject_tag else ())}
    wanted.update(ticket for tickets in by_message_id.values() for ticket in tickets)
    tagged = await Participant.filter(ticket_id=clues.subject_tag or 0, user_id=sender.id)
    known = Known(
        tickets=frozenset([ticket.id for ticket in await Ticket.filter(id__in=wanted).only("id")]),
        by_message_id=by_message_id,
        taken_part_in=frozenset(part.ticket_id for part in tagged),
        named_by_replies=named_by_replies,
    )
    return decide(clues, known)


async def _clues(work: Work, entry: Inbound, letter: Letter) -> Clues:
    key = work.house.reply_key
    signed = [found.ticket for address in entry.envelope_to if (found := read_reply_address(key, address))]
    returned = await ticket_of_return_path(work, entry)
    return Clues(
        reply_tickets=(*signed, returned) if returned else tuple(signed),
        in_reply_to=letter.in_reply_to[:NAMED_IDS],
        references=letter.references[::-1][:NAMED_IDS],
        subject_tag=find_subject_tag(letter.subject),
    )


async def _tickets_of(work: Work, ids: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """The tickets that Message-IDs belong to: ours by their signature, others by the messages we have."""
    tickets: dict[str, list[int]] = {}
    for message_id in ids:
        own = read_message_id(work.house.reply_key, message_id)
        if own is not None:
            tickets[message_id] = [own]
    # OFFSET 0 fences the search off: with LIMIT alone PostgreSQL would walk the primary key backwards.
    rows = await work.rows(
        """SELECT rfc_message_id, ticket_id FROM (
               SELECT id, rfc_message_id, ticket_id FROM messages
               WHERE rfc_message_id = ANY($1::text[]) AND direction <> 'internal' OFFSET 0
           ) found ORDER BY id DESC LIMIT 100""",
        [message_id[:LONGEST_ID] for message_id in ids if message_id not in tickets],
    )
    for row in rows:
        tickets.setdefault(row["rfc_message_id"], []).append(row["ticket_id"])
    return {message_id: tuple(dict.fromkeys(found)) for message_id, found in tickets.items()}


async def _tickets_that_name(work: Work, message_id: str) -> tuple[int, ...]:
    """The tickets opened by a reply to this mail that came before it."""
    rows = await work.rows(
        """SELECT ticket_id FROM messages WHERE "references" @> ARRAY[$1::text] AND opening ORDER BY id LIMIT 5""",
        message_id[:LONGEST_ID],
    )
    return tuple(row["ticket_id"] for row in rows)


async def ticket_of_return_path(work: Work, entry: Inbound) -> int | None:
    """The ticket of the delivery whose signed return path this mail was sent to."""
    for address in entry.envelope_to:
        delivery_id = read_return_path(work.house.reply_key, address)
        if delivery_id is not None:
            delivery = await Delivery.get_or_none(id=delivery_id)
            return delivery.ticket_id if delivery else None
    return None


def named(letter: Letter) -> tuple[str, ...]:
    """The ids that the mail names as what it answers, nearest parent first."""
    ids = (*letter.in_reply_to[:NAMED_IDS], *letter.references[::-1][:NAMED_IDS])
    return tuple(dict.fromkeys(message_id for message_id in ids if len(message_id) <= LONGEST_ID))
