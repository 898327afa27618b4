"""`GET /metrics` for Prometheus: what this process, its children and their children count, and the database's figures.

Processes count in files of a directory that they share (prometheus-client's multiprocess mode); whoever made it adds
them up when asked. What a process counted stays when it dies, so a role that is started again takes nothing back.
"""

import atexit
import fcntl
import logging
import os
import shutil
import socket
import sys
import tempfile
import threading
from contextlib import suppress
from http.server import ThreadingHTTPServer
from pathlib import Path

from settings import Settings
from ticketgate.sockets import bind

log = logging.getLogger(__name__)

SETTING = "TICKETGATE_METRICS_LISTEN"
PREFIX = "ticketgate-metrics-"
MEMORY = "/dev/shm"  # noqa: S108 - a full disk must not reach the counters: writing to their files would be SIGBUS


def serve(settings: Settings, *, figures: bool = False) -> None:
    """Answers in a thread from now on, where the setting asks for it. Call it before anything that counts is imported.

    Args:
        figures: whether the database's figures are shown too.

    Raises:
        BadSetting: the address cannot be had.
    """
    if not settings.metrics_listen:
        return
    doors = bind(settings.metrics_listen, SETTING)
    folder = _make_folder(Path(MEMORY if os.access(MEMORY, os.W_OK) else tempfile.gettempdir()))
    atexit.register(_remove, folder, os.getpid())
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    os.environ[SETTING] = "off"  # of the processes that we start: they count in our folder, and we answer for them
    handler = _handler(settings, folder, figures=figures)
    for door in doors:
        server = _Server(door, handler)
        os.register_at_fork(after_in_child=server.socket.close)  # Celery's pool must not keep the port
        threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()


class _Server(ThreadingHTTPServer):
    """On a socket that is bound already."""

    def __init__(self, door: socket.socket, handler: type) -> None:
        super().__init__(door.getsockname()[:2], handler, bind_and_activate=False)
        self.socket.close()
        self.socket = door

    def handle_error(self, request: object, client_address: object) -> None:
        log.warning("metrics: a question was not answered", exc_info=sys.exception())


def _handler(settings: Settings, folder: Path, *, figures: bool) -> type:
    from prometheus_client import CollectorRegistry, MetricsHandler  # noqa: PLC0415 - after the folder is set
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    gathered = CollectorRegistry()
    MultiProcessCollector(gathered, path=str(folder))  # type: ignore[no-untyped-call]  # theirs
    if figures:
        from ticketgate.figures import FiguresCollector  # noqa: PLC0415 - the listener must not load the models

        gathered.register(FiguresCollector(settings.database))

    class Handler(MetricsHandler):
        registry = gathered
        timeout = 10  # seconds

        def do_GET(self) -> None:  # noqa: N802 - as http.server finds it
            if self.path.partition("?")[0] == "/metrics":
                super().do_GET()
            else:
                self.send_error(404)

    return Handler


def _make_folder(parent: Path) -> Path:
    """A folder that is locked as long as this process or a fork of it lives; those of killed ones are removed."""
    for left in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # it lives, or is somebody else's
            _lock(left)
            shutil.rmtree(left)
    draft = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=parent))
    _lock(draft)
    return draft.rename(parent / draft.name.removeprefix("."))  # before, nobody takes it for a dead one's


def _lock(folder: Path) -> None:
    """Raises OSError where another process has the lock. It is never given back."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # not in a fork of ours
        shutil.rmtree(folder, ignore_errors=True)
