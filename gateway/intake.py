"""The intake role: reads what the journal keeps, and files it, one mail a transaction.

Reading asks DNS and writes blobs, so it holds a lease of the mail and no transaction. One bad mail spoils no other:
what cannot be filed is tried again, and after a few times put in quarantine. Trouble that is not the mail's own (the
database, the blobs) costs it no try. Nothing polls: the journal's commit wakes us.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

import letters
from desk import MOST_ATTACHMENTS, Filed, House, Kept, SenderProof, Work, file_mail, journal
from gateway.proof import Session, prove
from mailer.nudge import Announcement, Nudge
from models import Inbound, InboundState, Mailbox
from models.schema import AWAY, TROUBLE, connected, open_connection
from settings import Away, Settings
from watch import counts, trace

log = logging.getLogger(__name__)

READERS = 12  # mails in hand at once: one is parsed while others wait for the database, the disk, or DNS that is away
LARGE = 2 * 1024 * 1024  # bytes of a mail that takes many times that while it is read
LARGE_AT_ONCE = 2
LONGEST_SLEEP = 30.0  # seconds; only for a notification that was lost together with its connection
TRIES = 3  # after which a mail that fails by itself goes into quarantine
AWAY_CODES = ("08", "53", "55P03", "57")  # connection, resources, lock not available, operator intervention
RACE_CODES = ("40",)  # a deadlock or a serialization failure: nobody's fault, again at once


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Files mail until `stop` is set; what is in hand is finished.

    Raises:
        Away: the database does not answer at the start.
    """
    async with connected(settings, pool=READERS + 2):
        await Intake(House(settings, nudge=Nudge(settings), announce=Announcement(settings))).run(stop)


