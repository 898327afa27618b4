"""What lives in a worker process beside Celery: it does as it is told, and keeps nobody waiting."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from mailer.runtime import Runtime
from models.schema import open_connection
from settings import Settings
from tests.conftest import empty_tables

GIVEN_UP = """WITH owner AS (INSERT INTO users (email, name, role, proven, active, created_at)
        VALUES ('ann@desk.example', 'Ann', 'agent', true, true, now()) RETURNING id)
    INSERT INTO uploads (user_id, filename, content_type, size, sha256, blob, created_at)
    SELECT id, 'bill.pdf', 'application/pdf', 1, '', repeat('0', 64), now() - interval '1 year' FROM owner"""


@pytest.fixture
async def runtime(surroundings: Settings) -> AsyncIterator[Runtime]:
    """It lives, and its database answers."""
    await empty_tables(surroundings.database)
    found = Runtime(surroundings)
    found.start()
    while found._house is None:
        await asyncio.sleep(0.02)
    yield found
    await asyncio.to_thread(found.stop)


async def test_removing_old_files_keeps_the_worker_from_nothing(runtime: Runtime, surroundings: Settings) -> None:
    connection = await open_connection(surroundings)
    await connection.execute(GIVEN_UP)
    async with connection.transaction():
        await connection.execute("LOCK TABLE uploads")
        async with asyncio.timeout(10):  # a task of Celery's is over before the next ring is heard
            await asyncio.get_running_loop().run_in_executor(None, runtime.tidy)
        assert await connection.fetchval("SELECT count(*) FROM uploads") == 1
    while await connection.fetchval("SELECT count(*) FROM uploads"):
        await asyncio.sleep(0.02)
    await connection.close()
