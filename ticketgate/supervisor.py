"""Keeps the parts running, and ends them in order."""

import asyncio
import signal
import subprocess
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from settings import Away, BadSetting
from ticketgate.child import Child, Part
from ticketgate.orphans import adopt, end_orphans
from ticketgate.output import Output

DEATHS = 5
WITHIN = 60.0  # seconds
FIRST_PAUSE = 0.1  # seconds; each further death within the minute makes it three times as long
ROLES_GRACE = 6.0  # seconds from SIGTERM to SIGKILL
SERVERS_GRACE = 3.0
BAD_SETTING = 2  # the exit code by which a role says that a person must change something


class PartFailed(Exception):
    """A part cannot be kept running. The text is one line; `code` is what `up` exits with."""

    def __init__(self, code: int, line: str) -> None:
        super().__init__(line)
        self.code = code


async def supervise(start: Callable[["Supervisor"], Awaitable[None]], output: Output) -> None:
    """Lets `start` bring up the parts, and keeps them until SIGTERM, SIGINT or SIGHUP. Call it in the main thread.

    Raises:
        PartFailed: a part cannot be kept running.
        Exception: whatever `start` raises. The parts are stopped first.
    """
    supervisor = Supervisor(output)
    stop = asyncio.create_task(_asked_to_stop(supervisor))
    starting = asyncio.ensure_future(start(supervisor))
    end: set[asyncio.Future[Any]] = {stop, supervisor.failed}
    try:
        await asyncio.wait({starting, *end}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            await asyncio.wait(end, return_when=asyncio.FIRST_COMPLETED)
        if supervisor.failed.done():
            supervisor.failed.result()
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await supervisor.stop()
        stop.cancel()


async def _asked_to_stop(supervisor: "Supervisor") -> None:
    """Returns at the first signal; from then on a SIGINT ends all patience."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            loop.add_signal_handler(number, asked.set)
    await asked.wait()
    loop.add_signal_handler(signal.SIGINT, supervisor.hurry)


@dataclass
class _Kept:
    part: Part
    server: bool
    task: "asyncio.Task[NoReturn] | None" = None
    child: Child | None = None


class Supervisor:
    """Starts parts, starts them again when they die, and stops roles first, servers last.

    `failed` is done, with PartFailed, as soon as a part cannot be kept running.
    """

    def __init__(self, output: Output) -> None:
        self.failed: asyncio.Future[NoReturn] = asyncio.get_running_loop().create_future()
        self._output = output
        self._kept: dict[str, _Kept] = {}
        self._hurry = asyncio.Event()
        adopt()

    def keep(self, part: Part, *, server: bool = False) -> None:
        """Starts a part and keeps it running. Servers are stopped after all that are not."""
        kept = _Kept(part, server)
        self._kept[part.name] = kept
        kept.task = asyncio.create_task(self._keep(kept))
        kept.task.add_done_callback(self._note)

    def hurry(self) -> None:
        """Ends the patience of a stop that is under way."""
        self._hurry.set()

    async def stop(self) -> None:
        """Asks the roles to end, kills those that do not, then the servers. Nothing is left running afterwards."""
        tasks = [kept.task for kept in self._kept.values() if kept.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if not self.failed.cancel():
            self.failed.exception()  # whoever asked for the stop has heard of it, or was first
        await self._end([kept.child for kept in self._kept.values() if kept.child and not kept.server], ROLES_GRACE)
        await self._end([kept.child for kept in self._kept.values() if kept.child and kept.server], SERVERS_GRACE)
        end_orphans(set())

    async def _keep(self, kept: _Kept) -> NoReturn:
        deaths: deque[float] = deque(maxlen=DEATHS)
        while True:
            child = await self._start(kept)
            code = await child.ended()
            kept.child = None
            end_orphans(self._own())
            last_words = child.last_words.removeprefix("ticketgate: ") or "it said nothing"
            if code == BAD_SETTING and not kept.server:
                raise PartFailed(2, last_words)
            deaths.append(time.monotonic())
            recent = sum(died > deaths[-1] - WITHIN for died in deaths)
            if recent == DEATHS:
                raise PartFailed(
                    1, f"{kept.part.name} died {DEATHS} times within {WITHIN:g} s; the last words: {last_words}"
                )
            self._output.say(self._output.owner, f"{kept.part.name} ended ({_how(code)}); starting it again")
            await asyncio.sleep(FIRST_PAUSE * 3 ** (recent - 1))

    async def _start(self, kept: _Kept) -> Child:
        try:
            if kept.part.before:
                await kept.part.before()
            kept.child = Child(kept.part, self._output)
        except BadSetting as error:
            raise PartFailed(2, str(error)) from None
        except (Away, OSError, subprocess.SubprocessError) as error:
            raise PartFailed(1, f"{kept.part.name} cannot be started: {error}") from None
        await kept.child.listen()
        return kept.child

    def _own(self) -> set[int]:
        return {kept.child.pid for kept in self._kept.values() if kept.child}

    def _note(self, task: "asyncio.Task[NoReturn]") -> None:
        if task.cancelled() or self.failed.done():
            return
        if error := task.exception():
            self.failed.set_exception(error)

    async def _end(self, children: list[Child], grace: float) -> None:
        for child in children:
            child.signal(child.part.stop_signal)
        ended = asyncio.gather(*(child.ended() for child in children))
        hurry = asyncio.create_task(self._hurry.wait())
        either: set[asyncio.Future[Any]] = {ended, hurry}
        await asyncio.wait(either, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        hurry.cancel()
        for child in children:
            child.signal(signal.SIGKILL)
        await ended


def _how(code: int) -> str:
    return f"exit {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
