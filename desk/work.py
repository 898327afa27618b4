"""The unit of work: one transaction, and what follows from its commit."""

import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tortoise.connection import get_connections
from tortoise.transactions import in_transaction

from models.blobs import BlobStore, blob_store
from models.schema import TROUBLE
from settings import Settings


def _nobody() -> None:
    """Nobody waits to be told: the mailer and the live events look by themselves before long."""


@dataclass(frozen=True)
class House:
    """What every verb of the desk stands on: how it signs, where it keeps bytes, and whom it tells of new mail."""

    settings: Settings
    nudge: Callable[[], None] = _nobody  # of mail in the outbox
    announce: Callable[[], None] = _nobody  # of events

    @cached_property
    def blobs(self) -> BlobStore:
        return blob_store(self.settings)

    @property
    def reply_key(self) -> bytes:
        """Signs reply addresses, return paths and Message-IDs."""
        return self.settings.reply_key

    @property
    def reply_keys(self) -> tuple[bytes, ...]:
        """What knows them again, the newest first: also those signed before the secret was changed."""
        return self.settings.reply_keys

    @cached_property
    def token_key(self) -> bytes:
        """Signs access tokens; apart from the reply addresses' key, so that neither serves for the other."""
        return hmac.new(self.settings.secret, b"ticketgate access token", "sha256").digest()

    @asynccontextmanager
    async def work(self) -> AsyncIterator["Work"]:
        """One transaction. After its commit, and only then, others hear of new mail and events."""
        async with _transaction() as connection:
            work = Work(self, connection)
            yield work
        if work.mail_waits:
            self.nudge()
        if work.changed:
            self.announce()


@dataclass
class Work:
    """A transaction in progress. Verbs write through it; they neither commit nor announce."""

    house: House
    connection: Any  # Tortoise's transactional client: untyped where it matters
    mail_waits: bool = False
    changed: bool = False

    async def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Rows of a query of our own; `$1` and so on stand for the values."""
        found: list[dict[str, Any]] = await self.connection.execute_query_dict(sql, list(values))
        return found


@asynccontextmanager
async def _transaction() -> AsyncIterator[Any]:
    """Tortoise's transaction, that leaves nothing behind in the task and the pool.

    Where BEGIN fails, or a dead connection cannot be given back, Tortoise goes on holding the broken transaction for
    the task's current connection, and all later ones of the task would be nested in it and fail, for ever. Nor does it
    give the connection back, until none is left in the pool.
    """
    connections = get_connections()
    before = connections.set("default", connections.get("default"))
    transaction = in_transaction()
    try:
        async with transaction as connection:
            yield connection
    finally:
        connections.reset(before)
        await _give_back(transaction.client)


async def _give_back(client: Any) -> None:
    """Returns the client's connection to the pool; one that is there already stays there."""
    pool, connection = client._parent._pool, client._connection  # noqa: SLF001 - tests/desk/test_work.py holds on to them
    if pool and connection:
        with suppress(*TROUBLE):
            await pool.release(connection)
