"""Addresses that get no mail, for staff."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.caller import AtHouse, Caller
from api.pages_of import Limit, next_link
from api.problems import problems
from api.schemas import SuppressionRecord, Text
from desk import suppressions
from models import Suppression

router = APIRouter(tags=["suppressions"])


@router.get("/suppressions", response_model=list[SuppressionRecord], responses=problems(401, 403, 422))
async def list_suppressions(
    request: Request,
    response: Response,
    by: Caller,
    limit: Limit = 50,
    after: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="The last id of the page before.")] = None,
    email: Annotated[Text | None, Query(description="Only this address, in any case.")] = None,
) -> list[Suppression]:
    """Every address that gets no mail now, and why; newest first. Staff only."""
    found = await suppressions.suppressed(by, limit=limit + 1, before=after, email=email)
    if len(found) > limit:
        response.headers["Link"] = next_link(request, found[limit - 1].id)
    return found[:limit]


@router.delete("/suppressions/{suppression_id:int}", status_code=204, responses=problems(401, 403, 404, 422))
async def lift_suppression(at: AtHouse, by: Caller, suppression_id: int) -> None:
    """The address gets mail again from now on; what was held back stays unsent. Staff only."""
    async with at.work() as work:
        await suppressions.lift(work, by, suppression_id)
