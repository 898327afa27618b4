"""Text of strangers, made fit for a terminal: an escape sequence in a mail must not reach it."""

import io
import sys
from datetime import datetime

from ticketgate.output import CONTROL, REPLACEMENT

SIZES = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def take_any_letter() -> None:
    """Has standard output show what its encoding does not know as an escape, instead of failing."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def plain(text: str) -> str:
    """Without control characters, but for line ends and tabs."""
    return CONTROL.sub(REPLACEMENT, text)


def one_line(text: str) -> str:
    return plain(" ".join(text.split()))


def local_time(moment: datetime) -> str:
    """In the time zone of whoever reads it."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def size(number: int) -> str:
    """Bytes as people say them: `812 B`, `1.4 KiB`."""
    for unit, name in SIZES:
        if number >= unit:
            return f"{number / unit:.1f} {name}"
    return f"{number} B"
