"""Sessions: the dashboard's cookie, and a person's own sessions to look at and to end."""

import asyncio
import uuid
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from http.cookies import Morsel, SimpleCookie
from typing import Any

import httpx
import pytest
from httpx import AsyncClient, Response

from api.app import close, make_app
from desk import House, Work
from desk.sessions import Client, end_all, hold, session_of
from desk.sessions.tokens import issue
from models import RefreshToken, User, Via
from settings import Networks, Rate
from tests.cast import PASSWORD, Cast

ANN = {"username": "ann", "password": PASSWORD}
OURS = {"X-Ticketgate": "desk"}


def cookie_of(answer: Response) -> "Morsel[str]":
    jar = SimpleCookie(answer.headers["set-cookie"])
    return jar["ticketgate_session"]


async def sign_in(client: AsyncClient, **headers: str) -> tuple[str, str]:
    """Access token and cookie of a new session of the dashboard."""
    answer = await client.post("/api/session", json=ANN, headers=headers)
    assert answer.status_code == 200, answer.text
    client.cookies.clear()
    return answer.json()["access"], cookie_of(answer).value


async def show(client: AsyncClient, cookie: str | None, method: str = "POST", **headers: str) -> Response:
    """Refreshes (or ends) the session of a cookie, as a page of ours does."""
    client.cookies.clear()
    path = "/api/session/refresh" if method == "POST" else "/api/session"
    sent = OURS | ({"Cookie": f"ticketgate_session={cookie}"} if cookie else {}) | headers
    answer = await client.request(method, path, headers=sent)
    client.cookies.clear()
    return answer


def bearer(access: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access}"}


async def me(client: AsyncClient, access: str) -> int:
    return (await client.get("/api/users/me", headers=bearer(access))).status_code


async def spent(seconds_ago: float) -> None:
    """Every spent token was so long ago."""
    await RefreshToken.exclude(spent_at=None).update(spent_at=datetime.now(UTC) - timedelta(seconds=seconds_ago))


async def test_signing_in_answers_an_access_token_and_keeps_the_refresh_token_in_a_cookie(anyone: AsyncClient) -> None:
    answer = await anyone.post("/api/session/", json=ANN)
    cookie = cookie_of(answer)
    assert list(answer.json()) == ["access", "events"]
    assert cookie.value not in answer.text
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/api/session")
    assert (cookie["max-age"], cookie["secure"]) == (str(30 * 24 * 3600), "")
    assert answer.headers["cache-control"] == "no-store"
    assert await me(anyone, answer.json()["access"]) == 200


async def test_the_cookie_is_secure_where_the_desk_is_reached_by_https(cast: Cast) -> None:
    house = House(cast.house.settings.model_copy(update={"public_url": "https://desk.example"}))
    app = make_app(house)
    async with AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        answer = await client.post("/api/session", json=ANN)
    await close(app)
    assert cookie_of(answer)["secure"] is True


async def test_who_cannot_sign_in_gets_no_cookie(anyone: AsyncClient) -> None:
    wrong = await anyone.post("/api/session", json=ANN | {"password": "wrong"})
    odd = await anyone.post("/api/session", json={"username": "ann"})
    assert (wrong.status_code, odd.status_code) == (401, 422)
    assert not {"set-cookie"} & (set(wrong.headers) | set(odd.headers))


async def test_signing_in_counts_with_the_other_log_ins(cast: Cast) -> None:
    app = make_app(House(cast.house.settings.model_copy(update={"login_rate": Rate(2, 60)})))
    async with AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        for path in ("/api/session", "/api/login"):
            assert (await client.post(path, json=ANN | {"password": "wrong"})).status_code == 401
        over = await client.post("/api/session", json=ANN)
    await close(app)
    assert over.status_code == 429
    assert int(over.headers["retry-after"]) >= 1


async def test_a_refresh_spends_the_cookie_and_sets_the_next(anyone: AsyncClient) -> None:
    _, first = await sign_in(anyone)
    answer = await show(anyone, first)
    second = cookie_of(answer).value
    assert (answer.status_code, second != first) == (200, True)
    assert await me(anyone, answer.json()["access"]) == 200
    assert (await show(anyone, second)).status_code == 200


