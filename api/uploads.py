"""Files that wait for the message or the draft that takes them along."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.caller import AtHouse, Caller
from api.problems import problems
from api.schemas import Text
from api.schemas_writing import UploadRecord
from api.showing import Inline, as_file
from desk import uploads
from desk.views import StoredFile
from models import Upload

router = APIRouter(tags=["writing"])


@router.post(
    "/uploads",
    status_code=201,
    response_model=UploadRecord,
    responses=problems(401, 403, 422),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
async def upload(
    at: AtHouse,
    by: Caller,
    request: Request,
    filename: Annotated[Text, Query(description="What the file is called; without its folders.", max_length=1000)],
) -> Upload:
    """Keeps the file in the body, of the type in Content-Type, until `files` of a message or a draft name it.

    It goes seven days after the last draft that names it. The files of a message may have seven tenths of
    `TICKETGATE_MAX_MESSAGE_SIZE` together.
    """
    content_type = request.headers.get("content-type", "")
    content = await request.body()
    return await uploads.take_in(at, by, filename=filename, content_type=content_type, content=content)


@router.get(
    "/uploads/{upload_id:int}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, **problems(401, 404, 422)},
)
async def download(at: AtHouse, by: Caller, upload_id: int, inline: Inline = False) -> Response:
    """The bytes of a file of the caller's own, as those of an attachment."""
    found = await uploads.own(by, upload_id)
    return await as_file(at, StoredFile(found.filename, found.content_type, found.blob), inline=inline)


@router.delete("/uploads/{upload_id:int}", status_code=204, response_class=Response, responses=problems(401, 404, 422))
async def give_up(by: Caller, upload_id: int) -> None:
    """The file goes with nothing any more."""
    await uploads.give_up(by, upload_id)
