"""A new password: changed by whoever knows the present one, or set by a link that was mailed."""

import asyncio
import re
from contextvars import copy_context
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from httpx import AsyncClient

from api.app import close, make_app
from desk import House, signed
from desk.confirmation import confirmation_link
from desk.new_password import reset_link
from desk.sessions import hold
from letters import parse
from mailer.drain import Drain
from mailer.transport import transport
from models import Delivery, DeliveryState, LetterKind, OtherAddress, RefreshToken, User
from settings import Rate
from tests.api.test_accounts import NEW
from tests.api.test_sessions import somebody_waits_for
from tests.cast import HASH, PASSWORD, Cast, mail

NEXT = "another horse 7 battery"


async def sent(house: House) -> list[tuple[str, str, str]]:
    """Recipient, text and subject of every mail in the Maildir, after all that waited has gone out."""
    work = Drain(house, transport(house.settings))
    while await Delivery.filter(state__in=("queued", "sending", "deferred")).exists():
        await work.run()
    await work.stop(5)
    new = house.settings.places.maildir / "new"
    letters = [parse(path.read_bytes()) for path in (sorted(new.iterdir()) if new.exists() else [])]
    return [(letter.to[0].email, letter.text, letter.subject) for letter in letters]


async def mailed_token(house: House) -> str:
    """The token of the one link for a new password that was mailed."""
    [(_, text, _)] = await sent(house)
    found = re.search(r"^http://\S+/reset/(\S+)$", text, re.MULTILINE)
    assert found, text
    return found[1]


async def forget(client: AsyncClient, email: str) -> httpx.Response:
    return await client.post("/api/password/forgot/", json={"email": email})


async def reset(client: AsyncClient, token: str, password: str = NEXT) -> int:
    return (await client.post("/api/password/reset/", json={"token": token, "password": password})).status_code


async def log_in(client: AsyncClient, name: str, password: str) -> int:
    return (await client.post("/api/login", json={"username": name, "password": password})).status_code


def link_for(house: House, user: User, ago: float = 0) -> str:
    """The token of a link that was asked for so many seconds ago."""
    return reset_link(house, user, datetime.now(UTC) - timedelta(seconds=ago)).rsplit("/", 1)[-1]


async def claimed(username: str, email: str = "gina@people.example", **more: object) -> User:
    """An account that claims an address."""
    return await User.create(username=username, email=email, password_hash=HASH, **{"proven": False} | more)


async def test_a_mailed_link_sets_a_new_password_and_ends_all_sessions(
    cast: Cast, anyone: AsyncClient, ann: AsyncClient
) -> None:
    assert (await forget(anyone, " Ann@Desk.example ")).status_code == 202
    token = await mailed_token(cast.house)
    assert await log_in(anyone, "ann", PASSWORD) == 200, "asking alone ended the password"
    assert await reset(anyone, token) == 204
    assert (await log_in(anyone, "ann", PASSWORD), await log_in(anyone, "ann", NEXT)) == (401, 200)
    assert (await ann.get("/api/users/me")).status_code == 401
    assert await RefreshToken.filter(user_id=cast.ann.id).count() == 1, "a session lives on"


async def test_the_mail_names_the_account_and_says_that_a_machine_wrote_it(cast: Cast, anyone: AsyncClient) -> None:
    await forget(anyone, "ann@desk.example")
    [(recipient, text, subject)] = await sent(cast.house)
    assert (recipient, subject, '"ann"' in text) == ("ann@desk.example", "Choose a new password", True)
    [raw] = [path.read_text() for path in (cast.house.settings.places.maildir / "new").iterdir()]
    assert "Auto-Submitted: auto-generated" in raw
    assert HASH not in raw


async def test_a_desk_that_speaks_german_mails_german(cast: Cast) -> None:
    house = House(cast.house.settings.model_copy(update={"language": "de"}))
    app = make_app(house)
    async with AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        await forget(client, "ann@desk.example")
    await close(app)
    [(_, text, subject)] = await sent(house)
    assert (subject, "gilt eine Stunde" in text) == ("Neues Passwort wählen", True)


