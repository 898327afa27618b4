"""Tickets and what is said on them."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from api.caller import AtHouse, Caller, Credentials, caller
from api.pages_of import Limit, next_link
from api.problems import problems
from api.schemas import MessageRecord, NewMessage, NewTicket, TicketChange, TicketRecord, TicketSummary, WhyRecord
from desk import add_message, add_note, change_ticket, open_ticket, pictures, views
from desk.errors import NotFound
from desk.views import Display
from models import Status

router = APIRouter(tags=["tickets"])

# The answers of desk/views.py are shaped already: they go out as they are, the models only document them.
TICKET = {"model": TicketRecord}
# What a stranger sent may be looked at on our pages, and must not act there.
AS_IT_CAME = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


def display(
    at: AtHouse,
    remote_images: Annotated[
        bool, Query(description="Show pictures of other hosts too, who learn from it that the mail is read.")
    ] = False,
) -> Display:
    return Display(lambda attachment_id: pictures.address_of(at, attachment_id), remote_images)


Displayed = Annotated[Display, Depends(display)]


@router.get(
    "/tickets",
    responses={200: {"model": list[TicketRecord] | list[TicketSummary]}, **problems(401, 422)},
)
async def list_tickets(
    request: Request,
    by: Caller,
    shown: Displayed,
    limit: Limit = 50,
    after: Annotated[str | None, Query(description="From the Link header of the page before.")] = None,
    status: Annotated[Status | None, Query(description="Only tickets of this status.")] = None,
    q: Annotated[
        str | None,
        Query(max_length=1000, description="Words of subject, messages and addresses; all have to be there."),
    ] = None,
    view: Annotated[str | None, Query(pattern="^summary$", description="`summary`: without texts.")] = None,
) -> JSONResponse:
    """The caller's own tickets, or every ticket for staff; newest activity first."""
    page = await views.tickets(by, shown, limit=limit, after=after, status=status, query=q, summary=view == "summary")
    headers = {"Link": next_link(request, page.next)} if page.next else {}
    return JSONResponse(page.items, headers=headers)


@router.post("/tickets/add", status_code=201, responses={201: TICKET, **problems(401, 403, 409, 422)})
async def add_ticket(at: AtHouse, by: Caller, shown: Displayed, body: NewTicket) -> JSONResponse:
    """Opens a ticket of the caller's own; an acknowledgement is mailed to them."""
    async with at.work() as work:
        ticket = await open_ticket(work, by, title=body.title, text=body.body_text)
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
    """Status, assignee, title. A new status is mailed to everybody who takes part. Staff only."""
    async with at.work() as work:
        await change_ticket(work, by, ticket_id, **body.model_dump(exclude_unset=True))
    return JSONResponse(await views.ticket(by, ticket_id, shown))


@router.post(
    "/tickets/{ticket_id:int}/new_message",
    status_code=201,
    responses={201: {"model": MessageRecord}, **problems(401, 403, 404, 422)},
)
async def new_message(at: AtHouse, by: Caller, shown: Displayed, ticket_id: int, body: NewMessage) -> JSONResponse:
    """Says something on a ticket. Staff's words are mailed to everybody who takes part, notes to nobody."""
    async with at.work() as work:
        if body.internal:
            message = await add_note(work, by, ticket_id, text=body.said)
        else:
            message = await add_message(work, by, ticket_id, text=body.said, recipients=body.recipients)
    return JSONResponse(await views.message(by, message.id, shown), 201)


@router.get("/messages/{message_id:int}", responses={200: {"model": MessageRecord}, **problems(401, 404, 422)})
async def show_message(by: Caller, shown: Displayed, message_id: int) -> JSONResponse:
    """One message."""
    return JSONResponse(await views.message(by, message_id, shown))


@router.get("/messages/{message_id:int}/why", responses={200: {"model": WhyRecord}, **problems(401, 403, 404, 422)})
async def why(by: Caller, message_id: int) -> JSONResponse:
    """Why a message is on its ticket: the rule that won, every candidate with its evidence, the doubt. Staff only."""
    return JSONResponse(await views.why(by, message_id))


@router.get(
    "/messages/{message_id:int}/raw",
    response_class=Response,
    responses={200: {"content": {"message/rfc822": {}}}, **problems(401, 403, 404, 422)},
)
async def raw_mail(at: AtHouse, by: Caller, message_id: int) -> Response:
    """The bytes of the mail as they were received. Staff only."""
    blob = await views.raw_mail(by, message_id)
    return Response(await _stored(at, blob), media_type="message/rfc822", headers=AS_IT_CAME)


@router.get(
    "/attachments/{attachment_id:int}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, **problems(401, 404, 422)},
)
async def attachment(
    at: AtHouse,
    credentials: Credentials,
    attachment_id: int,
    key: Annotated[str | None, Query(description="From the address of a picture in a message's HTML.")] = None,
) -> Response:
    """An attachment's bytes, for saving: a browser opens none of them by itself."""
    if key is not None and pictures.opens(at, key, attachment_id):
        file = await views.shown_attachment(attachment_id)
    else:
        file = await views.attachment(await caller(at, credentials), attachment_id)
    headers = AS_IT_CAME | {"Content-Disposition": f"attachment; filename*=utf-8''{quote(file.filename, safe='')}"}
    return Response(await _stored(at, file.blob), media_type=_media_type(file.content_type), headers=headers)


async def _stored(at: AtHouse, blob: str) -> bytes:
    try:
        return await at.blobs.get(blob)
    except KeyError:
        raise NotFound("file: its blob is missing") from None


def _media_type(claimed: str) -> str:
    """The type that the mail claimed, where it can stand in a header."""
    fits = claimed.isascii() and claimed.isprintable() and " " not in claimed
    return claimed if fits and claimed.count("/") == 1 else "application/octet-stream"
