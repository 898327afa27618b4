"""Writing on tickets: messages and notes, taking them back, drafts, and the mail before it leaves."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi.responses import JSONResponse

from api.caller import AtHouse, Caller, Spoken
from api.problems import problem, problems
from api.schemas import MessageRecord
from api.schemas_writing import (
    DraftChange,
    DraftRecord,
    MailRecord,
    NewMessage,
    OvertakenProblem,
    PreviewRequest,
    StaleProblem,
)
from api.showing import Displayed
from desk import add_message, add_note, drafts, send_now, take_back, views
from desk.answers import Terms
from desk.drafts import Intent
from desk.errors import Overtaken, Stale
from mailer.preview import preview
from models import DraftKind

router = APIRouter(tags=["writing"])

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern="^[ -~]{1,200}$",
        description="Names this request: sent again with the same key and body, it makes no second message.",
    ),
]


@router.post(
    "/tickets/{ticket_id:int}/new_message",
    status_code=201,
    responses={201: {"model": MessageRecord}, 409: {"model": OvertakenProblem}, **problems(401, 403, 404, 422)},
)
async def new_message(
    at: AtHouse,
    by: Caller,
    via: Spoken,
    shown: Displayed,
    ticket_id: int,
    body: NewMessage,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Says something on a ticket. Staff's words are mailed to everybody who takes part, notes to nobody.

    The caller's draft of that kind ends with it.
    """
    terms = _terms(body, idempotency_key)
    try:
        async with at.work() as work:
            if body.internal:
                said = await add_note(work, by, ticket_id, text=body.said, via=via, terms=terms)
            else:
                said = await add_message(
                    work, by, ticket_id, text=body.said, via=via, recipients=body.recipients, terms=terms
                )
    except Overtaken as error:
        return problem(409, str(error), message=await views.message(by, error.message, shown))
    return JSONResponse(await views.message(by, said.id, shown), 201)


@router.post(
    "/messages/{message_id:int}/undo",
    responses={200: {"model": DraftRecord}, **problems(401, 404, 409, 422)},
)
async def undo_message(at: AtHouse, by: Caller, message_id: int) -> JSONResponse:
    """Takes a message of one's own back, as long as no copy of its mail left: it is a draft again."""
    async with at.work() as work:
        draft = await take_back(work, by, message_id)
    return JSONResponse(draft)


@router.post(
    "/messages/{message_id:int}/send",
    responses={200: {"model": MessageRecord}, **problems(401, 404, 422)},
)
async def send_message(at: AtHouse, by: Caller, shown: Displayed, message_id: int) -> JSONResponse:
    """Lets the mail of a message of one's own leave at once."""
    async with at.work() as work:
        await send_now(work, by, message_id)
    return JSONResponse(await views.message(by, message_id, shown))


@router.post(
    "/tickets/{ticket_id:int}/preview",
    responses={200: {"model": MailRecord}, **problems(401, 403, 404, 422)},
)
async def preview_message(at: AtHouse, by: Caller, ticket_id: int, body: PreviewRequest) -> JSONResponse:
    """The mail that a message would become, as it would leave. Staff only."""
    async with at.work() as work:
        mail = await preview(
            work,
            by,
            ticket_id,
            text=body.text,
            markup=body.format,
            recipients=body.recipients,
            status=body.set_status,
        )
    return JSONResponse(mail)


@router.get(
    "/tickets/{ticket_id:int}/drafts",
    responses={200: {"model": list[DraftRecord]}, **problems(401, 404, 422)},
)
async def list_drafts(by: Caller, ticket_id: int) -> JSONResponse:
    """What the caller has written on a ticket and not yet sent: a reply, a note, or both."""
    return JSONResponse(await drafts.drafts(by, ticket_id))


@router.put(
    "/tickets/{ticket_id:int}/drafts/{kind}",
    responses={200: {"model": DraftRecord}, 409: {"model": StaleProblem}, **problems(401, 403, 404, 422)},
)
async def keep_draft(at: AtHouse, by: Caller, ticket_id: int, kind: DraftKind, body: DraftChange) -> JSONResponse:
    """Keeps a draft in its next version; a 409 shows the one that another tab or device made of it."""
    intent = Intent(body.recipients, body.files, body.set_status, body.in_answer_to)
    try:
        async with at.work() as work:
            draft = await drafts.keep_draft(
                work, by, ticket_id, kind, version=body.version, text=body.text, intent=intent
            )
    except Stale as error:
        return problem(409, str(error), draft=error.draft)
    return JSONResponse(draft)


@router.delete(
    "/tickets/{ticket_id:int}/drafts/{kind}",
    status_code=204,
    response_class=Response,
    responses=problems(401, 403, 404, 422),
)
async def discard_draft(at: AtHouse, by: Caller, ticket_id: int, kind: DraftKind) -> None:
    """Throws a draft away. Its files wait for another week."""
    async with at.work() as work:
        await drafts.discard_draft(work, by, ticket_id, kind)


def _terms(body: NewMessage, key: str | None) -> Terms:
    return Terms(
        markup=body.format,
        files=tuple(body.files),
        in_answer_to=body.in_answer_to,
        seen=body.seen,
        set_status=body.set_status,
        hold=timedelta(seconds=body.hold_seconds),
        key=key,
    )
