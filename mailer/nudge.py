"""Telling others after a commit: workers of mail in the outbox, API processes of events.

Whoever tells never waits, and what is told may be lost: those who would have heard it look by themselves before long.
"""

import logging
import threading
from abc import ABC, abstractmethod
from typing import Any

from settings import Settings

log = logging.getLogger(__name__)

PATIENCE = 1.0  # seconds that a server has to take it
EVENTS = "ticketgate:events"  # the channel on which API processes hear of events


class Bell(ABC):
    """Call it after a commit. At most one ring is on its way at a time; a call meanwhile sends one more after it."""

    heard_later = ""  # what makes a lost ring good, for the log

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.under_way = False
        self._lock = threading.Lock()
        self._again = False

    def __call__(self) -> None:
        with self._lock:
            self._again = True
            if self.under_way:
                return
            self.under_way = True
        threading.Thread(target=self._send_all, name=type(self).__name__, daemon=True).start()

    @abstractmethod
    def send(self) -> None:
        """Rings once; may raise anything."""

    def _send_all(self) -> None:
        while True:
            with self._lock:
                if not self._again:
                    self.under_way = False
                    return
                self._again = False
            try:
                self.send()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is made good
                log.warning("nobody was told, %s: %s", self.heard_later, error)


class Nudge(Bell):
    """There is mail in the outbox."""

    heard_later = "the mailer looks by itself"
    _app: Any = None

    def send(self) -> None:
        # Celery is imported by whoever has mail to send: reading mail and starting up do not wait for it.
        from mailer.app import DRAIN, SWEEP, make_app  # noqa: PLC0415

        if self._app is None:
            self._app = make_app(self.settings, socket_timeout=PATIENCE)
        self._app.send_task(DRAIN, retry=False, expires=SWEEP)


class Announcement(Bell):
    """Something happened to a ticket."""

    heard_later = "live events look by themselves"
    _redis: Any = None

    def send(self) -> None:
        from redis import Redis  # noqa: PLC0415 - as above

        if self._redis is None:
            self._redis = Redis.from_url(self.settings.redis, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        self._redis.publish(EVENTS, "")
