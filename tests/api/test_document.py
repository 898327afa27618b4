"""What the OpenAPI document promises of every call."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx import AsyncClient

NUL, HALF = "a%00b", "%ed%a0%80"  # what PostgreSQL takes in no text; `HALF` of a surrogate pair


def texts(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A path that can be called and the name of a text in its query, of every text in a query."""
    for path, operations in document["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", []):
            schemas = [parameter["schema"], *parameter["schema"].get("anyOf", [])]
            if parameter["in"] == "query" and any(schema.get("type") == "string" for schema in schemas):
                yield path.format_map(Ones()), parameter["name"]


class Ones(dict[str, int]):
    def __missing__(self, _: str) -> int:
        return 1


@pytest.mark.parametrize("text", [NUL, HALF])
async def test_no_text_in_a_query_is_a_server_error(admin: AsyncClient, text: str) -> None:
    document = (await admin.get("/api/openapi.json")).json()
    asked = [f"{path}?{name}={text}" for path, name in texts(document) if not path.endswith("/events")]
    assert len(asked) > 10
    statuses = {address: (await admin.get(address)).status_code for address in asked}
    assert {address: status for address, status in statuses.items() if status >= 500} == {}
