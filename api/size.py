"""How long a request may be. (Starlette's own limit answers in plain text, and ours are problem documents.)"""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 8 * 1024 * 1024  # bytes: a text of 1 MiB, every character of it escaped
WHOLE_MAILS = frozenset({"/api/inbound/explain"})  # as long as the listener would take one


class BoundedBody:
    """ASGI middleware that refuses with 413 whoever reads further."""

    def __init__(self, app: ASGIApp, largest_mail: int) -> None:
        self._app = app
        self._largest_mail = largest_mail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0
        limit = self._largest_mail if scope.get("path") in WHOLE_MAILS else LARGEST_BODY

        async def receive_some() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, f"A request has at most {limit} bytes.")
            return message

        await self._app(scope, receive_some, send)
