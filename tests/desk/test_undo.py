"""Taking a message back: what comes back with it, and who wins when a worker claims at the same moment."""

import asyncio
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tortoise.connection import get_connections

from desk import House, add_message, add_note, change_ticket, open_ticket, send_now, take_back
from desk.answers import Terms
from desk.drafts import Intent, keep_draft
from desk.errors import Conflict, NotFound
from desk.uploads import sweep, take_in
from mailer import delivery
from mailer.drain import Drain
from mailer.transport import transport
from models import (
    Attachment,
    Delivery,
    Draft,
    DraftKind,
    Event,
    Message,
    Role,
    Status,
    Suppression,
    SuppressionReason,
    Ticket,
    Turn,
    Upload,
)
from tests.api.test_sessions import somebody_waits_for
from tests.cast import Cast, mail, ticket_of

HELD = Terms(hold=timedelta(seconds=10))


async def a_ticket(cast: Cast) -> Ticket:
    return await ticket_of(await cast.receive(mail(Cc="kim@people.example")))


async def held(cast: Cast, ticket: Ticket, text: str = "We look.", **terms: Any) -> Message:
    async with cast.house.work() as work:
        return await add_message(work, cast.ann, ticket.id, text=text, terms=Terms(hold=timedelta(seconds=10), **terms))


async def undo(cast: Cast, message: Message) -> dict[str, Any]:
    async with cast.house.work() as work:
        return await take_back(work, cast.ann, message.id)


async def come_due() -> None:
    await Delivery.all().update(due_at=datetime.now(UTC))


async def kinds(ticket: Ticket) -> list[str]:
    return [event.kind for event in await Event.filter(ticket_id=ticket.id).order_by("id")]


