"""Who is calling, and the house that they call at."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.throttle import client_address
from desk import House, sessions
from desk.errors import Unproven
from desk.sessions import Client, Session
from models import User, Via

bearer = HTTPBearer(auto_error=False, description="`access` of POST /api/login")


def house(request: Request) -> House:
    found: House = request.app.state.house
    return found


AtHouse = Annotated[House, Depends(house)]


Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


async def session(at: AtHouse, credentials: Credentials) -> Session:
    """The session of the access token. Raises Unproven."""
    if credentials is None:
        raise Unproven("The access token is missing, not valid or expired.")
    return await sessions.session_of(at, credentials.credentials)


InSession = Annotated[Session, Depends(session)]


async def caller(at: AtHouse, credentials: Credentials) -> User:
    """The user of the access token, for a route that something else may open too. Raises Unproven."""
    return (await session(at, credentials)).user


async def _user(here: InSession) -> User:
    return here.user


Caller = Annotated[User, Depends(_user)]


async def _via(here: InSession) -> Via:
    return here.via


# How the caller speaks to us: by the dashboard, or by a program that uses the API.
Spoken = Annotated[Via, Depends(_via)]


async def _client(request: Request, at: AtHouse) -> Client:
    return Client(request.headers.get("user-agent", ""), client_address(request, at.settings))


Calling = Annotated[Client, Depends(_client)]
