"""Listening sockets of the roles, bound before a role begins: what is wrong with an address is said at once."""

import errno
import socket
import stat
from contextlib import suppress
from pathlib import Path

from settings import BadSetting, Listen

BACKLOG = 1024
NO_SUCH_FAMILY = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


def bind(listen: Listen, setting: str) -> list[socket.socket]:
    """Listening sockets for an address: one for each address of its host, or one Unix socket.

    Raises:
        BadSetting: a line that names the setting and says why the address cannot be had.
    """
    try:
        return [_unix(listen.path)] if listen.path else _tcp(listen)
    except OSError as error:
        raise BadSetting(f"{setting}: {listen} {_why(error)}") from None


def check_free(listen: Listen, setting: str) -> None:
    """Raises BadSetting where `bind` would, and holds nothing."""
    for bound in bind(listen, setting):
        bound.close()
    if listen.path:
        Path(listen.path).unlink(missing_ok=True)


def _tcp(listen: Listen) -> list[socket.socket]:
    found = socket.getaddrinfo(listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    bound: list[socket.socket] = []
    refused: OSError | None = None
    for family, kind, protocol, _, address in dict.fromkeys(found):
        try:
            bound.append(_one(family, kind, protocol, address))
        except OSError as error:
            refused = error
            if error.errno not in NO_SUCH_FAMILY:  # `localhost` is two addresses, and one family may be off
                break
    if refused and (not bound or refused.errno not in NO_SUCH_FAMILY):
        for one in bound:
            one.close()
        raise refused
    return bound


def _one(family: int, kind: int, protocol: int, address: object) -> socket.socket:
    one = socket.socket(family, kind, protocol)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            everywhere = isinstance(address, tuple) and address[0] == "::"  # then IPv4 comes in here too
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if everywhere else 1)
        one.bind(address)  # type: ignore[arg-type]  # as getaddrinfo gave it
        one.listen(BACKLOG)  # two sockets may be bound to one port until one of them listens
    except OSError:
        one.close()
        raise
    one.setblocking(False)
    return one


def _unix(path: str) -> socket.socket:
    _remove_stale(path)
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        one.bind(path)
        Path(path).chmod(0o660)
        one.listen(BACKLOG)
    except OSError:
        one.close()
        raise
    one.setblocking(False)
    return one


def _remove_stale(path: str) -> None:
    """A socket that a killed process left takes no connection; anything else stays, and bind says that it is taken."""
    try:
        if not stat.S_ISSOCK(Path(path).lstat().st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            with suppress(FileNotFoundError):
                Path(path).unlink()


def _why(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "names a host that is not known here"
    match error.errno:
        case errno.EADDRINUSE:
            return "is taken by another program; stop that one, or set another address"
        case errno.EACCES | errno.EPERM:
            return "is not allowed to this user; set another address, or give the right to it"
        case errno.EADDRNOTAVAIL:
            return "is no address of this machine"
        case _:
            return f"cannot be listened on ({error.strerror})"