@pytest.mark.parametrize("email", ["nobody@people.example", "zoe@people.example", "nonsense", "", "a\0b@c", "ended"])
async def test_the_answer_is_the_same_where_there_is_no_account_and_nothing_is_mailed(
    cast: Cast, anyone: AsyncClient, email: str
) -> None:
    await cast.receive(mail("zoe@people.example"))
    await Delivery.all().delete()
    if email == "ended":
        email = cast.ben.email
        await User.filter(id=cast.ben.id).update(active=False)
    unknown, known = await forget(anyone, email), await forget(anyone, "ann@desk.example")
    assert (unknown.status_code, unknown.content) == (known.status_code, known.content)
    assert {name for name in unknown.headers if name != "x-request-id"} == {
        name for name in known.headers if name != "x-request-id"
    }
    assert await Delivery.all().values_list("recipient", flat=True) == ["ann@desk.example"]


async def test_another_address_of_somebody_leads_to_their_first(cast: Cast, anyone: AsyncClient) -> None:
    await OtherAddress.create(user_id=cast.carl.id, email="carl@home.example")
    await forget(anyone, "carl@home.example")
    assert await Delivery.all().values_list("recipient", "user_id") == [("carl@people.example", cast.carl.id)]


async def test_each_account_that_claims_an_unproven_address_gets_a_link_of_its_own(
    cast: Cast, anyone: AsyncClient
) -> None:
    await cast.receive(mail("gina@people.example"))
    await Delivery.all().delete()
    for name in ("oldest", "older", "gina", "eve"):
        await claimed(name)
    await forget(anyone, "gina@people.example")
    mails = await sent(cast.house)
    assert {recipient for recipient, _, _ in mails} == {"gina@people.example"}
    assert sorted(re.findall(r'"(\w+)"', text)[0] for _, text, _ in mails) == ["eve", "gina", "older"]
    token = next(re.findall(r"/reset/(\S+)", text)[0] for _, text, _ in mails if '"gina"' in text)
    assert await reset(anyone, token) == 204
    assert [await log_in(anyone, name, NEXT) for name in ("gina", "eve")] == [200, 401]
    assert not (await User.get(username="gina")).proven, "a link for a password proved an address"


async def test_beside_a_proven_account_claims_of_its_address_get_no_link(cast: Cast, anyone: AsyncClient) -> None:
    await claimed("eve", cast.carl.email)
    await forget(anyone, cast.carl.email)
    assert await Delivery.all().values_list("user_id", flat=True) == [cast.carl.id]


async def test_a_link_is_used_up_by_its_use_also_by_two_at_once(cast: Cast, anyone: AsyncClient) -> None:
    token = link_for(cast.house, cast.ann)
    answers = await asyncio.gather(*(reset(anyone, token, f"{NEXT} {number}") for number in range(3)))
    assert sorted(answers) == [204, 401, 401]
    assert await reset(anyone, token) == 401


