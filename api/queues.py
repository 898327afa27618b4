"""The queues of a desk, and what staff choose from while they work in them."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.caller import Caller
from api.problems import problems
from api.schemas import Person, Text
from api.schemas_queues import QueueCounts, StaffRecord, TagRecord
from desk import views

router = APIRouter(tags=["queues"])

Typed = Annotated[Text, Query(max_length=200, description="The beginning of it.")]


@router.get("/queues", responses={200: {"model": QueueCounts}, **problems(401, 403)})
async def queues(by: Caller) -> JSONResponse:
    """How many tickets stand in each queue, and by whose turn it is. Staff only."""
    return JSONResponse(await views.queues(by))


@router.get("/staff", responses={200: {"model": list[StaffRecord]}, **problems(401, 403)})
async def staff(by: Caller) -> JSONResponse:
    """Those whom a ticket can be assigned to. Staff only."""
    return JSONResponse(await views.staff(by))


@router.get("/people", responses={200: {"model": list[Person]}, **problems(401, 403, 422)})
async def people(by: Caller, q: Typed) -> JSONResponse:
    """Up to ten people, by words of their name or address. Staff only."""
    return JSONResponse(await views.people(by, q))


@router.get("/tags", responses={200: {"model": list[TagRecord]}, **problems(401, 403, 422)})
async def tags(by: Caller, q: Typed = "") -> JSONResponse:
    """Up to twenty tags, the most used first. Staff only."""
    return JSONResponse(await views.tags(by, q))
