"""Accounts: registering, signing in, and the users that an admin manages."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.caller import AtHouse, Caller, Calling
from api.pages_of import Limit, next_link
from api.problems import problems
from api.schemas import (
    Confirmation,
    Credentials,
    NewUser,
    RefreshRequest,
    Registration,
    TokenPair,
    UserChange,
    UserRecord,
)
from desk import add_user, change_user, confirm, log_in, log_out, people, refresh, register
from models import User

router = APIRouter(tags=["accounts"])


@router.post("/register", status_code=201, response_model=UserRecord, responses=problems(403, 409, 422))
async def register_account(at: AtHouse, body: Registration) -> User:
    """Makes a customer's account. Its address counts as a claim until a link mailed to it proves it."""
    return await register(at, username=body.username, email=body.email, password=body.password)


@router.post("/login", responses=problems(401, 422, 429))
async def login(request: Request, at: AtHouse, calling: Calling, body: Credentials) -> TokenPair:
    """Tokens for a name (or e-mail address) and its password. Tries are counted, per address and per account."""
    await request.app.state.throttle.count(calling.peer, body.username)
    tokens = await log_in(at, username=body.username, password=body.password, client=calling)
    return TokenPair(access=tokens.access, refresh=tokens.refresh)


@router.post("/token/refresh", responses=problems(401, 422))
async def refresh_tokens(at: AtHouse, calling: Calling, body: RefreshRequest) -> TokenPair:
    """New tokens for a refresh token, which is spent by it. Showing a spent one ends the whole login."""
    tokens = await refresh(at, body.refresh, client=calling)
    return TokenPair(access=tokens.access, refresh=tokens.refresh)


@router.post("/logout", status_code=204, responses=problems(401, 422))
async def logout(at: AtHouse, by: Caller, body: RefreshRequest) -> None:
    """Ends the login that the refresh token belongs to."""
    await log_out(at, body.refresh, by)


@router.post("/users/confirm", response_model=UserRecord, responses=problems(401, 409, 422))
async def confirm_address(at: AtHouse, body: Confirmation) -> User:
    """Proves the address of an account by the token of the link mailed to it; its mailed tickets are the account's."""
    return await confirm(at, body.token)


@router.get("/users", response_model=list[UserRecord], responses=problems(401, 403, 422))
async def list_users(
    request: Request,
    response: Response,
    by: Caller,
    limit: Limit = 50,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="The last id of the page before.")] = 0,
    accounts: Annotated[bool, Query(description="Only people with an account.")] = False,
) -> list[User]:
    """Every user, by id. Admins only."""
    found = await people.everyone(by, limit=limit + 1, after=after, accounts=accounts)
    if len(found) > limit:
        response.headers["Link"] = next_link(request, found[limit - 1].id)
    return found[:limit]


@router.post("/users", status_code=201, response_model=UserRecord, responses=problems(401, 403, 409, 422))
async def make_user(at: AtHouse, by: Caller, body: NewUser) -> User:
    """Makes a user whose address counts as proven. Admins only."""
    return await add_user(
        at, by, username=body.username, email=body.email, password=body.password, role=body.role, name=body.name
    )


@router.patch("/users/{user_id:int}", response_model=UserRecord, responses=problems(401, 403, 404, 409, 422))
async def change_account(by: Caller, user_id: int, body: UserChange) -> User:
    """Role, name and whether the account is active. A new role, and an end, end its sessions. Admins only."""
    return await change_user(by, user_id, body.model_dump(exclude_unset=True))
