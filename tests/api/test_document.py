"""What the OpenAPI document promises of every call."""

from collections.abc import Iterator
from typing import Any

from httpx import AsyncClient

NUL = "a%00b"  # what PostgreSQL takes in no text


def texts(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Of every text in a query the method, and an address that can be called with NUL in it."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", []):
                schemas = [parameter["schema"], *parameter["schema"].get("anyOf", [])]
                if parameter["in"] == "query" and any(schema.get("type") == "string" for schema in schemas):
                    yield method, f"{path.format_map(Ones())}?{parameter['name']}={NUL}"


class Ones(dict[str, int]):
    def __missing__(self, _: str) -> int:
        return 1


async def test_no_text_in_a_query_is_a_server_error(admin: AsyncClient) -> None:
    asked = list(texts((await admin.get("/api/openapi.json")).json()))
    assert {("get", "/api/tickets?tag=a%00b"), ("post", "/api/uploads?filename=a%00b")} < set(asked)
    statuses = {call: (await admin.request(*call, content=b"x")).status_code for call in asked}
    assert {call: status for call, status in statuses.items() if status >= 500} == {}
