"""Several addresses of one person over REST."""

import pytest
from httpx import AsyncClient

from desk.addresses import address_link
from letters import parse
from mailer.drain import Drain
from mailer.transport import transport
from models import Delivery, Event, OtherAddress, User
from tests.cast import Cast, mail

HOME = {"email": "Carl@home.example"}


def path(person: User, email: str = "") -> str:
    return f"/api/people/{person.id}/addresses/{email}"


async def test_staff_add_see_and_remove_an_address(cast: Cast, ann: AsyncClient) -> None:
    made = await ann.post(path(cast.carl), json=HOME)
    assert (made.status_code, made.json()["email"]) == (201, "carl@home.example")
    listed = (await ann.get(path(cast.carl))).json()
    assert listed == [made.json()]
    assert set(listed[0]) == {"email", "created_at"}
    assert (await ann.delete(path(cast.carl, "carl@home.example/"))).status_code == 204
    for unknown in ("carl@home.example", "nobody%00@home.example", "%ff@home.example"):
        assert (await ann.delete(path(cast.carl, unknown))).status_code == 404
    assert (await ann.get(path(cast.carl)[:-1])).json() == []


async def test_an_address_with_a_slash_in_it_can_be_removed(cast: Cast, ann: AsyncClient) -> None:
    await ann.post(path(cast.carl), json={"email": "c/o@home.example"})
    assert (await ann.delete(path(cast.carl, "c%2Fo@home.example"))).status_code == 204


async def test_a_customer_known_from_it_becomes_part_of_the_person_and_staff_see_that_it_happened(
    cast: Cast, ann: AsyncClient, carl: AsyncClient
) -> None:
    entry = await cast.receive(mail("carl@home.example"))
    assert (await carl.get(f"/api/tickets/{entry.ticket_id}")).status_code == 404
    await ann.post(path(cast.carl), json=HOME)
    assert (await carl.get(f"/api/tickets/{entry.ticket_id}")).json()["owner"] == cast.carl.id
    assert (await Event.get(kind="same_person")).ticket_id == entry.ticket_id


@pytest.mark.parametrize(
    ("who", "whose", "email", "status"),
    [
        ("ann", "carl", "nonsense", 422),
        ("ann", "carl", "support@desk.example", 422),
        ("ann", "carl", "ben@desk.example", 409),
        ("ann", "ben", "ben@home.example", 403),
        ("carl", "carl", "carl@home.example", 403),
        ("carl", "ben", "carl@home.example", 403),
        ("admin", "ben", "ben@home.example", 201),
    ],
)
async def test_what_may_be_added(
    cast: Cast, ann: AsyncClient, carl: AsyncClient, admin: AsyncClient, who: str, whose: str, email: str, status: int
) -> None:
    client = {"ann": ann, "carl": carl, "admin": admin}[who]
    answer = await client.post(path(getattr(cast, whose)), json={"email": email})
    assert answer.status_code == status
    assert (await OtherAddress.exists()) is (status == 201)


async def test_there_has_to_be_such_a_person(ann: AsyncClient) -> None:
    for unknown in (0, 987654321, 2**70):
        assert (await ann.post(f"/api/people/{unknown}/addresses", json=HOME)).status_code == 404
        assert (await ann.get(f"/api/people/{unknown}/addresses")).status_code == 404
        assert (await ann.delete(f"/api/people/{unknown}/addresses/x@home.example")).status_code == 404


async def test_customers_see_their_own_addresses_alone(cast: Cast, ann: AsyncClient, carl: AsyncClient) -> None:
    await ann.post(path(cast.carl), json=HOME)
    assert [found["email"] for found in (await carl.get(path(cast.carl))).json()] == ["carl@home.example"]
    assert (await carl.get(path(cast.ben))).status_code == 403
    assert (await carl.delete(path(cast.carl, "carl@home.example"))).status_code == 204


async def test_ones_own_address_is_proven_by_the_mailed_link(
    cast: Cast, carl: AsyncClient, anyone: AsyncClient
) -> None:
    asked = await carl.post("/api/users/me/addresses/", json=HOME)
    assert (asked.status_code, asked.content) == (202, b"")
    work = Drain(cast.house, transport(cast.house.settings))
    await work.run()
    await work.stop(5)
    [sent] = (cast.house.settings.places.maildir / "new").iterdir()
    letter = parse(sent.read_bytes())
    assert [address.email for address in letter.to] == ["carl@home.example"]
    assert "said that this address is theirs as well" in letter.text
    token = letter.text.partition("/confirm/")[2].split()[0]
    assert (await carl.get(path(cast.carl))).json() == []
    assert (await anyone.post("/api/users/confirm/", json={"token": token})).json()["id"] == cast.carl.id
    assert [found["email"] for found in (await carl.get(path(cast.carl))).json()] == ["carl@home.example"]


async def test_somebody_elses_address_cannot_be_asked_for(cast: Cast, carl: AsyncClient) -> None:
    assert (await carl.post("/api/users/me/addresses", json={"email": "ann@desk.example"})).status_code == 409
    assert not await Delivery.exists()


async def test_a_link_comes_too_late_once_the_address_is_somebody_elses(
    cast: Cast, ann: AsyncClient, anyone: AsyncClient
) -> None:
    token = address_link(cast.house, cast.carl, "carl@home.example").split("/")[-1]
    await cast.receive(mail("zoe@people.example"))
    zoe = await User.get(email="zoe@people.example")
    await ann.post(path(zoe), json=HOME)
    assert (await anyone.post("/api/users/confirm", json={"token": token})).status_code == 409
    assert (await OtherAddress.get()).user_id == zoe.id


async def test_asking_is_counted(cast: Cast, carl: AsyncClient) -> None:
    answers = [
        await carl.post("/api/users/me/addresses", json={"email": f"{number}@home.example"}) for number in range(12)
    ]
    assert [answer.status_code for answer in answers].count(202) <= 10
    assert int(answers[-1].headers["retry-after"]) > 0
    assert await Delivery.filter(user_id=cast.carl.id).count() <= 10
