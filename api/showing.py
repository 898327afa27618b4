"""Mail of strangers in a browser: its HTML as a page of its own, its files, its raw bytes. None of it acts there."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from api.caller import AtHouse, Caller, Credentials, caller
from api.problems import problems
from desk import pictures, views
from desk.errors import NotFound
from desk.views import Display, StoredFile
from letters import show_file

router = APIRouter(tags=["showing"])

SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
# For saving. Opened by its address all the same, it must not act on our pages.
AS_IT_CAME = SAFE | {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}
# For looking at. In a sandbox some browsers show no PDF, and scripts have no source here anyway.
AS_A_FILE = SAFE | {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "Cache-Control": "private, max-age=900",
}
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:{remote}; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'none'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
PAGE = """<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mail</title>
<style>
body {{ margin: 0; padding: 12px; background: #fff; color: #1a1a1a; overflow-wrap: break-word; }}
body {{ font: 15px/1.5 system-ui, sans-serif; }}
img {{ max-width: 100%; height: auto; }}
pre {{ white-space: pre-wrap; }}
blockquote {{ margin: 0 0 0 8px; padding-left: 12px; border-left: 2px solid #ccc; }}
</style>
</head>
<body dir="auto">
{html}
</body>
</html>
"""

Key = Annotated[str | None, Query(description="From the address that came with the message; it holds for an hour.")]


Inline = Annotated[
    bool, Query(description="Show it where it is a picture, a PDF or text; anything else is for saving all the same.")
]


def display(
    at: AtHouse,
    remote_images: Annotated[
        bool, Query(description="Show pictures of other hosts too, who learn from it that the mail is read.")
    ] = False,
) -> Display:
    return Display(
        address_of=lambda attachment_id: pictures.address_of(at, attachment_id),
        page_of=lambda message_id: pictures.page_of(at, message_id),
        remote_images=remote_images,
    )


Displayed = Annotated[Display, Depends(display)]


@router.get(
    "/messages/{message_id:int}/html",
    response_class=HTMLResponse,
    responses={200: {"content": {"text/html": {}}}, **problems(401, 404, 422)},
)
async def message_page(
    at: AtHouse, credentials: Credentials, shown: Displayed, message_id: int, key: Key = None
) -> HTMLResponse:
    """A message's HTML as a page, cleaned, for a frame of the dashboard. It runs nothing and asks no other host."""
    if key is not None and pictures.opens_page(at, key, message_id):
        html = await views.shown_html(message_id, shown)
    else:
        html = (await views.message(await caller(at, credentials), message_id, shown))["html"]
    if html is None:
        raise NotFound("HTML of a message")
    policy = POLICY.format(remote=" https: http:" if shown.remote_images else "")
    headers = SAFE | {"Content-Security-Policy": policy, "Cache-Control": "private, no-store"}
    return HTMLResponse(PAGE.format(html=html), headers=headers)


@router.get(
    "/messages/{message_id:int}/raw",
    response_class=Response,
    responses={200: {"content": {"message/rfc822": {}}}, **problems(401, 403, 404, 422)},
)
async def raw_mail(at: AtHouse, by: Caller, message_id: int) -> Response:
    """The bytes of the mail as they were received. Staff only."""
    return as_mail(await stored(at, await views.raw_mail(by, message_id)))


@router.get(
    "/attachments/{attachment_id:int}",
    response_class=Response,
    responses={200: {"content": {"*/*": {}}}, **problems(401, 404, 422)},
)
async def attachment(
    at: AtHouse,
    credentials: Credentials,
    attachment_id: int,
    key: Key = None,
    inline: Inline = False,
) -> Response:
    """An attachment's bytes, for saving; a browser opens none of them by itself unless `inline` is asked for."""
    if key is not None and pictures.opens(at, key, attachment_id):
        file = await views.shown_attachment(attachment_id)
    else:
        file = await views.attachment(await caller(at, credentials), attachment_id)
    return await as_file(at, file, inline=inline)


async def as_file(at: AtHouse, file: StoredFile, *, inline: bool) -> Response:
    """A file for saving, or for looking at where that is asked for and its bytes are harmless. Raises NotFound."""
    content = await stored(at, file.blob)
    found = await run_in_threadpool(show_file, content, file.content_type, file.filename) if inline else None
    if found is None:
        return _for_saving(file, content)
    media_type, shown = found
    return Response(shown, media_type=media_type, headers=AS_A_FILE | {"Content-Disposition": _named("inline", file)})


async def stored(at: AtHouse, blob: str) -> bytes:
    """The bytes of a blob. Raises NotFound where the store has lost it."""
    try:
        return await at.blobs.get(blob)
    except KeyError:
        raise NotFound("file: its blob is missing") from None


def as_mail(raw: bytes) -> Response:
    """A raw mail, for saving."""
    return Response(raw, media_type="message/rfc822", headers=AS_IT_CAME)


def _for_saving(file: StoredFile, content: bytes) -> Response:
    headers = AS_IT_CAME | {"Content-Disposition": _named("attachment", file)}
    return Response(content, media_type=_media_type(file.content_type), headers=headers)


def _named(disposition: str, file: StoredFile) -> str:
    return f"{disposition}; filename*=utf-8''{quote(file.filename, safe='')}"


def _media_type(claimed: str) -> str:
    """The type that the mail claimed, where it can stand in a header."""
    fits = claimed.isascii() and claimed.isprintable() and " " not in claimed
    return claimed if fits and claimed.count("/") == 1 else "application/octet-stream"
