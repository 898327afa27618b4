"""One role in this process, from its start to the signal that ends it."""

import asyncio
import signal
from collections.abc import Callable, Coroutine

from settings import Away, Settings, load
from ticketgate import logs, metrics
from ticketgate.doors import Doors
from ticketgate.signals import end_at_once
from ticketgate.sockets import bind

Serve = Callable[[asyncio.Event], Coroutine[None, None, None]]


def smtp(*, processes: int = 1, inherited: str = "") -> int:
    """The listener; with several processes this one only binds and keeps the others, which inherit its sockets."""
    settings = _begin("smtp")
    doors = Doors.inherit(inherited) if inherited else Doors.bind(settings)
    if processes > 1:
        from ticketgate.several import listen  # noqa: PLC0415 - each role imports only what it needs

        return listen(settings, doors, processes)
    from gateway.listener import serve  # noqa: PLC0415

    return _serve(lambda stop: serve(settings, smtp=doors.smtp, lmtp=doors.lmtp, stop=stop))


def intake() -> int:
    settings = _begin("intake", figures=True)
    from gateway.intake import serve  # noqa: PLC0415 - each role imports only what it needs

    return _serve(lambda stop: serve(settings, stop))


def api() -> int:
    settings = _begin("api", figures=True)
    from api.server import serve  # noqa: PLC0415 - each role imports only what it needs

    sockets = bind(settings.http_listen, "TICKETGATE_HTTP_LISTEN")
    return _serve(lambda stop: serve(settings, sockets, stop))


def worker() -> int:
    """Celery owns this process: its signals and its loop."""
    settings = _begin("worker")
    from mailer.worker import run  # noqa: PLC0415 - each role imports only what it needs

    return run(settings)


def scheduler() -> int:
    settings = _begin("scheduler")
    from mailer.scheduler import run  # noqa: PLC0415 - each role imports only what it needs

    return run(settings)


def _begin(role: str, *, figures: bool = False) -> Settings:
    """What every role begins with; `figures` where its metrics show those of the database too."""
    end_at_once()
    settings = load()
    logs.set_up(role, settings.log_format, settings.log_level)
    metrics.serve(settings, figures=figures)
    return settings


def _serve(serve: Serve) -> int:
    import uvloop  # noqa: PLC0415 - Celery's roles run without it

    async def until_stopped() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await serve(stop)
        if not stop.is_set():
            raise Away("it ended though nobody asked it to")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(until_stopped())
    return 0
