"""Signing in and staying so: short access tokens, refresh tokens that are used once.

All refresh tokens that follow from one login are a family. Whoever shows a spent one has a stolen copy, or had theirs
stolen: the whole family ends (RFC 9700, section 4.14.2).
"""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from desk import passwords, signed
from desk.errors import Unproven
from desk.work import House
from models import RefreshToken, User

PURPOSE = "access"
ACCESS_LASTS = timedelta(minutes=15)
REFRESH_LASTS = timedelta(days=30)
CLAIMS_TRIED = 3  # accounts that claim one address and that a login by address tries, newest first


@dataclass(frozen=True)
class Tokens:
    access: str
    refresh: str


async def log_in(house: House, *, username: str, password: str) -> Tokens:
    """Tokens for whoever knows the password; the e-mail address serves as username too.

    Raises:
        Unproven: the same words for a wrong password, an unknown name and an account that has ended.
    """
    candidates = await _called(username)
    for user in candidates:
        if await passwords.matches(password, user.password_hash) and user.active:
            return await _issue(house, user, uuid.uuid4())
    if not candidates:
        await passwords.matches(password, None)
    raise Unproven("That name and password do not go together.")


async def refresh(house: House, token: str) -> Tokens:
    """New tokens for a refresh token, which is spent by it.

    Raises:
        Unproven: it is unknown, expired or spent; a spent one ends its family.
    """
    async with house.work():
        found = await RefreshToken.filter(token_hash=_hash(token)).select_for_update().first()
        if found is None or found.expires_at <= datetime.now(UTC):
            raise Unproven("This refresh token is not valid.")
        fresh = found.spent_at is None
        if fresh:
            found.spent_at = datetime.now(UTC)
            await found.save(update_fields=["spent_at"])
        else:
            await RefreshToken.filter(family=found.family).delete()
    user = await User.get_or_none(id=found.user_id, active=True)
    if not fresh or user is None:
        raise Unproven("This refresh token is not valid.")
    return await _issue(house, user, found.family)


async def log_out(user: User, token: str) -> None:
    """Ends the login that the refresh token belongs to; one of somebody else, or of nobody, is let be."""
    found = await RefreshToken.get_or_none(token_hash=_hash(token), user_id=user.id)
    if found:
        await RefreshToken.filter(family=found.family).delete()


async def whose(house: House, access: str) -> User:
    """The user of an access token, as they are now.

    Raises:
        Unproven: the token is not ours, has expired, or its user's account has ended.
    """
    shown = signed.read(house, PURPOSE, access)
    if shown is None:
        raise Unproven("The access token is missing, not valid or expired.")
    user = await User.get_or_none(id=shown[0], active=True)
    if user is None:
        raise Unproven("The access token's user has no account any more.")
    return user


async def _called(name: str) -> list[User]:
    """Accounts that go by a username or an address: the proven one first, then the newest claims."""
    key = name.strip().lower()
    if "@" not in key:
        return await User.filter(username__iexact=name.strip(), password_hash__isnull=False)
    claims = User.filter(email=key, password_hash__isnull=False).order_by("-proven", "-id")
    return await claims.limit(1 + CLAIMS_TRIED)


async def _issue(house: House, user: User, family: uuid.UUID) -> Tokens:
    now = datetime.now(UTC)
    token = secrets.token_urlsafe(32)
    await RefreshToken.create(user_id=user.id, family=family, token_hash=_hash(token), expires_at=now + REFRESH_LASTS)
    return Tokens(signed.sign(house, PURPOSE, user.id, ACCESS_LASTS, jti=secrets.token_hex(8)), token)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
