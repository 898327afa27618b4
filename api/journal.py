"""The journal of received mail, for staff."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.caller import Caller
from api.pages_of import Limit, next_link
from api.problems import problems
from api.schemas import JournalEntry
from desk import journal
from models import InboundState

router = APIRouter(tags=["journal"])


@router.get("/inbound", response_model=list[JournalEntry], responses=problems(401, 403, 422))
async def list_inbound(
    request: Request,
    response: Response,
    by: Caller,
    limit: Limit = 50,
    after: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="The last id of the page before.")] = None,
    message_id: Annotated[str | None, Query(description="A Message-ID, with or without angle brackets.")] = None,
    state: Annotated[InboundState | None, Query(description="Only entries of this state.")] = None,
) -> list[journal.Entry]:
    """Every mail that was received, and what became of it; newest first. Staff only."""
    found = await journal.entries(by, limit=limit + 1, before=after, message_id=message_id, state=state)
    if len(found) > limit:
        response.headers["Link"] = next_link(request, found[limit - 1].id)
    return found[:limit]
