"""Tokens that the desk signs: whoever shows one proves what is in it, and only for the purpose that it was made for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from desk.work import House

ALGORITHM = "HS256"


def sign(
    house: House, purpose: str, subject: int, lasts: timedelta, *, since: datetime | None = None, **claims: Any
) -> str:
    """A token about `subject` (an id) that can be shown for `lasts` from `since`, or from now."""
    since = since or datetime.now(UTC)
    claims |= {"sub": str(subject), "purpose": purpose, "iat": since, "exp": since + lasts}
    return jwt.encode(claims, house.token_key, ALGORITHM)


def read(house: House, purpose: str, token: str) -> tuple[int, dict[str, Any]] | None:
    """Subject and claims of a token that `sign` made for this purpose and that still holds, else None."""
    try:
        claims = jwt.decode(token, house.token_key, algorithms=[ALGORITHM], options={"require": ["exp", "sub"]})
        subject = int(claims["sub"])
    except (jwt.InvalidTokenError, ValueError):
        return None
    return (subject, claims) if claims.get("purpose") == purpose else None