async def test_a_password_that_is_too_short_leaves_the_link_as_it_was(cast: Cast, anyone: AsyncClient) -> None:
    token = link_for(cast.house, cast.ann)
    refused = await anyone.post("/api/password/reset", json={"token": token, "password": "short"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "password")
    assert await reset(anyone, token) == 204


@pytest.mark.parametrize(
    "kind", ["nonsense", "too old", "a confirmation", "an access token", "changed", "ended", "bare"]
)
async def test_a_link_that_proves_nothing_sets_nothing(
    cast: Cast, anyone: AsyncClient, ann: AsyncClient, kind: str
) -> None:
    house, user = cast.house, cast.ann
    token = {
        "nonsense": "x.y.z",
        "too old": signed.sign(house, "reset", user.id, timedelta(hours=1), since=datetime(2026, 1, 1, tzinfo=UTC)),
        "a confirmation": confirmation_link(house, user).rsplit("/", 1)[-1],
        "an access token": ann.headers["authorization"].split()[1],
        "bare": signed.sign(house, "reset", user.id, timedelta(hours=1)),
    }.get(kind) or link_for(house, user)
    if kind == "changed":
        body = {"current": PASSWORD, "new": PASSWORD + "!"}
        assert (await ann.post("/api/users/me/password", json=body)).status_code == 204
    if kind == "ended":
        await User.filter(id=user.id).update(active=False)
    before = (await User.get(id=user.id)).password_hash
    assert await reset(anyone, token) == 401
    assert (await User.get(id=user.id)).password_hash == before


async def test_the_hour_counts_from_when_the_link_was_asked_for(cast: Cast, anyone: AsyncClient) -> None:
    shown = signed.read(cast.house, "reset", link_for(cast.house, cast.ann, ago=3000))
    assert shown
    assert shown[1]["exp"] - datetime.now(UTC).timestamp() <= 600
    await forget(anyone, "ann@desk.example")
    await Delivery.all().update(created_at=datetime.now(UTC) - timedelta(minutes=61))
    assert await sent(cast.house) == []
    late = await Delivery.get()
    assert (late.state, late.kind) == (DeliveryState.FAILED, LetterKind.RESET)


async def test_forgetting_is_counted_per_caller_and_per_address_and_apart_from_log_ins(cast: Cast) -> None:
    app = make_app(House(cast.house.settings.model_copy(update={"login_rate": Rate(2, 60), "autoreply_rate": None})))
    async with AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        answers = [await forget(client, email) for email in ("ann@desk.example", "x@y.example", "ANN@desk.example")]
        assert [answer.status_code for answer in answers] == [202, 202, 429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert await log_in(client, "ann", PASSWORD) == 200
    await close(app)


async def test_nobody_gets_more_links_than_the_limit_on_automatic_mail(cast: Cast) -> None:
    settings = {"login_rate": None, "autoreply_rate": Rate(2, 3600)}
    app = make_app(House(cast.house.settings.model_copy(update=settings)))
    async with AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        assert [(await forget(client, "ann@desk.example")).status_code for _ in range(4)] == [202] * 4
    await close(app)
    assert await Delivery.all().count() == 2


async def test_forged_mail_does_not_use_up_somebodys_links(cast: Cast, anyone: AsyncClient) -> None:
    for number in range(7):
        await cast.receive(mail(cast.carl.email, subject=f"Question {number}"))
    await forget(anyone, cast.carl.email)
    assert await Delivery.filter(kind=LetterKind.RESET).count() == 1


async def test_changing_the_password_ends_the_other_sessions(anyone: AsyncClient, ann: AsyncClient) -> None:
    other = (await anyone.post("/api/login", json={"username": "ann", "password": PASSWORD})).json()
    changed = await ann.post("/api/users/me/password/", json={"current": PASSWORD, "new": NEXT})
    assert (changed.status_code, changed.content) == (204, b"")
    assert (await log_in(anyone, "ann", PASSWORD), await log_in(anyone, "ann", NEXT)) == (401, 200)
    assert (await ann.get("/api/users/me")).status_code == 200
    there = await anyone.get("/api/users/me", headers={"Authorization": f"Bearer {other['access']}"})
    again = await anyone.post("/api/token/refresh", json={"refresh": other["refresh"]})
    assert (there.status_code, again.status_code) == (401, 401)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"current": "wrong"}, "current"),
        ({"current": ""}, "current"),
        ({"new": "short"}, "new"),
        ({"new": None}, "new"),
    ],
)
async def test_a_change_that_is_not_taken_names_its_field(
    anyone: AsyncClient, ann: AsyncClient, change: dict[str, object], field: str
) -> None:
    refused = await ann.post("/api/users/me/password", json={"current": PASSWORD, "new": NEXT} | change)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert await log_in(anyone, "ann", PASSWORD) == 200


