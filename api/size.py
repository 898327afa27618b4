"""How long a request may be. (Starlette's own limit answers in plain text, and ours are problem documents.)"""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 8 * 1024 * 1024  # bytes: a text of 1 MiB, every character of it escaped


class BoundedBody:
    """ASGI middleware that refuses with 413 whoever reads further.

    Args:
        others: path -> bytes, where it is not LARGEST_BODY.
    """

    def __init__(self, app: ASGIApp, others: Mapping[str, int]) -> None:
        self._app = app
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0
        limit = self._others.get(scope.get("path", ""), LARGEST_BODY)

        async def receive_some() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, f"A request has at most {limit} bytes.")
            return message

        await self._app(scope, receive_some, send)
