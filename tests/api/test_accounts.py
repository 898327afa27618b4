"""Registering, signing in, staying so, and being managed."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from httpx import AsyncClient

from desk import confirmation, signed
from models import RefreshToken, User
from tests.cast import PASSWORD, Cast, mail

NEW = {"username": "gina", "email": "Gina@people.example", "password": PASSWORD}


async def test_registering_makes_a_customer_and_answers_no_password(anyone: AsyncClient) -> None:
    made = await anyone.post("/api/register", json=NEW)
    assert made.status_code == 201
    assert (made.json()["username"], made.json()["email"], made.json()["role"]) == (
        "gina",
        "gina@people.example",
        "customer",
    )
    assert "pass" not in made.text
    assert "$2b$" not in made.text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "ANN"}, "username"),
        ({"email": "ann@desk.example"}, "email"),
    ],
)
async def test_a_name_or_an_accounts_address_is_taken_once(
    anyone: AsyncClient, change: dict[str, str], field: str
) -> None:
    refused = await anyone.post("/api/register", json=NEW | change)
    assert (refused.status_code, refused.json()["detail"]) == (409, f"This {field} is taken.")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nonsense"),
        ("email", "a@b@c"),
        ("email", "x@y\r\nBcc: z@w"),
        ("email", None),
        ("username", ""),
        ("username", "two words"),
        ("username", ["a"]),
        ("password", "short"),
        ("password", 12345678),
    ],
)
async def test_a_field_that_is_not_taken_is_named(anyone: AsyncClient, field: str, value: object) -> None:
    refused = await anyone.post("/api/register", json=NEW | {field: value})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in refused.json()["errors"]] == [field]


async def test_whoever_registers_an_address_known_from_mail_does_not_see_its_tickets(
    cast: Cast, anyone: AsyncClient
) -> None:
    await cast.receive(mail("gina@people.example"))
    await anyone.post("/api/register", json=NEW)
    tokens = (await anyone.post("/api/login", json={"username": "gina@people.example", "password": PASSWORD})).json()
    seen = await anyone.get("/api/tickets", headers={"Authorization": f"Bearer {tokens['access']}"})
    assert seen.json() == []
    later = await cast.receive(mail("gina@people.example"))
    assert (await User.get(username="gina")).id != (await later.ticket).requester_id, "mail went to a claim"


async def test_an_admin_gives_somebody_known_from_mail_an_account_with_their_tickets(
    cast: Cast, admin: AsyncClient, anyone: AsyncClient
) -> None:
    entry = await cast.receive(mail("gina@people.example"))
    made = await admin.post("/api/users", json=NEW | {"role": "customer"})
    assert made.status_code == 201
    tokens = (await anyone.post("/api/login", json={"username": "gina", "password": PASSWORD})).json()
    seen = await anyone.get("/api/tickets", headers={"Authorization": f"Bearer {tokens['access']}"})
    assert [ticket["id"] for ticket in seen.json()] == [entry.ticket_id]


@pytest.mark.parametrize("name", ["ann", "ANN", "ann@desk.example", "Ann@Desk.Example"])
async def test_name_and_address_serve_for_signing_in(anyone: AsyncClient, name: str) -> None:
    assert (await anyone.post("/api/login", json={"username": name, "password": PASSWORD})).status_code == 200


async def test_a_wrong_password_and_an_unknown_name_read_the_same(anyone: AsyncClient) -> None:
    wrong = await anyone.post("/api/login", json={"username": "ann", "password": "wrong"})
    unknown = await anyone.post("/api/login", json={"username": "nobody", "password": "wrong"})
    assert (wrong.status_code, wrong.json()) == (401, unknown.json())


@pytest.mark.parametrize("password", ["", "zoe", "!", "zoe@people.example"])
async def test_a_customer_made_by_mail_cannot_sign_in(cast: Cast, anyone: AsyncClient, password: str) -> None:
    await cast.receive(mail())
    refused = await anyone.post("/api/login", json={"username": "zoe@people.example", "password": password})
    assert refused.status_code == 401


async def test_an_admin_lists_everybody_or_those_with_an_account(cast: Cast, admin: AsyncClient) -> None:
    await cast.receive(mail())
    everybody = (await admin.get("/api/users/")).json()
    assert "zoe@people.example" in {one["email"] for one in everybody}
    first = await admin.get("/api/users/", params={"accounts": True, "limit": 3})
    second = await admin.get(first.links["next"]["url"])
    assert [one["username"] for page in (first, second) for one in page.json()] == ["admin", "ann", "ben", "carl"]


async def test_a_long_password_counts_to_its_last_character(anyone: AsyncClient) -> None:
    long = "x" * 80
    await anyone.post("/api/register", json=NEW | {"password": long + "1"})
    assert (await anyone.post("/api/login", json={"username": "gina", "password": long + "2"})).status_code == 401
    assert (await anyone.post("/api/login", json={"username": "gina", "password": long + "1"})).status_code == 200


async def test_a_refresh_token_is_spent_by_its_use_and_a_stolen_copy_ends_the_login(anyone: AsyncClient) -> None:
    first = (await anyone.post("/api/login", json={"username": "ann", "password": PASSWORD})).json()["refresh"]
    second = (await anyone.post("/api/token/refresh", json={"refresh": first})).json()["refresh"]
    assert (await anyone.post("/api/token/refresh", json={"refresh": first})).status_code == 401
    assert (await anyone.post("/api/token/refresh", json={"refresh": second})).status_code == 401, "the family lives on"


async def test_logging_out_ends_one_login_and_no_other(anyone: AsyncClient, ann: AsyncClient) -> None:
    here = (await anyone.post("/api/login", json={"username": "ann", "password": PASSWORD})).json()["refresh"]
    there = (await anyone.post("/api/login", json={"username": "ann", "password": PASSWORD})).json()["refresh"]
    assert (await ann.post("/api/logout", json={"refresh": here})).status_code == 204
    assert (await anyone.post("/api/token/refresh", json={"refresh": here})).status_code == 401
    assert (await anyone.post("/api/token/refresh", json={"refresh": there})).status_code == 200


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "none", "expired", "other key", "other user", "no purpose", "a confirmation"]
)
async def test_a_token_that_is_not_ours_opens_nothing(cast: Cast, anyone: AsyncClient, token: str) -> None:
    user, access = cast.ann.id, {"sub": str(cast.ann.id), "exp": 2**31, "purpose": "access"}
    crafted = {
        "none": jwt.encode(access, None, "none"),
        "expired": signed.sign(cast.house, "access", user, timedelta(seconds=-1)),
        "other key": jwt.encode(access, "x" * 32, signed.ALGORITHM),
        "other user": signed.sign(cast.house, "access", 999, timedelta(minutes=1)),
        "no purpose": jwt.encode({"sub": str(user), "exp": 2**31}, cast.house.token_key, signed.ALGORITHM),
        "a confirmation": confirmation.confirmation_link(cast.house, cast.ann).rsplit("/", 1)[-1],
    }
    refused = await anyone.get("/api/users/me", headers={"Authorization": f"Bearer {crafted.get(token, token)}"})
    assert (refused.status_code, refused.json()["title"]) == (401, "Unauthorized")


async def test_a_changed_role_counts_at_once_and_ends_the_logins(
    cast: Cast, ann: AsyncClient, admin: AsyncClient
) -> None:
    assert (await ann.get("/api/inbound")).status_code == 200
    assert (await admin.patch(f"/api/users/{cast.ann.id}", json={"role": "customer"})).status_code == 200
    assert (await ann.get("/api/inbound")).status_code == 403
    assert not await RefreshToken.exists(user_id=cast.ann.id, expires_at__gt=datetime.now(UTC))


async def test_an_ended_account_is_out_at_once(
    cast: Cast, anyone: AsyncClient, ann: AsyncClient, admin: AsyncClient
) -> None:
    await admin.patch(f"/api/users/{cast.ann.id}", json={"active": False})
    assert (await ann.get("/api/users/me")).status_code == 401
    assert (await anyone.post("/api/login", json={"username": "ann", "password": PASSWORD})).status_code == 401


async def test_an_admin_cannot_lock_themselves_out(cast: Cast, admin: AsyncClient) -> None:
    for change in ({"active": False}, {"role": "agent"}):
        assert (await admin.patch(f"/api/users/{cast.admin.id}", json=change)).status_code == 409


async def test_nobody_sets_their_own_role(cast: Cast, carl: AsyncClient) -> None:
    changed = await carl.patch("/api/users/me", json={"name": "Carl C.", "role": "admin"})
    assert (changed.json()["name"], changed.json()["role"]) == ("Carl C.", "customer")


async def test_a_nul_in_a_name_is_left_out(anyone: AsyncClient, carl: AsyncClient) -> None:
    assert (await carl.patch("/api/users/me", json={"name": "C\0arl"})).json()["name"] == "Carl"
    refused = await anyone.post("/api/login", json={"username": "a\0nn", "password": "wro\0ng"})
    assert refused.status_code == 401


async def test_registration_can_be_switched_off(cast: Cast, anyone: AsyncClient) -> None:
    anyone._transport.app.state.house = type(cast.house)(cast.house.settings.model_copy(update={"registration": "off"}))
    assert (await anyone.post("/api/register", json=NEW)).status_code == 403
