"""`ticketgate smtp --processes N`: one address, several listeners."""

import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from settings import Settings
from tests.conftest import SECRET, free_port
from tests.gateway.listening import MAILBOX, one_mailbox, query
from tests.ticketgate.processes import marked, until

CHILD = re.compile(r"ticketgate smtp --inherited \S+$")


class Listeners:
    """`ticketgate smtp --processes 3` in a directory of its own, on the database of the test."""

    def __init__(self, home: Path, settings: Settings, **more: str) -> None:
        self.home, self.port, self.metrics = home, settings.smtp_listen.port, free_port()
        url = settings.database
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("TICKETGATE_")}
        given = {
            "DATABASE_URL": f"postgres://{url.user}@/{url.database}?host={url.host}",
            "SECRET_KEY": SECRET,
            "SMTP_LISTEN": f"127.0.0.1:{self.port}",
            "LMTP_LISTEN": f"unix:{home}/lmtp",
            "METRICS_LISTEN": f"127.0.0.1:{self.metrics}",
        } | more
        with (home / "err").open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ticketgate", "smtp", "--processes", "3"],
                env=surroundings | {f"TICKETGATE_{name}": value for name, value in given.items()},
                cwd=home,
                stdin=subprocess.DEVNULL,
                stderr=err,
            )

    def children(self) -> list[int]:
        return [pid for pid in marked(str(self.home)) if CHILD.search(line(pid))]

    def said(self) -> str:
        return (self.home / "err").read_text()

    def ready(self) -> bool:
        assert self.process.poll() is None, self.said()
        return self.said().count("taking mail in by SMTP") >= 3

    def send(self, number: int) -> None:
        def taken() -> bool:
            try:
                with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as client:
                    client.sendmail(f"{number}@people.test", [MAILBOX], f"Subject: {number}\r\n\r\nhello\r\n")
            except (OSError, smtplib.SMTPException):
                return False
            return True

        until(taken, f"mail {number} taken")

    def received(self) -> float:
        answer = httpx.get(f"http://127.0.0.1:{self.metrics}/metrics", trust_env=False).text
        found = re.search(r'^ticketgate_mail_received_total\{protocol="smtp"\} (\S+)', answer, re.MULTILINE)
        return float(found[1]) if found else 0.0


def line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return ""


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., Listeners]]:
    begun: list[Listeners] = []

    def listeners(settings: Settings, **more: str) -> Listeners:
        begun.append(Listeners(tmp_path, settings, **more))
        return begun[-1]

    yield listeners
    for one in begun:
        one.process.kill()
        one.process.wait()
    until(lambda: not marked(str(tmp_path)), "every process gone")


async def test_three_take_mail_at_one_address_and_one_that_dies_is_started_again(
    begin: Callable[..., Listeners], surroundings: Settings
) -> None:
    await one_mailbox(surroundings.database)
    desk = begin(surroundings)
    until(desk.ready, "three listeners")
    first = desk.children()
    assert len(first) == 3
    for number in range(30):
        if number % 10 == 5:
            os.kill(desk.children()[0], signal.SIGKILL)
        desk.send(number)
    until(lambda: len(desk.children()) == 3, "three listeners again")
    assert desk.children() != first
    rows = await query(surroundings.database, "SELECT envelope_from FROM inbound")
    taken = Counter(row["envelope_from"] for row in rows)
    assert set(taken) == {f"{number}@people.test" for number in range(30)}
    until(lambda: desk.received() >= 30, "all counted, by the dead too")

    desk.process.send_signal(signal.SIGTERM)
    assert desk.process.wait(30) == 0, desk.said()
    assert not marked(str(desk.home))
    assert "smtp-1    | " in desk.said()


async def test_lmtp_goes_on_at_its_unix_socket_when_a_listener_was_killed(
    begin: Callable[..., Listeners], surroundings: Settings
) -> None:
    await one_mailbox(surroundings.database)
    desk = begin(surroundings)
    until(desk.ready, "three listeners")
    gone = desk.children()[0]
    os.kill(gone, signal.SIGKILL)
    until(lambda: len(desk.children()) == 3 and gone not in desk.children(), "three listeners again")
    with socket.socket(socket.AF_UNIX) as client, client.makefile("rb") as answers:
        client.settimeout(30)
        client.connect(str(desk.home / "lmtp"))
        assert answers.readline().startswith(b"220 ")


async def test_they_do_not_outlive_their_parent(begin: Callable[..., Listeners], surroundings: Settings) -> None:
    await one_mailbox(surroundings.database)
    desk = begin(surroundings)
    until(desk.ready, "three listeners")
    desk.process.kill()
    desk.process.wait()
    until(lambda: not marked(str(desk.home)), "every process gone")


@pytest.mark.parametrize("wrong", ["DATABASE_URL", "SMTP_LISTEN", "METRICS_LISTEN", "TLS_CERT"])
async def test_what_is_wrong_is_one_line(
    begin: Callable[..., Listeners], surroundings: Settings, tmp_path: Path, wrong: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        (tmp_path / "no.pem").touch()
        more = {
            "DATABASE_URL": {"DATABASE_URL": f"postgres://desk@127.0.0.1:{free_port()}/desk"},
            "TLS_CERT": {"TLS_CERT": str(tmp_path / "no.pem"), "TLS_KEY": str(tmp_path / "no.pem")},
        }.get(wrong, {wrong: address})
        desk = begin(surroundings, **more)
        code = desk.process.wait(60)
    assert code == (1 if wrong == "DATABASE_URL" else 2), desk.said()
    assert desk.said().count("\n") == 1
    assert (f"TICKETGATE_{wrong}" if wrong != "DATABASE_URL" else "no database answers") in desk.said()


def test_sockets_that_nobody_gave_are_a_clear_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ticketgate", "smtp", "--inherited", "smtp=77"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(Path.cwd())}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--inherited" in done.stderr
