"""A mail in the intake's hands: leased while it is read, locked only while it is filed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import asyncpg
import pytest

from desk import journal
from gateway import intake
from gateway.intake import Intake
from letters import write_reply_address
from models import Inbound, Message, Ticket
from tests.cast import SUPPORT, Cast, mail, outbox
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


@asynccontextmanager
async def intake_at_work(cast: Cast) -> AsyncIterator[None]:
    stop = asyncio.Event()
    working = asyncio.create_task(Intake(cast.house).run(stop))
    try:
        yield
    finally:
        stop.set()
        await working


@asynccontextmanager
async def ticket_in_other_hands(cast: Cast, ticket: int) -> AsyncIterator[None]:
    """Nobody files a mail on it before the end of the block."""
    connection = await asyncpg.connect(**cast.house.settings.database.connect_arguments())
    try:
        async with connection.transaction():
            await connection.execute("SELECT id FROM tickets WHERE id = $1 FOR UPDATE", ticket)
            yield
    finally:
        await connection.close()


async def arrive(cast: Cast, raw: bytes, to: str = SUPPORT) -> Inbound:
    entry = await cast.accept(raw, to)
    await query(cast.house.settings.database, f"NOTIFY {journal.CHANNEL}")
    return entry


async def read(*entries: Inbound) -> None:
    """Until they are processed."""
    idents = [entry.id for entry in entries]
    async with asyncio.timeout(20):
        while await Inbound.filter(id__in=idents).exclude(state="processed").exists():
            await asyncio.sleep(0.01)


async def claimed(entry: Inbound) -> bool:
    """Whether it is in somebody's hands: its lease runs."""
    return (await Inbound.get(id=entry.id)).due_at > datetime.now(UTC)


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


async def test_a_mail_in_hand_holds_up_no_mail_that_comes_later(cast: Cast) -> None:
    ticket = (await cast.receive(mail())).ticket_id or 0
    hers = write_reply_address(cast.house.reply_key, SUPPORT, ticket, (await Ticket.get(id=ticket)).requester_id)
    async with intake_at_work(cast):
        async with ticket_in_other_hands(cast, ticket):
            held = await arrive(cast, mail(to=hers), hers)
            await read(await arrive(cast, mail("max@other.example")))
            await read(await arrive(cast, mail("ida@other.example")))
            assert (await Inbound.get(id=held.id)).state == "accepted"
        await read(held)


async def test_few_large_mails_are_in_hand_at_once_and_small_ones_pass_them(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = (await cast.receive(mail())).ticket_id or 0
    hers = write_reply_address(cast.house.reply_key, SUPPORT, ticket, (await Ticket.get(id=ticket)).requester_id)
    monkeypatch.setattr(intake, "LARGE", 4_000)
    async with intake_at_work(cast):
        async with ticket_in_other_hands(cast, ticket):
            large = [await arrive(cast, mail(to=hers, text="word " * 1_000), hers) for _ in range(4)]
            await read(await arrive(cast, mail("max@other.example")))
            assert [await claimed(entry) for entry in large] == [True, True, False, False]
        await read(*large)
