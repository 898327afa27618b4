"""A mail in the intake's hands: leased while it is read, locked only while it is filed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from desk import journal
from gateway.intake import Intake
from models import Inbound, Message, Ticket
from tests.cast import Cast, mail, outbox
from tests.gateway.listening import query
from tests.ticketgate.resolver import Zone, resolver

OPEN = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"


@pytest.fixture
async def zone() -> AsyncIterator[Zone]:
    async with resolver() as made:
        yield made


@asynccontextmanager
async def waiting_for_dns(cast: Cast, zone: Zone) -> AsyncIterator["asyncio.Task[bool]"]:
    """A reader that has the mail in hand and asks a resolver that says nothing; after the block it does."""
    zone.deaf = True
    house = replace(cast.house, settings=cast.house.settings.model_copy(update={"dns_server": zone.listen}))
    reading = asyncio.create_task(Intake(house).read_one())
    while not zone.heard:
        await asyncio.sleep(0.005)
    try:
        yield reading
    finally:
        zone.deaf = False
        await asyncio.gather(reading, return_exceptions=True)


async def run_out() -> None:
    """As if the time of the lease were over."""
    await Inbound.filter(state="accepted").update(due_at=datetime.now(UTC))


async def test_a_mail_whose_names_are_asked_for_holds_no_transaction_and_is_read_by_nobody_else(
    cast: Cast, zone: Zone
) -> None:
    entry = await cast.accept(mail())
    async with waiting_for_dns(cast, zone):
        assert await query(cast.house.settings.database, OPEN) == []
        assert not await Intake(cast.house).read_one()
        assert (await Inbound.get(id=entry.id)).state == "accepted"
    assert (await Inbound.get(id=entry.id)).state == "processed"


async def test_the_mail_of_a_reader_that_died_is_read_when_its_lease_has_run_out(cast: Cast, zone: Zone) -> None:
    entry = await cast.accept(mail())
    async with waiting_for_dns(cast, zone) as reading:
        reading.cancel()
    await run_out()
    await Intake(cast.house).read_one()
    found = await Inbound.get(id=entry.id)
    assert (found.state, found.attempts, await Message.all().count()) == ("processed", 0, 1)


async def test_a_reader_that_took_too_long_leaves_the_mail_to_whoever_filed_it(cast: Cast, zone: Zone) -> None:
    entry = await cast.accept(mail())
    async with waiting_for_dns(cast, zone):
        await run_out()
        await Intake(cast.house).read_one()
        before = await Inbound.get(id=entry.id)
    after = await Inbound.get(id=entry.id)
    assert (after.state, after.reason, after.due_at) == ("processed", before.reason, before.due_at)
    [ticket] = await Ticket.all()
    assert await outbox(ticket) == [("acknowledgement", "zoe@people.example")]


async def test_a_mail_that_somebody_else_filed_goes_into_no_quarantine(cast: Cast) -> None:
    entry = await cast.receive(mail())
    async with cast.house.work() as work:
        await journal.quarantine(work, entry.id, "it failed a slow reader")
    assert (await Inbound.get(id=entry.id)).state == "processed"
