"""The journal: received mail rests in the table `inbound` before anybody is told that it was taken.

Mails that wait at the same moment share one commit (group commit): a writer takes whatever is there, without a timer.
Two writers, each with a connection of its own, so that one collects while the other waits for the disk.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncpg

from settings import DatabaseUrl

log = logging.getLogger(__name__)

WRITERS = 2
BATCH_ROWS = 500
BATCH_BYTES = 8 * 1024 * 1024
PATIENCE = 25.0  # seconds that a mail waits: the other side is to hear 451 within 30
COMMAND_TIMEOUT = 20.0  # seconds after which a database that does not answer counts as away
CONNECT_TIMEOUT = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0  # seconds between attempts to connect

# Only the columns that the listener knows. Several arrays, not one of records: measured as fast as COPY, and the
# recipients of a mail travel as lines since arrays of arrays must have equal lengths. The ledger counts in the same
# commit how many mails will hear 250, apart from the rows: one that vanishes is missed (ticketgate/figures.py).
KEEP = """
WITH kept AS (
    INSERT INTO inbound (received_at, envelope_from, envelope_to, size, raw_bytes, peer, helo, tls, protocol,
                         rfc_message_id, trace, state, attempts, due_at)
    SELECT now(), sender, string_to_array(recipients, E'\\n'), octet_length(raw), raw, peer, helo, tls, protocol,
           message_id, trace, 'accepted', 0, now()
    FROM unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::text[], $6::bool[], $7::text[], $8::text[],
                $9::text[])
         AS mail (sender, recipients, raw, peer, helo, tls, protocol, message_id, trace)
), counted AS (
    INSERT INTO ledger AS mine (slot, accepted) VALUES (pg_backend_pid() % 64, cardinality($3::bytea[]))
    ON CONFLICT (slot) DO UPDATE SET accepted = mine.accepted + excluded.accepted
)
SELECT pg_notify('ticketgate_inbound', '')
"""

# The connection is of no more use: it is gone, the server is going, or it may only be read any more.
CONNECTION_TROUBLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.ReadOnlySQLTransactionError,
)


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One DATA: the bytes as they came over the wire without stuffed dots, its envelope, and who brought it."""

    envelope_from: str  # empty for the null sender
    envelope_to: tuple[str, ...]
    raw: bytes
    peer: str = ""
    helo: str = ""
    tls: bool = False
    protocol: str = "smtp"
    rfc_message_id: str | None = None
    trace: str = ""

    def row(self) -> tuple[object, ...]:
        recipients = "\n".join(storable(recipient).replace("\n", " ") for recipient in self.envelope_to)
        message_id = storable(self.rfc_message_id) if self.rfc_message_id else None
        sender, helo = storable(self.envelope_from), storable(self.helo)
        return sender, recipients, self.raw, self.peer, helo, self.tls, self.protocol, message_id, self.trace