async def test_two_tabs_that_refresh_at_once_both_go_on(anyone: AsyncClient) -> None:
    _, cookie = await sign_in(anyone)
    answers = await asyncio.gather(*(show(anyone, cookie) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    nexts = {cookie_of(answer).value for answer in answers}
    assert len(nexts) == 4
    assert [(await show(anyone, cookie)).status_code for cookie in nexts] == [200] * 4
    assert len(set(await RefreshToken.all().values_list("family", flat=True))) == 1


async def test_a_spent_cookie_that_is_shown_later_ends_the_session_at_once(anyone: AsyncClient) -> None:
    _, stolen = await sign_in(anyone)
    fresh = await show(anyone, stolen)
    await spent(11)
    late = await show(anyone, stolen)
    assert (late.status_code, cookie_of(late)["max-age"]) == (401, "0")
    assert (await show(anyone, cookie_of(fresh).value)).status_code == 401, "the family lives on"
    assert await me(anyone, fresh.json()["access"]) == 401, "its access token lives on"


async def test_ten_seconds_are_the_cookies_alone(anyone: AsyncClient) -> None:
    tokens = (await anyone.post("/api/login", json=ANN)).json()
    assert (await anyone.post("/api/token/refresh", json={"refresh": tokens["refresh"]})).status_code == 200
    assert (await anyone.post("/api/token/refresh", json={"refresh": tokens["refresh"]})).status_code == 401


async def test_neither_kind_of_refresh_token_serves_for_the_other(anyone: AsyncClient) -> None:
    _, cookie = await sign_in(anyone)
    tokens = (await anyone.post("/api/login", json=ANN)).json()
    assert (await anyone.post("/api/token/refresh", json={"refresh": cookie})).status_code == 401
    assert (await show(anyone, tokens["refresh"])).status_code == 401
    assert (await show(anyone, cookie)).status_code == 200


@pytest.mark.parametrize("cookie", [None, "nonsense", "desk.nonsense", "expired"])
async def test_a_cookie_that_proves_nothing_is_refused_and_cleared(anyone: AsyncClient, cookie: str | None) -> None:
    if cookie == "expired":
        _, cookie = await sign_in(anyone)
        await RefreshToken.all().update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    refused = await show(anyone, cookie)
    assert (refused.status_code, refused.json()["title"]) == (401, "Unauthorized")
    cleared = cookie_of(refused)
    assert (cleared.value, cleared["max-age"], cleared["path"]) == ("", "0", "/api/session")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Ticketgate": ""},
        {"X-Ticketgate": "other"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://desk:8080"},
        {"Origin": "http://desk.evil.example"},
    ],
)
async def test_other_pages_can_use_no_cookie(anyone: AsyncClient, method: str, headers: dict[str, str]) -> None:
    _, cookie = await sign_in(anyone)
    refused = await show(anyone, cookie, method, **headers)
    assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
    assert (await show(anyone, cookie)).status_code == 200, "the session was touched"


async def test_another_page_signs_nobody_in(anyone: AsyncClient) -> None:
    refused = await anyone.post("/api/session", json=ANN, headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers


@pytest.mark.parametrize("origin", ["http://desk", "https://desk", "http://DESK", "https://Support.example"])
async def test_our_own_pages_are_known_by_host_or_public_url(cast: Cast, origin: str) -> None:
    public = "https://support.example/help"
    app = make_app(House(cast.house.settings.model_copy(update={"public_url": public})))
    async with AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        _, cookie = await sign_in(client, Origin=origin)
        assert (await show(client, cookie, Origin=origin)).status_code == 200
    await close(app)


async def test_signing_out_ends_the_session_and_clears_the_cookie(anyone: AsyncClient) -> None:
    access, cookie = await sign_in(anyone)
    other, _ = await sign_in(anyone)
    answer = await show(anyone, cookie, "DELETE")
    assert (answer.status_code, answer.content, cookie_of(answer)["max-age"]) == (204, b"", "0")
    assert (await show(anyone, cookie)).status_code == 401
    assert (await me(anyone, access), await me(anyone, other)) == (401, 200)
    assert (await show(anyone, None, "DELETE")).status_code == 204, "who is out already may go"


async def test_an_ended_account_refreshes_nothing(anyone: AsyncClient, cast: Cast, admin: AsyncClient) -> None:
    access, cookie = await sign_in(anyone)
    await admin.patch(f"/api/users/{cast.ann.id}", json={"active": False})
    assert (await show(anyone, cookie)).status_code == 401
    assert await me(anyone, access) == 401
    await User.filter(id=cast.ann.id).update(active=True)
    assert (await show(anyone, cookie)).status_code == 401, "an account that is active again gives old sessions back"


async def test_an_inactive_user_with_a_token_left_refreshes_nothing(anyone: AsyncClient, cast: Cast) -> None:
    _, cookie = await sign_in(anyone)
    await User.filter(id=cast.ann.id).update(active=False)
    assert (await show(anyone, cookie)).status_code == 401


async def listed(client: AsyncClient, access: str) -> list[dict[str, Any]]:
    answer = await client.get("/api/users/me/sessions/", headers=bearer(access))
    assert answer.status_code == 200, answer.text
    sessions: list[dict[str, Any]] = answer.json()
    return sessions


async def end(client: AsyncClient, access: str, path: str = "") -> int:
    return (await client.delete(f"/api/users/me/sessions{path}", headers=bearer(access))).status_code


async def test_a_persons_sessions_are_listed_this_one_first(anyone: AsyncClient, carl: AsyncClient) -> None:
    phone, _ = await sign_in(anyone, **{"User-Agent": "Phone 1"})
    script = (await anyone.post("/api/login", json=ANN, headers={"User-Agent": "curl/8"})).json()["access"]
    desk, cookie = await sign_in(anyone, **{"User-Agent": "Browser 1"})
    sessions = await listed(anyone, phone)
    assert [session["agent"] for session in sessions] == ["Phone 1", "Browser 1", "curl/8"]
    assert [session["current"] for session in sessions] == [True, False, False]
    assert {session["peer"] for session in sessions} == {"127.0.0.1"}
    assert [session["current"] for session in await listed(anyone, script)] == [True, False, False]

    before = (await listed(anyone, desk))[0]
    await show(anyone, cookie, **{"User-Agent": "Browser 2"})
    after = (await listed(anyone, desk))[0]
    assert (after["id"], after["created_at"]) == (before["id"], before["created_at"])
    assert (after["agent"], after["last_seen_at"] > before["last_seen_at"]) == ("Browser 2", True)
    assert len(await listed(anyone, desk)) == 3, "a refresh made a session"


async def test_sessions_that_ran_out_are_not_listed(anyone: AsyncClient) -> None:
    await sign_in(anyone)
    await RefreshToken.all().update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    access, _ = await sign_in(anyone)
    assert await RefreshToken.all().count() == 1, "what ran out is kept for ever"
    other, _ = await sign_in(anyone)
    family = (await listed(anyone, other))[0]["id"]
    await RefreshToken.filter(family=family).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert family not in [session["id"] for session in await listed(anyone, access)]


async def test_a_session_that_goes_on_for_months_knows_when_it_began(anyone: AsyncClient) -> None:
    access, cookie = await sign_in(anyone)
    months_ago = datetime.now(UTC) - timedelta(days=90)
    for _ in range(2):
        cookie = cookie_of(await show(anyone, cookie)).value
    first, second, _ = await RefreshToken.all().order_by("id")
    ran_out = {"created_at": months_ago, "expires_at": months_ago + timedelta(days=30)}
    await RefreshToken.filter(id__in=[first.id, second.id]).update(**ran_out)
    await show(anyone, cookie)
    [session] = await listed(anyone, access)
    assert datetime.fromisoformat(session["created_at"]) == months_ago
    assert not await RefreshToken.exists(id=second.id)


async def test_a_long_or_odd_user_agent_is_cut_and_kept(anyone: AsyncClient) -> None:
    access, _ = await sign_in(anyone, **{"User-Agent": "Mozilla\t/5.0 " + "x" * 5000})
    agent = (await listed(anyone, access))[0]["agent"]
    assert (len(agent), agent[:14]) == (300, "Mozilla/5.0 xx")


async def test_behind_a_trusted_proxy_the_peer_is_whom_it_names(cast: Cast) -> None:
    app = make_app(House(cast.house.settings.model_copy(update={"trusted_proxies": Networks.parse("127.0.0.1")})))
    async with AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        access, _ = await sign_in(client, **{"X-Forwarded-For": "203.0.113.9, 192.0.2.7"})
        assert (await listed(client, access))[0]["peer"] == "192.0.2.7"
    await close(app)


async def test_signing_out_elsewhere_counts_at_once_and_leaves_this_one(anyone: AsyncClient, carl: AsyncClient) -> None:
    access, cookie = await sign_in(anyone)
    stolen, stolen_cookie = await sign_in(anyone)
    script = (await anyone.post("/api/login", json=ANN)).json()
    assert await end(anyone, access) == 204
    assert [await me(anyone, token) for token in (access, stolen, script["access"])] == [200, 401, 401]
    assert (await show(anyone, stolen_cookie)).status_code == 401
    assert (await anyone.post("/api/token/refresh", json={"refresh": script["refresh"]})).status_code == 401
    assert (await show(anyone, cookie)).status_code == 200
    assert (await carl.get("/api/users/me")).status_code == 200, "somebody else was signed out"


async def test_one_session_is_ended_by_its_id(anyone: AsyncClient) -> None:
    access, _ = await sign_in(anyone)
    other, other_cookie = await sign_in(anyone)
    theirs = (await listed(anyone, other))[0]["id"]
    assert await end(anyone, access, f"/{theirs}/") == 204
    assert (await me(anyone, other), (await show(anyone, other_cookie)).status_code) == (401, 401)
    assert await end(anyone, access, f"/{theirs}") == 404
    own = (await listed(anyone, access))[0]["id"]
    assert await end(anyone, access, f"/{own}") == 204
    assert await me(anyone, access) == 401


@pytest.mark.parametrize(("session", "code"), [("somebody else's", 404), (str(uuid.UUID(int=0)), 404), ("7", 422)])
async def test_a_session_of_somebody_else_is_not_there(
    anyone: AsyncClient, carl: AsyncClient, session: str, code: int
) -> None:
    access, _ = await sign_in(anyone)
    theirs = (await listed(anyone, access))[0]["id"]
    path = theirs if session == "somebody else's" else session
    assert (await carl.delete(f"/api/users/me/sessions/{path}")).status_code == code
    assert await me(anyone, access) == 200


async def somebody_waits_for(work: Work) -> None:
    """Until another transaction waits for what this one holds."""
    async with asyncio.timeout(20):
        while not await work.rows(
            "SELECT pid FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        ):
            pass


async def test_a_refresh_that_comes_in_between_does_not_bring_an_ended_session_back(
    cast: Cast, anyone: AsyncClient
) -> None:
    _, cookie = await sign_in(anyone)
    outside = copy_context()
    async with cast.house.work() as work:
        await hold(cast.ann.id)
        refreshing = asyncio.create_task(show(anyone, cookie), context=outside)
        await somebody_waits_for(work)
        await end_all(cast.ann.id)
    assert (await refreshing).status_code == 401
    assert not await RefreshToken.exists()


@pytest.mark.parametrize("by_its_id", [True, False])
async def test_the_end_of_a_session_waits_for_a_refresh_and_ends_what_it_made(
    cast: Cast, anyone: AsyncClient, by_its_id: bool
) -> None:
    access, _ = await sign_in(anyone)
    other = await session_of(cast.house, (await sign_in(anyone))[0])
    path = f"/{other.family}" if by_its_id else ""
    outside = copy_context()
    async with cast.house.work() as work:
        await hold(cast.ann.id)
        ending = asyncio.create_task(end(anyone, access, path), context=outside)
        await somebody_waits_for(work)
        await issue(work, other.user, other.family, Via.DASHBOARD, Client())
    assert await ending == 204
    assert len(await listed(anyone, access)) == 1


@pytest.mark.parametrize("path", ["/api/session", "/api/login"])
async def test_what_a_session_says_is_marked_by_how_it_was_begun(anyone: AsyncClient, path: str) -> None:
    access = (await anyone.post(path, json=ANN)).json()["access"]
    ticket = {"title": "T", "body_text": "B"}
    opened = (await anyone.post("/api/tickets/add", json=ticket, headers=bearer(access))).json()
    said = await anyone.get(f"/api/messages/{opened['opening_message']}", headers=bearer(access))
    assert said.json()["via"] == ("dashboard" if path == "/api/session" else "api")


async def test_a_session_of_the_dashboard_stays_one_when_it_is_refreshed(cast: Cast, anyone: AsyncClient) -> None:
    _, cookie = await sign_in(anyone)
    access = (await show(anyone, cookie)).json()["access"]
    assert (await session_of(cast.house, access)).via is Via.DASHBOARD
