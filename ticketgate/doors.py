"""The listener's sockets: bound here, or inherited from the process that bound them."""

import socket
from dataclasses import dataclass, field

from settings import BadSetting, Settings
from ticketgate import sockets


@dataclass(frozen=True)
class Doors:
    """Bound, listening sockets by what is spoken at them."""

    smtp: list[socket.socket] = field(default_factory=list)
    lmtp: list[socket.socket] = field(default_factory=list)

    @classmethod
    def bind(cls, settings: Settings) -> "Doors":
        """Raises BadSetting where an address cannot be had."""
        smtp = sockets.bind(settings.smtp_listen, "TICKETGATE_SMTP_LISTEN")
        lmtp = sockets.bind(settings.lmtp_listen, "TICKETGATE_LMTP_LISTEN") if settings.lmtp_listen else []
        return cls(smtp, lmtp)

    @classmethod
    def inherit(cls, bequest: str) -> "Doors":
        """The sockets that `bequest` of the parent names. Raises BadSetting where this process has none such."""
        doors = cls()
        try:
            for word in bequest.split(","):
                kind, _, descriptor = word.partition("=")
                {"smtp": doors.smtp, "lmtp": doors.lmtp}[kind].append(_adopt(int(descriptor)))
        except (KeyError, ValueError, OSError):
            raise BadSetting(f"--inherited: {bequest!r} names no sockets that this process was given") from None
        return doors

    @property
    def bequest(self) -> str:
        """What a child has to be told to find them."""
        named = [("smtp", one) for one in self.smtp] + [("lmtp", one) for one in self.lmtp]
        return ",".join(f"{kind}={one.fileno()}" for kind, one in named)

    @property
    def descriptors(self) -> tuple[int, ...]:
        return tuple(one.fileno() for one in [*self.smtp, *self.lmtp])


def _adopt(descriptor: int) -> socket.socket:
    one = socket.socket(fileno=descriptor)
    one.set_inheritable(False)
    return one