def storable(text: str) -> str:
    """The text as PostgreSQL can hold it: without NUL, and without the surrogates of bytes that are no UTF-8."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


class NotKept(Exception):
    """The mail could not be made durable in time; the sender must keep it."""


class Waiting:
    """A mail in the queue. Whoever waits for it may be gone: `over` says so."""

    def __init__(self, mail: ReceivedMail) -> None:
        self.mail = mail
        self.kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def over(self) -> bool:
        return self.kept.done()

    def succeed(self) -> None:
        if not self.over:
            self.kept.set_result(None)

    def fail(self, why: Exception) -> None:
        if not self.over:
            self.kept.set_exception(NotKept(first_line(why)))


class Journal:
    """Keeps mails. `open` before the first, `close` after the last."""

    def __init__(self, database: DatabaseUrl, *, patience: float = PATIENCE, timeout: float = COMMAND_TIMEOUT) -> None:
        self._database = database
        self._patience = patience
        self._timeout = timeout
        self._queue: deque[Waiting] = deque()
        self._more = asyncio.Event()
        self._closing = False
        self._writers: list[asyncio.Task[None]] = []

    def open(self) -> None:
        self._writers = [asyncio.create_task(self._write(), name=f"journal writer {n}") for n in range(WRITERS)]

    async def keep(self, mail: ReceivedMail) -> None:
        """Returns once the mail is committed.

        Raises:
            NotKept: it was not committed within the patience, or never will be. It may still turn out to be there;
                the sender's second attempt is then a duplicate, which the intake knows.
        """
        if self._closing:
            raise NotKept("the journal is closing")
        waiting = Waiting(mail)
        self._queue.append(waiting)
        self._more.set()
        try:
            async with asyncio.timeout(self._patience):
                await waiting.kept  # cancelled with its waiter, and then left out by the writers
        except TimeoutError:
            raise NotKept(f"not committed within {self._patience:g} s") from None

    async def close(self, patience: float = 3.0) -> None:
        """Keeps what is waiting, for at most `patience` seconds, and ends."""
        self._closing = True
        self._more.set()
        if not self._writers:
            return
        _, late = await asyncio.wait(self._writers, timeout=patience)
        for writer in late:
            writer.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _write(self) -> None:
        """One writer: connects, commits batch after batch, connects again when that breaks."""
        pause = FIRST_PAUSE
        while not self._done:
            try:
                connection = await connect(self._database)
            except Exception as error:  # noqa: BLE001 - whatever it is, a writer that ends would be silence for ever
                log.warning("journal: no connection to the database: %s", first_line(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            pause = FIRST_PAUSE
            try:
                await self._write_on(connection)
            except Exception as error:  # noqa: BLE001 - as above
                log.warning("journal: connection to the database lost: %s", first_line(error))
            finally:
                connection.terminate()

    @property
    def _done(self) -> bool:
        return self._closing and not self._queue

    async def _write_on(self, connection: "asyncpg.Connection[Any]") -> None:
        gone = asyncio.Event()
        connection.add_termination_listener(lambda _: self._wake(gone))
        while batch := await self._next_batch(gone.is_set):
            try:
                await self._commit(connection, batch)
            except TimeoutError as error:
                # It may be committed or not. They are told to come again; to repeat it here would double it for sure.
                for waiting in batch:
                    waiting.fail(error)
                raise
            except BaseException:
                self._queue.extendleft(reversed([waiting for waiting in batch if not waiting.over]))
                raise

    def _wake(self, gone: asyncio.Event) -> None:
        gone.set()
        self._more.set()

    async def _next_batch(self, gone: Callable[[], bool]) -> list[Waiting]:
        """What is waiting now, up to the limits; waits for the first. Empty at the end of connection or journal."""
        while not gone():
            batch = self._take()
            if batch or self._closing:
                return batch
            self._more.clear()
            await self._more.wait()
        return []

    def _take(self) -> list[Waiting]:
        batch: list[Waiting] = []
        size = 0
        while self._queue and len(batch) < BATCH_ROWS:
            waiting = self._queue[0]
            if batch and size + len(waiting.mail.raw) > BATCH_BYTES:
                break
            self._queue.popleft()
            if not waiting.over:
                batch.append(waiting)
                size += len(waiting.mail.raw)
        return batch

    async def _commit(self, connection: "asyncpg.Connection[Any]", batch: list[Waiting]) -> None:
        """Commits the batch, or where the database refuses it each mail alone, so that one spoils no other."""
        try:
            await self._insert(connection, batch)
        except Exception as error:
            if is_connection_trouble(connection, error):
                raise
            if len(batch) == 1:
                log.warning("journal: a mail of %d bytes is refused: %s", len(batch[0].mail.raw), first_line(error))
                batch[0].fail(error)
                return
            log.warning("journal: %d mails refused together, trying each alone: %s", len(batch), first_line(error))
            for waiting in batch:
                if not waiting.over:
                    await self._commit(connection, [waiting])
            return
        for waiting in batch:
            waiting.succeed()

    async def _insert(self, connection: "asyncpg.Connection[Any]", batch: list[Waiting]) -> None:
        columns = zip(*(waiting.mail.row() for waiting in batch), strict=True)
        async with asyncio.timeout(self._timeout):
            await connection.fetchval(KEEP, *map(list, columns))


async def connect(database: DatabaseUrl) -> "asyncpg.Connection[Any]":
    """A connection whose commits are on disk when they return, whatever the server's default is."""
    arguments = {**database.connect_arguments(), "timeout": CONNECT_TIMEOUT}
    connection: asyncpg.Connection[Any] = await asyncpg.connect(**arguments)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            if await connection.fetchval("SHOW synchronous_commit") == "off":
                await connection.execute("SET synchronous_commit = on")
    except BaseException:
        connection.terminate()
        raise
    return connection


def is_connection_trouble(connection: "asyncpg.Connection[Any]", error: Exception) -> bool:
    return isinstance(error, (TimeoutError, *CONNECTION_TROUBLE)) or connection.is_closed()


def first_line(error: BaseException) -> str:
    """What is wrong; the lines after it may show the row, and with it the mail."""
    return f"{type(error).__name__}: {error}".splitlines()[0]
