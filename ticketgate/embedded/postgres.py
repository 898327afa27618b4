"""The embedded PostgreSQL: its cluster, its command line, and when it answers."""

import asyncio
import os
import shutil
import signal
import subprocess
from functools import cached_property
from pathlib import Path

from settings import BadSetting, DatabaseUrl, Places
from settings.places import POSTGRES_MAJOR
from ticketgate.embedded.directories import make_private, wait_until_left
from ticketgate.embedded.ownership import Owner, owner_of
from ticketgate.embedded.wheels import postgres_binary
from ticketgate.lifeline import lifeline

NAME = "ticketgate"  # of the superuser and of the database
STEP = 0.03  # seconds between two attempts to connect

SERVER = {
    "listen_addresses": "",
    "port": "5432",  # else $PGPORT would name the socket
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    # A statement, and the detail of an error, may carry mail: neither belongs in a log.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_line_prefix": "",
    "log_checkpoints": "off",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """One PostgreSQL of a data directory, to be run in the foreground as a child of the caller.

    `durable=False` is for tests: it never waits for the disk.
    """

    name = "postgres"
    unsaid = None
    stop_signal = signal.SIGINT  # "fast": sessions are ended, and a checkpoint written

    def __init__(self, places: Places, *, durable: bool = True) -> None:
        self.places = places
        self.durable = durable
        self._hold_on = lifeline(self.stop_signal)

    def prepare(self) -> None:
        """What each start needs first: the directories, the cluster, and that nothing of an earlier run is left.

        Blocks, at the first time for about a second.

        Raises:
            BadSetting: a directory, its version or its owner is wrong, or the wheel is missing.
            Away: an earlier server still runs there after ten seconds.
        """
        cluster = self.places.postgres
        self._let_in()
        if not cluster.exists():
            self._refuse_another_major()
            self._initdb()
        make_private(self.places.sockets, self._owner.uid, self._owner.gid)
        wait_until_left(cluster, "postgres")
        if Path("/proc").is_dir():
            # Nobody is there, as we have just seen; but the id in a lock file may by now be any other process's, and
            # then postgres would not start. Ids repeat soon in containers.
            (cluster / "postmaster.pid").unlink(missing_ok=True)
            (self.places.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def command(self) -> list[str]:
        asked = SERVER if self.durable else SERVER | FORGETFUL
        options = [word for name, value in asked.items() for word in ("-c", f"{name}={value}")]
        return [
            str(postgres_binary("postgres")),
            *("-D", str(self.places.postgres), "-k", str(self.places.sockets)),
            *options,
        ]

    def before_exec(self) -> None:
        """In the child, between fork and exec."""
        self._owner.become()
        self._hold_on()

    async def ready(self) -> None:
        """Returns once the database `ticketgate` takes connections; makes it where it is missing. Bound it yourself."""
        import asyncpg  # noqa: PLC0415 - not before a command needs it

        url = DatabaseUrl(host=str(self.places.sockets), user=NAME, database="postgres")
        while True:
            try:
                connection = await asyncpg.connect(**url.connect_arguments())
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(STEP)
                continue
            try:
                if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", NAME):
                    await connection.execute(f"CREATE DATABASE {NAME}")
            finally:
                await connection.close()
            return

    @cached_property
    def _owner(self) -> Owner:
        return owner_of(self.places.postgres, postgres_binary("postgres"))

    def _let_in(self) -> None:
        """Another user than we are must get through the data directory; what lies above it is not ours to open."""
        if self._owner.uid != os.geteuid() and self.places.root.is_dir():
            self.places.root.chmod(self.places.root.stat().st_mode | 0o011)

    def _refuse_another_major(self) -> None:
        others = sorted(found.parent for found in self.places.root.glob("postgres-*/PG_VERSION"))
        if others:
            raise BadSetting(
                f"{others[-1]} was written by another PostgreSQL than ours ({POSTGRES_MAJOR}): make a backup with that "
                f"one (pg_dump), move the directory away, start, and restore the backup"
            )

    def _initdb(self) -> None:
        """Into a directory beside, then renamed: an interrupted initdb leaves nothing that looks like a cluster."""
        draft = self.places.root / f".{self.places.postgres.name}-draft"
        shutil.rmtree(draft, ignore_errors=True)
        make_private(draft, self._owner.uid, self._owner.gid)
        done = subprocess.run(  # noqa: S603 - the wheel's own binary
            self._initdb_command(draft),
            preexec_fn=self.before_exec,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            start_new_session=True,
            check=False,
        )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
            shutil.rmtree(draft, ignore_errors=True)
            raise BadSetting(
                f"TICKETGATE_DATA_DIR: PostgreSQL could not be set up in {self.places.root}: {_cause(said)}"
            )
        draft.rename(self.places.postgres)
        _sync(self.places.root)

    def _initdb_command(self, directory: Path) -> list[str]:
        return [
            str(postgres_binary("initdb")),
            f"--pgdata={directory}",
            f"--username={NAME}",
            *("--auth-local=trust", "--auth-host=reject"),  # the socket's directory is 0700
            *("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            "--no-instructions",
            *([] if self.durable else ["--no-sync"]),
        ]


def _cause(lines: list[str]) -> str:
    """initdb's own words on what failed; its last line only says that it cleans up."""
    return next((line for line in lines if "error:" in line or "FATAL:" in line), lines[-1])


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
