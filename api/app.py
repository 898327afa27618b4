"""The REST application, put together."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from api import (
    accounts,
    addresses,
    breakers,
    bulk,
    deliveries,
    events,
    health,
    journal,
    mail_health,
    mailboxes,
    own,
    participants,
    passwords,
    problems,
    queues,
    relay,
    session,
    showing,
    site,
    suppressions,
    tickets,
    timeline,
    uploads,
    writing,
)
from api.live import Live
from api.problems import Problem
from api.requests import Watched
from api.size import BoundedBody
from api.slashes import AnySlash
from api.throttle import LoginThrottle
from desk import House
from desk.health import Counting
from desk.uploads import room_for_files
from settings import Settings

PARTS = (
    accounts,
    session,
    own,
    passwords,
    addresses,
    tickets,
    writing,
    uploads,
    bulk,
    timeline,
    queues,
    showing,
    participants,
    events,
    journal,
    mailboxes,
    suppressions,
    deliveries,
    breakers,
    relay,
    mail_health,
)  # in the order of the document

ABOUT = """The desk's REST interface. Every path works with and without its trailing slash.

Sign in with `POST /api/login` and send `Authorization: Bearer <access>`. Refusals are RFC 9457 problem documents. Ids
are integers, times RFC 3339 in UTC. Lists are pages: follow `Link: <…>; rel="next"`. A ticket's status is `AC` active,
`FR` frozen or `CL` closed. Unlike elsewhere, no answer ever carries a password or its hash."""


def make_app(house: House) -> FastAPI:
    """The application of a house. Its database is opened by whoever serves it."""
    app = FastAPI(
        title="Ticketgate",
        version="0.1.0",
        description=ABOUT,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    move_in(app, house)
    problems.install(app)
    _add_routes(app)
    _add_middleware(app, house.settings)
    _document_problems(app)
    return app


def move_in(app: FastAPI, house: House) -> None:
    """The application is this house's from now on, with nobody who listens and nothing counted yet."""
    app.state.house = house
    app.state.live = Live(house.settings)
    app.state.throttle = LoginThrottle(house.settings)
    app.state.counting = Counting()


async def close(app: FastAPI) -> None:
    """Sends listeners home and closes what the application opened."""
    await app.state.live.close()
    await app.state.throttle.close()


def _add_routes(app: FastAPI) -> None:
    rest = APIRouter(prefix="/api")
    for part in PARTS:
        rest.include_router(part.router)
    app.include_router(rest)
    app.include_router(health.router)
    site.install(app)


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """What every request passes through, the last one first."""
    others = {"/api/inbound/explain": settings.max_message_size, "/api/uploads": room_for_files(settings)}
    app.add_middleware(BoundedBody, others=others)
    app.add_middleware(Watched)
    app.add_middleware(AnySlash)


def _operation_id(route: APIRoute) -> str:
    """The function's own name, so that generated clients have names that people would give."""
    return route.name


def _document_problems(app: FastAPI) -> None:
    """Adds the problem document's schema to what FastAPI writes, and the refusals that any route may have."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            document = make()
            schemas = document["components"]["schemas"]
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(problem.pop("$defs", {}), Problem=problem)
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            for path, operations in document["paths"].items():
                for operation in operations.values() if path.startswith("/api/") else ():
                    anywhere = problems.problems(413, 503) if "requestBody" in operation else problems.problems(503)
                    operation["responses"] |= {str(status): answer for status, answer in anywhere.items()}
                    _as_problems(operation["responses"])
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def _as_problems(responses: dict[str, Any]) -> None:
    """A refusal with more in it than others has a model of its own, and is a problem document all the same."""
    for status, answer in responses.items():
        content = answer.get("content", {})
        if status >= "400" and "application/json" in content:
            content["application/problem+json"] = content.pop("application/json")
