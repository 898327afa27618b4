"""Whether the API of this machine says that everything is ready."""

import asyncio
from collections.abc import Callable

from settings import Settings

STEP = 0.05  # seconds between two questions
ANSWER = 5.0  # seconds that an answer may take
REMINDER = 15.0  # seconds of waiting after which a person hears what is missing


async def until_ready(settings: Settings, say: Callable[[str], None]) -> None:
    """Returns when `GET /readyz` answers 200; says now and then what is missing."""
    loop = asyncio.get_running_loop()
    remind = loop.time() + REMINDER
    while missing := await _missing(settings.http_listen.reachable_host, settings.http_listen.port):
        if loop.time() > remind:
            say(f"not ready yet: {missing}")
            remind = loop.time() + REMINDER
        await asyncio.sleep(STEP)


async def _missing(host: str, port: int) -> str:
    """What is not ready, in the API's own words; empty when all is."""
    try:
        answer = await asyncio.wait_for(_ask(host, port), ANSWER)
    except (OSError, TimeoutError):
        return "the API does not answer"
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1:2]
    return "" if status == [b"200"] else body.decode("utf-8", "replace").strip() or "the API says nothing"


async def _ask(host: str, port: int) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return await reader.read(65536) + await reader.read(65536)
    finally:
        writer.close()
