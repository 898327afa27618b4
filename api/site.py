"""The pages that a browser gets, all of them from here: no other host, and a policy that lets nothing else in."""

import asyncio
import functools
import gzip
import logging
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse

from api.caller import AtHouse
from desk import confirm
from desk.errors import DeskError, NotFound

OWN = Path(__file__).parent / "pages"
DESK = OWN / "desk"  # what `make` builds out of dashboard/
# Addresses of the dashboard: the page is the same for all, and shows what the address names.
DESK_ADDRESSES = (
    "/", "/signin", "/register", "/forgot", "/reset/{rest:path}", "/q/{rest:path}", "/t/{rest:path}", "/search",
    "/new", "/health", "/health/{rest:path}", "/settings", "/settings/{rest:path}", "/my", "/my/{rest:path}",
)  # fmt: skip
COMPRESSED = {".js": "text/javascript", ".css": "text/css"}  # fonts and pictures are already
SWAGGER_FILES = ("swagger-ui.css", "swagger-ui-bundle.js")
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Swagger UI styles its elements one by one, and draws its icons from data: URLs.
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

# Frames are mails and files, from signed addresses of our own that bring a stricter policy with them.
DESK_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FORM_POLICY = POLICY.replace("form-action 'none'", "form-action 'self'")

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)


async def desk_page() -> FileResponse:
    """The dashboard, whatever its address names; where it is not built, what this is and how to build it."""
    if (DESK / "index.html").exists():
        return _page("desk/index.html", DESK_POLICY)
    return _page("unbuilt.html", POLICY)


@router.get("/assets/{name}")
async def desk_file(request: Request, name: str) -> Response:
    """A part of the dashboard. Its name changes with what is in it. Raises NotFound."""
    file = DESK / "assets" / name
    if file.name != name or not file.is_file():
        raise NotFound("page")
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
    }
    kind = COMPRESSED.get(file.suffix)
    if kind is None or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return FileResponse(file, headers=headers)
    content = await asyncio.to_thread(_compressed, file)
    return Response(content, media_type=kind, headers=headers | {"Content-Encoding": "gzip"})


@router.get("/gate.svg")
async def sign() -> FileResponse:
    """The house's sign."""
    return FileResponse(DESK / "gate.svg", headers={"X-Content-Type-Options": "nosniff"})


@router.get("/api/docs")
async def docs_page() -> FileResponse:
    """The OpenAPI document, to browse and to try."""
    return _page("docs.html", DOCS_POLICY)


@router.get("/confirm/{token}")
async def confirm_page() -> Response:
    """Asks whoever followed the link to press a button: a mail scanner follows links, and proves nothing by it."""
    return _page("confirm.html", FORM_POLICY)


@router.post("/confirm/{token}")
async def confirm_pressed(at: AtHouse, token: str) -> Response:
    """Proves the address and says so."""
    try:
        await confirm(at, token)
    except DeskError as error:
        log.info("a confirmation was refused: %s", error)
        return _page("not_confirmed.html", POLICY, 400)
    return _page("confirmed.html", POLICY)


def install(app: FastAPI) -> None:
    """Adds the pages and the files that they need."""
    for address in DESK_ADDRESSES:
        app.add_api_route(address, desk_page, include_in_schema=False)
    app.include_router(router)
    swagger = _swagger_folder()
    files = {name: OWN / name for name in ("style.css", "docs.js")} | {name: swagger / name for name in SWAGGER_FILES}
    for name, path in files.items():
        app.add_api_route(f"/pages/{name}", _sender(path), include_in_schema=False)


def _page(name: str, policy: str, status: int = 200) -> FileResponse:
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
    return FileResponse(OWN / name, status, headers)


@functools.lru_cache(maxsize=256)
def _compressed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)


def _sender(path: Path):  # type: ignore[no-untyped-def]  # FastAPI reads the inner function's annotations
    async def send() -> FileResponse:
        return FileResponse(path, headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "max-age=3600"})

    return send


def _swagger_folder() -> Path:
    """Where fastapi-offline keeps Swagger UI's files; the package itself is not imported."""
    spec = find_spec("fastapi_offline")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "static"
