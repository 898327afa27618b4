"""Beginning a session, going on with it, and leaving it."""

import uuid
from datetime import UTC, datetime, timedelta

from desk import passwords
from desk.errors import Unproven
from desk.sessions.own import end
from desk.sessions.tokens import COOKIE_MARK, Client, Tokens, digest, hold, issue
from desk.work import House
from models import RefreshToken, User, Via

CLAIMS_TRIED = 3  # accounts that claim one address and that a login by address tries, newest first
SAME_MOMENT = timedelta(seconds=10)  # in which the tabs of one browser may show the same cookie
NO_MATCH = "That name and password do not go together."
NOT_VALID = "This refresh token is not valid."


async def log_in(house: House, *, username: str, password: str, client: Client, via: Via = Via.API) -> Tokens:
    """Tokens for whoever knows the password; the e-mail address serves as username too.

    Args:
        via: `DASHBOARD` where the refresh token goes into a cookie.

    Raises:
        Unproven: the same words for a wrong password, an unknown name and an account that has ended.
    """
    candidates = await _called(username)
    for user in candidates:
        if await passwords.matches(password, user.password_hash) and user.active:
            return await _enter(house, user, client, via)
    if not candidates:
        await passwords.matches(password, None)
    raise Unproven(NO_MATCH)


async def refresh(house: House, token: str, *, client: Client, via: Via = Via.API) -> Tokens:
    """New tokens for a refresh token, which is spent by it.

    Args:
        via: as its session began: one from a cookie goes on by the cookie only, and no other does.

    Raises:
        Unproven: it is unknown, expired or spent; a spent one ends its family.
    """
    if token.startswith(COOKIE_MARK) != (via is Via.DASHBOARD):
        raise Unproven(NOT_VALID)
    found = await RefreshToken.get_or_none(token_hash=digest(token))
    tokens = await _go_on(house, found, client, via) if found else None
    if tokens is None:
        raise Unproven(NOT_VALID)
    return tokens


async def log_out(house: House, token: str, by: User | None = None) -> None:
    """Ends the session that the refresh token belongs to; one of nobody is let be.

    Args:
        by: whose it has to be; None where showing the token is proof enough.
    """
    found = await RefreshToken.get_or_none(token_hash=digest(token))
    if found and (by is None or found.user_id == by.id):
        await end(house, found.user_id, family=found.family)


async def _called(name: str) -> list[User]:
    """Accounts that go by a username or an address: the proven one first, then the newest claims."""
    key = name.strip().lower()
    if "@" not in key:
        return await User.filter(username__iexact=name.strip(), password_hash__isnull=False)
    claims = User.filter(email=key, password_hash__isnull=False).order_by("-proven", "-id")
    return await claims.limit(1 + CLAIMS_TRIED)


async def _enter(house: House, known: User, client: Client, via: Via) -> Tokens:
    async with house.work() as work:
        user = await hold(known.id)
        if user is None or not user.active or user.password_hash != known.password_hash:
            raise Unproven(NO_MATCH)  # it was changed while the password was looked at
        return await issue(work, user, uuid.uuid4(), via, client)


async def _go_on(house: House, shown: RefreshToken, client: Client, via: Via) -> Tokens | None:
    """None where the token has expired, or is spent: then its family ends."""
    async with house.work() as work:
        user = await hold(shown.user_id)
        found = await RefreshToken.get_or_none(id=shown.id)  # as it is now that nobody else can spend it
        now = datetime.now(UTC)
        if user is None or not user.active or found is None or found.expires_at <= now:
            return None
        if found.spent_at is None:
            found.spent_at = now
            await found.save(update_fields=["spent_at"])
        elif via is not Via.DASHBOARD or found.spent_at <= now - SAME_MOMENT:
            await RefreshToken.filter(family=found.family).delete()
            return None
        return await issue(work, user, found.family, via, client)
