"""`host:port` and `unix:/path`: where a listener listens."""

import re
from dataclasses import dataclass

HOST_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]*):(?P<port>\d{1,5})")
UNIX_PATH_LIMIT = 107  # bytes: sun_path of sockaddr_un less its final NUL


@dataclass(frozen=True)
class Listen:
    """A TCP address (host without brackets, and port), or the path of a Unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    @classmethod
    def parse(cls, text: str, *, unix: bool = False) -> "Listen":
        """Reads `host:port`, `[::1]:port` or, where `unix` allows it, `unix:/path`.

        Raises:
            ValueError: with a sentence that says what is wanted.
        """
        if unix and text.startswith("unix:/"):
            path = text.removeprefix("unix:")
            if len(path.encode()) > UNIX_PATH_LIMIT:
                raise ValueError(f"a socket's path has at most {UNIX_PATH_LIMIT} bytes")
            return cls(path=path)
        found = HOST_PORT.fullmatch(text)
        if not found or not 0 < int(found["port"]) < 65536:
            wanted = "host:port, like 127.0.0.1:2525" + (", or unix:/path" if unix else "")
            raise ValueError(f"wants {wanted}, not {text!r}")
        return cls(host=found["host"].strip("[]") or "0.0.0.0", port=int(found["port"]))  # noqa: S104 - `:25` says so

    @property
    def reachable_host(self) -> str:
        """The host that a client on this machine would ask for."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104

    def __str__(self) -> str:
        if self.path:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
