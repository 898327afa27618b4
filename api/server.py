"""The api role: the application, served by uvicorn."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn

from api.app import close, make_app
from desk import House
from mailer.nudge import Announcement, Nudge
from models.schema import connected
from settings import Settings

PATIENCE = 3  # seconds that answers under way have when the server is to end


async def serve(settings: Settings, sockets: list[socket.socket], stop: asyncio.Event) -> None:
    """Serves until `stop` is set; answers under way are finished.

    Raises:
        Away: the database does not answer at the start.
    """
    async with connected(settings):
        await serve_app(House(settings, nudge=Nudge(settings), announce=Announcement(settings)), sockets, stop)


async def serve_app(house: House, sockets: list[socket.socket], stop: asyncio.Event) -> None:
    """Serves a house whose database is open already."""
    app = make_app(house)
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=PATIENCE,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    await close(app)
    server.should_exit = True
    await serving
    stopping.cancel()


class _Server(uvicorn.Server):
    """uvicorn that leaves signals to whoever runs the role: its own way ends the process with 143."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
