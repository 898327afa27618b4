"""Oneself: one's own record, password and sessions, and the proof of one's address."""

from uuid import UUID

from fastapi import APIRouter, Request

from api.caller import AtHouse, Caller, Calling, InSession
from api.problems import problems
from api.schemas import UserRecord
from api.schemas_accounts import OwnChange, OwnRecord, PasswordChange, SessionRecord
from desk import change_oneself, change_password, confirmation, sessions
from desk.permissions import Verb, may
from desk.sessions import OpenSession
from models import User

router = APIRouter(tags=["oneself"])


@router.get("/users/me", responses=problems(401))
async def show_me(by: Caller) -> OwnRecord:
    """The caller's own record."""
    return _own(by)


@router.patch("/users/me", responses=problems(401, 403, 422))
async def change_me(by: Caller, body: OwnChange) -> OwnRecord:
    """Changes the caller's own name, and of which tickets they want mail. Role and the like are not theirs to set."""
    return _own(await change_oneself(by, body.model_dump(exclude_unset=True)))


@router.post("/users/me/password", status_code=204, responses=problems(401, 422, 429))
async def change_own_password(
    request: Request, at: AtHouse, here: InSession, calling: Calling, body: PasswordChange
) -> None:
    """A new password for whoever knows the present one. All other sessions end. Tries are counted as log-ins are."""
    await request.app.state.throttle.count(calling.peer, str(here.user.id), "password")
    await change_password(at, here, current=body.current, new=body.new)


@router.post("/users/me/confirmation", status_code=202, responses=problems(401, 409, 429))
async def mail_confirmation_again(at: AtHouse, by: Caller) -> None:
    """Mails the link that proves the caller's address once more; at most every 30 seconds."""
    await confirmation.ask_again(at, by)


@router.get("/users/me/sessions", response_model=list[SessionRecord], responses=problems(401))
async def list_own_sessions(here: InSession) -> list[OpenSession]:
    """Where the caller is signed in: this session first, then the one last seen."""
    return await sessions.sessions_of(here)


@router.delete("/users/me/sessions", status_code=204, responses=problems(401))
async def end_other_sessions(at: AtHouse, here: InSession) -> None:
    """Signs the caller out everywhere else."""
    await sessions.end_others(at, here)


@router.delete("/users/me/sessions/{session_id}", status_code=204, responses=problems(401, 404, 422))
async def end_own_session(at: AtHouse, here: InSession, session_id: UUID) -> None:
    """Signs the caller out there, at once."""
    await sessions.end_session(at, here, session_id)


def _own(user: User) -> OwnRecord:
    notify = user.notify if may(user, Verb.GET_NOTICES) else None
    return OwnRecord(**UserRecord.model_validate(user).model_dump(), notify=notify)
