"""One child process: started, listened to, and seen to its end."""

import asyncio
import os
import signal
import subprocess
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from ticketgate.output import Lines, Output, said

REST = 0.5  # seconds that the last output of a dead child gets to arrive


@dataclass(frozen=True)
class Part:
    """What `up` keeps running: a server or a role.

    `before` is awaited before each start, `before_exec` called in the child between fork and exec; a line with the
    words `unsaid` is not passed on.
    """

    name: str
    command: Callable[[], list[str]]
    stop_signal: signal.Signals
    before_exec: Callable[[], None]
    before: Callable[[], Awaitable[None]] | None = None
    unsaid: str | None = None
    inherits: tuple[int, ...] = ()  # file descriptors


class Child(asyncio.Protocol):
    """A running part. It leads a session of its own, so that Ctrl-C in the terminal does not reach it.

    Make it in the main thread: its lifeline hangs on the thread that forked it. Raises OSError or SubprocessError
    where there is nothing to execute.
    """

    def __init__(self, part: Part, output: Output) -> None:
        self.part = part
        self.last_words = ""
        self._output = output
        self._lines = Lines()
        self._silent = asyncio.Event()
        self._gone = asyncio.Event()

        self._process = subprocess.Popen(  # noqa: S603 - our own commands
            part.command(),
            preexec_fn=part.before_exec,  # noqa: PLW1509 - it only calls the kernel
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=part.inherits,
        )
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._watch, args=(loop,), name=f"watch-{part.name}", daemon=True).start()

    async def listen(self) -> None:
        """From now on, what it says goes out."""
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: self, self._process.stdout)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ended(self) -> int:
        """Waits for the end and answers the exit code, negative for a signal."""
        await self._gone.wait()
        with suppress(TimeoutError):  # what it left behind may hold the pipe open
            await asyncio.wait_for(self._silent.wait(), REST)
        return self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        if not self._gone.is_set():
            os.kill(self._process.pid, number)  # not reaped yet, so the id is still its own

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)  # `ended` reaps it
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(self._gone.set)

    def data_received(self, data: bytes) -> None:
        self._say(self._lines.feed(data))

    def connection_lost(self, _: Exception | None) -> None:
        self._say(self._lines.end())
        self._silent.set()

    def _say(self, lines: list[bytes]) -> None:
        for line in lines:
            words = line.decode("utf-8", "replace")
            if not words.strip() or (self.part.unsaid and self.part.unsaid in words):
                continue
            self._output.say(self.part.name, words)
            self.last_words = said(words)
