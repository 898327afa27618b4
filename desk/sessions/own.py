"""A person's sessions: what they see of them, and how they end."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise import connections

from desk.errors import NotFound
from desk.sessions.tokens import Session, hold
from desk.work import House
from models import RefreshToken

MOST_SHOWN = 100


@dataclass(frozen=True)
class OpenSession:
    """A session that can go on: who signed in and from where, as of the last time that it did."""

    id: uuid.UUID
    agent: str
    peer: str
    created_at: datetime
    last_seen_at: datetime
    current: bool


async def sessions_of(session: Session) -> list[OpenSession]:
    """Those of the session's user: this one first, then by when they were last seen; a hundred at most."""
    rows: list[dict[str, Any]] = await connections.get("default").execute_query_dict(
        """SELECT family AS id, (array_agg(agent ORDER BY id DESC))[1] AS agent,
                  (array_agg(peer ORDER BY id DESC))[1] AS peer,
                  min(created_at) AS created_at, max(created_at) AS last_seen_at, family = $2 AS current
           FROM refresh_tokens WHERE user_id = $1 GROUP BY family
           HAVING bool_or(spent_at IS NULL AND expires_at > now())
           ORDER BY current DESC, last_seen_at DESC LIMIT $3""",
        [session.user.id, session.family, MOST_SHOWN],
    )
    return [OpenSession(**row) for row in rows]


async def end_session(house: House, session: Session, family: uuid.UUID) -> None:
    """Ends one of the user's sessions; this one too, where it is the one. Raises NotFound."""
    if not await end(house, session.user.id, family=family):
        raise NotFound("session")


async def end_others(house: House, session: Session) -> None:
    """Ends all of the user's sessions but this one."""
    async with house.work():
        await hold(session.user.id)
        await end_all(session.user.id, but=session.family)


async def end_all(user_id: int, *, but: uuid.UUID | None = None) -> None:
    """Ends the user's sessions, in a transaction that holds the user already."""
    ending = RefreshToken.filter(user_id=user_id)
    await (ending.exclude(family=but) if but else ending).delete()


async def end(house: House, user_id: int, *, family: uuid.UUID) -> bool:
    """Ends one session; whether there was one."""
    async with house.work():
        await hold(user_id)
        return bool(await RefreshToken.filter(user_id=user_id, family=family).delete())
