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
LONGEST_SLEEP = 60.0  # seconds: a nudge that was lost costs no more
RENEWAL = delivery.LEASE.total_seconds() / 3


class Drain:
    """Of one worker process. `run` may be called at any time; it sleeps until the next delivery is due by itself."""

    def __init__(self, house: House, transport: Transport) -> None:
        self._house, self._transport = house, transport
        self._one = asyncio.Lock()
        self._rung = False
        self._stopping = asyncio.Event()
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        self._alarm: asyncio.TimerHandle | None = None
        self._alarmed: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Sends what is due. A call while another one works is answered by that one looking once more."""
        self._rung = True
        async with self._one:
            if not self._rung or self._stopping.is_set():
                return
            wait = LONGEST_SLEEP
            try:
                while self._rung and not self._stopping.is_set():
                    self._rung = False
                    await self._empty()
                due = await delivery.seconds_until_due()
                wait = LONGEST_SLEEP if due is None else min(max(due, 0.05), LONGEST_SLEEP)
            except TROUBLE as error:
                log.warning("the outbox cannot be read now: %s", error)
                wait = 1.0
            self._sleep(wait)

    async def stop(self, patience: float) -> None:
        """Takes no more, waits `patience` seconds for what is in hand, and gives the rest back."""
        self._stopping.set()
        if self._alarm:
            self._alarm.cancel()
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
                free = AT_ONCE - len(self._in_hand)
                claimed = await delivery.claim(free) if free >= AT_ONCE // 2 else []
                for one in claimed:
                    self._in_hand[one.id] = asyncio.create_task(self._deliver(one))
                if not self._in_hand:
                    return
                await asyncio.wait(self._in_hand.values(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            renewal.cancel()

    async def _deliver(self, one: Delivery) -> None:
        trace.follow(one.trace)  # this task is its own
        try:
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
            self._alarm = asyncio.get_running_loop().call_later(seconds, self._wake)

    def _wake(self) -> None:
        self._alarmed = asyncio.create_task(self.run())
