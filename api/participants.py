"""Who takes part in a ticket, and who would get its next mail."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from api.caller import AtHouse, Caller
from api.problems import problems
from api.schemas import NewParticipant, Person, RecipientsRecord
from desk.participants import add_participant, remove_participant
from desk.recipients import preview

router = APIRouter(tags=["participants"])


@router.get(
    "/tickets/{ticket_id:int}/recipients",
    responses={200: {"model": RecipientsRecord}, **problems(401, 403, 404, 422)},
)
async def recipients(at: AtHouse, by: Caller, ticket_id: int) -> JSONResponse:
    """Who would get a message that the caller sent now, and who is new or dropped since the last mail. Staff only."""
    async with at.work() as work:
        found = await preview(work, by, ticket_id)
    return JSONResponse(found.as_json())


@router.post(
    "/tickets/{ticket_id:int}/participants",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
)
async def join_ticket(at: AtHouse, by: Caller, ticket_id: int, body: NewParticipant) -> Person:
    """Lets somebody take part; who does already goes on doing so. Staff only."""
    async with at.work() as work:
        part = await add_participant(work, by, ticket_id, email=body.email, name=body.name)
    return Person(id=part.user_id, name=part.user.name, email=part.user.email)


@router.delete(
    "/tickets/{ticket_id:int}/participants/{user_id:int}",
    status_code=204,
    response_class=Response,
    responses=problems(401, 403, 404, 409, 422),
)
async def leave_ticket(at: AtHouse, by: Caller, ticket_id: int, user_id: int) -> None:
    """Ends somebody's part: no more mail, and their reply addresses count no more. The requester stays. Staff only."""
    async with at.work() as work:
        await remove_participant(work, by, ticket_id, user_id)
