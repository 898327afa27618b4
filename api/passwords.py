"""A forgotten password: a link mailed to the account's address, and the new one that it sets."""

from fastapi import APIRouter, Request

from api.caller import AtHouse, Calling
from api.problems import problems
from api.schemas_accounts import Forgotten, PasswordReset
from desk import forget_password, reset_password

router = APIRouter(prefix="/password", tags=["accounts"])


@router.post("/forgot", status_code=202, responses=problems(422, 429))
async def forgot(request: Request, at: AtHouse, calling: Calling, body: Forgotten) -> None:
    """Mails a link that sets a new password, if the address has an account; the answer is the same where it has none.

    Requests are counted, per address that calls and per e-mail address.
    """
    await request.app.state.throttle.count(calling.peer, body.email, "forgot")
    await forget_password(at, body.email)


@router.post("/reset", status_code=204, responses=problems(401, 422))
async def reset(at: AtHouse, body: PasswordReset) -> None:
    """Sets a new password by the token of a mailed link, which is good for an hour and once. All sessions end."""
    await reset_password(at, body.token, body.password)
