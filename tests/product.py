"""The whole product as somebody runs it: `ticketgate up` with processes, ports and a data directory of its own."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.conftest import free_port
from tests.running import ROLES, RunningDesk, until

__all__ = ["ROLES", "Product", "until"]


class Product(RunningDesk):
    """`ticketgate up`. `settings` are more of the environment, by their names without the prefix."""

    def __init__(self, folder: Path, relay: str | None = None, **settings: str) -> None:
        super().__init__(folder, free_port(), free_port())
        given = settings | ({"relay_url": relay} if relay else {})
        self.environment |= {f"TICKETGATE_{name.upper()}": value for name, value in given.items()}
        self._up: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Product":
        self._start()
        self.sign_in()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._up
        self._up.send_signal(signal.SIGTERM)
        code = self._up.wait(20)
        self.http.close()
        left = self.processes()
        assert (code, left) == (0, {}), f"exit {code}, processes left {left}\n{self.log()}"

    def start_again(self) -> None:
        """kill -9 of `ticketgate up` itself, and another at once."""
        assert self._up
        self._up.kill()
        self._up.wait()
        self._start()

    def ready(self) -> bool:
        assert self._up
        assert self._up.poll() is None, f"it ended with {self._up.returncode}\n{self.log()}"
        return super().ready()

    def _start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._up = subprocess.Popen(
                [sys.executable, "-m", "ticketgate", "up"],
                env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        until(self.ready, "ready")
