"""Who is calling, and the house that they call at."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from desk import House, sessions
from desk.errors import Unproven
from models import User

bearer = HTTPBearer(auto_error=False, description="`access` of POST /api/login")


def house(request: Request) -> House:
    found: House = request.app.state.house
    return found


AtHouse = Annotated[House, Depends(house)]


Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


async def caller(at: AtHouse, credentials: Credentials) -> User:
    """The user of the access token. Raises Unproven."""
    if credentials is None:
        raise Unproven("The access token is missing, not valid or expired.")
    return await sessions.whose(at, credentials.credentials)


Caller = Annotated[User, Depends(caller)]
