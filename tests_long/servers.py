"""Debian's servers for a test: on loopback, in folders of their own, ended by their process ids.

What the machine runs as a service is never touched. As root each runs as the user that its package made.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from settings import Places
from tests.conftest import free_port
from tests.running import until
from ticketgate.embedded import running

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))[-1:]
PROGRAMS = {
    "postgresql": POSTGRES[0] / "initdb" if POSTGRES else None,
    "redis-server": shutil.which("redis-server"),
    "rabbitmq-server": shutil.which("/usr/lib/rabbitmq/bin/rabbitmq-server"),
    "chromium": shutil.which("chromium"),
    "postfix": shutil.which("postfix", path="/usr/sbin") if os.geteuid() == 0 else None,  # its master wants root
}
PASSWORD = "a password of the database"
Stop = Callable[[subprocess.Popen[bytes]], object]


def missing(names: Sequence[str]) -> list[str]:
    """Those of these servers that cannot run here."""
    return [name for name in names if not PROGRAMS[name]]


@contextmanager
def embedded(folder: Path) -> Iterator[dict[str, str]]:
    """Our own PostgreSQL and Valkey, as settings for roles that are started one by one."""
    places = Places(folder)
    with running(places):
        yield {
            "database_url": f"postgres://ticketgate@/ticketgate?host={places.sockets}",
            "broker_url": f"redis+socket://{places.valkey_socket}?virtual_host=0",
            "redis_url": f"unix://{places.valkey_socket}?db=0",
        }


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a database whose owner is no superuser and has to give a password."""
    with _folder("postgres") as folder:
        programs, cluster, port = POSTGRES[0], folder / "cluster", free_port()
        made = ["--auth-local=trust", "--auth-host=scram-sha-256", "--username=postgres", "--no-sync"]
        locale = ["--encoding=UTF8", "--locale=C.UTF-8"]
        _run([programs / "initdb", "--pgdata", cluster, *made, *locale], "postgres", folder)
        command = [programs / "postgres", "-D", cluster, "-k", folder, "-p", port, "-c", "listen_addresses=127.0.0.1"]
        with _running(command, "postgres", folder, stop=lambda server: server.send_signal(signal.SIGINT)):
            there = ["--quiet", f"--host={folder}", f"--port={port}"]
            asked = [str(programs / "pg_isready"), *there]
            until(lambda: subprocess.run(asked, check=False).returncode == 0, "PostgreSQL")
            psql = [programs / "psql", *there, "--username=postgres", "-c"]
            _run([*psql, f"CREATE ROLE desk LOGIN PASSWORD '{PASSWORD}'"], "postgres", folder)
            _run([*psql, "CREATE DATABASE desk OWNER desk"], "postgres", folder)
            yield f"postgres://desk:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{port}/desk?sslmode=disable"


