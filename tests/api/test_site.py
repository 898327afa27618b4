"""The pages, the docs, health, and the OpenAPI document."""

import re
from pathlib import Path

import pytest
from httpx import AsyncClient

from api import site
from settings import Listen
from tests.cast import SUPPORT, Cast

ROUTES = """POST register|POST login|POST token/refresh|POST logout|GET users|POST users|PATCH users/{}|GET users/me
PATCH users/me|GET tickets|POST tickets/add|GET tickets/{}|PUT tickets/{}|PATCH tickets/{}|POST tickets/{}/new_message
GET messages/{}|GET messages/{}/raw|GET attachments/{}|GET inbound|GET mailboxes|POST mailboxes"""


@pytest.mark.parametrize("at", ["/", "/signin", "/q/mine/t/7", "/t/7", "/search", "/settings/you", "/reset/abc"])
async def test_the_dashboard_needs_no_other_host_and_runs_nothing_but_its_own_files(
    anyone: AsyncClient, at: str
) -> None:
    page = await anyone.get(at)
    assert page.status_code == 200
    assert not re.search(r"https?://|<script>|style=|onload", page.text)
    policy = page.headers["content-security-policy"]
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} <= set(policy.split("; "))
    assert "unsafe" not in policy


async def test_the_dashboards_files_are_kept_for_ever_and_others_are_not_there(anyone: AsyncClient) -> None:
    script = re.search(r'src="(/assets/[^"]+)"', (await anyone.get("/")).text)
    assert script
    assert "immutable" in (await anyone.get(script[1])).headers["cache-control"]
    plain = await anyone.get(script[1], headers={"Accept-Encoding": "identity"})
    small = await anyone.get(script[1], headers={"Accept-Encoding": "gzip"})
    assert ("content-encoding" in plain.headers, small.headers["content-encoding"]) == (False, "gzip")
    assert plain.content == small.content
    for nothing in ("/assets/none.js", "/assets/..%2findex.html", "/nowhere"):
        assert (await anyone.get(nothing)).status_code == 404


async def test_where_the_dashboard_is_not_built_the_page_says_how_to_build_it(
    anyone: AsyncClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(site, "DESK", tmp_path)
    page = await anyone.get("/")
    assert "make install" in page.text
    assert "<script" not in page.text


@pytest.mark.parametrize("at", ["/", "/api/docs"])
async def test_every_file_that_a_page_names_is_served_from_here(anyone: AsyncClient, at: str) -> None:
    page = await anyone.get(at)
    for path in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert path.startswith("/")
        assert (await anyone.get(path)).status_code in {200, 503}, path
    assert "script-src 'self'" in page.headers["content-security-policy"] or at == "/"


async def test_the_openapi_document_knows_every_route_and_every_refusal(anyone: AsyncClient) -> None:
    document = (await anyone.get("/api/openapi.json")).json()
    known = {
        f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path).removeprefix('/api/')}"
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert set(re.split(r"[|\n]", ROUTES)) <= known
    for path, methods in document["paths"].items():
        for route in methods.values():
            assert route.get("description"), route["operationId"]
            refusals = {status: answer for status, answer in route["responses"].items() if int(status) >= 400}
            assert (
                all("application/problem+json" in answer["content"] for answer in refusals.values())
                or path == "/readyz"
            )
            assert ("503" in refusals) or path == "/healthz"
            assert ("413" in refusals) == ("requestBody" in route)
    assert "Problem" in document["components"]["schemas"]


async def test_healthz_answers_and_readyz_names_what_is_missing(cast: Cast, anyone: AsyncClient) -> None:
    assert (await anyone.get("/healthz")).status_code == 200
    settings = cast.house.settings.model_copy(update={"smtp_listen": Listen("127.0.0.1", 1)})
    anyone._transport.app.state.house = type(cast.house)(settings)
    answer = await anyone.get("/readyz")
    assert answer.status_code == 503
    assert list(answer.json()["missing"]) == ["listener"]


async def test_mailboxes_are_added_once_and_only_good_ones(admin: AsyncClient) -> None:
    made = await admin.post("/api/mailboxes", json={"address": "Billing@desk.example"})
    assert (made.status_code, made.json()["address"]) == (201, "billing@desk.example")
    assert (await admin.post("/api/mailboxes", json={"address": "BILLING@desk.example"})).status_code == 409
    for bad in ("nonsense", "a b@desk.example", "", "x@desk.example\r\nBcc: y@z", "a+b@desk.example"):
        assert (await admin.post("/api/mailboxes", json={"address": bad})).status_code == 422
    assert [box["address"] for box in (await admin.get("/api/mailboxes/")).json()] == [SUPPORT, "billing@desk.example"]


async def test_users_are_listed_page_by_page(admin: AsyncClient) -> None:
    names, path = [], "/api/users/?limit=3"
    while path:
        page = await admin.get(path)
        names += [user["username"] for user in page.json()]
        path = "".join(re.findall("<([^>]+)>", page.headers.get("link", "")))
    assert names == ["admin", "ann", "ben", "carl"]
