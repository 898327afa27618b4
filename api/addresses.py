"""Several addresses of one person: staff add and remove them, everybody does so with their own."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.caller import AtHouse, Caller, Calling
from api.problems import problems
from api.schemas_people import AddressRecord, NewAddress
from desk import addresses
from models import OtherAddress

router = APIRouter(tags=["addresses"])

Email = Annotated[str, Path(pattern="@", description="In any case.", examples=["zoe@home.example"])]


@router.get(
    "/people/{person_id:int}/addresses", response_model=list[AddressRecord], responses=problems(401, 403, 404, 422)
)
async def list_addresses(by: Caller, person_id: int) -> list[OtherAddress]:
    """The addresses of a person beside the first one, oldest first. Staff; everybody else their own alone."""
    return await addresses.addresses_of(by, person_id)


@router.post(
    "/people/{person_id:int}/addresses",
    status_code=201,
    response_model=AddressRecord,
    responses=problems(401, 403, 404, 409, 422),
)
async def add_address(at: AtHouse, by: Caller, person_id: int, body: NewAddress) -> OtherAddress:
    """Mail from the address is the person's from now on; a customer known from it alone becomes part of them.

    Staff only; to a member of staff admins only.
    """
    async with at.work() as work:
        return await addresses.add_address(work, by, person_id, email=body.email)


@router.delete(
    "/people/{person_id:int}/addresses/{email:path}", status_code=204, responses=problems(401, 403, 404, 422)
)
async def remove_address(by: Caller, person_id: int, email: Email) -> None:
    """Mail from the address is somebody else's from now on; what came stays. Staff; everybody else their own alone."""
    await addresses.remove_address(by, person_id, email)


@router.post("/users/me/addresses", status_code=202, response_class=Response, responses=problems(401, 409, 422, 429))
async def ask_for_address(request: Request, at: AtHouse, by: Caller, calling: Calling, body: NewAddress) -> None:
    """Mails a link to one more address of the caller's; it counts once `POST /api/users/confirm` is shown its token."""
    await request.app.state.throttle.count(calling.peer, f"addresses of {by.id}")
    async with at.work() as work:
        await addresses.ask_for_address(work, by, email=body.email)
