"""`ticketgate up` as a whole: real servers, real roles."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.ticketgate.processes import marked, until

pytestmark = pytest.mark.whole

PARTS = {
    "smtp": r"ticketgate smtp$",
    "intake": r"ticketgate intake$",
    "api": r"ticketgate api$",
    "worker": r"ticketgate worker$",
    "scheduler": r"ticketgate scheduler$",
    "postgres": r"/postgres -D ",
    "valkey": r"valkey-server",
}


class Up:
    """One `ticketgate up` in a directory of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.web = f"127.0.0.1:{free_port()}"
        self.settings = {
            "TICKETGATE_DATA_DIR": str(home / "data"),
            "TICKETGATE_SMTP_LISTEN": f"127.0.0.1:{free_port()}",
            "TICKETGATE_HTTP_LISTEN": self.web,
        }
        self.begin()

    def begin(self) -> None:
        with (self.home / "out").open("ab") as out, (self.home / "err").open("ab") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ticketgate", "up"],
                env=os.environ | self.settings,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    def said(self) -> str:
        return (self.home / "out").read_text()

    def greetings(self) -> list[str]:
        assert self.process.poll() is None, (self.home / "err").read_text()
        return re.findall(r"^ready:.*", self.said(), re.MULTILINE)

    def ready(self) -> bool:
        assert self.process.poll() is None, (self.home / "err").read_text()
        try:
            with urllib.request.urlopen(f"http://{self.web}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def part(self, name: str) -> int:
        """The process of a part, or 0; its children may have its command line, and have higher ids."""
        return min((pid for pid in marked(str(self.home)) if re.search(PARTS[name], _line(pid))), default=0)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def _line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return ""


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[[], Up]]:
    begun: list[Up] = []

    def begin() -> Up:
        begun.append(Up(tmp_path))
        return begun[-1]

    yield begin
    for one in begun:
        one.process.kill()
        one.process.wait()
    until(lambda: not marked(str(tmp_path)), "every process gone")


def test_up_greets_once_when_all_is_ready_and_leaves_nothing(up: Callable[[], Up], tmp_path: Path) -> None:
    desk = up()
    (greeting,) = until(desk.greetings, "the greeting")
    assert desk.ready()
    assert f"http://{desk.web}" in greeting
    assert "support@localhost" in greeting
    assert desk.said().count(", password ") == 1
    for name in PARTS:
        until(partial(desk.part, name), name)
    assert desk.stop() == 0
    assert not marked(str(tmp_path))

    desk.begin()
    until(lambda: len(desk.greetings()) == 2, "the second greeting")
    assert desk.said().count(", password ") == 1
    assert desk.stop() == 0
