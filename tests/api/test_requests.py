"""The id of a request, and its time."""

import logging

import httpx
import pytest
from prometheus_client import REGISTRY

from api.app import make_app
from models import Delivery
from tests.api.conftest import Client
from tests.cast import Cast, mail
from watch import trace


def counted(method: str, route: str, status: int) -> float:
    labels = {"method": method, "route": route, "status": str(status)}
    return REGISTRY.get_sample_value("ticketgate_request_seconds_count", labels) or 0.0


@pytest.mark.parametrize("given", ["abc-123", "0af7651916cd43dd8448eb211c80319c", "a.b:c_d"])
async def test_the_id_of_a_client_comes_back(anyone: Client, given: str) -> None:
    answer = await anyone.get("/healthz", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\x1b[2J", '"; DROP'])
async def test_an_unfit_id_is_replaced(anyone: Client, given: str) -> None:
    answer = await anyone.get("/healthz", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] != given
    assert len(answer.headers["X-Request-ID"]) == 12


async def test_each_request_without_an_id_gets_its_own(anyone: Client) -> None:
    first, second = [(await anyone.get("/nowhere")).headers["X-Request-ID"] for _ in range(2)]
    assert first != second


async def test_mail_that_a_request_causes_carries_its_id(cast: Cast, ann: Client) -> None:
    entry = await cast.receive(mail())
    made = await ann.post(
        f"/api/tickets/{entry.ticket_id}/new_message", json={"text": "Yes."}, headers={"X-Request-ID": "from-the-desk"}
    )
    assert made.status_code == 201
    assert (await Delivery.get(message_id=made.json()["id"])).trace == "from-the-desk"


async def test_an_answer_to_the_unforeseen_has_the_id_that_its_log_line_has(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    class Traces(logging.Filter):
        def filter(self, _record: logging.LogRecord) -> bool:
            seen.append(trace.current())
            return True

    app = make_app(cast.house)
    app.add_api_route("/broken", lambda: 1 / 0)
    caplog.handler.addFilter(traces := Traces())
    async with Client(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        answer = await client.get("/broken", headers={"X-Request-ID": "the-bad-one"})
    caplog.handler.removeFilter(traces)
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (500, "the-bad-one")
    assert answer.json()["status"] == 500
    assert "/broken failed" in caplog.text
    assert set(seen) == {"the-bad-one"}


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/healthz", "/healthz", 200),
        ("GET", "/api/tickets/7", "/api/tickets/{ticket_id}", 404),
        ("GET", "/api/tickets/7/", "/api/tickets/{ticket_id}", 404),
        ("GET", "/api/docs", "/api/docs", 200),
        ("GET", "/api/tickets/x/y/z", "none", 404),
        ("BREW", "/nowhere", "none", 404),
    ],
)
async def test_requests_are_counted_by_route_not_by_path(
    ann: Client, method: str, path: str, route: str, status: int
) -> None:
    shown = method if method == "GET" else "other"
    before = counted(shown, route, status)
    assert (await ann.request(method, path)).status_code == status
    assert counted(shown, route, status) == before + 1


async def test_what_changes_something_is_told_without_ids(ann: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "api.requests"):
        await ann.get("/api/tickets/7")
        await ann.post("/api/tickets/7/new_message", json={"text": "x"})
    assert caplog.messages == ["POST /api/tickets/{ticket_id}/new_message: 404"]


async def test_the_public_port_tells_no_figures(anyone: Client) -> None:
    assert (await anyone.get("/metrics")).status_code == 404
    assert (await anyone.get("/api/metrics")).status_code == 404
