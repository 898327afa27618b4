"""Taking a message back while its mail waits, and letting it leave at once."""

from datetime import datetime
from typing import Any

from desk import uploads
from desk.conversations import leave, locked
from desk.drafts import Intent, restore_draft
from desk.errors import Conflict, NotFound, known_id
from desk.permissions import require_sight
from desk.work import House, Work
from models import Attachment, Delivery, DeliveryState, DraftKind, Event, Message, Status, Ticket, Turn, User

LEFT = "It has left already."


async def take_back(work: Work, by: User, message_id: int) -> dict[str, Any]:
    """The message was never said: it is its writer's draft again, and nobody gets mail of it.

    A status that was set with it is as before, unless somebody changed it since.

    Raises:
        NotFound: there is no such message, or it is not the caller's.
        Conflict: it has left, or a worker has a copy of it in hand.
    """
    ticket, message = await _own(work, by, message_id)
    if message.held_until is None or not await _all_wait(work, message):
        raise Conflict(LEFT)
    kept = message.undo
    files = await uploads.bring_back(work, by, message)
    await Attachment.filter(message_id=message.id).delete()
    restored = await _restore_status(ticket, kept["before"])
    await message.delete()  # with its deliveries and its event
    await _restore_turn(work, ticket)
    await leave(work, ticket, "taken_back", by, message=message_id, **restored)
    asked = kept["asked"]
    intent = Intent(asked["recipients"], files, asked["set_status"], asked["in_answer_to"])
    return await restore_draft(
        work, by, ticket, DraftKind.REPLY, version=kept["version"], text=message.text, intent=intent
    )


async def send_now(work: Work, by: User, message_id: int) -> None:
    """Its mail waits no longer; one that left already has left.

    Raises:
        NotFound: there is no such message, or it is not the caller's.
    """
    ticket, message = await _own(work, by, message_id)
    if message.held_until is None:
        return
    await work.rows(
        "UPDATE deliveries SET due_at = now() WHERE message_id = $1 AND state = 'queued' RETURNING id", message.id
    )
    await release(work, ticket, message)
    work.mail_waits = True


async def let_go(house: House, message_id: int) -> None:
    """A copy of the message is about to leave: nobody takes it back from now on."""
    if not await Message.exists(id=message_id, held_until__isnull=False):
        return
    async with house.work() as work:
        ticket = await locked(work, (await Message.get(id=message_id)).ticket_id)
        message = await Message.filter(id=message_id, held_until__isnull=False).select_for_update().first()
        if message:
            await release(work, ticket, message)


async def release(work: Work, ticket: Ticket, message: Message) -> None:
    """From now on the message can be seen by whom it is for, and taken back by nobody."""
    message.held_until = None
    await message.save(update_fields=["held_until"])
    await Event.create(ticket_id=ticket.id, actor_id=message.author_id, kind="sent", message_id=message.id)
    work.changed = True


async def _own(work: Work, by: User, message_id: int) -> tuple[Ticket, Message]:
    """The caller's message and its ticket, both locked: the ticket first, as everybody does. Raises NotFound."""
    mine = Message.filter(id=known_id(message_id, "message"), author_id=by.id)
    found = await mine.first()
    if found is None:
        raise NotFound("message")
    ticket = await locked(work, found.ticket_id)
    require_sight(by, ticket)
    message = await mine.select_for_update().first()
    if message is None:
        raise NotFound("message")
    return ticket, message


async def _all_wait(work: Work, message: Message) -> bool:
    """Whether no copy was ever in a worker's hand. Locks them: a worker that claims at this moment passes them by."""
    copies = await Delivery.filter(message_id=message.id).order_by("id").select_for_update()
    return all(
        (copy.state is DeliveryState.QUEUED and not copy.attempts) or copy.state is DeliveryState.SUPPRESSED
        for copy in copies
    )


async def _restore_status(ticket: Ticket, before: dict[str, Any] | None) -> dict[str, Any]:
    """What the event says of it: the status that the ticket has again, or nothing."""
    if before is None:
        return {}
    since = Event.filter(ticket_id=ticket.id, kind="status", id__gt=before["event"])
    if await since.exists():
        return {}
    ticket.status = Status(before["status"])
    ticket.closed_at = datetime.fromisoformat(before["closed_at"]) if before["closed_at"] else None
    await Event.filter(id=before["event"]).delete()
    return {"status": ticket.status}


async def _restore_turn(work: Work, ticket: Ticket) -> None:
    """Whose turn it is follows from the last word of a person that is still there."""
    rows = await work.rows(
        """SELECT CASE WHEN direction = 'outbound' THEN 'them' ELSE 'us' END AS turn FROM messages
           WHERE ticket_id = $1 AND direction <> 'internal' AND NOT coalesce((email->>'auto')::boolean, false)
           ORDER BY id DESC LIMIT 1""",
        ticket.id,
    )
    if rows:
        ticket.turn = Turn(rows[0]["turn"])
