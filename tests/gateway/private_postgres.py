"""A PostgreSQL of one test's own, which may be stopped, frozen and started again."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from settings import DatabaseUrl, Places
from ticketgate.embedded import EmbeddedPostgres

PATIENCE = 30.0


class PrivatePostgres:
    """Starts with the `async with` block and ends with it."""

    def __init__(self, folder: Path) -> None:
        self._server = EmbeddedPostgres(Places(folder), durable=False)
        self._process: subprocess.Popen[bytes] | None = None
        self.url = DatabaseUrl(host=str(Places(folder).sockets), user="ticketgate", database="ticketgate")

    async def __aenter__(self) -> "PrivatePostgres":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()

    async def start(self) -> None:
        self._server.prepare()
        self._process = subprocess.Popen(
            self._server.command(),
            preexec_fn=self._server.before_exec,  # noqa: PLW1509 - it only calls the kernel
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        await asyncio.wait_for(self._server.ready(), PATIENCE)

    def stop(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGINT)
        self._process.wait(PATIENCE)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Neither dead nor alive: connections are accepted by the kernel, and nobody answers."""
        assert self._process
        everybody = [self._process.pid, *children(self._process.pid)]
        for pid in everybody:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in everybody:
                os.kill(pid, signal.SIGCONT)


def children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found
