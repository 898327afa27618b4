"""The unit of work while the database comes and goes."""

import asyncio

import asyncpg
import pytest
from tortoise import connections

from models import User
from models.schema import TROUBLE
from tests.cast import Cast


async def end_all_connections(cast: Cast) -> None:
    """As a restart of PostgreSQL does."""
    connection = await asyncpg.connect(**cast.house.settings.database.connect_arguments())
    await connection.execute(
        """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()"""
    )
    await connection.close()


async def count_people(cast: Cast) -> int:
    async with cast.house.work():
        return await User.all().count()


async def mended(cast: Cast) -> int:
    """The count, once no connection is left that is being ended."""
    while True:
        try:
            return await count_people(cast)
        except TROUBLE:
            await asyncio.sleep(0.02)


async def test_work_goes_on_after_the_database_went_away_in_the_middle(cast: Cast) -> None:
    async def interrupted() -> None:
        async with cast.house.work() as work:
            await work.rows("SELECT 1")
            await end_all_connections(cast)
            await work.rows("SELECT 1")

    for _ in range(15):  # more often than the pool has connections: none may be lost
        with pytest.raises(TROUBLE):
            await interrupted()
    assert await mended(cast) == 4


async def test_work_whose_beginning_fails_loses_no_connection(cast: Cast) -> None:
    failed = 0
    while failed < 100:
        beginning = [asyncio.create_task(count_people(cast)) for _ in range(4)]
        await end_all_connections(cast)
        results = await asyncio.gather(*beginning, return_exceptions=True)
        failed += sum(isinstance(result, BaseException) for result in results)
    pool = connections.get("default")._pool
    assert [holder for holder in pool._holders if holder._in_use] == []
    assert await asyncio.gather(*(mended(cast) for _ in range(20))) == [4] * 20


async def test_a_cancelled_work_leaves_its_task_and_the_pool_as_they_were(cast: Cast) -> None:
    async def endless() -> None:
        async with cast.house.work() as work:
            await work.rows("SELECT pg_sleep(60)")

    for _ in range(15):
        task = asyncio.create_task(endless())
        await asyncio.wait({task}, timeout=0.02)
        task.cancel()
        await asyncio.wait({task})
    async with asyncio.timeout(30):
        assert await mended(cast) == 4
