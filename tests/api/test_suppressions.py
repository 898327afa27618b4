"""Addresses that get no mail: what staff see of them, how they lift them, and what becomes of mail meanwhile."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk import events
from letters import write_return_path
from mailer import delivery as mailing
from models import Delivery, Event, Suppression, SuppressionReason, User
from tests.api.conftest import Client, drain
from tests.cast import SUPPORT, Cast, mail
from tests.desk.reports import bounce
from tests.mailer.relay import FaultyRelay

ZOE, KIM = "zoe@people.example", "kim@people.example"


async def bounced_ticket(cast: Cast, relay: FaultyRelay) -> int:
    """Zoe's ticket, in which Kim takes part; the acknowledgement to Zoe came back for good."""
    entry = await cast.receive(mail(Cc=KIM))
    await drain(cast, relay)
    copy = await Delivery.get(recipient=ZOE)
    path = write_return_path(cast.house.reply_key, SUPPORT, copy.id)
    await cast.receive(bounce((ZOE, "5.1.1", "550 5.1.1 no such user")), to=path, envelope_from="")
    assert entry.ticket_id
    return entry.ticket_id


async def hold(email: str, **more: Any) -> Suppression:
    return await Suppression.create(email=email, reason=SuppressionReason.HARD_BOUNCE, **more)


async def say(ann: Client, ticket: int) -> dict[str, Any]:
    """Staff's words; what became of each copy, by recipient."""
    answer = await ann.post(f"/api/tickets/{ticket}/new_message/", json={"text": "We look."})
    assert answer.status_code == 201, answer.text
    shown = await ann.get(f"/api/messages/{answer.json()['id']}/")
    return {copy["recipient"]: copy for copy in shown.json()["deliveries"]}


async def test_staff_see_what_holds_and_why(cast: Cast, relay: FaultyRelay, ann: Client) -> None:
    ticket = await bounced_ticket(cast, relay)
    [found] = (await ann.get("/api/suppressions/")).json()
    copy = await Delivery.get(recipient=ZOE)
    expires_at = found.pop("expires_at")
    assert found == {
        "id": (await Suppression.get()).id,
        "email": ZOE,
        "scope": "all",
        "reason": "hard bounce",
        "status": "5.1.1",
        "diagnostic": "550 5.1.1 no such user",
        "ticket": ticket,
        "delivery": copy.id,
        "created_at": found["created_at"],
    }
    assert found["created_at"].endswith("Z")
    assert expires_at > found["created_at"]


async def test_a_suppressed_recipient_gets_no_mail_and_the_others_get_theirs(
    cast: Cast, relay: FaultyRelay, ann: Client
) -> None:
    ticket = await bounced_ticket(cast, relay)
    copies = await say(ann, ticket)
    assert (copies[ZOE]["state"], copies[KIM]["state"]) == ("suppressed", "queued")
    since = f"{datetime.now(UTC):%Y-%m-%d}"
    assert copies[ZOE]["error"] == (
        f"no mail to this address since {since}: hard bounce (5.1.1 550 5.1.1 no such user)"
    )
    assert await drain(cast, relay) == [KIM]
    assert relay.letters()[-1]["To"] == KIM, "the mail names somebody who does not get it"


async def test_staff_see_before_sending_who_would_get_nothing(cast: Cast, relay: FaultyRelay, ann: Client) -> None:
    ticket = await bounced_ticket(cast, relay)
    preview = (await ann.get(f"/api/tickets/{ticket}/recipients/")).json()
    assert {one["email"]: bool(one["suppressed"]) for one in preview["recipients"]} == {ZOE: True, KIM: False}


async def test_no_automatic_mail_goes_there_either(cast: Cast, anyone: Client, ann: Client) -> None:
    await hold(ZOE)
    entry = await cast.receive(mail())
    await ann.patch(f"/api/tickets/{entry.ticket_id}/", json={"status": "CL"})
    await anyone.post("/api/register", json={"username": "zoe", "email": ZOE, "password": "correct horse 9"})
    rows = await Delivery.all().order_by("id")
    assert [(str(row.kind), str(row.state)) for row in rows] == [
        ("acknowledgement", "suppressed"),
        ("status", "suppressed"),
        ("confirmation", "suppressed"),
    ]


