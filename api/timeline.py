"""What stands beside a ticket: what happened to it, its people, and up to where it was read."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from api.caller import AtHouse, Caller
from api.pages_of import Limit, next_link
from api.problems import problems
from api.schemas_queues import PartRecord, Seen, TimelineEvent
from desk import views
from desk.reading import mark_read, mark_unread

router = APIRouter(prefix="/tickets/{ticket_id:int}", tags=["tickets"])


@router.get("/timeline", responses={200: {"model": list[TimelineEvent]}, **problems(401, 404, 422)})
async def timeline(
    request: Request,
    by: Caller,
    ticket_id: int,
    limit: Limit = 200,
    after: Annotated[int, Query(ge=0, description="From the Link header of the page before.")] = 0,
) -> JSONResponse:
    """What happened to a ticket, oldest first."""
    page = await views.timeline(by, ticket_id, limit=limit, after=after)
    headers = {"Link": next_link(request, page.next)} if page.next else {}
    return JSONResponse(page.items, headers=headers)


@router.get("/people", responses={200: {"model": list[PartRecord]}, **problems(401, 403, 404, 422)})
async def ticket_people(by: Caller, ticket_id: int) -> JSONResponse:
    """Those who take part, the requester first. Staff only."""
    return JSONResponse(await views.ticket_people(by, ticket_id))


@router.post("/read", status_code=204, response_class=Response, responses=problems(401, 404, 422))
async def read_ticket(at: AtHouse, by: Caller, ticket_id: int, body: Seen) -> None:
    """The caller has read the ticket up to this message; what was read stays read."""
    async with at.work() as work:
        await mark_read(work, by, ticket_id, body.message)


@router.delete("/read", status_code=204, response_class=Response, responses=problems(401, 404, 422))
async def unread_ticket(at: AtHouse, by: Caller, ticket_id: int) -> None:
    """The caller has read nothing of the ticket."""
    async with at.work() as work:
        await mark_unread(work, by, ticket_id)
