"""Tickets and what is said on them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from api.caller import AtHouse, Caller, Spoken
from api.pages_of import Limit, next_link
from api.problems import problems
from api.schemas import MessageRecord, TicketChange, TicketRecord, TicketSummary, WhyRecord
from api.schemas_writing import NewTicket
from api.showing import Displayed
from api.wanted import Asked
from desk import Work, change_ticket, open_ticket, views, write_to
from letters import Address
from models import Ticket, User, Via

router = APIRouter(tags=["tickets"])

# The answers of desk/views/ are shaped already: they go out as they are, the models only document them.
TICKET = {"model": TicketRecord}


@router.get(
    "/tickets",
    responses={200: {"model": list[TicketRecord] | list[TicketSummary]}, **problems(401, 403, 422)},
)
async def list_tickets(
    request: Request,
    by: Caller,
    shown: Displayed,
    asked: Asked,
    limit: Limit = 50,
    after: Annotated[str | None, Query(description="From the Link header of the page before.")] = None,
    view: Annotated[str | None, Query(pattern="^summary$", description="`summary`: without texts.")] = None,
) -> JSONResponse:
    """The caller's own tickets, or every ticket for staff; newest activity first, where nothing else is asked."""
    page = await views.tickets(by, shown, asked, limit=limit, after=after, summary=view == "summary")
    headers = {"Link": next_link(request, page.next)} if page.next else {}
    return JSONResponse(page.items, headers=headers)


@router.post("/tickets/add", status_code=201, responses={201: TICKET, **problems(401, 403, 409, 422)})
async def add_ticket(at: AtHouse, by: Caller, via: Spoken, shown: Displayed, body: NewTicket) -> JSONResponse:
    """Opens a ticket of the caller's own, which is acknowledged by mail; or writes to a customer first (staff only)."""
    async with at.work() as work:
        ticket = await _opened(work, by, via, body)
    return JSONResponse(await views.ticket(by, ticket.id, shown), 201)


@router.get("/tickets/{ticket_id:int}", responses={200: TICKET, **problems(401, 404, 422)})
async def show_ticket(by: Caller, shown: Displayed, ticket_id: int) -> JSONResponse:
    """One ticket with all its messages."""
    return JSONResponse(await views.ticket(by, ticket_id, shown))


@router.put("/tickets/{ticket_id:int}", responses={200: TICKET, **problems(401, 403, 404, 422)})
async def put_ticket(at: AtHouse, by: Caller, shown: Displayed, ticket_id: int, body: TicketChange) -> JSONResponse:
    """As PATCH: what is not named stays."""
    return await patch_ticket(at, by, shown, ticket_id, body)


@router.patch("/tickets/{ticket_id:int}", responses={200: TICKET, **problems(401, 403, 404, 422)})
async def patch_ticket(at: AtHouse, by: Caller, shown: Displayed, ticket_id: int, body: TicketChange) -> JSONResponse:
    """Status, assignee, title, priority, tags. A new status is mailed to everybody who takes part. Staff only."""
    async with at.work() as work:
        await change_ticket(work, by, ticket_id, **body.model_dump(exclude_unset=True))
    return JSONResponse(await views.ticket(by, ticket_id, shown))


@router.get("/messages/{message_id:int}", responses={200: {"model": MessageRecord}, **problems(401, 404, 422)})
async def show_message(by: Caller, shown: Displayed, message_id: int) -> JSONResponse:
    """One message."""
    return JSONResponse(await views.message(by, message_id, shown))


@router.get("/messages/{message_id:int}/why", responses={200: {"model": WhyRecord}, **problems(401, 403, 404, 422)})
async def why(by: Caller, message_id: int) -> JSONResponse:
    """Why a message is on its ticket: the rule that won, every candidate with its evidence, the doubt. Staff only."""
    return JSONResponse(await views.why(by, message_id))


async def _opened(work: Work, by: User, via: Via, body: NewTicket) -> Ticket:
    title, text, markup, files = body.title, body.body_text, body.format, tuple(body.files)
    if body.requester is None:
        return await open_ticket(work, by, title=title, text=text, via=via, markup=markup, files=files)
    return await write_to(
        work,
        by,
        requester=Address(body.requester.name.strip(), body.requester.email.strip()),
        mailbox_id=body.mailbox,
        title=title,
        text=text,
        via=via,
        markup=markup,
        files=files,
    )
