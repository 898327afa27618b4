"""Senders whose mail is held back, for staff."""

from fastapi import APIRouter

from api.caller import AtHouse, Caller
from api.problems import problems
from api.schemas_mail import BreakerRecord
from desk import holding

router = APIRouter(tags=["mail health"])


@router.get("/breakers", response_model=list[BreakerRecord], responses=problems(401, 403))
async def list_breakers(by: Caller) -> list[holding.Held]:
    """Breakers that are open, and those that closed by themselves and left mail held; newest first. Staff only."""
    return await holding.breakers(by)


@router.post(
    "/breakers/{breaker_id:int}/resume", response_model=BreakerRecord, responses=problems(401, 403, 404, 409, 422)
)
async def resume_sender(at: AtHouse, by: Caller, breaker_id: int) -> holding.Held:
    """Files all held mail of the sender, and holds nothing more for an hour. `held`: how many go through."""
    async with at.work() as work:
        return await holding.resume(work, by, breaker_id)
