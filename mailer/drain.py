"""Emptying the outbox: many deliveries at once, until nothing is due, and again when something will be."""

import asyncio
import contextlib
import logging

from desk.work import House
from mailer import delivery
from mailer.transport import Transport
from models import Delivery
from models.schema import TROUBLE
from watch import trace

log = logging.getLogger(__name__)

AT_ONCE = 32  # deliveries in hand: composing some while others wait for the relay
LARGE = 1024 * 1024  # bytes of files, in a mail that takes many times that while it is written and sent
LARGE_AT_ONCE = 2
LONGEST_SLEEP = 60.0  # seconds: a nudge that was lost costs no more
RENEWAL = delivery.LEASE.total_seconds() / 3


class Drain:
    """Of one worker process. `run` may be called at any time; it sleeps until the next delivery is due by itself."""

    def __init__(self, house: House, transport: Transport) -> None:
        self._house, self._transport = house, transport
        self._one = asyncio.Lock()
        self._rung = asyncio.Event()
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)
        self._stopping = asyncio.Event()
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        self._alarm: asyncio.TimerHandle | None = None
        self._alarmed: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Sends what is due. A call while another one works is answered by that one looking once more."""
        self._rung.set()
        async with self._one:
            if not self._rung.is_set() or self._stopping.is_set():
                return
            try:
                while self._rung.is_set() and not self._stopping.is_set():
                    await self._empty()
                wait = await self._until_due()
            except TROUBLE as error:
                log.warning("the outbox cannot be read now: %s", error)
                wait = 1.0
            self._sleep(0 if self._rung.is_set() else wait)

    def ring(self) -> None:
        """There may be something to send; waits for nothing. Called on the loop."""
        self._rung.set()
        if not self._one.locked():
            self._alarmed = asyncio.create_task(self.run())

    async def stop(self, patience: float) -> None:
        """Takes no more, waits `patience` seconds for what is in hand, and gives the rest back."""
        self._stopping.set()
        self._rung.set()
        if self._alarm:
            self._alarm.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience), self._one:
                pass  # who was claiming has claimed, and nobody begins to
        if self._in_hand:
            await asyncio.wait(self._in_hand.values(), timeout=patience)
        left = dict(self._in_hand)
        for task in left.values():
            task.cancel()
        await asyncio.gather(*left.values(), return_exceptions=True)
        if left:
            with contextlib.suppress(*TROUBLE):
                await delivery.release(set(left))
        await self._transport.close()

    async def _empty(self) -> None:
        renewal = asyncio.create_task(self._renew())
        try:
            while not self._stopping.is_set():
                self._rung.clear()
                free = AT_ONCE - len(self._in_hand)
                claimed = await delivery.claim(free) if free >= AT_ONCE // 2 else []
                for one in claimed:
                    self._in_hand[one.id] = asyncio.create_task(self._deliver(one))
                if not self._in_hand:
                    return
                await self._until_something_happens(more=len(claimed) == free or free < AT_ONCE // 2)
        finally:
            renewal.cancel()

    async def _until_something_happens(self, *, more: bool) -> None:
        """Until a mail in hand is done, somebody rings, or another mail is due: a slow relay keeps that from no one.

        Args:
            more: there may be some that are due and for which no hand is free.
        """
        ring = asyncio.create_task(self._rung.wait())
        try:
            timeout = None if more else await self._until_due()
            if self._in_hand:
                await asyncio.wait(
                    [*self._in_hand.values(), ring], timeout=timeout, return_when=asyncio.FIRST_COMPLETED
                )
        finally:
            ring.cancel()

    async def _until_due(self) -> float:
        """Seconds to sleep for at most."""
        due = await delivery.seconds_until_due()
        return LONGEST_SLEEP if due is None else min(max(due, 0.05), LONGEST_SLEEP)

    async def _deliver(self, one: Delivery) -> None:
        trace.follow(one.trace)  # this task is its own
        try:
            async with self._large if await delivery.weighs(one) > LARGE else contextlib.nullcontext():
                await delivery.deliver(self._house, self._transport, one)
        except TROUBLE as error:
            # Whether it left or not stays unmarked: the lease runs out and it leaves again, with the same Message-ID.
            log.warning("delivery %s is not marked: %s", one.id, error)
        except Exception:
            log.exception("delivery %s failed in a way we do not know", one.id)
        finally:
            del self._in_hand[one.id]

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEWAL)
            with contextlib.suppress(*TROUBLE):
                await delivery.renew(set(self._in_hand))

    def _sleep(self, seconds: float) -> None:
        if self._alarm:
            self._alarm.cancel()
        if not self._stopping.is_set():
            self._alarm = asyncio.get_running_loop().call_later(seconds, self.ring)