class Intake:
    """As many mails in hand as there are readers; each is taken up as soon as it is due and a reader is free."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._mail_waits = asyncio.Event()
        self._in_hand: dict[asyncio.Task[None], int] = {}  # sizes in bytes

    async def run(self, stop: asyncio.Event) -> None:
        """Reads until `stop` is set; what is in hand is finished."""
        listening = asyncio.create_task(self._listen())
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._mail_waits.clear()
                await self._take_up(stop)
                waiting = asyncio.create_task(self._mail_waits.wait())
                await asyncio.wait((waiting, stopping), timeout=await self._nap(), return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
        finally:
            for task in (listening, stopping):
                task.cancel()
            await asyncio.gather(listening, stopping, *self._in_hand, return_exceptions=True)

    async def read_one(self) -> bool:
        """Files the oldest mail that is due; whether there was one."""
        entry = await self._claim()
        if entry:
            await self._read_and_file(entry)
        return entry is not None

    # -- who reads what

    async def _take_up(self, stop: asyncio.Event) -> None:
        """Gives a mail that is due to each reader that is free."""
        while not stop.is_set() and len(self._in_hand) < READERS:
            entry = await self._claim()
            if entry is None:
                return
            reading = asyncio.create_task(self._read_and_file(entry))
            self._in_hand[reading] = entry.size
            reading.add_done_callback(self._lay_down)

    def _lay_down(self, reading: asyncio.Task[None]) -> None:
        del self._in_hand[reading]
        self._mail_waits.set()

    @property
    def _largest(self) -> int | None:
        """Bytes of a mail that may be taken up now, or None for any."""
        large = sum(size > LARGE for size in self._in_hand.values())
        return LARGE if large >= LARGE_AT_ONCE else None

    async def _claim(self) -> Inbound | None:
        try:
            async with self._house.work() as work:
                return await journal.claim_next(work, self._largest)
        except Exception as error:  # noqa: BLE001 - what ails the database today may be gone the next moment
            await self._set_aside(None, error)
            return None

    async def _nap(self) -> float:
        """Seconds until a mail that was put off is due, and somebody could read it."""
        if len(self._in_hand) == READERS:
            return LONGEST_SLEEP
        try:
            async with self._house.work() as work:
                due = await journal.seconds_until_next(work, self._largest)
        except (Away, *TROUBLE) as error:
            log.warning("the journal cannot be read now: %s", error)
            return 1.0
        return LONGEST_SLEEP if due is None else min(max(due, 0.02), LONGEST_SLEEP)

    # -- one mail

    async def _read_and_file(self, entry: Inbound) -> None:
        with trace.bound():
            trace.follow(entry.trace)
            try:
                mail = await self._read(entry)
                async with self._house.work() as work:
                    filed = await _file(work, mail)
                _count(filed.state if filed else None)
            except Exception as error:  # noqa: BLE001 - whatever a mail does to us, the next one is read
                await self._set_aside(entry.id, error)

    async def _read(self, entry: Inbound) -> "_Mail":
        raw = entry.raw_bytes if entry.raw_bytes is not None else await self._house.blobs.get(entry.blob or "")
        letter = await asyncio.to_thread(letters.parse, raw)
        kept, proof = await asyncio.gather(self._keep(raw, letter), self._prove(raw, entry, letter))
        return _Mail(entry, letter, kept, proof)

    async def _keep(self, raw: bytes, letter: letters.Letter) -> Kept:
        parts = letter.attachments[:MOST_ATTACHMENTS]
        blobs = self._house.blobs
        return Kept(await blobs.put(raw), tuple([await blobs.put(part.content) for part in parts]))

    async def _prove(self, raw: bytes, entry: Inbound, letter: letters.Letter) -> SenderProof:
        author = letter.from_.email if letter.from_ else ""
        session = Session(entry.peer, entry.helo, entry.envelope_from, entry.protocol, entry.received_at)
        proof = await prove(raw, author, session, self._house.settings)
        return SenderProof(
            proof.as_json(),
            proven=proof.proven,
            rejects=proof.rejects,
            addressed_to=proof.addressed_to,
            id_signed=proof.id_signed,
        )

    async def _set_aside(self, entry_id: int | None, error: Exception) -> None:
        """Decides when a mail that failed is tried again. Never raises: without a database there is nothing to do."""
        said = f"{type(error).__name__}: {error}".strip().replace("\0", "")[:500]
        if entry_id is None or is_away(error):
            log.warning("mail cannot be filed now: %s", said)
            await asyncio.sleep(0.5)
            wait, its_own = timedelta(seconds=1), False
        elif _code(error).startswith(RACE_CODES):
            wait, its_own = timedelta(0), False
        else:
            log.error("mail %s could not be filed", entry_id, exc_info=error)
            wait, its_own = timedelta(seconds=1), True
        if entry_id is None:
            return
        with contextlib.suppress(Away, *TROUBLE):
            async with self._house.work() as work:
                entry = await Inbound.get(id=entry_id)
                spoiled = its_own and entry.attempts + 1 >= TRIES
                if spoiled:
                    await journal.quarantine(work, entry_id, said)
                else:
                    await journal.postpone(work, entry_id, wait, said, counts=its_own)
            _count(InboundState.QUARANTINED if spoiled else None)

    # -- new mail

    async def _listen(self) -> None:
        """Hears of new mail, over a connection of its own that is made again whenever it breaks."""
        while True:
            try:
                async with self._listening() as broken:
                    self._mail_waits.set()  # what came before we listened
                    await broken.wait()
            except (Away, *AWAY) as error:
                log.warning("nobody tells of new mail now: %s", error)
            await asyncio.sleep(0.5)

    @contextlib.asynccontextmanager
    async def _listening(self) -> AsyncIterator[asyncio.Event]:
        broken = asyncio.Event()
        connection = await open_connection(self._house.settings)
        try:
            connection.add_termination_listener(lambda _: broken.set())
            await connection.add_listener(journal.CHANNEL, lambda *_: self._mail_waits.set())
            yield broken
        finally:
            connection.terminate()


@dataclass(frozen=True)
class _Mail:
    """A mail that is read and not yet filed."""

    entry: Inbound
    letter: letters.Letter
    kept: Kept
    proof: SenderProof


async def _file(work: Work, mail: _Mail) -> Filed | None:
    """None where somebody else did, because reading took longer than the lease."""
    if not await journal.take(work, mail.entry):
        return None
    if not await Mailbox.exists():
        raise Away("there is no mailbox yet: run `ticketgate up` once, or add one")
    filed = await file_mail(work, mail.entry, mail.letter, mail.kept, mail.proof)
    await journal.settle(work, mail.entry, filed, mail.kept.raw, mail.letter.message_id)
    log.info("mail %s: %s", mail.entry.id, _told(filed))
    return filed


def is_away(error: BaseException | None) -> bool:
    """Whether a part was away, rather than the mail at fault."""
    if error is None:
        return False
    return isinstance(error, (Away, *AWAY)) or _code(error).startswith(AWAY_CODES) or is_away(error.__cause__)


def _count(state: InboundState | None) -> None:
    """A mail that waits for its parent has no state yet; one that somebody else filed is theirs to count."""
    if state:
        counts.filed.labels(state.value).inc()


def _code(error: BaseException) -> str:
    """PostgreSQL's SQLSTATE of an error, also of one that Tortoise wrapped."""
    cause = error if isinstance(error, asyncpg.PostgresError) else error.__cause__
    return str(getattr(cause, "sqlstate", None) or "")


def _told(filed: Filed) -> str:
    where = f", ticket #{filed.ticket}" if filed.ticket else ""
    return f"{filed.state or 'waits'} ({filed.reason}){where}"