async def test_nothing_is_left_of_it_but_the_draft_and_one_event(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    before = await kinds(ticket)
    upload = await take_in(cast.house, cast.ann, filename="a.txt", content_type="text/plain", content=b"a")
    message = await held(cast, ticket, files=(upload.id,))
    draft = await undo(cast, message)
    assert not await Message.exists(id=message.id)
    assert not await Delivery.exists(kind="message")
    assert await Attachment.all().count() == 0
    assert [file["filename"] for file in draft["files"]] == ["a.txt"]
    assert await kinds(ticket) == [*before, "taken_back"]
    event = await Event.get(kind="taken_back")
    assert (event.message_id, event.data, event.actor_id) == (None, {"message": message.id}, cast.ann.id)


async def test_it_is_the_customers_word_again(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    waiting = (await Ticket.get(id=ticket.id)).waiting_since
    message = await held(cast, ticket)
    assert (await Ticket.get(id=ticket.id)).turn is Turn.THEM
    await undo(cast, message)
    found = await Ticket.get(id=ticket.id)
    assert (found.turn, found.waiting_since) == (Turn.US, waiting)


async def test_what_a_machine_said_is_nobodys_turn(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    async with cast.house.work() as work:
        sent = await add_message(work, cast.ann, ticket.id, text="We look.")
    await cast.receive(mail(In_Reply_To=f"<{sent.rfc_message_id}>", Auto_Submitted="auto-replied", text="Away."))
    assert await Message.filter(ticket_id=ticket.id).count() == 3
    await undo(cast, await held(cast, ticket, "And?"))
    assert (await Ticket.get(id=ticket.id)).turn is Turn.THEM


@pytest.mark.parametrize("before", [Status.ACTIVE, Status.FROZEN, Status.CLOSED])
async def test_the_status_is_as_before_and_nobody_hears_of_it(cast: Cast, before: Status) -> None:
    ticket = await a_ticket(cast)
    async with cast.house.work() as work:
        await change_ticket(work, cast.ben, ticket.id, status=before)
    was = await Ticket.get(id=ticket.id)
    told = await Delivery.filter(ticket_id=ticket.id).count()
    after = Status.FROZEN if before is Status.CLOSED else Status.CLOSED
    message = await held(cast, ticket, set_status=after)
    assert (await Ticket.get(id=ticket.id)).status is after
    await undo(cast, message)
    found = await Ticket.get(id=ticket.id)
    assert (found.status, found.closed_at) == (was.status, was.closed_at)
    assert await Delivery.filter(ticket_id=ticket.id).count() == told
    assert not await Event.filter(ticket_id=ticket.id, kind="status", actor_id=cast.ann.id).exists()
    assert (await Event.get(kind="taken_back")).data == {"message": message.id, "status": before}


async def test_a_status_that_somebody_changed_since_stays(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    message = await held(cast, ticket, set_status=Status.CLOSED)
    for status in (Status.FROZEN, Status.CLOSED):
        async with cast.house.work() as work:
            await change_ticket(work, cast.ben, ticket.id, status=status)
    await undo(cast, message)
    assert (await Ticket.get(id=ticket.id)).status is Status.CLOSED
    assert (await Event.get(kind="taken_back")).data == {"message": message.id}


async def test_what_customers_say_meanwhile_stays(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    message = await held(cast, ticket, set_status=Status.CLOSED)
    sent = await Message.get(id=message.id)
    await cast.receive(mail(In_Reply_To=f"<{sent.rfc_message_id}>", text="Never mind, it works."))
    await undo(cast, message)
    found = await Ticket.get(id=ticket.id)
    assert (found.status, found.turn) == (Status.ACTIVE, Turn.US)
    assert "Never mind" in (await Message.filter(ticket_id=ticket.id).order_by("-id").first()).text  # type: ignore[union-attr]  # there are two


async def test_words_begun_meanwhile_stay_below(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    message = await held(cast, ticket, "Sorry for that.")
    async with cast.house.work() as work:
        await keep_draft(work, cast.ann, ticket.id, DraftKind.REPLY, version=0, text="PS: thanks", intent=Intent())
    draft = await undo(cast, message)
    assert (draft["text"], draft["version"]) == ("Sorry for that.\n\nPS: thanks", 2)
    assert await Draft.all().count() == 1


async def test_files_begun_meanwhile_come_after_those_that_were_sent(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    file = {"content_type": "text/plain", "content": b"a"}
    sent, begun = [await take_in(cast.house, cast.ann, filename=name, **file) for name in ("a.txt", "b.txt")]
    message = await held(cast, ticket, files=(sent.id,))
    async with cast.house.work() as work:
        intent = Intent(files=[begun.id])
        await keep_draft(work, cast.ann, ticket.id, DraftKind.REPLY, version=0, text="", intent=intent)
    assert [found["filename"] for found in (await undo(cast, message))["files"]] == ["a.txt", "b.txt"]


async def test_the_restored_draft_follows_the_version_that_was_sent(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    for version in range(3):
        async with cast.house.work() as work:
            await keep_draft(work, cast.ann, ticket.id, DraftKind.REPLY, version=version, text="x", intent=Intent())
    assert (await undo(cast, await held(cast, ticket)))["version"] == 4


async def test_files_that_came_back_wait_as_any_other(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    upload = await take_in(cast.house, cast.ann, filename="a.txt", content_type="text/plain", content=b"a")
    await undo(cast, await held(cast, ticket, files=(upload.id,)))
    await Upload.all().update(kept_until=datetime.now(UTC) - timedelta(days=1))
    assert await sweep(cast.house) == 0
    assert await Upload.all().count() == 1


async def test_a_message_that_left_is_not_taken_back(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    message = await held(cast, ticket)
    await come_due()
    worker = Drain(cast.house, transport(cast.house.settings))
    await worker.run()
    await worker.stop(5)
    with pytest.raises(Conflict):
        await undo(cast, message)
    assert (await Message.get(id=message.id)).held_until is None
    assert (await kinds(ticket))[-1] == "sent"


async def test_one_copy_in_a_workers_hand_keeps_all_from_coming_back(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    message = await held(cast, ticket)
    assert await Delivery.filter(message_id=message.id).count() == 2
    await come_due()
    await delivery.claim(100)
    await Delivery.filter(message_id=message.id, recipient="kim@people.example").update(state="queued", attempts=0)
    with pytest.raises(Conflict):
        await undo(cast, message)
    assert await Delivery.filter(message_id=message.id).count() == 2


async def test_a_copy_that_a_worker_gave_back_is_not_taken_back(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    message = await held(cast, ticket)
    await come_due()
    await delivery.release({one.id for one in await delivery.claim(100)})
    with pytest.raises(Conflict):
        await undo(cast, message)


async def test_a_copy_that_would_not_leave_keeps_nothing_from_coming_back(cast: Cast) -> None:
    await Suppression.create(email="kim@people.example", reason=SuppressionReason.COMPLAINT)
    message = await held(cast, await a_ticket(cast))
    states = await Delivery.filter(message_id=message.id).values_list("state", flat=True)
    assert sorted(map(str, states)) == ["queued", "suppressed"]
    assert (await undo(cast, message))["text"] == "We look."


async def test_while_it_is_taken_back_no_worker_gets_it(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    message = await held(cast, ticket)
    await come_due()
    async with cast.house.work() as work:
        await take_back(work, cast.ann, message.id)
        claimed = await asyncio.create_task(elsewhere())
    assert message.id not in {one.message_id for one in claimed if one.kind == "message"}
    assert await Delivery.filter(kind="message").count() == 0


async def elsewhere() -> list[Delivery]:
    """A worker of another process claims: on a connection of its own."""
    connections = get_connections()
    connections.set("default", connections.get("default")._parent)  # type: ignore[attr-defined]  # of a transaction's
    return await delivery.claim(100)


async def test_a_draft_that_is_begun_at_that_moment_stays_below_what_comes_back(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    message, outside = await held(cast, ticket), copy_context()
    async with cast.house.work() as work:
        await keep_draft(work, cast.ann, ticket.id, DraftKind.REPLY, version=0, text="Begun.", intent=Intent())
        undone = asyncio.create_task(undo(cast, message), context=outside)
        await somebody_waits_for(work)
    assert (await undone)["text"] == "We look.\n\nBegun."


async def test_undo_and_claim_at_once_have_one_winner(cast: Cast) -> None:
    for _ in range(8):
        ticket = await a_ticket(cast)
        message = await held(cast, ticket)
        await come_due()
        claimed, undone = await asyncio.gather(delivery.claim(100), undo(cast, message), return_exceptions=True)
        assert isinstance(claimed, list)
        left = any(one.message_id == message.id for one in claimed)
        assert left is isinstance(undone, Conflict), (left, undone)
        assert await Message.exists(id=message.id) is left


async def test_undo_twice_at_once_makes_one_draft(cast: Cast) -> None:
    message = await held(cast, await a_ticket(cast))
    done = await asyncio.gather(*(undo(cast, message) for _ in range(3)), return_exceptions=True)
    assert sorted(type(found).__name__ for found in done) == ["NotFound", "NotFound", "dict"]
    assert await Draft.all().count() == 1


async def test_send_now_ends_the_waiting(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    message = await held(cast, ticket)
    for _ in range(2):
        async with cast.house.work() as work:
            await send_now(work, cast.ann, message.id)
    assert message.id in {one.message_id for one in await delivery.claim(100)}
    with pytest.raises(Conflict):
        await undo(cast, message)
    assert (await kinds(ticket)).count("sent") == 1


async def test_others_take_nothing_back(cast: Cast) -> None:
    message = await held(cast, await a_ticket(cast))
    async with cast.house.work() as work:
        with pytest.raises(NotFound):
            await take_back(work, cast.ben, message.id)


async def test_whoever_sees_the_ticket_no_more_takes_nothing_back(cast: Cast) -> None:
    message = await held(cast, await a_ticket(cast))
    cast.ann.role = Role.CUSTOMER
    await cast.ann.save()
    for verb in (take_back, send_now):
        async with cast.house.work() as work:
            with pytest.raises(NotFound):
                await verb(work, cast.ann, message.id)


async def test_a_mail_that_goes_to_nobody_is_said_at_once(cast: Cast) -> None:
    async with cast.house.work() as work:
        ticket = await open_ticket(work, cast.ann, title="Own", text="of staff")
        message = await add_message(work, cast.ann, ticket.id, text="Nobody reads this.", terms=HELD)
    assert message.held_until is None


async def test_notes_do_not_wait(cast: Cast) -> None:
    ticket = await a_ticket(cast)
    async with cast.house.work() as work:
        note = await add_note(work, cast.ann, ticket.id, text="hm", terms=HELD)
    assert note.held_until is None


async def test_the_desk_may_fall_over_meanwhile_and_the_mail_leaves(cast: Cast) -> None:
    """Whoever held it is gone; the row is all that there is."""
    ticket = await a_ticket(cast)
    message = await held(cast, ticket)
    assert message.id not in {one.message_id for one in await delivery.claim(100)}
    await come_due()
    later = House(cast.house.settings)
    worker = Drain(later, transport(later.settings))
    await worker.run()
    await worker.stop(5)
    assert {str(copy.state) for copy in await Delivery.filter(message_id=message.id)} == {"sent"}


async def test_work_is_told_of_mail_that_waits(cast: Cast) -> None:
    """The worker hears of it at once and sleeps until it is due: a nudge at the commit, not at the end of the hold."""
    ticket = await a_ticket(cast)
    async with cast.house.work() as work:
        message = await add_message(work, cast.ann, ticket.id, text="x", terms=HELD)
        assert work.mail_waits
    async with cast.house.work() as work:
        await send_now(work, cast.ann, message.id)
        assert (work.mail_waits, work.changed) == (True, True), "it leaves, and customers see it, after a while only"
