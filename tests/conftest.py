"""One real PostgreSQL and Valkey for the whole run, and a database of its own for each worker.

The xdist controller (or the only process) owns the servers; workers get their data directory by `workerinput`. The
first worker that needs the database migrates a template under a lock, all others copy it.
"""

import os
import secrets
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from settings import DatabaseUrl, Listen, Places, Settings, load
from tests.no_names import no_names
from ticketgate.embedded import running

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.living import LivingDesk

SECRET = "the same secret in every test"
MIGRATED = "migrated"
LOCK = 7_225_001  # of the one worker that may make databases

run_of_the_session = ExitStack()
servers_root = pytest.StashKey[Path | None]()


def pytest_configure(config: pytest.Config) -> None:
    """Tests say all that they need: neither the developer's environment nor a `.env` speaks in them."""
    for name in [name for name in os.environ if name.startswith("TICKETGATE_")]:
        del os.environ[name]
    if not hasattr(config, "workerinput"):
        config.stash[servers_root] = None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["servers"] = str(_servers(node.config))


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        run_of_the_session.close()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a test of processes mostly waits."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in this hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that nobody waits for them at the end; one worker has the living desk to itself."""
    living = [item for item in items if "living_desk" in getattr(item, "fixturenames", ())]
    for item in living:
        item.add_marker(pytest.mark.xdist_group("living"))
    items.sort(key=lambda item: item not in living and item.get_closest_marker("whole") is None)


def _servers(config: pytest.Config) -> Path:
    """The data directory of the running servers; the first call starts them."""
    root = config.stash[servers_root]
    if root is None:
        root = Path(run_of_the_session.enter_context(tempfile.TemporaryDirectory(prefix="tg-tests-")))
        run_of_the_session.enter_context(running(Places(root), durable=False))
        config.stash[servers_root] = root
    return root


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Places:
    """Where PostgreSQL and Valkey of this run are."""
    workerinput = getattr(request.config, "workerinput", None)
    return Places(Path(workerinput["servers"]) if workerinput else _servers(request.config))


@pytest.fixture(scope="session")
def redis_number(worker_id: str) -> int:
    """The number of this worker's own database in Valkey."""
    return int(worker_id.removeprefix("gw")) % 16 if worker_id != "master" else 0


@pytest.fixture(scope="session")
def redis_url(servers: Places, redis_number: int) -> str:
    return f"unix://{servers.valkey_socket}?db={redis_number}"


@pytest.fixture(scope="session")
async def database_url(servers: Places, worker_id: str) -> DatabaseUrl:
    """This worker's own database, migrated."""
    maintenance = DatabaseUrl(host=str(servers.sockets), user="ticketgate", database="postgres")
    mine = replace(maintenance, database=f"tests_{worker_id}")
    connection = await asyncpg.connect(**maintenance.connect_arguments())
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", MIGRATED):
            await _make_template(connection, maintenance)
        await connection.execute(f"CREATE DATABASE {mine.database} TEMPLATE {MIGRATED}")
    finally:
        await connection.close()
    return mine


async def _make_template(connection: "asyncpg.Connection[Any]", maintenance: DatabaseUrl) -> None:
    """Renamed only when it is whole: a worker that comes after a failed one tries again."""
    from models.schema import migrate  # noqa: PLC0415 - tests that need no database do not wait for the import

    await connection.execute("DROP DATABASE IF EXISTS migrating")
    await connection.execute("CREATE DATABASE migrating")
    await migrate(load(_env_file=None, database_url=replace(maintenance, database="migrating"), secret_key=SECRET))
    await connection.execute(f"ALTER DATABASE migrating RENAME TO {MIGRATED}")


@pytest.fixture
def surroundings(
    database_url: DatabaseUrl, servers: Places, redis_url: str, redis_number: int, tmp_path: Path
) -> Settings:
    """Settings of one test: this worker's database and emptied Valkey, a data directory and ports of its own."""
    forget(servers.valkey_socket, redis_number)
    return load(
        _env_file=None,
        data_dir=tmp_path / "data",
        database_url=database_url,
        broker_url=f"redis+socket://{servers.valkey_socket}?virtual_host={redis_number}",
        redis_url=redis_url,
        secret_key=SECRET,
        smtp_listen=Listen("127.0.0.1", free_port()),
        http_listen=Listen("127.0.0.1", free_port()),
        dns_server=no_names(),
    )


@pytest.fixture
async def database(surroundings: Settings, broom: "Broom") -> AsyncIterator[Settings]:
    """Empty tables, and Tortoise connected for the whole test."""
    from models.schema import connected  # noqa: PLC0415 - tests that need no database do not wait for the import

    await broom.sweep()
    async with connected(surroundings):
        yield surroundings


@pytest.fixture
async def cast(database: Settings) -> "Cast":
    """A desk with its people."""
    from tests.cast import make_cast  # noqa: PLC0415 - as above

    return await make_cast(database)


@pytest.fixture(scope="session")
def living_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator["LivingDesk"]:
    """`ticketgate up` with the conversations of `ticketgate demo`."""
    from tests.living import living  # noqa: PLC0415 - as above

    with living(tmp_path_factory.mktemp("living")) as desk:
        yield desk


async def empty_tables(url: DatabaseUrl) -> None:
    """Deletes every row but those of the migrations, and lets ids begin with 1 again."""
    connection = await asyncpg.connect(**url.connect_arguments())
    try:
        await connection.execute(await connection.fetchval(EMPTYING))
    finally:
        await connection.close()


class Broom:
    """Empties this worker's database over one connection, as long as nobody ends it; the catalogue is asked once."""

    def __init__(self, url: DatabaseUrl) -> None:
        self._url = url
        self._connection: asyncpg.Connection[Any] | None = None
        self._statements = ""

    async def sweep(self) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(**self._url.connect_arguments())
            self._statements = await self._connection.fetchval(EMPTYING)
        await self._connection.execute(self._statements)

    async def put_away(self) -> None:
        if self._connection:
            await self._connection.close()


@pytest.fixture(scope="session")
async def broom(database_url: DatabaseUrl) -> AsyncIterator[Broom]:
    found = Broom(database_url)
    yield found
    await found.put_away()


# TRUNCATE and ALTER SEQUENCE write a file anew for every table: deleting a test's few rows is far quicker.
EMPTYING = """
SELECT 'BEGIN; SET LOCAL session_replication_role = replica; '
    || (SELECT string_agg(format('DELETE FROM %I; ', tablename), '') FROM pg_tables
        WHERE schemaname = 'public' AND tablename NOT LIKE '%migration%')
    || (SELECT string_agg(format('SELECT setval(%L, 1, false); ', quote_ident(sequencename)), '') FROM pg_sequences
        WHERE schemaname = 'public' AND sequencename NOT LIKE '%migration%')
    || 'COMMIT'
"""


def forget(valkey_socket: Path, number: int) -> None:
    """Empties one database of Valkey."""
    with socket.socket(socket.AF_UNIX) as valkey, valkey.makefile("rb") as answers:
        valkey.connect(str(valkey_socket))
        valkey.sendall(f"SELECT {number}\r\nFLUSHDB\r\n".encode())
        assert [answers.readline(), answers.readline()] == [b"+OK\r\n"] * 2


def free_port() -> int:
    """Below those that the kernel gives to clients: none takes it, or meets itself, while its server is away."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", 12_000 + secrets.randbelow(20_000)))
            return int(probe.getsockname()[1])
