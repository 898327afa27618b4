"""What a session hands out, and what it proves when it is shown."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from desk import signed
from desk.errors import Unproven
from desk.work import House, Work
from models import RefreshToken, User, Via

PURPOSE = "access"
ACCESS_LASTS = timedelta(minutes=15)
REFRESH_LASTS = timedelta(days=30)
COOKIE_MARK = "desk."  # begins the refresh tokens that live in a cookie; no other has a full stop
LONGEST_AGENT = 300  # characters
LONGEST_PEER = 100  # as above: a trusted proxy may forward any text


@dataclass(frozen=True)
class Client:
    """Who is calling: the program by its own words, and the address that it calls from."""

    agent: str = ""
    peer: str = ""


@dataclass(frozen=True)
class Tokens:
    access: str
    refresh: str


@dataclass(frozen=True)
class Session:
    """What an access token stands for: its user as they are now, their session, and how it was begun."""

    user: User
    family: uuid.UUID
    via: Via


async def issue(work: Work, user: User, family: uuid.UUID, via: Via, client: Client) -> Tokens:
    """The next pair of a session; the transaction holds the user (`hold`)."""
    token = (COOKIE_MARK if via is Via.DASHBOARD else "") + secrets.token_urlsafe(32)
    await _sweep(work, user)
    await RefreshToken.create(
        user_id=user.id,
        family=family,
        token_hash=digest(token),
        agent=_printable(client.agent)[:LONGEST_AGENT],
        peer=_printable(client.peer)[:LONGEST_PEER],
        expires_at=datetime.now(UTC) + REFRESH_LASTS,
    )
    access = signed.sign(
        work.house, PURPOSE, user.id, ACCESS_LASTS, jti=secrets.token_hex(8), family=str(family), via=via
    )
    return Tokens(access, token)


async def session_of(house: House, access: str) -> Session:
    """The session of an access token, as it is now.

    Raises:
        Unproven: the token is not ours or has expired, its session has ended, or its user's account has.
    """
    shown = signed.read(house, PURPOSE, access)
    family = _family(shown[1]) if shown else None
    if shown is None or family is None:
        raise Unproven("The access token is missing, not valid or expired.")
    user = await _holder(shown[0], family)
    if user is None:
        raise Unproven("The access token's session has ended.")
    return Session(user, family, Via(shown[1]["via"]))


async def still_open(session: Session) -> User | None:
    """The session's user as they are now; None where it, or their account, has ended."""
    return await _holder(session.user.id, session.family)


async def hold(user_id: int) -> User | None:
    """The user's row, locked: what begins, goes on or ends with their sessions waits for each other."""
    return await User.filter(id=user_id).select_for_update(no_key=True).first()


def digest(token: str) -> bytes:
    """What is kept of a refresh token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def _sweep(work: Work, user: User) -> None:
    """Forgets what ran out; the first token of a session that goes on stays, for when it began."""
    await work.rows(
        """DELETE FROM refresh_tokens WHERE user_id = $1 AND expires_at <= now() AND id NOT IN (
               SELECT min(id) FROM refresh_tokens WHERE user_id = $1 GROUP BY family HAVING max(expires_at) > now()
           )""",
        user.id,
    )


async def _holder(user_id: int, family: uuid.UUID) -> User | None:
    return await User.filter(id=user_id, active=True, refresh_tokens__family=family).first()


def _family(claims: dict[str, Any]) -> uuid.UUID | None:
    try:
        return uuid.UUID(claims["family"])
    except (KeyError, ValueError):  # one from before tokens had a family
        return None


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
