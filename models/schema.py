"""Opening the database, and bringing its schema up to date."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from tortoise import Tortoise
from tortoise.exceptions import BaseORMException
from tortoise.migrations.api import migrate as run_migrations

from settings import Away, DatabaseUrl, Settings

MIGRATION_LOCK = 0x7469636B  # any number, the same for everybody: "tick"
# What a query raises while PostgreSQL is away or goes away; InternalClientError is what asyncpg says of a connection
# that dies in the middle of a rollback.
AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.QueryCanceledError,
)
TROUBLE = (*AWAY, asyncpg.PostgresError, BaseORMException)  # the same, and whatever else the database may say


def config(database: DatabaseUrl, *, pool: int = 10) -> dict[str, Any]:
    """Tortoise's configuration for a database."""
    credentials = database.connect_arguments() | {"minsize": 1, "maxsize": pool, "command_timeout": 30}
    return {
        "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
        "apps": {
            "models": {
                "models": ["models"],
                "migrations": "models.migrations",
                "default_connection": "default",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


@asynccontextmanager
async def connected(settings: Settings, *, pool: int = 10) -> AsyncIterator[None]:
    """Tortoise on the database for the length of the context, for every task of this event loop.

    Raises:
        Away: the database does not answer.
    """
    await check(settings)
    # Requests, tasks and jobs each run in a context of their own, which do not inherit ours: only Tortoise's
    # fallback reaches them all (MEASUREMENTS.md 6). tests/models/test_schema.py holds on to the private name.
    await Tortoise.init(config=config(settings.database, pool=pool), _enable_global_fallback=True)
    try:
        yield
    finally:
        await Tortoise.close_connections()


async def check(settings: Settings, *, patience: float = 10) -> None:
    """Raises Away, with a line that says what to do, where the database does not answer within so many seconds."""
    connection = await open_connection(settings, patience=patience)
    await connection.close()


async def open_connection(settings: Settings, *, patience: float = 10) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection apart from the pool, for locks and for listening. Raises Away."""
    try:
        return await asyncpg.connect(**settings.database.connect_arguments() | {"timeout": patience})
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise Away(database_away(settings, error)) from None


def database_away(settings: Settings, error: Exception) -> str:
    """One line for a person whose database does not answer."""
    if settings.embeds_postgres:
        return (
            f"no database runs in {settings.places.root}: start `ticketgate up` there, "
            "or set TICKETGATE_DATABASE_URL to yours"
        )
    said = str(error).strip().splitlines() or [type(error).__name__]
    return f"the database {settings.database} does not answer ({said[0]}): is it up, and TICKETGATE_DATABASE_URL right?"


async def migrate(settings: Settings) -> None:
    """Brings the schema up to date. Safe from several places at once: one works, the others wait and find it done.

    Raises:
        Away: the database does not answer.
    """
    connection = await open_connection(settings)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK, timeout=600)
        try:
            await run_migrations(config=config(settings.database, pool=1))
        finally:
            await Tortoise.close_connections()
    finally:
        await connection.close()
