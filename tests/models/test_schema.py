"""The schema: brought up to date by many at once, and what the database itself forbids."""

import asyncio
import sys
from contextvars import Context
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from desk import House, open_ticket
from models import Delivery, Ticket, User
from models.schema import check, connected, migrate
from settings import Away, DatabaseUrl, Settings, load
from tests.cast import Cast
from tests.conftest import SECRET
from tests.migrations_complete import PROJECT, missing_migrations

MIGRATE = """
import asyncio, sys, settings
from models.schema import migrate
asyncio.run(migrate(settings.load(database_url=sys.argv[1], secret_key="x" * 32)))
"""


async def test_migrate_four_times_at_once_works(database_url: DatabaseUrl, surroundings: Settings) -> None:
    fresh = replace(database_url, database=f"{database_url.database}_fresh")
    connection = await asyncpg.connect(**database_url.connect_arguments())
    await connection.execute(f"CREATE DATABASE {fresh.database}")
    url = f"postgres://{fresh.user}@/{fresh.database}?host={fresh.host}"
    command = [sys.executable, "-c", MIGRATE, url]
    programs = [await asyncio.create_subprocess_exec(*command, cwd=PROJECT) for _ in range(4)]
    assert [await program.wait() for program in programs] == [0] * 4
    await migrate(surroundings.model_copy(update={"database_url": fresh}))
    await connection.execute(f"DROP DATABASE {fresh.database}")
    await connection.close()


def test_models_and_migrations_say_the_same() -> None:
    assert missing_migrations() == ""


async def test_every_task_sees_the_database(database: Settings) -> None:
    # Tortoise's private `_enable_global_fallback` is what carries it there: this is the test that holds on to it.
    async def count() -> int:
        return await User.all().count()

    assert await asyncio.create_task(count()) == 0
    assert await asyncio.get_running_loop().create_task(count(), context=Context()) == 0


async def test_a_database_that_is_away_is_said_in_one_line(tmp_path: Path) -> None:
    embedded = load(_env_file=None, data_dir=tmp_path)
    own = load(_env_file=None, database_url="postgres://u:geheim@127.0.0.1:1/d", secret_key=SECRET)
    with pytest.raises(Away, match=r"no database runs in .*: start `ticketgate up` there"):
        await check(embedded)
    with pytest.raises(Away, match=r"the database postgres://127\.0\.0\.1:1/d does not answer") as told:
        await check(own)
    assert "geheim" not in str(told.value)
    assert "\n" not in str(told.value)


A_USER = "INSERT INTO users (email, name, role, proven, active, created_at)"
A_TICKET = "INSERT INTO tickets (title, status, mailbox_id, requester_id, created_at, updated_at)"
FORBIDDEN = [
    f"{A_USER} VALUES ('CARL@x.example', '', 'agent', true, true, now())",
    f"{A_USER} VALUES ('carl@people.example', '', 'agent', true, true, now())",
    "UPDATE users SET username = 'ANN' WHERE username = 'ben'",
    "UPDATE users SET role = 'king'",
    "UPDATE mailboxes SET address = 'Support@desk.example'",
    f"{A_TICKET} VALUES ('t', 'XX', 1, 1, now(), now())",
    f"{A_TICKET} VALUES ('t', 'CL', 1, 1, now(), now())",
    "INSERT INTO inbound (envelope_from, envelope_to, size) VALUES ('', '{x@y}', 0)",
    "INSERT INTO inbound (envelope_from, envelope_to, size, raw_bytes) VALUES ('', '{}', 0, '')",
    "INSERT INTO inbound (envelope_from, envelope_to, size, raw_bytes, state) VALUES ('', '{x@y}', 0, '', 'lost')",
    "DELETE FROM users WHERE id = (SELECT requester_id FROM tickets LIMIT 1)",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_the_database_itself_forbids(cast: Cast, statement: str) -> None:
    async with cast.house.work() as work:
        await open_ticket(work, cast.carl, title="T", text="B")
    connection = await asyncpg.connect(**cast.house.settings.database.connect_arguments())
    try:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_work_that_fails_leaves_nothing_and_nudges_nobody(cast: Cast) -> None:
    nudges: list[int] = []
    house = House(cast.house.settings, nudge=lambda: nudges.append(1))

    async def fail() -> None:
        async with house.work() as work:
            await open_ticket(work, cast.carl, title="T", text="B")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert (await Ticket.all().count(), await Delivery.all().count(), nudges) == (0, 0, [])
    async with house.work() as work:
        await open_ticket(work, cast.carl, title="T", text="B")
        assert nudges == [], "nudged before the commit"
    assert nudges == [1]


async def test_a_database_can_be_opened_again_after_it_was_closed(surroundings: Settings) -> None:
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    connection = await asyncpg.connect(**surroundings.database.connect_arguments())
    before = await connection.fetchval(others)
    for _ in range(2):
        async with connected(surroundings):
            assert await User.all().count() >= 0
            assert await connection.fetchval(others) > before
        while await connection.fetchval(others) > before:
            await asyncio.sleep(0.02)
    await connection.close()
