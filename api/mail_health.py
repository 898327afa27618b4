"""How mail flows, for staff."""

import asyncio
from datetime import UTC, datetime

from fastapi import APIRouter, Request

from api.caller import AtHouse, Caller
from api.health import check_listener, trouble_with
from api.problems import problems
from api.schemas_mail import MailHealth
from desk import House, health
from desk.health import Part
from mailer.app import check_broker

router = APIRouter(tags=["mail health"])


@router.get("/health/mail", responses=problems(401, 403))
async def mail_health(request: Request, at: AtHouse, by: Caller) -> MailHealth:
    """Where all mail is and whether every one is accounted for, the last hour, and the parts it passes. Staff only."""
    counting: health.Counting = request.app.state.counting
    figures = await counting.figures(at, by)
    last = await health.last_received()
    found = {
        "stations": health.stations(figures),
        "adds_up": figures.balanced,
        "pulse": await health.pulse(),
        "last_received_at": last,
        "deferred_long": await health.deferred_long(),
        "parts": [*await _outside(at), await health.intake(), await health.relay()],
        "usual": await health.is_usual(last),
    }
    return MailHealth.model_validate(found, from_attributes=True)


async def _outside(at: House) -> list[Part]:
    """The parts that are asked themselves. The database answered just now."""
    broker, listener = await asyncio.gather(
        trouble_with(asyncio.to_thread(check_broker, at.settings)), trouble_with(check_listener(at.settings))
    )
    now = datetime.now(UTC)
    said = {"database": None, "broker": broker, "listener": listener}
    return [Part(name, trouble is None, trouble or "answers", now) for name, trouble in said.items()]
