"""What tests of processes need: to wait for a condition, and to look into /proc."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Answer = TypeVar("Answer")


def until(ask: Callable[[], Answer], what: str) -> Answer:
    """The first true answer; pytest-timeout is the limit of last resort."""
    end = time.monotonic() + 60
    while not (answer := ask()):
        assert time.monotonic() < end, f"still not: {what}"
        time.sleep(0.01)
    return answer


def marked(mark: str) -> list[int]:
    """Ids of the living processes whose command line or working directory has the mark."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _has(entry, mark)]


def _has(process: Path, mark: str) -> bool:
    try:
        if (process / "stat").read_text(errors="replace").rpartition(")")[2].split()[0] in "ZX":
            return False
        line = (process / "cmdline").read_bytes().decode(errors="replace")
        return mark in line or str((process / "cwd").readlink()).startswith(mark)
    except OSError:
        return False