async def test_mail_that_waits_is_held_back_by_a_suppression_that_came_meanwhile(
    cast: Cast, relay: FaultyRelay
) -> None:
    await cast.receive(mail())
    await hold(ZOE)
    assert await drain(cast, relay) == []
    row = await Delivery.get()
    assert (row.state, row.code, row.sent_at) == ("suppressed", None, None)
    assert "hard bounce" in (row.error or "")
    await Delivery.all().update(due_at=datetime.now(UTC) - timedelta(days=1))
    assert await mailing.claim(1) == []


async def test_staff_lift_it_and_mail_flows_again(cast: Cast, relay: FaultyRelay, ann: Client) -> None:
    ticket = await bounced_ticket(cast, relay)
    [found] = (await ann.get("/api/suppressions/")).json()
    assert (await ann.delete(f"/api/suppressions/{found['id']}/")).status_code == 204
    assert (await ann.get("/api/suppressions/")).json() == []
    copies = await say(ann, ticket)
    assert copies[ZOE]["state"] == "queued"
    assert await drain(cast, relay) == [KIM, ZOE]
    event = await Event.get(kind="unsuppressed")
    assert (event.ticket_id, event.actor_id, event.data["email"]) == (ticket, cast.ann.id, ZOE)
    assert (await ann.delete(f"/api/suppressions/{found['id']}/")).status_code == 404, "it was lifted twice"


async def test_after_it_was_lifted_another_bounce_suppresses_again(cast: Cast, relay: FaultyRelay, ann: Client) -> None:
    ticket = await bounced_ticket(cast, relay)
    [first] = (await ann.get("/api/suppressions/")).json()
    await ann.delete(f"/api/suppressions/{first['id']}/")
    await say(ann, ticket)
    await drain(cast, relay)
    copy = await Delivery.get(recipient=ZOE, state="sent")
    path = write_return_path(cast.house.reply_key, SUPPORT, copy.id)
    await cast.receive(bounce((ZOE, "5.1.1", "still gone")), to=path, envelope_from="")
    [again] = (await ann.get("/api/suppressions/")).json()
    assert (again["diagnostic"], again["delivery"]) == ("still gone", copy.id)
    assert again["created_at"] > first["created_at"], "it says that it held all the time"


async def test_one_that_ended_holds_nobody_back_and_is_not_listed(cast: Cast, relay: FaultyRelay, ann: Client) -> None:
    await hold(ZOE, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    await cast.receive(mail())
    assert await drain(cast, relay) == [ZOE]
    assert (await ann.get("/api/suppressions/")).json() == []


async def test_pages_are_newest_first_and_one_address_can_be_asked_for(ann: Client) -> None:
    for number in range(5):
        await hold(f"p{number}@people.example")
    seen, url = [], "/api/suppressions/?limit=2"
    while url:
        page = await ann.get(url)
        seen.append([found["email"][1] for found in page.json()])
        url = page.links.get("next", {}).get("url", "")
    assert seen == [["4", "3"], ["2", "1"], ["0"]]
    one = await ann.get("/api/suppressions", params={"email": " P3@People.Example"})
    assert [found["email"] for found in one.json()] == ["p3@people.example"]


async def test_customers_neither_see_nor_lift_them(anyone: Client, carl: Client) -> None:
    held = await hold(ZOE)
    assert (await anyone.get("/api/suppressions/")).status_code == 401
    assert (await anyone.delete(f"/api/suppressions/{held.id}/")).status_code == 401
    assert (await carl.get("/api/suppressions/")).status_code == 403
    assert (await carl.delete(f"/api/suppressions/{held.id}/")).status_code == 403
    assert await Suppression.filter(expires_at=None).exists()


@pytest.mark.parametrize("ident", [0, 7, 2**63, 10**30])
async def test_one_that_is_not_there_cannot_be_lifted(ann: Client, ident: int) -> None:
    assert (await ann.delete(f"/api/suppressions/{ident}/")).status_code == 404


async def test_staff_hear_of_it_and_its_owner_never(cast: Cast, relay: FaultyRelay, ann: Client) -> None:
    await bounced_ticket(cast, relay)
    [held] = (await ann.get("/api/suppressions/")).json()
    await ann.delete(f"/api/suppressions/{held['id']}/")
    owner = await User.get(email=ZOE)
    while (batch := await events.after(events.Place(0, 0))).pending:
        await asyncio.sleep(0.02)
    told = {one.kind: one for one in batch.happenings if one.kind in {"bounced", "suppressed", "unsuppressed"}}
    assert set(told) == {"bounced", "suppressed", "unsuppressed"}
    assert all(one.seen_by(cast.ann) and not one.seen_by(owner) for one in told.values())
