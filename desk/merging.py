"""Two rows that turn out to be one person: what the one has becomes the other's."""

from desk.work import Work
from models import Delivery, Event, Message, OtherAddress, Participant, Ticket, User


async def lock(work: Work, *people: int) -> list[User]:
    """Those of them that are there, in the order of their ids, and nobody else's until the transaction's end.

    Whoever writes a message of one of them waits, so that nothing of theirs is left behind.
    """
    return await User.filter(id__in=people).order_by("id").select_for_update()


async def merge(work: Work, known: User, person: User) -> list[int]:
    """Everything of somebody whom we know from mail alone becomes the person's, and their row goes. Both are locked.

    What was mailed to them stays under the address that it went to, as do suppressions: those are of addresses.

    Returns:
        The ids of the tickets that name another person now, in order.
    """
    tickets = await _tickets_of(work, known)
    await _merge_parts(work, known, person)
    await Ticket.filter(id__in=tickets, requester_id=known.id).update(requester_id=person.id)
    await Message.filter(author_id=known.id).update(author_id=person.id)
    await Event.filter(ticket_id__in=tickets, actor_id=known.id).update(actor_id=person.id)
    await _rename_in_events(work, tickets, known, person)
    await Delivery.filter(user_id=known.id).update(user_id=person.id)
    await OtherAddress.filter(user_id=known.id).update(user_id=person.id)
    if known.name and not person.name:
        person.name = known.name
        await person.save(update_fields=["name"])
    await known.delete()
    return tickets


async def _tickets_of(work: Work, known: User) -> list[int]:
    """Every ticket that names them, also those that they were removed from."""
    rows = await work.rows(
        """SELECT id AS ticket FROM tickets WHERE requester_id = $1
           UNION SELECT ticket_id FROM participants WHERE user_id = $1
           UNION SELECT ticket_id FROM messages WHERE author_id = $1
           UNION SELECT ticket_id FROM deliveries WHERE user_id = $1 AND ticket_id IS NOT NULL
           UNION SELECT ticket_id FROM events WHERE kind IN ('joined', 'removed') AND data->>'user' = ($1::bigint)::text
           ORDER BY ticket""",
        known.id,
    )
    return [row["ticket"] for row in rows]


async def _merge_parts(work: Work, known: User, person: User) -> None:
    """Each takes part once; whoever is the requester by one of the two rows stays it."""
    both = await work.rows(
        """SELECT theirs.ticket_id, theirs.source FROM participants theirs
           JOIN participants own ON own.ticket_id = theirs.ticket_id AND own.user_id = $2
           WHERE theirs.user_id = $1""",
        known.id,
        person.id,
    )
    for part in both:
        goes = person if part["source"] == "requester" else known
        await Participant.filter(ticket_id=part["ticket_id"], user_id=goes.id).delete()
    await Participant.filter(user_id=known.id).update(user_id=person.id)


async def _rename_in_events(work: Work, tickets: list[int], known: User, person: User) -> None:
    """Who joined and who was removed: the last such event decides whether mail may bring them back."""
    await work.rows(
        """UPDATE events SET data = jsonb_set(data, '{user}', to_jsonb($3::bigint))
           WHERE ticket_id = ANY($1::bigint[]) AND kind IN ('joined', 'removed') AND data->>'user' = ($2::bigint)::text
           RETURNING id""",
        tickets,
        known.id,
        person.id,
    )
