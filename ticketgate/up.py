"""`ticketgate up`: everything on one machine, under one supervisor."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from settings import BadSetting, Settings
from ticketgate import logs, metrics, welcome
from ticketgate.child import Part
from ticketgate.embedded import EmbeddedPostgres, EmbeddedValkey
from ticketgate.lifeline import lifeline
from ticketgate.lock import locked
from ticketgate.output import Output
from ticketgate.readiness import until_ready
from ticketgate.sockets import check_free
from ticketgate.supervisor import Supervisor, supervise

if TYPE_CHECKING:
    from desk import FirstStart

FirstSteps = Callable[[Settings], Awaitable["FirstStart"]]
Server = EmbeddedPostgres | EmbeddedValkey
ROLES = ("smtp", "api", "intake", "worker", "scheduler")
PATIENCE = 10.0  # seconds that the roles of a killed run get to let go of their ports


async def up(settings: Settings) -> None:
    """Runs until a signal asks for the end. Call it in the main thread.

    Raises:
        BadSetting: a directory, a port or a setting must be changed; nothing was started.
        Away: your own database does not answer.
        PartFailed: a part cannot be kept running.
    """
    with locked(settings.places) as ended_by_itself:
        await _check_ports(settings, 0 if ended_by_itself else PATIENCE)
        try:
            _ = settings.secret
        except OSError as error:
            raise BadSetting(f"TICKETGATE_DATA_DIR: no secret can be kept in it ({error})") from None
        logs.set_up("up", settings.log_format, settings.log_level)
        metrics.serve(settings, figures=True)
        output = Output(as_json=settings.log_format == "json")
        try:
            await supervise(lambda supervisor: _start(settings, supervisor, output), output)
        finally:
            output.close()


async def _start(settings: Settings, supervisor: Supervisor, output: Output) -> None:
    servers = _servers(settings)
    for server in servers:
        await _prepare(server)
    for server in servers:
        supervisor.keep(_server_part(server), server=True)
    # The imports take longer than the servers do.
    first_steps, _ = await asyncio.gather(asyncio.to_thread(_import_first_steps), _answering(servers))
    first = await first_steps(settings)
    for role in ROLES:
        supervisor.keep(_role_part(role, servers))
    await until_ready(settings, partial(output.say, "up"))
    _greet(welcome.text(settings, first))


def _servers(settings: Settings) -> list[Server]:
    servers: list[Server] = []
    if settings.embeds_postgres:
        servers.append(EmbeddedPostgres(settings.places))
    if settings.embeds_valkey:
        servers.append(EmbeddedValkey(settings.places))
    return servers


def _server_part(server: Server) -> Part:
    prepare = partial(_prepare, server)
    return Part(server.name, server.command, server.stop_signal, server.before_exec, prepare, server.unsaid)


async def _prepare(server: Server) -> None:
    """Not to be cancelled: the supervisor's last act is to end all processes of ours, and initdb may be one."""
    preparing = asyncio.ensure_future(asyncio.to_thread(server.prepare))
    try:
        await asyncio.shield(preparing)
    finally:
        await asyncio.wait({preparing})


def _role_part(role: str, servers: list[Server]) -> Part:
    return Part(
        role,
        lambda: [sys.executable, "-m", "ticketgate", role],
        signal.SIGTERM,
        lifeline(signal.SIGTERM),
        # A role that finds no database gives up: started again beside a database that recovers, it would use up
        # its five deaths.
        partial(_answering, servers),
    )


async def _answering(servers: list[Server]) -> None:
    await asyncio.gather(*(server.ready() for server in servers))


def _import_first_steps() -> FirstSteps:
    from ticketgate.accounts import first_steps  # noqa: PLC0415 - a second's work, done while the servers start

    return first_steps


def _greet(text: str) -> None:
    try:
        print(text, flush=True)
    except OSError:  # nobody reads; the desk is open all the same, and the end must not fail on what is left to write
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _check_ports(settings: Settings, patience: float) -> None:
    """Raises BadSetting where a port is taken for longer than the patience lasts."""
    wanted = [(settings.smtp_listen, "TICKETGATE_SMTP_LISTEN"), (settings.http_listen, "TICKETGATE_HTTP_LISTEN")]
    if settings.lmtp_listen:
        wanted.append((settings.lmtp_listen, "TICKETGATE_LMTP_LISTEN"))
    if settings.metrics_listen:
        wanted.append((settings.metrics_listen, metrics.SETTING))
    end = time.monotonic() + patience
    while True:
        try:
            for listen, name in wanted:
                check_free(listen, name)
        except BadSetting:
            if time.monotonic() >= end:
                raise
            await asyncio.sleep(0.1)
        else:
            return
