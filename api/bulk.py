"""Many tickets changed at once, and taken back."""

from dataclasses import asdict
from uuid import UUID

from fastapi import APIRouter
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from api.caller import AtHouse, Caller
from api.problems import problems
from api.schemas_queues import ManyChanged, ManyTickets, ManyUndone
from desk.bulk import change_many
from desk.bulk_undo import undo_many

router = APIRouter(prefix="/tickets/bulk", tags=["tickets"])


@router.post("", responses={200: {"model": ManyChanged}, **problems(401, 403, 422)})
async def change_tickets(at: AtHouse, by: Caller, body: ManyTickets) -> JSONResponse:
    """Changes tickets; those that cannot be changed are named, with why. New statuses are mailed. Staff only."""
    async with at.work() as work:
        changed = await change_many(
            work, by, list(dict.fromkeys(body.tickets)), body.change, hold=body.hold_seconds, dry_run=body.dry_run
        )
    return JSONResponse(jsonable_encoder(asdict(changed)))


@router.post("/{change}/undo", responses={200: {"model": ManyUndone}, **problems(401, 403, 404, 422)})
async def undo_tickets(at: AtHouse, by: Caller, change: UUID) -> JSONResponse:
    """Takes back a change of the caller's own, once and within ten minutes; status mails that wait never leave."""
    async with at.work() as work:
        undone = await undo_many(work, by, change)
    return JSONResponse(asdict(undone))
