"""Refusals as RFC 9457 problem documents: one table from class to status."""

import logging
import math
from http import HTTPStatus
from typing import Any

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from desk.errors import Conflict, DeskError, Forbidden, Invalid, NotFound, TooLarge, TooSoon, Unproven
from desk.queries import Unclear
from models.schema import AWAY, TROUBLE
from settings import Away

log = logging.getLogger(__name__)

STATUS: dict[type[DeskError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Invalid: 422,
    Conflict: 409,
    TooLarge: 413,
    Unproven: 401,
    TooSoon: 429,
}
PASSING_CODES = ("08", "40", "53", "57")  # connection, deadlock, resources, operator intervention


class InvalidField(BaseModel):
    field: str
    message: str
    at: tuple[int, int] | None = Field(
        None, description="Of a search: where in `q` it stands, in UTF-16 code units, end exclusive."
    )


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    status: int = Field(examples=[404])
    title: str = Field(examples=["Not Found"])
    detail: str = Field(examples=["There is no such ticket, or it is not yours to see."])
    errors: list[InvalidField] | None = Field(None, description="Of a 422: every field that was not taken.")


class ProblemResponse(JSONResponse):
    media_type = "application/problem+json"


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may refuse with these."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def problem(status: int, detail: str, **more: Any) -> ProblemResponse:
    body = {"status": status, "title": HTTPStatus(status).phrase, "detail": detail, **more}
    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "2"}}.get(status)
    return ProblemResponse(body, status, headers)


def install(app: FastAPI) -> None:
    """Makes every refusal of the app a problem document."""
    app.add_exception_handler(DeskError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Away, _away)
    for error in TROUBLE:
        app.add_exception_handler(error, _database)
    app.add_exception_handler(Exception, unknown)


async def _refused(_: Request, error: Exception) -> ProblemResponse:
    status = next(status for kind, status in STATUS.items() if isinstance(error, kind))
    if isinstance(error, Invalid):
        place = {"at": error.at} if isinstance(error, Unclear) else {}
        return problem(status, str(error), errors=[{"field": error.field, "message": error.message, **place}])
    answer = problem(status, str(error))
    if isinstance(error, TooSoon):
        answer.headers["Retry-After"] = str(max(1, math.ceil(error.wait)))
    return answer


async def _invalid(_: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, RequestValidationError)
    errors = [{"field": _field(found["loc"]), "message": found["msg"]} for found in error.errors()]
    fields = ", ".join(dict.fromkeys(found["field"] for found in errors))
    return problem(422, f"Not taken: {fields}.", errors=errors)


async def _http(_: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:
        # FastAPI says it only of a body that it cannot decode, and what is wrong with a body is 422 here.
        return problem(
            422, "The body is not JSON in UTF-8.", errors=[{"field": "body", "message": "not JSON in UTF-8"}]
        )
    answer = problem(error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _away(_: Request, error: Exception) -> ProblemResponse:
    log.warning("%s", error)
    return problem(503, "A part of the desk does not answer now. Try again in a moment.")


async def _database(request: Request, error: Exception) -> ProblemResponse:
    cause = error if isinstance(error, asyncpg.PostgresError) else error.__cause__
    code = str(getattr(cause, "sqlstate", None) or "")
    if isinstance(error, AWAY) or isinstance(cause, AWAY) or code.startswith(PASSING_CODES):
        return await _away(request, error)
    return await unknown(request, error)


async def unknown(request: Request, error: Exception) -> ProblemResponse:
    """The answer to what should not have happened; what it was is in the log alone."""
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(500, "Something went wrong on our side.")


def _field(location: tuple[int | str, ...]) -> str:
    """The name of a field: without where it stood, and without the offset of broken JSON."""
    names = [str(part) for part in location[1:] if not isinstance(part, int)]
    return ".".join(names) or str(location[0])
