"""Live events: one reader in each API process, who hands on what happens to everybody who listens.

Valkey only rings the bell; what happened is read from the database, in the order of the commits. Where the bell is
silent, the reader looks by itself every few seconds.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from redis.asyncio import Redis
from redis.exceptions import RedisError

from desk import events
from desk.events import Happening, Place
from mailer.nudge import EVENTS
from models.schema import TROUBLE
from settings import Settings

log = logging.getLogger(__name__)

UNTOLD = 5.0  # seconds between two looks without a bell
PENDING = 0.05  # seconds until what others are about to commit is looked for again
BACKLOG = 1000  # happenings that a listener may lag behind; who lags more has to come again


class Live:
    """The happenings of this process. Begins with the first listener, ends with `close`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._listeners: set[asyncio.Queue[Happening | None]] = set()
        self._bell = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = False

    async def follow(self, since: Place | None, *, owner: int | None = None) -> AsyncIterator[Happening]:
        """What happens from now on, or has since a place; ends with the process, or where the listener lags.

        Args:
            owner: of this person's tickets alone, where that is given.
        """
        self._begin()
        queue: asyncio.Queue[Happening | None] = asyncio.Queue(BACKLOG)
        self._listeners.add(queue)
        try:
            place = since
            if since is not None:
                async for happening in _missed(since, owner):
                    place = happening.place
                    yield happening
            while not self._closed and (live := await queue.get()) is not None:
                if (place is None or live.place > place) and owner in (None, live.owner):
                    yield live
        finally:
            self._listeners.discard(queue)

    async def close(self) -> None:
        """Sends everybody home."""
        self._closed = True
        for queue in list(self._listeners):
            _put(queue, None)
        # Once is not always enough: a client that is just reconnecting may take a cancellation for a timeout.
        while tasks := {task for task in self._tasks if not task.done()}:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=0.2)

    def _begin(self) -> None:
        if not self._tasks and not self._closed:
            self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._hear())]

    async def _read(self) -> None:
        place: Place | None = None
        while not self._closed:
            wait = UNTOLD
            self._bell.clear()
            try:
                place = place or await events.latest()
                batch = await events.after(place)
                for happening in batch.happenings:
                    place = happening.place
                    self._tell(happening)
                wait = 0 if batch.more else PENDING if batch.pending else UNTOLD
            except TROUBLE as error:
                log.warning("events cannot be read now: %s", error)
                wait = 1.0
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._bell.wait()

    def _tell(self, happening: Happening) -> None:
        for queue in list(self._listeners):
            if queue.full():
                self._listeners.discard(queue)
                queue.get_nowait()
                _put(queue, None)
            else:
                _put(queue, happening)

    async def _hear(self) -> None:
        while not self._closed:
            try:
                async with (
                    Redis.from_url(self._settings.redis, socket_connect_timeout=2) as valkey,
                    valkey.pubsub() as bell,
                ):
                    await bell.subscribe(EVENTS)
                    self._bell.set()
                    async for _ in bell.listen():
                        self._bell.set()
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("no bell for live events now: %s", error)
            await asyncio.sleep(1)


async def _missed(since: Place, owner: int | None) -> AsyncIterator[Happening]:
    more, place = True, since
    while more:
        batch = await events.after(place, owner=owner)
        for happening in batch.happenings:
            place = happening.place
            yield happening
        more = batch.more


def _put(queue: asyncio.Queue[Happening | None], happening: Happening | None) -> None:
    with contextlib.suppress(asyncio.QueueFull):
        queue.put_nowait(happening)
