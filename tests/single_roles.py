"""The product as a service manager or containers run it: `ticketgate migrate`, then each role a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.conftest import SECRET, free_port
from tests.running import RunningDesk, until

SINGLE_ROLES = ("smtp", "intake", "api", "worker", "scheduler")


class SingleRoles(RunningDesk):
    """`each` processes of every role, or so many intakes as `intakes` says, on servers that run already.

    `settings` are the environment of all of them, by their names without the prefix. Every listener has a port of its
    own in `smtp_ports`; REST is asked of the first API, and `apis` has the addresses of all.
    """

    def __init__(self, folder: Path, *, each: int = 1, intakes: int | None = None, **settings: str) -> None:
        self._numbers = dict.fromkeys(SINGLE_ROLES, each) | {"intake": intakes or each}
        self.smtp_ports = [free_port() for _ in range(each)]
        self.http_ports = [free_port() for _ in range(each)]
        super().__init__(folder, self.smtp_ports[0], self.http_ports[0])
        self.apis = [f"http://127.0.0.1:{port}" for port in self.http_ports]
        given = {"secret_key": SECRET} | settings
        self.environment |= {f"TICKETGATE_{name.upper()}": value for name, value in given.items()}
        self._running: dict[str, list[subprocess.Popen[bytes]]] = {role: [] for role in SINGLE_ROLES}

    def __enter__(self) -> "SingleRoles":
        subprocess.run(
            [sys.executable, "-m", "ticketgate", "migrate"], env=self.environment, cwd=self.folder, check=True
        )
        try:
            for role in SINGLE_ROLES:
                self._start(role)
            until(self.ready, "ready")
            self.sign_in()
        except BaseException:
            self._kill_all()
            raise
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        self.http.close()
        if failed:
            self._kill_all()
            return
        codes = {role: [_ended(process) for process in running] for role, running in self._running.items()}
        self._kill_all()
        assert {code for ended in codes.values() for code in ended} == {0}, f"exit codes {codes}\n{self.log()}"
        assert not self.processes(), f"processes left {self.processes()}"

    def ready(self) -> bool:
        for role, running in self._running.items():
            for process in running:
                assert process.poll() is None, f"{role} ended with {process.returncode}\n{self.log()}"
        return super().ready()

    @contextmanager
    def without(self, role: str) -> Iterator[None]:
        """Kills all processes of a role, and starts them again after the block, as a service manager does."""
        for process in self._running[role]:
            _kill(process)
        yield
        self._start(role)

    def replace(self, role: str, number: int = 0) -> None:
        """kill -9 of one process of a role; another is started in its place at once, as a service manager does."""
        _kill(self._running[role][number])
        self._running[role][number] = self._started(role, number)

    def _start(self, role: str) -> None:
        self._running[role] = [self._started(role, number) for number in range(self._numbers[role])]

    def _started(self, role: str, number: int) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "ticketgate", role],
                env=self._environment(number), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def _environment(self, number: int) -> dict[str, str]:
        """Ports of its own for each process that listens: of those there are no more than ports."""
        port = number % len(self.smtp_ports)
        return self.environment | {
            "TICKETGATE_SMTP_LISTEN": f"127.0.0.1:{self.smtp_ports[port]}",
            "TICKETGATE_HTTP_LISTEN": f"127.0.0.1:{self.http_ports[port]}",
        }

    def _kill_all(self) -> None:
        for running in self._running.values():
            for process in running:
                _kill(process)


def _ended(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(20)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and all that it started, as a service manager does with what a dead service left."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
