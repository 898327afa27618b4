"""Server-sent events of what the caller may see."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.caller import InSession
from api.live import Live
from api.problems import problems
from desk.events import Place
from desk.permissions import Verb, may
from desk.sessions import ACCESS_LASTS, Session, still_open

router = APIRouter(tags=["events"])
HEARTBEAT = 15  # seconds between comments that keep the connection alive


@router.get(
    "/events",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}, **problems(401, 422)},
)
async def follow_events(
    request: Request,
    here: InSession,
    last_event_id: Annotated[
        str | None, Header(description="Where the stream before ended: nothing is missed.")
    ] = None,
) -> EventSourceResponse:
    """What happens to the tickets that the caller may see, as it happens.

    Each event is named by its kind (`opened`, `message`, `note`, `status`, `assigned`, `retitled`; for
    staff `held`: a breaker holds mail, `unanswered`: two machines would answer each other), and its data is
    `{id, kind, ticket, message, actor, data, at}`. A stream lasts as long as an access token: then come again with a
    new one and the last event's id.
    """
    live: Live = request.app.state.live
    return EventSourceResponse(_stream(live, here, Place.parse(last_event_id)), ping=HEARTBEAT)


async def _stream(live: Live, here: Session, since: Place | None) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(comment="listening")
    try:
        async with asyncio.timeout(ACCESS_LASTS.total_seconds()):
            owner = None if may(here.user, Verb.SEE_EVERY_TICKET) else here.user.id
            async for happening in live.follow(since, owner=owner):
                # As they are now: a changed role and an ended session count at once.
                person = await still_open(here)
                if person is None:
                    return
                if happening.seen_by(person):
                    event = happening.as_json()
                    yield ServerSentEvent(json.dumps(event), event=happening.kind, id=str(happening.place))
    except TimeoutError:
        return
