"""Pages of lists: how long, and where the next one is (RFC 8288)."""

from typing import Annotated

from fastapi import Query, Request

Limit = Annotated[int, Query(ge=1, le=200, description="Items on a page.")]


def next_link(request: Request, after: int | str) -> str:
    """The Link header's value for the page that begins after `after`."""
    url = request.url.include_query_params(after=after)
    return f'<{url.path}?{url.query}>; rel="next"'
