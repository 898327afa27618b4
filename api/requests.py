"""Each request as seen from outside: its id, and how long its answer took to begin."""

import logging
import re
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import unknown
from watch import counts, trace

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
TAKEN = re.compile(r"[A-Za-z0-9._:-]{1,64}")  # of a client or proxy: what may stand in our rows and log lines
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Watched:
    """ASGI middleware. The id is the client's where it is fit, else one of ours; the answer carries it back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        given = Headers(scope=scope).get(HEADER, "")
        answered = False

        async def send_watched(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                MutableHeaders(scope=message)[HEADER] = trace.current()
                _tell(scope, message["status"], time.perf_counter() - began)
            await send(message)

        with trace.bound(given if TAKEN.fullmatch(given) else trace.mint()):
            try:
                await self._app(scope, receive, send_watched)
            except Exception as error:  # here and not outside of all middleware: this answer needs the id most of all
                if answered:
                    raise
                await (await unknown(Request(scope), error))(scope, receive, send_watched)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    method, route = scope["method"] if scope["method"] in METHODS else "other", _route(scope)
    counts.requests.labels(method, route, str(status)).observe(seconds)
    if method not in {"GET", "HEAD", "OPTIONS"}:
        log.info("%s %s: %d", method, route, status)


def _route(scope: Scope) -> str:
    """The path with the names of its parameters; `none` where nothing is there. Ids would make a row of each."""
    path: str | None = getattr(scope.get("route"), "path_format", None)
    if path is None:
        return "none"
    below = "/api" if scope["path"].startswith("/api/") and not path.startswith("/api") else ""
    return below + path
