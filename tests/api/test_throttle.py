"""How often somebody may try to sign in."""

import httpx
import pytest
from httpx import AsyncClient

from api.app import close, make_app
from desk import House
from settings import Networks, Rate, Settings
from tests.cast import PASSWORD, Cast, numbers

WRONG = {"username": "ann", "password": "wrong"}


async def tries(house: House, number: int, **more: object) -> list[int]:
    """The answers to so many tries, each of another account."""
    app = make_app(house)
    async with AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        codes = []
        for _ in range(number):
            body = {"username": f"user{next(numbers)}", "password": "wrong"}
            codes.append((await client.post("/api/login", json=body, **more)).status_code)  # type: ignore[arg-type]  # headers
    await close(app)
    return codes


def house_with(cast: Cast, **changes: object) -> House:
    return House(cast.house.settings.model_copy(update={"login_rate": Rate(3, 60)} | changes))


async def test_an_account_is_tried_only_so_often_from_wherever(cast: Cast) -> None:
    house = house_with(cast, trusted_proxies=Networks.parse("127.0.0.1"))
    app = make_app(house)
    async with AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        codes = []
        for number in range(5):
            answer = await client.post("/api/login", json=WRONG, headers={"X-Forwarded-For": f"192.0.2.{number}"})
            codes.append(answer.status_code)
        assert codes == [401, 401, 401, 429, 429]
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert answer.json()["title"] == "Too Many Requests"
        right = await client.post(
            "/api/login", json=WRONG | {"password": PASSWORD}, headers={"X-Forwarded-For": "192.0.2.99"}
        )
        assert right.status_code == 429, "guessing goes on where the right password is let through"
    await close(app)


async def test_an_address_tries_only_so_many_accounts(cast: Cast) -> None:
    assert await tries(house_with(cast), 5) == [401, 401, 401, 429, 429]


async def test_all_processes_count_together(cast: Cast) -> None:
    assert await tries(house_with(cast), 2) + await tries(house_with(cast), 2) == [401, 401, 401, 429]


async def test_off_lifts_the_limit(cast: Cast) -> None:
    assert await tries(house_with(cast, login_rate=None), 6) == [401] * 6


@pytest.mark.parametrize(("proxies", "counted_apart"), [("127.0.0.1", True), ("", False), ("10.0.0.0/8", False)])
async def test_only_a_trusted_proxy_says_who_is_calling(cast: Cast, proxies: str, counted_apart: bool) -> None:
    house = house_with(cast, trusted_proxies=Networks.parse(proxies))
    codes = []
    for number in range(4):
        codes += await tries(house, 1, headers={"X-Forwarded-For": f"198.51.100.7, 192.0.2.{number}"})
    assert codes == ([401] * 4 if counted_apart else [401, 401, 401, 429])


async def test_without_valkey_a_login_goes_on_and_is_counted_by_the_process(cast: Cast, surroundings: Settings) -> None:
    nowhere = surroundings.model_copy(update={"redis_url": None, "broker_url": None, "login_rate": Rate(3, 60)})
    assert await tries(House(nowhere), 5) == [401, 401, 401, 429, 429]
