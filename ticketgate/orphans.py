"""Processes that our children leave behind when they are killed: they become ours, and we end them.

A killed Celery leaves its pool, a killed postmaster its backends, and a frozen one of those would stay for ever.
"""

import os
import signal
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from ticketgate.lifeline import LIBC

PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 2.0  # seconds; a process that waits for a broken disk cannot be killed
STEP = 0.002


def adopt() -> None:
    """From now on, what our descendants leave behind becomes our child. Only Linux knows how."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_orphans(own: Collection[int]) -> None:
    """Kills and reaps every child of this process but those in `own` (process ids), and what these leave in turn.

    Blocks for some milliseconds. Call it where no other thread is starting a process: that one would be ended too.
    """
    end = time.monotonic() + PATIENCE
    while (found := [pid for pid in _children() if pid not in own]) and time.monotonic() < end:
        for pid in found:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)
        time.sleep(STEP)


def _children() -> list[int]:
    us, proc = str(os.getpid()), Path("/proc")
    if not proc.is_dir():
        return []
    return [int(entry.name) for entry in proc.iterdir() if entry.name.isdigit() and _parent(entry) == us]


def _parent(process: Path) -> str | None:
    try:
        # The name in parentheses may hold anything, even a closing one.
        return (process / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
    except (OSError, IndexError):
        return None