@contextmanager
def redis() -> Iterator[str]:
    with _folder("redis") as folder:
        port = free_port()
        nothing_kept = ["--save", "", "--dir", folder]
        with _running(["redis-server", "--bind", "127.0.0.1", "--port", port, *nothing_kept], "redis", folder):
            until(lambda: _answer(port, b"PING\r\n").startswith(b"+PONG"), "Redis")
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def rabbitmq() -> Iterator[str]:
    """A node with a name, a cookie, a port mapper and ports of its own; logs go to its standard output."""
    with _folder("rabbitmq") as folder:
        port, distribution, mapper = free_port(), free_port(), free_port()
        surroundings = {
            "HOME": str(folder),  # where Erlang keeps the cookie
            "RABBITMQ_NODENAME": f"ticketgate-{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": str(mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_CONF_ENV_FILE": str(folder / "no-environment"),
            "RABBITMQ_CONFIG_FILE": str(folder / "no-settings"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "no-plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(folder / "pid"),
        }
        # Started here, as the node would leave behind the one that it starts itself.
        with (
            _running(["epmd", "-port", mapper, "-address", "127.0.0.1"], "rabbitmq", folder, surroundings),
            _running([PROGRAMS["rabbitmq-server"]], "rabbitmq", folder, surroundings),
        ):
            until(lambda: _answer(port, b"AMQP\0\0\x09\x01"), "RabbitMQ", 100)
            yield f"amqp://guest:guest@127.0.0.1:{port}//"


@contextmanager
def postfix(configuration: str) -> "Iterator[Postfix]":
    """Postfix with these lines in its main.cf, and with a queue, a port and files of its own."""
    with _folder("root") as folder:
        folder.chmod(0o755)  # most of its processes are the user `postfix`
        port, settings, data = free_port(), folder / "settings", folder / "data"
        for directory in (settings, data, folder / "queue"):
            directory.mkdir(0o755)
        shutil.chown(data, "postfix")
        (settings / "main.cf").write_text(configuration + POSTFIX_HERE.format(folder=folder))
        (settings / "master.cf").write_text(f"127.0.0.1:{port} inet n - n - - smtpd\n{POSTFIX_SERVICES}")
        here = ["postfix", "-c", settings]
        with _running([*here, "start-fg"], "root", folder, stop=lambda _: _run([*here, "stop"], "root", folder)):
            until(lambda: _answer(port, b"").startswith(b"220"), "Postfix")
            found = Postfix(port, settings)
            try:
                yield found
            except AssertionError as error:
                error.add_note(f"Postfix keeps {found.queue()}")
                raise


@dataclass(frozen=True)
class Postfix:
    port: int
    settings: Path

    def queue(self) -> list[str]:
        """What it says of each mail that waits."""
        told = subprocess.run(["postqueue", "-c", self.settings, "-j"], capture_output=True, text=True, check=True)
        return told.stdout.splitlines()

    def log(self) -> str:
        return (self.settings.parent / "log").read_text(errors="replace")


# Its own places, nobody trusted, no DNS, no way out of this machine, and second thoughts after a second, not minutes.
POSTFIX_HERE = """
compatibility_level = 3.6
myhostname = mx.desk.example
queue_directory = {folder}/queue
data_directory = {folder}/data
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
inet_interfaces = loopback-only
inet_protocols = ipv4
mydestination =
mynetworks =
alias_maps =
smtp_dns_support_level = disabled
default_transport = error:5.4.4 this Postfix brings mail to the desk only
maillog_file = /dev/stdout
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
address_verify_poll_delay = 1s
"""
POSTFIX_SERVICES = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
showq unix n - n - - showq
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def _folder(user: str) -> Iterator[Path]:
    """Not pytest's: that one lets nobody else in."""
    with tempfile.TemporaryDirectory(prefix=f"tg-{user}-", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        yield Path(folder)


@contextmanager
def _running(
    command: Sequence[object],
    user: str,
    folder: Path,
    surroundings: Mapping[str, str] | None = None,
    stop: Stop = subprocess.Popen.terminate,
) -> Iterator[None]:
    """Its words are in `log` of the folder. Ends the server and, at last, whatever it started."""
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(
            _as(user, command), env={**os.environ, **(surroundings or {})}, cwd=folder,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield
        assert server.poll() is None, f"{command[0]} ended by itself\n{_tail(folder)}"
    except AssertionError as error:
        error.add_note(_tail(folder))
        raise
    finally:
        _end(server, stop)


def _end(server: subprocess.Popen[bytes], stop: Stop) -> None:
    stop(server)
    with suppress(subprocess.TimeoutExpired):
        server.wait(20)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def _run(command: Sequence[object], user: str, folder: Path) -> None:
    done = subprocess.run(_as(user, command), cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def _as(user: str, command: Sequence[object]) -> list[str]:
    """As root, the command as this user."""
    here = os.geteuid() == 0 and user != "root"
    become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--"] if here else []
    return [*become, *map(str, command)]


def _answer(port: int, question: bytes) -> bytes:
    """The first bytes that a server on loopback answers; none while it is away."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(question)
            return connection.recv(64)
    except OSError:
        return b""


def _tail(folder: Path) -> str:
    return (folder / "log").read_text(errors="replace")[-4000:]
