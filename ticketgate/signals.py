"""What a signal means before there is anything that would have to be finished."""

import os
import signal


def end_at_once() -> None:
    """Until somebody else asks for them, SIGTERM and SIGINT end this process with exit 0."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
