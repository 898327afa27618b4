"""Directories of the embedded servers: private ones, and who still stands in them."""

import os
import stat
import time
from pathlib import Path

from settings import Away, BadSetting

PATIENCE = 10.0  # seconds that servers of an earlier run get to leave
STEP = 0.02


def make_private(directory: Path, uid: int, gid: int) -> None:
    """Makes the directory, or takes the one that is there, as the user's own with mode 0700.

    Raises:
        BadSetting: it cannot be made, or is somebody else's (a name under /tmp is anyone's to take).
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = directory.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (uid, os.geteuid()):
            raise BadSetting(f"{directory} is not a directory of ours: remove it, or set another TICKETGATE_DATA_DIR")
        if (found.st_uid, found.st_gid) != (uid, gid) and os.geteuid() == 0:
            os.chown(directory, uid, gid)
        if stat.S_IMODE(found.st_mode) != 0o700:
            directory.chmod(0o700)
    except OSError as error:
        raise BadSetting(f"TICKETGATE_DATA_DIR: {directory} cannot be made or used: {error.strerror}") from None


def wait_until_left(directory: Path, program: str) -> None:
    """Waits until no process of `program` works in the directory: what an earlier, killed run left needs a moment.

    Raises:
        Away: one is still there after ten seconds.
    """
    end = time.monotonic() + PATIENCE
    while found := _occupants(directory, program):
        if time.monotonic() > end:
            raise Away(f"a {program} of an earlier run (process {found[0]}) still works in {directory}: end it first")
        time.sleep(STEP)


def _occupants(directory: Path, program: str) -> list[int]:
    """Both servers make their directory the current one. Empty where there is no /proc to look into."""
    proc, home = Path("/proc"), str(directory.resolve())
    if not proc.is_dir():
        return []
    return [int(entry.name) for entry in proc.iterdir() if entry.name.isdigit() and _works_in(entry, home, program)]


def _works_in(process: Path, home: str, program: str) -> bool:
    try:
        stands_here = str((process / "cwd").readlink()) == home
        return stands_here and (process / "exe").readlink().name.startswith(program)
    except OSError:  # gone, or not ours
        return False
