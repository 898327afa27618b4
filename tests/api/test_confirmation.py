"""Proving an address: the mailed link, and what the account gets by it."""

import re

import pytest
from httpx import AsyncClient

from desk.confirmation import confirmation_link
from letters import parse
from mailer.drain import Drain
from mailer.transport import transport
from models import Delivery, Message, Participant, User
from tests.api.test_accounts import NEW
from tests.cast import PASSWORD, Cast, mail


async def mailed_token(cast: Cast) -> str:
    """The token of the link in the mail that the new account's address got."""
    settings = cast.house.settings
    work = Drain(cast.house, transport(settings))
    await work.run()
    await work.stop(5)
    letters = [parse(path.read_bytes()) for path in (settings.places.maildir / "new").iterdir()]
    [letter] = [letter for letter in letters if letter.subject == "Confirm your address"]
    found = re.search(r"http://\S+/confirm/(\S+)", letter.text)
    assert found
    assert [address.email for address in letter.to] == ["gina@people.example"]
    return found[1]


async def own_tickets(anyone: AsyncClient) -> list[int]:
    tokens = (await anyone.post("/api/login", json={"username": "gina", "password": PASSWORD})).json()
    found = await anyone.get("/api/tickets", headers={"Authorization": f"Bearer {tokens['access']}"})
    return [ticket["id"] for ticket in found.json()]


async def test_the_link_gives_the_account_what_was_mailed_before_and_after(cast: Cast, anyone: AsyncClient) -> None:
    before = await cast.receive(mail("Gina <gina@people.example>", Cc="kim@people.example"))
    await anyone.post("/api/register", json=NEW)
    assert await own_tickets(anyone) == []
    confirmed = await anyone.post("/api/users/confirm/", json={"token": await mailed_token(cast)})
    assert (confirmed.status_code, confirmed.json()["proven"], confirmed.json()["name"]) == (200, True, "Gina")
    after = await cast.receive(mail("gina@people.example"))
    assert await own_tickets(anyone) == [after.ticket_id, before.ticket_id]
    gina = await User.get(email="gina@people.example")
    assert await Message.filter(author_id=gina.id).count() == 2
    assert await Participant.filter(user_id=gina.id).count() == 2


async def test_tickets_that_the_account_made_itself_stay_its_own(cast: Cast, anyone: AsyncClient) -> None:
    await anyone.post("/api/register", json=NEW)
    tokens = (await anyone.post("/api/login", json={"username": "gina", "password": PASSWORD})).json()
    headers = {"Authorization": f"Bearer {tokens['access']}"}
    made = (await anyone.post("/api/tickets/add", json={"title": "T", "body_text": "B"}, headers=headers)).json()["id"]
    delivery = await Delivery.get(ticket_id=made)
    reply = await cast.receive(mail("gina@people.example", In_Reply_To=f"<{delivery.rfc_message_id}>"))
    assert reply.ticket_id == made
    assert not (await Message.get(id=reply.message_id)).stranger
    await anyone.post("/api/users/confirm", json={"token": await mailed_token(cast)})
    assert await own_tickets(anyone) == [made]
    assert await User.filter(email="gina@people.example").count() == 1


@pytest.mark.parametrize("kind", ["nonsense", "access token", "somebody else's", "ended"])
async def test_a_token_that_proves_nothing_is_refused(cast: Cast, anyone: AsyncClient, kind: str) -> None:
    await anyone.post("/api/register", json=NEW)
    gina = await User.get(username="gina")
    access = (await anyone.post("/api/login", json={"username": "gina", "password": PASSWORD})).json()["access"]
    token = {
        "nonsense": "x.y.z",
        "access token": access,
        "somebody else's": confirmation_link(cast.house, User(id=gina.id, email="eve@people.example")).split("/")[-1],
        "ended": confirmation_link(cast.house, gina).split("/")[-1],
    }[kind]
    if kind == "ended":
        await User.filter(id=gina.id).update(active=False)
    refused = await anyone.post("/api/users/confirm", json={"token": token})
    assert refused.status_code == 401
    assert not (await User.get(id=gina.id)).proven


async def test_the_first_of_two_accounts_that_claim_an_address_wins(cast: Cast, anyone: AsyncClient) -> None:
    await anyone.post("/api/register", json=NEW)
    await anyone.post("/api/register", json=NEW | {"username": "eve"})
    gina, eve = await User.get(username="gina"), await User.get(username="eve")
    links = [confirmation_link(cast.house, user).split("/")[-1] for user in (gina, eve)]
    answers = [
        await anyone.post("/api/users/confirm", json={"token": token}) for token in (links[0], links[0], links[1])
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 409]


async def test_the_page_of_the_link_proves_only_when_the_button_is_pressed(cast: Cast, anyone: AsyncClient) -> None:
    made = await anyone.post("/api/register", json=NEW)
    assert made.status_code == 201, made.text
    path = f"/confirm/{await mailed_token(cast)}"
    page = await anyone.get(path)
    assert (page.status_code, '<form method="post">' in page.text) == (200, True)
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert not (await User.get(username="gina")).proven, "a mail scanner's look proved it"
    assert (await anyone.post(path)).status_code == 200
    assert (await User.get(username="gina")).proven
    assert (await anyone.post("/confirm/x.y.z")).status_code == 400


async def test_nobody_is_mailed_more_than_the_limit_by_accounts_that_claim_them(
    cast: Cast, anyone: AsyncClient
) -> None:
    for number in range(8):
        assert (await anyone.post("/api/register", json=NEW | {"username": f"eve{number}"})).status_code == 201
    assert await Delivery.filter(recipient="gina@people.example").count() == 5


async def test_an_account_made_by_an_admin_needs_no_link(cast: Cast, admin: AsyncClient) -> None:
    made = await admin.post("/api/users", json=NEW | {"role": "customer"})
    assert made.json()["proven"]
    assert not await Delivery.exists()
