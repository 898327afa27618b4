"""Mail on its way out, for staff."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.caller import AtHouse, Caller
from api.pages_of import Limit, next_link
from api.problems import problems
from api.schemas_mail import DeliveryEntry, Retry
from desk import deliveries
from models import Delivery, DeliveryState

router = APIRouter(tags=["mail health"])


@router.get("/deliveries", response_model=list[DeliveryEntry], responses=problems(401, 403, 422))
async def list_deliveries(
    request: Request,
    response: Response,
    by: Caller,
    limit: Limit = 50,
    after: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="The last id of the page before.")] = None,
    state: Annotated[list[DeliveryState] | None, Query(description="Only these; may be given several times.")] = None,
) -> list[Delivery]:
    """Every copy of every outgoing mail, and what became of it; newest first. Staff only."""
    found = await deliveries.deliveries(by, limit=limit + 1, before=after, states=state or ())
    if len(found) > limit:
        response.headers["Link"] = next_link(request, found[limit - 1].id)
    return found[:limit]


@router.post(
    "/deliveries/{delivery_id:int}/retry", response_model=DeliveryEntry, responses=problems(401, 403, 404, 409, 422)
)
async def retry_delivery(at: AtHouse, by: Caller, delivery_id: int, body: Retry | None = None) -> Delivery:
    """Sends a deferred copy now; what did not arrive leaves once more, to a corrected address if one is named."""
    async with at.work() as work:
        return await deliveries.retry(work, by, delivery_id, email=body.email if body else None)
