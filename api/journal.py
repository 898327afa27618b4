"""The journal of received mail, for staff."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from api.caller import AtHouse, Caller
from api.pages_of import Limit, next_link
from api.problems import problems
from api.schemas import Explained, JournalEntry, Text
from api.schemas_mail import BulkMove, BulkMoved, ExplainedEntry, StateCounts
from api.showing import as_mail
from desk import Work, foresight, journal
from desk.permissions import Verb, require
from letters import as_json, parse
from models import Inbound, InboundState

router = APIRouter(tags=["journal"])
MOVED = problems(401, 403, 404, 409, 422)
MOVES = {"replay": journal.replay, "discard": journal.discard}


@router.get("/inbound", response_model=list[JournalEntry], responses=problems(401, 403, 422))
async def list_inbound(
    request: Request,
    response: Response,
    by: Caller,
    limit: Limit = 50,
    after: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="The last id of the page before.")] = None,
    message_id: Annotated[Text | None, Query(description="A Message-ID, with or without angle brackets.")] = None,
    state: Annotated[InboundState | None, Query(description="Only entries of this state.")] = None,
) -> list[journal.Entry]:
    """Every mail that was received, and what became of it; newest first. Staff only."""
    found = await journal.entries(by, limit=limit + 1, before=after, message_id=message_id, state=state)
    if len(found) > limit:
        response.headers["Link"] = next_link(request, found[limit - 1].id)
    return found[:limit]


@router.post(
    "/inbound/explain",
    response_model=Explained,
    responses=problems(401, 403),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
async def explain_mail(by: Caller, request: Request) -> JSONResponse:
    """What a raw mail in the body would become. Nothing is stored. Staff only."""
    require(by, Verb.READ_RAW_MAIL)
    raw = await request.body()
    return JSONResponse(as_json(await asyncio.to_thread(parse, raw)))


@router.get("/inbound/states", response_model=StateCounts, responses=problems(401, 403))
async def count_inbound(by: Caller) -> dict[InboundState, int]:
    """How many entries each state of the journal has. Staff only."""
    return await journal.counts(by)


@router.post("/inbound/bulk", responses=problems(401, 403, 422))
async def move_inbound(at: AtHouse, by: Caller, body: BulkMove) -> BulkMoved:
    """Replays or discards several entries at once; those that it makes no sense for are told. Staff only."""
    require(by, Verb.MOVE_JOURNAL)
    async with at.work() as work:
        done, refused = await journal.move_each(work, body.ids, MOVES[body.do])
    return BulkMoved.model_validate({"done": done, "refused": [{"entry": one, "detail": why} for one, why in refused]})


@router.get(
    "/inbound/{entry_id:int}/raw",
    response_class=Response,
    responses={200: {"content": {"message/rfc822": {}}}, **problems(401, 403, 404, 422)},
)
async def raw_inbound(at: AtHouse, by: Caller, entry_id: int) -> Response:
    """The bytes of a mail as they were received, whatever became of it. Staff only."""
    _, raw = await journal.raw_mail(at, by, entry_id)
    return as_mail(raw)


@router.get("/inbound/{entry_id:int}/explain", response_model=ExplainedEntry, responses=problems(401, 403, 404, 422))
async def explain_inbound(at: AtHouse, by: Caller, entry_id: int) -> JSONResponse:
    """What a mail of the journal says, and where it belongs: as decided, else as it would be now. Staff only."""
    entry, raw = await journal.raw_mail(at, by, entry_id)
    letter = await asyncio.to_thread(parse, raw)
    async with at.work() as work:
        threads = await foresight.candidates(work, entry, letter)
    return JSONResponse(as_json(letter) | {"threads": threads})


@router.post("/inbound/{entry_id:int}/replay", response_model=JournalEntry, responses=MOVED)
async def replay_inbound(at: AtHouse, by: Caller, entry_id: int) -> journal.Entry:
    """Has a mail read once more; a held one is filed past the limit. Staff only."""
    return await _moved(at, by, entry_id, journal.replay)


@router.post(
    "/inbound/{entry_id:int}/discard", response_model=JournalEntry, responses=problems(401, 403, 404, 409, 422)
)
async def discard_inbound(at: AtHouse, by: Caller, entry_id: int) -> journal.Entry:
    """Ends a held or quarantined mail as ignored; its bytes stay. Staff only."""
    return await _moved(at, by, entry_id, journal.discard)


async def _moved(
    at: AtHouse, by: Caller, entry_id: int, move: Callable[[Work, int], Awaitable[Inbound]]
) -> journal.Entry:
    require(by, Verb.MOVE_JOURNAL)
    async with at.work() as work:
        await move(work, entry_id)
    return await journal.show(by, entry_id)
