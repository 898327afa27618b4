"""A desk that runs, from outside: SMTP, REST and signals, however its processes were started."""

import os
import re
import signal
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.cast import PASSWORD, SUPPORT
from tests.no_names import no_names

Found = TypeVar("Found")
ROLES = {
    "smtp": r"ticketgate smtp$",
    "intake": r"ticketgate intake$",
    "api": r"ticketgate api$",
    "worker": r"ticketgate worker$",
    "scheduler": r"ticketgate scheduler$",
    "postgres": r"postgres -D ",
    "valkey": r"valkey-server ",
}


class RunningDesk:
    """Everything that it starts has its folder in the environment or on the command line."""

    def __init__(self, folder: Path, smtp_port: int, http_port: int) -> None:
        self.folder, self.smtp_port, self.http_port = folder, smtp_port, http_port
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("TICKETGATE_")} | {
            "TICKETGATE_DATA_DIR": str(folder / "data"),
            "TICKETGATE_SMTP_LISTEN": f"127.0.0.1:{smtp_port}",
            "TICKETGATE_HTTP_LISTEN": f"127.0.0.1:{http_port}",
            "TICKETGATE_SUPPORT_ADDRESS": SUPPORT,
            "TICKETGATE_ADMIN_PASSWORD": PASSWORD,
            "TICKETGATE_DNS_SERVER": str(no_names()),
        }
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{http_port}", timeout=20, trust_env=False)

    # -- REST and SMTP

    def ready(self) -> bool:
        try:
            return self.http.get("/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def sign_in(self) -> None:
        tokens = self.http.post("/api/login", json={"username": "admin", "password": PASSWORD}).json()
        self.http.headers["Authorization"] = f"Bearer {tokens['access']}"

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The JSON of an answer, asked for again as long as the server is away; None for a refusal."""

        def answered() -> httpx.Response | None:
            try:
                answer = self.http.request(method, path, json=body)
            except httpx.HTTPError:
                return None
            return answer if answer.status_code < 500 else None

        answer = until(answered, f"{method} {path}")
        return answer.json() if answer.is_success else None

    def send(
        self, raw: bytes, sender: str = "zoe@people.example", to: str | list[str] = SUPPORT, port: int | None = None
    ) -> None:
        """Hands a mail over as an MTA does: again and again, until it is taken."""

        def taken() -> bool:
            try:
                with smtplib.SMTP("127.0.0.1", port or self.smtp_port, timeout=40) as smtp:
                    return not smtp.sendmail(sender, to, raw)  # what it returns are recipients that were refused
            except smtplib.SMTPRecipientsRefused as error:
                return later(*(code for code, _ in error.recipients.values()))
            except smtplib.SMTPResponseException as error:
                return later(error.smtp_code)
            except (OSError, smtplib.SMTPException):
                return False

        until(taken, "the mail taken")

    def entry(self, message_id: str) -> dict[str, Any]:
        """The journal entry of a mail, once it is read."""

        def read() -> dict[str, Any] | None:
            found = self.call("GET", f"/api/inbound?message_id={message_id}") or []
            settled = found and all(item["state"] != "accepted" for item in found)
            return found[-1] if settled else None

        return until(read, f"the journal's word on {message_id}")

    def every(self, path: str) -> list[dict[str, Any]]:
        """All pages of a list."""
        found: list[dict[str, Any]] = []
        page: str | None = f"{path}{'&' if '?' in path else '?'}limit=200"
        while page:
            answer = self.http.get(page)
            answer.raise_for_status()
            found += answer.json()
            page = answer.links.get("next", {}).get("url")
        return found

    # -- processes

    def kill(self, role: str, number: int = signal.SIGKILL) -> None:
        """A signal to the topmost process of a role."""
        pid = self.pid_of(role)
        assert pid, f"no {role} among {self.processes()}"
        os.kill(pid, number)

    def pid_of(self, role: str) -> int:
        """The topmost process of a role, or 0; its children have its command line, and higher ids."""
        return min((pid for pid, line in self.processes().items() if re.search(ROLES[role], line)), default=0)

    @contextmanager
    def without(self, role: str) -> Iterator[None]:
        """Kills a role; it may be back at any time, and is after the block."""
        self.kill(role)
        yield

    def processes(self) -> dict[int, str]:
        """Every process that has our folder in its environment or command line."""
        mark = str(self.folder).encode()
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            try:
                line = (path / "cmdline").read_bytes()
                if mark in line or mark in (path / "environ").read_bytes():
                    found[int(path.name)] = line.replace(b"\0", b" ").decode(errors="replace").strip()
            except OSError:
                continue
        return {pid: line for pid, line in found.items() if line and pid != os.getpid()}

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-4000:]


def later(*codes: int) -> bool:
    """False: not taken yet. A refusal for good is none that an MTA would try again."""
    assert all(400 <= code < 500 for code in codes), f"refused for good: {codes}"
    return False


def until(happened: Callable[[], Found | None], what: str, seconds: float = 60) -> Found:
    """The first true value of `happened()`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = happened()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds:g} s")
