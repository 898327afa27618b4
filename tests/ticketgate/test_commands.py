"""The command as a shell sees it: what it prints, and its exit code."""

import asyncio
import fcntl
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from desk.passwords import matches
from models import Role, User
from settings import DatabaseUrl, Listen, Places, Settings
from tests.conftest import SECRET, free_port
from tests.ticketgate.command import Run, assert_one_line, database_setting
from ticketgate.sockets import bind

COMMANDS = ["", "up", "smtp", "intake", "api", "worker", "scheduler", "migrate", "user", "user add", "check", "explain"]
COMMANDS += ["inbound", "inbound list", "inbound show", "inbound replay"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(run: Run, command: str) -> None:
    done = run(*command.split(), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(" ".join(["Usage: ticketgate", *command.split()]))
    assert "Example:" in done.stdout or command in ("", "user", "inbound")


def test_the_command_alone_shows_its_help(run: Run) -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    assert "scheduler" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("up", "--nonsense"),
        ("user", "add"),
        ("user", "add", "x", "--email", "x@y.example", "--role", "king"),
        ("explain",),
        ("inbound", "list", "--state", "lost"),
        ("inbound", "show", "seventeen"),
    ],
)
def test_an_unknown_word_is_an_error_of_use(run: Run, words: tuple[str, ...]) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["up", "smtp", "worker", "migrate"])
def test_a_bad_setting_is_one_line_that_names_it(run: Run, command: str) -> None:
    assert_one_line(run(command, SMTP_LISTEN="127.0.0.1:99999"), 2, "TICKETGATE_SMTP_LISTEN")


@pytest.mark.parametrize("setting", ["SMTP_LISTEN", "HTTP_LISTEN", "LMTP_LISTEN"])
def test_up_says_at_once_that_a_port_is_taken(run: Run, tmp_path: Path, setting: str) -> None:
    (taken,) = bind(Listen("127.0.0.1", free_port()), setting)
    with taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        free = {name: f"127.0.0.1:{free_port()}" for name in ("SMTP_LISTEN", "HTTP_LISTEN")}
        done = run("up", **(free | {setting: address}))
    assert_one_line(done, 2, f"TICKETGATE_{setting}: {address} is taken by another program")
    assert not Places(tmp_path / "data").postgres.exists()


def test_up_names_a_data_directory_that_cannot_be_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert_one_line(run("up", DATA_DIR=tmp_path / "file" / "data"), 2, "TICKETGATE_DATA_DIR", str(tmp_path / "file"))


def test_only_one_up_runs_in_a_data_directory(run: Run, tmp_path: Path) -> None:
    places = Places(tmp_path / "data")
    places.root.mkdir()
    with places.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert_one_line(run("up"), 2, "another `ticketgate up` runs in", str(places.root))


def test_up_refuses_the_cluster_of_another_postgres(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "data" / "postgres-17"
    other.mkdir(parents=True)
    (other / "PG_VERSION").write_text("17\n")
    ports = {name: f"127.0.0.1:{free_port()}" for name in ("SMTP_LISTEN", "HTTP_LISTEN")}
    assert_one_line(run("up", **ports), 2, str(other), "backup")


@pytest.mark.parametrize("words", [("migrate",), ("user", "add", "x", "--email", "x@y.example", "--role", "agent")])
def test_a_command_without_a_database_says_what_to_do(run: Run, words: tuple[str, ...]) -> None:
    assert_one_line(run(*words), 1, "ticketgate up", "TICKETGATE_DATABASE_URL")


def test_up_says_that_your_own_database_does_not_answer(run: Run) -> None:
    ports = {name: f"127.0.0.1:{free_port()}" for name in ("SMTP_LISTEN", "HTTP_LISTEN")}
    url = f"postgres://desk@127.0.0.1:{free_port()}/desk"
    done = run("up", DATABASE_URL=url, SECRET_KEY=SECRET, BROKER_URL="redis://127.0.0.1:1/0", **ports)
    assert_one_line(done, 1, "TICKETGATE_DATABASE_URL")


async def test_migrate_from_several_places_at_once_makes_one_admin(run: Run, servers: Places, worker_id: str) -> None:
    name = f"fresh_{worker_id}"
    maintenance = DatabaseUrl(host=str(servers.sockets), user="ticketgate", database="postgres")
    connection: asyncpg.Connection[Any] = await asyncpg.connect(**maintenance.connect_arguments())
    await connection.execute(f"CREATE DATABASE {name}")
    given = {"DATABASE_URL": f"postgres://ticketgate@/{name}?host={servers.sockets}", "SECRET_KEY": SECRET}
    try:
        with ThreadPoolExecutor(3) as pool:
            done = await asyncio.gather(
                *(asyncio.get_running_loop().run_in_executor(pool, lambda: run("migrate", **given)) for _ in range(3))
            )
    finally:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.close()
    assert [one.returncode for one in done] == [0] * 3, done
    assert sum("password" in one.stdout for one in done) == 1


async def test_user_add_takes_the_password_from_standard_input(run: Run, database: Settings) -> None:
    words = ("user", "add", "jane", "--email", "jane@desk.example", "--role", "agent", "--password-stdin")
    done = await asyncio.to_thread(run, *words, given="correct horse 9\n", **database_setting(database))
    assert done.returncode == 0, done.stderr
    assert "correct horse" not in done.stdout
    made = await User.get(username="jane")
    assert (made.role, made.proven) == (Role.AGENT, True)
    assert await matches("correct horse 9", made.password_hash)


async def test_user_add_prints_the_password_that_it_made(run: Run, database: Settings) -> None:
    words = ("user", "add", "jane", "--email", "jane@desk.example", "--role", "admin")
    done = await asyncio.to_thread(run, *words, **database_setting(database))
    assert done.returncode == 0, done.stderr
    made = await User.get(username="jane")
    assert await matches(done.stdout.split()[-1], made.password_hash)


async def test_user_add_says_what_the_desk_refuses(run: Run, database: Settings) -> None:
    words = ("user", "add", "jane", "--email", "jane@desk.example", "--role", "customer", "--password-stdin")
    settings = database_setting(database)
    short = await asyncio.to_thread(run, *words, given="short\n", **settings)
    assert_one_line(short, 2, "password")
    assert not await User.exists(username="jane")
    first = await asyncio.to_thread(run, *words, given="correct horse 9\n", **settings)
    assert first.returncode == 0, first.stderr
    again = await asyncio.to_thread(run, *words, given="correct horse 9\n", **settings)
    assert_one_line(again, 2, "taken")


def test_an_error_that_nobody_foresaw_is_one_line_and_a_file(tmp_path: Path) -> None:
    broken = "import ticketgate.cli as cli; cli.app.command('broken')(lambda: 1 / 0); cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", broken, "broken"],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert_one_line(done, 1, "ZeroDivisionError")
    (log,) = tmp_path.glob("ticketgate-error-*.log")
    assert str(log) in done.stderr
    assert "Traceback" in log.read_text()


def test_help_waits_for_no_heavy_import() -> None:
    asked = "import sys, ticketgate.cli; print(*(set(sys.modules) & {'pydantic', 'asyncpg', 'tortoise', 'fastapi'}))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
