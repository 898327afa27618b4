"""The real listener on ports of its own, for as long as a block lasts."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from gateway.listener import serve
from settings import DatabaseUrl, Settings
from tests.conftest import empty_tables

MAILBOX = "support@desk.test"


@asynccontextmanager
async def listening(settings: Settings) -> AsyncIterator[dict[str, int]]:
    """The ports, by the names `smtp` and `lmtp`."""
    doors = {"smtp": bound(), "lmtp": bound()}
    ports = {name: door.getsockname()[1] for name, door in doors.items()}
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(settings, [doors["smtp"]], [doors["lmtp"]], stop))
    try:
        await until_answering(ports["lmtp"], serving)
        yield ports
    finally:
        stop.set()
        await serving


def bound() -> socket.socket:
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    return door


async def until_answering(port: int, serving: "asyncio.Task[None]") -> None:
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.005)
            continue
        writer.close()
        await writer.wait_closed()
        return


async def one_mailbox(url: DatabaseUrl, address: str = MAILBOX) -> None:
    """Empty tables but for one mailbox."""
    await empty_tables(url)
    await query(
        url, "INSERT INTO mailboxes (address, name, active, created_at) VALUES ($1, 'Desk', true, now())", address
    )


async def query(url: DatabaseUrl, sql: str, *arguments: object) -> list[Any]:
    connection = await asyncpg.connect(**url.connect_arguments())
    try:
        return list(await connection.fetch(sql, *arguments))
    finally:
        await connection.close()
