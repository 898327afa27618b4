"""One `ticketgate up` for each data directory."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from settings import BadSetting, Places


@contextmanager
def locked(places: Places) -> Iterator[bool]:
    """Makes the data directory and holds its lock. Yields whether the run before ended by itself, not by a kill.

    Raises:
        BadSetting: the directory cannot be made or written, or another `up` runs there.
    """
    try:
        places.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(places.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BadSetting(f"TICKETGATE_DATA_DIR: {places.root} cannot be made or written ({error.strerror})") from None
    with os.fdopen(descriptor, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadSetting(f"TICKETGATE_DATA_DIR: another `ticketgate up` runs in {places.root}") from None
        ended_by_itself = not file.read()
        _write(file.fileno(), f"{os.getpid()}\n")
        try:
            yield ended_by_itself
        finally:
            _write(file.fileno(), "")


def is_held(places: Places) -> bool:
    """Whether an `up` runs in this data directory. It tells by the process that the lock names, and takes no lock."""
    try:
        os.kill(int(places.lock.read_text()), 0)
    except PermissionError:  # it is another user's
        return True
    except (OSError, ValueError):
        return False
    return True


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)
