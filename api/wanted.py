"""What GET /tickets may be asked for."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Query

from api.caller import AtHouse
from api.schemas import Text
from desk.views import Queue, Sort, Wanted
from models import Priority, Status, Turn

FIND = (
    'Words of subject, messages, addresses and names of files; all have to be there. `"words in a row"`, `#12`, and '
    "`from:` `to:` `subject:` `is:active|frozen|closed|unread` `before:2026-11-30` `after:2026-11-01` "
    "`has:attachment|draft` `mailbox:`; for staff also `tag:` `assignee:me|none|name` `priority:` `has:bounce|note`. "
    "A leading `-` turns one of these round."
)


def wanted(
    at: AtHouse,
    status: Annotated[Status | None, Query(description="Only tickets of this status.")] = None,
    queue: Annotated[Queue | None, Query(description="Only what stands in this queue. For staff.")] = None,
    turn: Annotated[Turn | None, Query(description="Who speaks next.")] = None,
    tag: Annotated[Text | None, Query(max_length=100, description="For staff.")] = None,
    assignee: Annotated[
        str | None, Query(pattern=r"^(me|none|[0-9]{1,18})$", description="An id, `me` or `none`. For staff.")
    ] = None,
    mailbox: Annotated[int | None, Query(description="The id of the mailbox.")] = None,
    requester: Annotated[int | None, Query(description="The id of the owner. For staff.")] = None,
    priority: Annotated[Priority | None, Query(description="For staff.")] = None,
    q: Annotated[Text | None, Query(max_length=1000, description=FIND)] = None,
    sort: Annotated[
        Sort,
        Query(
            description="`activity`: newest first; `waiting`: our turn, longest first, then theirs; `oldest` ticket."
        ),
    ] = Sort.ACTIVITY,
) -> Wanted:
    return Wanted(
        status=status,
        queue=queue,
        turn=turn,
        tag=tag,
        assignee=assignee,
        mailbox=mailbox,
        requester=requester,
        priority=priority,
        query=q,
        sort=sort,
        timezone=ZoneInfo(at.settings.timezone),
    )


Asked = Annotated[Wanted, Depends(wanted)]
