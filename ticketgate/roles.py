"""One role in this process, from its start to the signal that ends it."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable, Coroutine

from settings import Away, Settings, load
from ticketgate.signals import end_at_once
from ticketgate.sockets import bind

Serve = Callable[[asyncio.Event], Coroutine[None, None, None]]


def smtp() -> int:
    settings = _begin()
    from gateway.listener import serve  # noqa: PLC0415 - each role imports only what it needs

    smtp_sockets = bind(settings.smtp_listen, "TICKETGATE_SMTP_LISTEN")
    lmtp_sockets: list[socket.socket] = []
    if settings.lmtp_listen:
        lmtp_sockets = bind(settings.lmtp_listen, "TICKETGATE_LMTP_LISTEN")
    return _serve(lambda stop: serve(settings, smtp=smtp_sockets, lmtp=lmtp_sockets, stop=stop))


def intake() -> int:
    settings = _begin()
    from gateway.intake import serve  # noqa: PLC0415 - each role imports only what it needs

    return _serve(lambda stop: serve(settings, stop))


def api() -> int:
    settings = _begin()
    from api.server import serve  # noqa: PLC0415 - each role imports only what it needs

    sockets = bind(settings.http_listen, "TICKETGATE_HTTP_LISTEN")
    return _serve(lambda stop: serve(settings, sockets, stop))


def worker() -> int:
    """Celery owns this process: its signals and its loop."""
    settings = _begin()
    from mailer.worker import run  # noqa: PLC0415 - each role imports only what it needs

    return run(settings)


def scheduler() -> int:
    settings = _begin()
    from mailer.scheduler import run  # noqa: PLC0415 - each role imports only what it needs

    return run(settings)


def _begin() -> Settings:
    end_at_once()
    settings = load()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
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
