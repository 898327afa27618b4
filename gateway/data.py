"""The bytes that follow DATA: read in blocks, kept within limits, dots removed (RFC 5321, 4.5.2)."""

import asyncio
from collections.abc import Callable

END = b"\r\n.\r\n"


class Memory:
    """What the mails that come in at this moment may hold together, in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0

    @property
    def full(self) -> bool:
        return self.held >= self.limit


class Parcel:
    """The blocks of one mail as they come in. Past a limit it lets go of them all and takes no more."""

    def __init__(self, size_limit: int, memory: Memory) -> None:
        self.too_big = False
        self.no_room = False
        self._blocks: list[bytes] = []
        self._held = 0
        self._size_limit = size_limit
        self._memory = memory

    def take(self, block: bytes) -> None:
        if self.too_big or self.no_room:
            return
        self._blocks.append(block)
        self._held += len(block)
        self._memory.held += len(block)
        # A dot is stuffed into three bytes or more (dot, CR, LF), so the limit holds at most a third more on the wire.
        self.too_big = self._held > self._size_limit * 4 // 3 + 1
        self.no_room = self._memory.held > self._memory.limit
        if self.too_big or self.no_room:
            self.drop()

    def content(self) -> bytes:
        """The mail without its stuffed dots; sets `too_big` where that passes the limit. Its memory counts on."""
        content = without_stuffing(b"".join(self._blocks))
        self._blocks.clear()
        self.too_big = self.too_big or len(content) > self._size_limit
        return content

    def drop(self) -> None:
        """Gives the memory back."""
        self._blocks.clear()
        self._memory.held -= self._held
        self._held = 0


async def read_data(reader: asyncio.StreamReader, take: Callable[[bytes], None]) -> None:
    """Hands what comes, up to the line with a lone dot, to `take` in blocks of at most the reader's limit or so.

    Only CRLF dot CRLF ends it. A dot between bare LFs or CRs is content, or one mail would smuggle in a second
    (CVE-2023-51764 and its kind). The reader has no way to look ahead, so one byte is taken at the start of a line,
    which is no part of an end that begins later: that one is searched for by its last four bytes.

    Raises:
        asyncio.IncompleteReadError: the connection ended first.
    """
    while True:
        start = await reader.readexactly(1)
        if start == b".":
            start += await reader.readexactly(2)
            if start == b".\r\n":
                return
        take(start)
        if await _to_lone_dot(reader, take, start[-1:]):
            return
        await asyncio.sleep(0)  # nobody sends bare LFs before dots by the million but to keep us busy


async def _to_lone_dot(reader: asyncio.StreamReader, take: Callable[[bytes], None], before: bytes) -> bool:
    """Reads through the next LF, dot, CRLF; whether a CR stood before them. `before` is the last byte taken."""
    while True:
        try:
            block = await reader.readuntil(END[1:])
        except asyncio.LimitOverrunError as over:
            block = await reader.readexactly(over.consumed)  # ends before anything that may begin the end
            take(block)
            before = block[-1:]
            continue
        ended = block.endswith(END) or (before + block) == END
        take(block[:-3] if ended else block)
        return ended


def without_stuffing(data: bytes) -> bytes:
    return data.removeprefix(b".").replace(b"\r\n.", b"\r\n")
