"""The sessions that are open: how many there may be, what they hold, and how they end together."""

import asyncio
import weakref
from typing import Protocol

from gateway import replies
from gateway.data import Memory
from watch import counts

MOST_SESSIONS = 500
MOST_MEMORY = 256 * 1024 * 1024  # bytes, of all mails that come in at one moment
LAST_WORDS = 1.0  # seconds that a farewell has to get out


class Session(Protocol):
    """What a protocol offers to be counted here and told to go."""

    busy: bool

    def farewell(self, reply: str) -> None: ...

    def abort(self) -> None: ...


class Sessions:
    """All open sessions of this process."""

    def __init__(self, most: int = MOST_SESSIONS, memory: int = MOST_MEMORY) -> None:
        self.memory = Memory(memory)
        self.closing = False
        self._most = most
        self._open: weakref.WeakSet[Session] = weakref.WeakSet()  # a session that never connected goes by itself
        self._left = asyncio.Event()

    @property
    def full(self) -> bool:
        return self.closing or len(self._open) >= self._most

    def join(self, session: Session) -> None:
        self._open.add(session)

    def leave(self, session: Session) -> None:
        self._open.discard(session)
        self._left.set()

    async def close(self, patience: float) -> None:
        """Ends every session: idle ones at once, one in the middle of DATA when it is answered or `patience` ends."""
        self.closing = True
        for session in [session for session in self._open if not session.busy]:
            session.farewell(replies.CLOSING)
        await self._all_left(patience)
        for session in list(self._open):
            session.farewell(replies.CLOSING)
        await self._all_left(LAST_WORDS)
        for session in list(self._open):
            session.abort()

    async def _all_left(self, patience: float) -> None:
        try:
            async with asyncio.timeout(patience):
                while len(self._open):
                    self._left.clear()
                    await self._left.wait()
        except TimeoutError:
            return


class TurnedAway(asyncio.Protocol):
    """Stands in for a session where there are too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        counts.refused.labels(replies.TOO_MANY_CONNECTIONS[:3]).inc()
        transport.write(replies.with_status(replies.TOO_MANY_CONNECTIONS) + b"\r\n")
        transport.close()
