"""One event loop and one database pool in each worker process, made when the process begins and closed when it ends.

Celery runs no coroutines: an `async def` task would report success and never run. So its tasks hand what is to be done
to this loop, which lives in a thread of its own. Nothing is opened before the fork: sockets do not survive it.
"""

import asyncio
import contextlib
import logging
import threading
from concurrent.futures import Future

import uvloop

from desk.uploads import sweep
from desk.work import House
from mailer.drain import Drain
from mailer.nudge import Announcement
from mailer.transport import transport
from models.schema import TROUBLE, connected
from settings import Away, Settings

log = logging.getLogger(__name__)

PATIENCE = 3.0  # seconds that a mail in hand has to leave when the process is to end


class Runtime:
    """The loop of this process and what lives on it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="mailer", daemon=True)
        self._over = asyncio.Event()
        self._house: House | None = None
        self._drain: Drain | None = None
        self._tidying: Future[None] | None = None

    def start(self) -> None:
        """Begins to live; what is due is sent as soon as the database answers."""
        self._thread.start()

    def ring(self) -> None:
        """There may be something to send. Waits for nothing, so that the next ring is heard while a mail is in hand."""
        if self._drain:  # before the database answered there is nothing to do
            self._loop.call_soon_threadsafe(self._drain.ring)

    def tidy(self) -> None:
        """Removes files that nobody sends any more. Waits for nothing, as `ring`."""
        if self._house:
            self._tidying = asyncio.run_coroutine_threadsafe(_tidied(self._house), self._loop)

    def stop(self) -> None:
        """Lets what is in hand leave, gives the rest back and closes everything."""
        if self._tidying:
            self._tidying.cancel()
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE + 1)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._live())

    async def _live(self) -> None:
        while not self._over.is_set():
            try:
                async with connected(self._settings):
                    await self._send_until_over()
            except Away as error:
                log.warning("%s", error)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._over.wait(), 1)

    async def _send_until_over(self) -> None:
        self._house = House(self._settings, announce=Announcement(self._settings))
        drain = Drain(self._house, transport(self._settings))
        first = asyncio.create_task(drain.run())
        self._drain = drain
        await self._over.wait()
        await drain.stop(PATIENCE)
        await first


async def _tidied(house: House) -> None:
    try:
        await sweep(house)
    except (Away, *TROUBLE) as error:
        log.warning("files that nobody sends cannot be removed now: %s", error)
    except Exception:
        log.exception("files that nobody sends could not be removed")
