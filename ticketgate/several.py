"""`ticketgate smtp --processes N`: one process binds and keeps N others, which inherit its sockets and do the work."""

import asyncio
import signal
import sys
from functools import partial

from gateway.listener import check
from settings import Away, Settings
from ticketgate.child import Part
from ticketgate.doors import Doors
from ticketgate.lifeline import lifeline
from ticketgate.output import Output
from ticketgate.supervisor import Supervisor, supervise

STEP = 0.5  # seconds between two looks for a database that went away


def listen(settings: Settings, doors: Doors, processes: int) -> int:
    """Runs until SIGTERM, SIGINT or SIGHUP; answers the exit code. Call it in the main thread.

    Raises:
        Away: the database does not answer at the start.
        BadSetting: certificate or key cannot be used.
        PartFailed: a process died five times within a minute.
    """
    asyncio.run(check(settings))
    output = Output(owner="smtp", as_json=settings.log_format == "json")
    try:
        asyncio.run(supervise(partial(_start, settings, doors, processes), output))
    finally:
        output.close()
    return 0


async def _start(settings: Settings, doors: Doors, processes: int, supervisor: Supervisor) -> None:
    for number in range(1, processes + 1):
        supervisor.keep(
            Part(
                f"smtp-{number}",
                lambda: [sys.executable, "-m", "ticketgate", "smtp", "--inherited", doors.bequest],
                signal.SIGTERM,
                lifeline(signal.SIGTERM),
                partial(_until_answering, settings),
                inherits=doors.descriptors,
            )
        )


async def _until_answering(settings: Settings) -> None:
    """A listener without a database gives up: started again and again it would use up its five deaths."""
    while True:
        try:
            return await check(settings)
        except Away:
            await asyncio.sleep(STEP)
