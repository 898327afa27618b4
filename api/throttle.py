"""How often somebody may try to sign in, or ask for a new password: counted in Valkey, for all API processes together.

Where Valkey does not answer within half a second, this process counts for itself for a while: a login is neither
refused nor held up because of it.
"""

import asyncio
import logging
import math
import time

import limits
from fastapi import Request
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

from settings import Rate, Settings

log = logging.getLogger(__name__)

PATIENCE = 0.5  # seconds that Valkey has
ALONE = 10.0  # seconds for which it is not asked again


class LoginThrottle:
    """At most so many tries per address and per account."""

    def __init__(self, settings: Settings) -> None:
        self._rate = settings.login_rate
        self._pool = ConnectionPool.from_url(settings.redis, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        self._shared = MovingWindowRateLimiter(
            RedisStorage("redis://", implementation="redispy", connection_pool=self._pool)  # type: ignore[arg-type]  # it says too little
        )
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._alone_until = 0.0

    async def count(self, address: str, account: str, doing: str = "login") -> None:
        """One try at `doing` something. Raises HTTPException 429 with Retry-After where it is one too many."""
        if self._rate is None:
            return
        for what, who in (("address", address), ("account", account.strip().lower()[:254])):
            wait = await self._over(self._rate, doing, what, who)
            if wait is not None:
                raise HTTPException(429, "Too many tries. Wait a while.", {"Retry-After": str(wait)})

    async def close(self) -> None:
        await self._pool.aclose()

    async def _over(self, rate: Rate, *key: str) -> int | None:
        """The seconds to wait where this try is over the rate."""
        item = limits.parse(str(rate))
        if time.monotonic() >= self._alone_until:
            try:
                return await asyncio.wait_for(_hit(self._shared, item, *key), PATIENCE * 2)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("logins are counted by this process alone: %s", error or type(error).__name__)
                self._alone_until = time.monotonic() + ALONE
        return await _hit(self._own, item, *key)


def client_address(request: Request, settings: Settings) -> str:
    """Who is calling: the peer, or whom a chain of trusted proxies names (the last one that is none of them)."""
    address = request.client.host if request.client else ""
    hops = [hop.strip() for hop in ",".join(request.headers.getlist("x-forwarded-for")).split(",") if hop.strip()]
    while hops and address in settings.trusted_proxies:
        address = hops.pop()
    return address


async def _hit(limiter: MovingWindowRateLimiter, item: limits.RateLimitItem, *key: str) -> int | None:
    if await limiter.hit(item, *key):
        return None
    window = await limiter.get_window_stats(item, *key)
    return max(1, math.ceil(window.reset_time - time.time()))
