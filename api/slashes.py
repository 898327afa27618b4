"""Under `/api/` a path means the same with and without its final slash, without a redirect."""

from starlette.types import ASGIApp, Receive, Scope, Send


class AnySlash:
    """ASGI middleware that takes the final slash off before a route is looked for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/api/") and scope["path"].endswith("/"):
            scope = {**scope, "path": scope["path"].rstrip("/"), "raw_path": scope["raw_path"].rstrip(b"/")}
        await self._app(scope, receive, send)
