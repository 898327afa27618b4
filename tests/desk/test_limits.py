"""Limits on one sender: their mail is kept and held back, and answered no more than so often."""

from datetime import UTC, datetime

import pytest

from desk import House, journal
from desk.errors import Conflict, NotFound
from gateway.intake import Intake
from letters import write_reply_address
from models import Delivery, Inbound, InboundState, Ticket
from settings import Rate
from tests.cast import SUPPORT, Cast, mail, ticket_of


def strict(cast: Cast, **rates: Rate | None) -> Cast:
    cast.house = House(cast.house.settings.model_copy(update=rates))
    return cast


async def test_past_the_limit_new_tickets_are_held_and_get_no_answer(cast: Cast) -> None:
    strict(cast, sender_rate=Rate(2, 3600))
    entries = [await cast.receive(mail()) for _ in range(4)]
    assert [entry.state for entry in entries] == ["processed", "processed", "held", "held"]
    assert entries[-1].reason == "zoe@people.example opened 2 tickets within the limit 2/hour"
    assert (await Ticket.all().count(), await Delivery.all().count()) == (2, 2)


async def test_others_and_replies_are_not_held(cast: Cast) -> None:
    strict(cast, sender_rate=Rate(1, 3600))
    ticket = await ticket_of(await cast.receive(mail()))
    assert (await cast.receive(mail())).state == "held"
    assert (await cast.receive(mail("kim@people.example"))).state == "processed"
    address = write_reply_address(cast.house.reply_key, SUPPORT, ticket.id, ticket.requester_id)
    assert (await cast.receive(mail(to=address), to=address)).ticket_id == ticket.id


async def test_a_held_mail_that_is_replayed_is_filed_past_the_limit(cast: Cast) -> None:
    strict(cast, sender_rate=Rate(1, 3600))
    await cast.receive(mail())
    held = await cast.receive(mail(subject="held back"))
    async with cast.house.work() as work:
        await journal.replay(work, held.id)
    await Intake(cast.house).read_one()
    assert (await ticket_of(await Inbound.get(id=held.id))).title == "held back"


async def test_a_held_mail_that_is_discarded_is_ignored_and_kept(cast: Cast) -> None:
    strict(cast, sender_rate=Rate(1, 3600))
    await cast.receive(mail())
    raw = mail()
    held = await cast.receive(raw)
    async with cast.house.work() as work:
        await journal.discard(work, held.id)
    entry = await Inbound.get(id=held.id)
    assert entry.state == "ignored"
    assert (entry.reason or "").startswith("discarded; before that: zoe@people.example opened")
    assert await cast.house.blobs.get(entry.blob or "") == raw


@pytest.mark.parametrize("move", [journal.replay, journal.discard])
async def test_what_is_processed_or_waits_is_neither_replayed_nor_discarded(cast: Cast, move: object) -> None:
    processed, waiting = await cast.receive(mail()), await cast.accept(mail())
    for entry_id, error in ((processed.id, Conflict), (waiting.id, Conflict), (999, NotFound), (2**70, NotFound)):
        with pytest.raises(error):
            async with cast.house.work() as work:
                await move(work, entry_id)  # type: ignore[operator]  # one of the two above


async def test_a_quarantined_mail_is_replayed_from_its_bytes(cast: Cast) -> None:
    entry = await cast.accept(mail())
    await Inbound.filter(id=entry.id).update(state=InboundState.QUARANTINED, reason="a bug", attempts=3)
    async with cast.house.work() as work:
        await journal.replay(work, entry.id)
    await Intake(cast.house).read_one()
    assert (await Inbound.get(id=entry.id)).state == "processed"


async def test_an_ignored_duplicate_that_is_replayed_stays_one(cast: Cast) -> None:
    raw = mail()
    await cast.receive(raw)
    again = await cast.receive(raw)
    async with cast.house.work() as work:
        await journal.replay(work, again.id)
    await Intake(cast.house).read_one()
    assert (await Inbound.get(id=again.id)).state == "ignored"
    assert await Ticket.all().count() == 1


async def test_one_address_gets_only_so_many_automatic_answers(cast: Cast) -> None:
    strict(cast, autoreply_rate=Rate(2, 3600))
    for _ in range(4):
        assert (await cast.receive(mail())).state == "processed"
    assert await Delivery.filter(recipient="zoe@people.example").count() == 2
    await Delivery.all().update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    await cast.receive(mail())
    assert await Delivery.filter(recipient="zoe@people.example").count() == 3, "the limit does not end"


async def test_off_lifts_the_limits(cast: Cast) -> None:
    strict(cast, sender_rate=None, autoreply_rate=None)
    for _ in range(8):
        assert (await cast.receive(mail())).state == "processed"
    assert await Delivery.all().count() == 8
