"""One short id for all that one mail or one request brings about; log lines carry it.

A mail's id is made when its DATA comes in and rests in its rows, so that it crosses processes: listener, journal,
intake, outbox, worker. It is never a part of what we send.
"""

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LENGTH = 12  # characters of five bits each
_trace: ContextVar[str] = ContextVar("trace", default="")


def mint() -> str:
    """A new id: twelve letters and digits, random."""
    return base64.b32encode(secrets.token_bytes(LENGTH))[:LENGTH].decode().lower()


def current() -> str:
    """The id of what this task works at; empty where it works at nothing in particular."""
    return _trace.get()


@contextmanager
def bound(trace: str = "") -> Iterator[None]:
    """The id of everything inside, tasks begun there and all; afterwards it is what it was before."""
    token = _trace.set(trace)
    try:
        yield
    finally:
        _trace.reset(token)


def follow(trace: str) -> None:
    """From here to the end of the `bound` around it, the id is this one."""
    _trace.set(trace)
