"""Auto-responders against the whole product: each storm ends by itself, and ordinary mail goes on."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from settings import DatabaseUrl, Places
from tests.cast import SUPPORT, mail
from tests.product import Product, until
from tests.responders import (
    Manner,
    Relay,
    Robot,
    deaf,
    deaf_in_ever_new_words,
    polite,
    relay_with_robots,
    to_the_return_path,
)

pytestmark = pytest.mark.xdist_group("storms")  # one desk for all of them
BILLING = "billing@desk.example"
MANNERS = {"polite": polite, "deaf": deaf, "changing": deaf_in_ever_new_words, "return-path": to_the_return_path}
WAITING = """SELECT (SELECT count(*) FROM inbound WHERE state = 'accepted')
    + (SELECT count(*) FROM deliveries WHERE state IN ('queued', 'sending', 'deferred'))"""


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    with relay_with_robots() as relay:
        yield relay


@pytest.fixture(scope="module")
def desk(relay: Relay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with Product(tmp_path_factory.mktemp("desk"), relay.url) as desk:
        relay.desk_port = desk.smtp_port
        assert desk.call("POST", "/api/mailboxes", {"address": BILLING})
        yield desk


def settle(desk: Product) -> None:
    """Waits until no mail is on its way. A robot's answer lies in the journal before the mail it answers is sent."""
    until(lambda: asyncio.run(waiting(desk)) == 0, "no mail on its way")


async def waiting(desk: Product) -> int:
    places = Places(desk.folder / "data")
    url = DatabaseUrl(host=str(places.sockets), user="ticketgate", database="ticketgate")
    connection = await asyncpg.connect(**url.connect_arguments())
    try:
        return int(await connection.fetchval(WAITING))
    finally:
        await connection.close()


@pytest.mark.parametrize("mailbox", [SUPPORT, BILLING])
@pytest.mark.parametrize("manner", MANNERS.values(), ids=MANNERS)
def test_a_storm_ends_within_five_mails_and_ordinary_mail_opens_tickets(
    desk: Product, relay: Relay, manner: Manner, mailbox: str
) -> None:
    robot = relay.add(Robot(f"{manner.__name__}.{mailbox.partition('@')[0]}@robots.example", manner))
    first, later = f"<first.{robot.address}>", f"<later.{robot.address}>"
    desk.send(mail(robot.address, mailbox, "Our lamp", Message_ID=first), robot.address, mailbox)
    assert desk.entry(first)["state"] == "processed"
    settle(desk)
    assert robot.received, "the first mail was not answered"
    assert robot.mails <= 5

    desk.send(mail(robot.address, mailbox, "Our chair", Message_ID=later), robot.address, mailbox)
    settle(desk)
    entry = desk.entry(later)
    ticket = desk.call("GET", f"/api/tickets/{entry['ticket']}")
    assert (ticket["title"], ticket["status"]) == ("Our chair", "AC")
    assert robot.mails <= 2 * 5


@pytest.mark.parametrize("manner", MANNERS.values(), ids=MANNERS)
def test_a_storm_that_staff_set_off_ends_too(desk: Product, relay: Relay, manner: Manner) -> None:
    robot = relay.add(Robot(f"{manner.__name__}.staff@robots.example", manner, awake=False))
    first = f"<first.{robot.address}>"
    desk.send(mail(robot.address, subject="Our lamp", Message_ID=first), robot.address)
    ticket = desk.entry(first)["ticket"]
    settle(desk)
    before, robot.awake = robot.mails, True
    desk.call("PATCH", f"/api/tickets/{ticket}", {"status": "CL"})
    settle(desk)
    assert 1 < robot.mails - before <= 5
    assert desk.call("GET", f"/api/tickets/{ticket}")["status"] == "CL"