async def test_whoever_found_an_open_desk_guesses_no_password(cast: Cast) -> None:
    app = make_app(House(cast.house.settings.model_copy(update={"login_rate": Rate(2, 60)})))
    async with AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        login = await client.post("/api/login", json={"username": "ann", "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {login.json()['access']}"
        wrong = {"current": "wrong", "new": NEXT}
        codes = [(await client.post("/api/users/me/password", json=wrong)).status_code for _ in range(3)]
    await close(app)
    assert codes == [422, 422, 429]


async def test_of_two_changes_at_once_one_is_made(anyone: AsyncClient, ann: AsyncClient) -> None:
    changes = [{"current": PASSWORD, "new": f"{NEXT} {number}"} for number in range(2)]
    answers = await asyncio.gather(*(ann.post("/api/users/me/password", json=change) for change in changes))
    assert sorted(answer.status_code for answer in answers) == [204, 422]


async def test_a_log_in_with_the_old_password_does_not_outlive_the_change(cast: Cast, anyone: AsyncClient) -> None:
    outside = copy_context()
    async with cast.house.work() as work:
        user = await hold(cast.ann.id)
        entering = asyncio.create_task(log_in(anyone, "ann", PASSWORD), context=outside)
        await somebody_waits_for(work)
        assert user
        user.password_hash = "another"
        await user.save(update_fields=["password_hash"])
    assert await entering == 401
    assert not await RefreshToken.exists(user_id=cast.ann.id)


async def confirm_again(client: AsyncClient, name: str) -> httpx.Response:
    login = await client.post("/api/login", json={"username": name, "password": PASSWORD})
    headers = {"Authorization": f"Bearer {login.json()['access']}"}
    return await client.post("/api/users/me/confirmation/", headers=headers)


async def test_the_link_that_proves_an_address_is_mailed_again_after_half_a_minute(anyone: AsyncClient) -> None:
    await anyone.post("/api/register", json=NEW)
    early = await confirm_again(anyone, "gina")
    assert (early.status_code, 1 <= int(early.headers["retry-after"]) <= 30) == (429, True)
    await Delivery.all().update(created_at=datetime.now(UTC) - timedelta(seconds=31))
    assert [(await confirm_again(anyone, "gina")).status_code for _ in range(2)] == [202, 429]
    found = await Delivery.filter(kind=LetterKind.CONFIRMATION).values_list("recipient", flat=True)
    assert found == ["gina@people.example"] * 2


async def test_whoever_asks_twice_at_once_gets_one_mail(anyone: AsyncClient) -> None:
    await claimed("gina")
    answers = await asyncio.gather(*(confirm_again(anyone, "gina") for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [202, 429, 429]
    assert await Delivery.all().count() == 1


async def test_an_address_that_had_its_share_of_automatic_mail_gets_no_further_link(
    cast: Cast, anyone: AsyncClient
) -> None:
    gina = await claimed("gina")
    for minutes in range(1, 6):
        await Delivery.create(
            kind=LetterKind.CONFIRMATION,
            user_id=gina.id,
            recipient=gina.email,
            subject="",
            rfc_message_id=f"{minutes}@x",
        )
        await Delivery.filter(rfc_message_id=f"{minutes}@x").update(
            created_at=datetime.now(UTC) - timedelta(minutes=minutes * 10)
        )
    refused = await confirm_again(anyone, "gina")
    assert refused.status_code == 429
    assert 500 < int(refused.headers["retry-after"]) <= 600, "the oldest of the five leaves the hour in ten minutes"


async def test_an_address_that_is_proven_needs_no_link(anyone: AsyncClient) -> None:
    assert (await confirm_again(anyone, "carl")).status_code == 409
    assert not await Delivery.exists()


async def test_ones_own_record_says_whether_the_address_is_proven_and_which_mail_staff_want(
    cast: Cast, anyone: AsyncClient, ann: AsyncClient, carl: AsyncClient
) -> None:
    own = (await ann.get("/api/users/me")).json()
    assert (own["proven"], own["notify"]) == (True, "none")
    changed = await ann.patch("/api/users/me/", json={"notify": "assigned"})
    assert (changed.status_code, changed.json()["notify"], changed.json()["name"]) == (200, "assigned", "Ann")
    assert (await ann.get("/api/users/me")).json()["notify"] == "assigned"
    assert (await carl.get("/api/users/me")).json()["notify"] is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"notify": "assigned"}, 403),
        ({"notify": "all"}, 422),
        ({"name": None}, 422),
        ({}, 422),
        ({"role": "admin"}, 422),
    ],
)
async def test_a_customer_changes_of_themselves_only_what_is_theirs(
    cast: Cast, carl: AsyncClient, change: dict[str, object], code: int
) -> None:
    assert (await carl.patch("/api/users/me", json=change)).status_code == code
    unchanged = await User.get(id=cast.carl.id)
    assert (unchanged.name, unchanged.role, unchanged.notify) == ("Carl", "customer", "none")
