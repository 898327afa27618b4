"""What the parts say, on our stderr: whole lines, each behind the name of its part."""

import json
import queue
import re
import sys
import threading
from datetime import UTC, datetime
from io import FileIO
from typing import BinaryIO

WIDTH = 9  # of the longest name, `scheduler`
LONGEST = 32768  # bytes of a line; what is longer goes out in pieces
WAITING = 10_000  # lines that wait for a slow terminal; what comes on top is counted and left out
COLOURS = (36, 33, 32, 35, 34, 31)
# What a part logs may come out of a mail: an escape sequence must not reach the terminal.
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Output:
    """Takes lines at once and writes them in a thread of its own: a blocked terminal holds up nobody.

    With `as_json` every line is an object with the name as its `role`: one that a part wrote so already goes out as it
    is. `owner` is whose lines our own are.
    """

    def __init__(self, stream: BinaryIO | None = None, *, owner: str = "up", as_json: bool = False) -> None:
        self.owner = owner
        self._json = as_json
        # Unbuffered: a buffer's lock, held by a thread that a terminal blocks, would hold up the interpreter's end.
        self._stream = stream or FileIO(sys.stderr.fileno(), "wb", closefd=False)
        self._colour = self._stream.isatty()
        self._lines: queue.Queue[bytes | None] = queue.Queue(WAITING)
        self._left_out = 0
        self._names: list[str] = []
        self._thread = threading.Thread(target=self._write_all, name="output", daemon=True)
        self._thread.start()

    def say(self, name: str, line: str) -> None:
        """Writes one line, without its end, behind the name."""
        self._put(self._line(name, line))

    def close(self, patience: float = 1.0) -> None:
        """Waits until all is written, but not for long: the terminal may be gone or blocked."""
        try:
            self._lines.put(None, timeout=patience)
        except queue.Full:
            return
        self._thread.join(patience)

    def _put(self, line: bytes) -> None:
        try:
            if self._left_out:
                self._lines.put_nowait(self._line(self.owner, f"{self._left_out} lines were left out here"))
                self._left_out = 0
            self._lines.put_nowait(line)
        except queue.Full:
            self._left_out += 1

    def _line(self, name: str, line: str) -> bytes:
        if not self._json:
            return f"{self._prefix(name)} {CONTROL.sub(REPLACEMENT, line.rstrip())}\n".encode()
        if _object(line) is None:
            now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
            line = json.dumps({"timestamp": now, "level": "info", "role": name, "event": line.rstrip()})
        return f"{line.rstrip()}\n".encode()

    def _prefix(self, name: str) -> str:
        if not self._colour:
            return f"{name:<{WIDTH}} |"
        if name not in self._names:
            self._names.append(name)
        colour = COLOURS[self._names.index(name) % len(COLOURS)]
        return f"\x1b[{colour}m{name:<{WIDTH}} |\x1b[0m"

    def _write_all(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                while line:
                    line = line[self._stream.write(line) or len(line) :]
            except (OSError, ValueError):  # nobody reads any more; the parts go on
                continue


def said(line: str) -> str:
    """What a line says, also where it is an object of ours."""
    return str((_object(line) or {}).get("event", line)).strip()


def _object(line: str) -> dict[str, object] | None:
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "event" in found else None


class Lines:
    """Cuts a stream of bytes into lines; a line without end is given out in pieces."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        while len(self._rest) > LONGEST:
            whole.append(self._rest[:LONGEST])
            self._rest = self._rest[LONGEST:]
        return whole

    def end(self) -> list[bytes]:
        rest, self._rest = self._rest, b""
        return [rest] if rest else []
