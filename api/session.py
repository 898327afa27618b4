"""The dashboard's session: the refresh token lives in a cookie that no script can read.

A browser sends a cookie whoever makes the call. SameSite keeps it from pages of other sites; a header that only a
script of our own origin can set, and the Origin that the browser names, keep out the rest.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Header, Request, Response

from api.caller import AtHouse, Calling
from api.problems import problem, problems
from api.schemas import Credentials
from api.schemas_accounts import Access
from desk import House, events, log_in, log_out, refresh
from desk.errors import Forbidden, Unproven
from desk.sessions import REFRESH_LASTS, Tokens
from models import Via

COOKIE = "ticketgate_session"
PATH = "/api/session"
HEADER = "desk"  # the value of X-Ticketgate

router = APIRouter(tags=["accounts"])
InCookie = Annotated[str | None, Cookie(alias=COOKIE, description="Set by POST /api/session.")]


async def from_no_other_origin(request: Request, at: AtHouse) -> None:
    """Raises Forbidden where the browser says that a page of another origin makes the call."""
    ours = {f"{scheme}://{request.headers.get('host', '')}" for scheme in ("http", "https")}
    ours |= {"/".join(at.settings.public.split("/")[:3])}  # its origin, without a path
    if not {origin.lower() for origin in request.headers.getlist("origin")} <= {origin.lower() for origin in ours}:
        raise Forbidden("This is for the desk's own pages.")


async def from_our_pages(
    x_ticketgate: Annotated[str | None, Header(description=f"`{HEADER}`: pages of other sites cannot send it.")] = None,
) -> None:
    """Raises Forbidden where the header is missing."""
    if x_ticketgate != HEADER:
        raise Forbidden(f"The header X-Ticketgate has to say {HEADER}.")


SAME_ORIGIN = [Depends(from_no_other_origin)]
OUR_PAGES = [*SAME_ORIGIN, Depends(from_our_pages)]


@router.post("/session", dependencies=SAME_ORIGIN, responses=problems(401, 403, 422, 429))
async def begin_session(
    request: Request, response: Response, at: AtHouse, calling: Calling, body: Credentials
) -> Access:
    """Signs in as POST /api/login does, with the refresh token in a cookie. Messages of the session are `dashboard`."""
    await request.app.state.throttle.count(calling.peer, body.username)
    tokens = await log_in(at, username=body.username, password=body.password, client=calling, via=Via.DASHBOARD)
    return await _handed_out(response, at, tokens)


@router.post("/session/refresh", dependencies=OUR_PAGES, response_model=Access, responses=problems(401, 403, 422))
async def refresh_session(
    response: Response, at: AtHouse, calling: Calling, token: InCookie = None
) -> Access | Response:
    """A new access token, and a new cookie. The one before may be shown for 10 s more, by another tab."""
    try:
        return await _handed_out(response, at, await refresh(at, token or "", client=calling, via=Via.DASHBOARD))
    except Unproven as error:
        return _cleared(problem(401, str(error)), at)


@router.delete(
    "/session", status_code=204, response_class=Response, dependencies=OUR_PAGES, responses=problems(403, 422)
)
async def sign_out(at: AtHouse, token: InCookie = None) -> Response:
    """Signs out: the session ends with all its tokens."""
    await log_out(at, token or "")
    return _cleared(Response(status_code=204), at)


async def _handed_out(response: Response, at: House, tokens: Tokens) -> Access:
    response.headers["Cache-Control"] = "no-store"
    _set_cookie(response, at, tokens.refresh, REFRESH_LASTS)
    return Access(access=tokens.access, events=str(await events.latest()))


def _cleared(response: Response, at: House) -> Response:
    _set_cookie(response, at, "", timedelta(0))
    return response


def _set_cookie(response: Response, at: House, value: str, lasts: timedelta) -> None:
    response.set_cookie(
        COOKIE,
        value,
        max_age=int(lasts.total_seconds()),
        path=PATH,
        secure=at.settings.public.startswith("https:"),
        httponly=True,
        samesite="strict",
    )
