"""Ringing a worker: there is mail in the outbox. Whoever nudges never waits, and a nudge may be lost."""

import logging
import threading

from settings import Settings

log = logging.getLogger(__name__)

PATIENCE = 1.0  # seconds that a broker has to take it


class Nudge:
    """Call it after a commit. At most one is on its way at a time; a call meanwhile sends one more after it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self.under_way = False
        self._again = False

    def __call__(self) -> None:
        with self._lock:
            self._again = True
            if self.under_way:
                return
            self.under_way = True
        threading.Thread(target=self._send_all, name="nudge", daemon=True).start()

    def _send_all(self) -> None:
        while True:
            with self._lock:
                if not self._again:
                    self.under_way = False
                    return
                self._again = False
            try:
                self._send()
            except Exception as error:  # noqa: BLE001 - whatever it is, the sweep makes it good
                log.warning("the mailer was not nudged, it looks by itself: %s", error)

    def _send(self) -> None:
        # Celery is imported by whoever has mail to send: reading mail and starting up do not wait for it.
        from mailer.app import DRAIN, SWEEP, make_app  # noqa: PLC0415

        if not hasattr(self, "_app"):
            self._app = make_app(self._settings, socket_timeout=PATIENCE)
        self._app.send_task(DRAIN, retry=False, expires=SWEEP)
