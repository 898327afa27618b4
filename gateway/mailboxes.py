"""Which recipients we take mail for: a view of the mailboxes in memory, and the database where that does not know."""

import asyncio
import logging
from typing import Any

import asyncpg

from letters.addresses import Keys, read_reply_address, read_return_path, split_detail
from settings import DatabaseUrl

log = logging.getLogger(__name__)

CHANNEL = "ticketgate_mailboxes"
PATIENCE = 5.0  # seconds that the database has to say whether it knows an address
REFRESH = 60.0  # seconds after which the view is read again though nobody announced a change
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0  # seconds between attempts to connect


class CannotTell(Exception):
    """The view does not know the address and the database does not answer."""


class Mailboxes:
    """The active mailboxes of the desk.

    The view outlives the connection: while the database is away, mail to the mailboxes known last goes on being taken
    at RCPT. It is read again when somebody announces a change, and when an address is asked for that it lacks. One
    task does all the reading: a session that goes away in the middle of its question leaves the connection whole.
    """

    def __init__(self, database: DatabaseUrl, reply_keys: Keys, *, patience: float = PATIENCE) -> None:
        self._database = database
        self._reply_keys = reply_keys
        self._patience = patience
        self._addresses: frozenset[str] = frozenset()
        self._domains: frozenset[str] = frozenset()
        self._asked: list[asyncio.Future[None]] = []
        self._wanted = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Reads the mailboxes and watches them from now on.

        Raises:
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database does not answer, or has no tables.
        """
        connection = await self._connect()
        try:
            await self._read(connection)
        except BaseException:
            connection.terminate()
            raise
        self._watcher = asyncio.create_task(self._watch(connection), name="mailboxes")
        # A task that is cancelled before it begins runs none of its own code.
        self._watcher.add_done_callback(lambda _: connection.terminate())

    async def close(self) -> None:
        if self._watcher:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)

    async def accepts(self, address: str) -> bool:
        """Whether mail to `address` is ours: a mailbox, a detail of one, or an address that we signed.

        Raises:
            CannotTell: the database was asked and did not answer in time.
        """
        if self._knows(address):
            return True
        await self._next_reading()
        return self._knows(address)

    def _knows(self, address: str) -> bool:
        base, _ = split_detail(address)
        if base in self._addresses or address.lower() in self._addresses:
            return True
        return base.rpartition("@")[2] in self._domains and self._signed(address)

    def _signed(self, address: str) -> bool:
        if read_reply_address(self._reply_keys, address) is not None:
            return True
        return read_return_path(self._reply_keys, address) is not None

    async def _next_reading(self) -> None:
        """Returns after a reading that began after this call; all who ask meanwhile share it."""
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        self._wanted.set()
        try:
            async with asyncio.timeout(self._patience):
                await answer
        except TimeoutError:
            raise CannotTell(f"no answer from the database within {self._patience:g} s") from None

    async def _watch(self, connection: "asyncpg.Connection[Any]") -> None:
        """Reads whenever that is wanted, and connects again when the connection is lost."""
        pause = FIRST_PAUSE
        while True:
            try:
                if connection.is_closed():
                    connection = await self._connect()
                    log.info("mailboxes: connected to the database again")
                    self._wanted.set()
                await self._wait_until_wanted()
                await self._answer_all(connection)
                pause = FIRST_PAUSE
            except Exception as error:  # noqa: BLE001 - whatever it is, the view must not grow old for ever
                log.warning("mailboxes: the database does not answer: %s: %s", type(error).__name__, error)
                connection.terminate()
                self._refuse(error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            except asyncio.CancelledError:
                connection.terminate()
                raise

    async def _wait_until_wanted(self) -> None:
        try:
            async with asyncio.timeout(REFRESH):
                await self._wanted.wait()
        except TimeoutError:
            return

    async def _answer_all(self, connection: "asyncpg.Connection[Any]") -> None:
        asked, self._asked = self._asked, []
        self._wanted.clear()
        try:
            await self._read(connection)
        except Exception:
            self._asked = asked + self._asked
            raise
        for answer in asked:
            if not answer.done():
                answer.set_result(None)

    def _refuse(self, error: Exception) -> None:
        for answer in self._asked:
            if not answer.done():
                answer.set_exception(CannotTell(f"the database does not answer: {type(error).__name__}"))
        self._asked.clear()

    async def _connect(self) -> "asyncpg.Connection[Any]":
        """A connection that listens already, so that no change falls between listening and reading."""
        arguments = {**self._database.connect_arguments(), "timeout": self._patience}
        connection: asyncpg.Connection[Any] = await asyncpg.connect(**arguments)
        try:
            async with asyncio.timeout(self._patience):
                await connection.add_listener(CHANNEL, lambda *_: self._wanted.set())
        except BaseException:
            connection.terminate()
            raise
        connection.add_termination_listener(lambda _: self._wanted.set())
        return connection

    async def _read(self, connection: "asyncpg.Connection[Any]") -> None:
        async with asyncio.timeout(self._patience):
            rows = await connection.fetch("SELECT address FROM mailboxes WHERE active")
        self._addresses = frozenset(row["address"].lower() for row in rows)
        self._domains = frozenset(address.rpartition("@")[2] for address in self._addresses)
