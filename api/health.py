"""Whether the process lives, and whether all it needs is there."""

import asyncio
from collections.abc import Awaitable

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse

from api.caller import AtHouse
from api.schemas import Readiness
from mailer.app import check_broker
from models import schema
from settings import Away, Listen, Settings

router = APIRouter(tags=["health"])
PATIENCE = 3.0  # seconds that each part has


@router.get("/healthz", response_class=PlainTextResponse)
async def healthz() -> str:
    """200 as soon as the process lives."""
    return "ok\n"


@router.get("/readyz", responses={200: {"model": Readiness}, 503: {"model": Readiness}})
async def readyz(at: AtHouse) -> JSONResponse:
    """200 when database and broker answer and the listener accepts; else 503 with what is missing."""
    settings = at.settings
    parts = {
        "database": schema.check(settings, patience=PATIENCE),
        "broker": asyncio.to_thread(check_broker, settings),
        "listener": check_listener(settings),
    }
    said = await asyncio.gather(*map(trouble_with, parts.values()))
    missing = {name: trouble for name, trouble in zip(parts, said, strict=True) if trouble}
    body = Readiness(status="not ready" if missing else "ready", missing=missing)
    return JSONResponse(body.model_dump(), 503 if missing else 200)


async def trouble_with(check: Awaitable[None]) -> str | None:
    """What a check says is missing; None where nothing is."""
    try:
        await asyncio.wait_for(check, PATIENCE * 2)
    except Away as error:
        return str(error)
    except TimeoutError:
        return "it does not answer in time"
    return None


async def check_listener(settings: Settings) -> None:
    """Raises Away where no listener greets."""
    listen: Listen = settings.smtp_listen
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(listen.reachable_host, listen.port)
            greeting = await reader.readline()
            writer.write(b"QUIT\r\n")
            writer.close()
    except OSError as error:
        raise Away(f"nothing listens at {listen} ({error.strerror or 'no answer'})") from None
    if not greeting.startswith(b"220"):
        raise Away(f"the listener at {listen} takes nobody: {greeting.decode('ascii', 'replace').strip()}")
