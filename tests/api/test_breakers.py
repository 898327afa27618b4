"""Senders that are held back: what staff see, and letting their mail through."""

import asyncio
from datetime import UTC, datetime

from desk import events
from gateway.intake import Intake
from models import Event, Inbound, InboundState, Message, Ticket
from settings import Rate
from tests.api.conftest import Client
from tests.cast import Cast, mail

ZOE = "zoe@people.example"


def strict(cast: Cast, amount: int = 2) -> None:
    """From now on a sender may open so many tickets an hour."""
    cast.house.settings.__dict__["sender_rate"] = Rate(amount, 3600)


async def flood(cast: Cast, times: int, sender: str = f"Zoë <{ZOE}>") -> list[Inbound]:
    return [await cast.receive(mail(sender=sender, subject=f"Flood {at} of {sender}")) for at in range(times)]


async def read_all(cast: Cast) -> None:
    while await Intake(cast.house).read_one():
        pass


async def test_staff_see_who_is_held_back_why_and_until_when(cast: Cast, ann: Client) -> None:
    strict(cast)
    entries = await flood(cast, 5)
    assert [entry.state for entry in entries[2:]] == [InboundState.HELD] * 3
    [found] = (await ann.get("/api/breakers/")).json()
    assert found == {
        "id": (await Event.get(kind="held")).id,
        "ticket": entries[1].ticket_id,
        "sender": ZOE,
        "breaker": "new tickets",
        "reason": f"{ZOE} opened 2 tickets within the limit 2/hour",
        "since": found["since"],
        "until": found["until"],
        "held": 3,
    }
    assert found["until"] > found["since"]


async def test_resuming_files_what_was_held_and_holds_nothing_more_for_a_while(cast: Cast, ann: Client) -> None:
    strict(cast)
    entries = await flood(cast, 5)
    others = await flood(cast, 3, "Kim <kim@people.example>")
    breaker = next(one for one in (await ann.get("/api/breakers")).json() if one["sender"] == ZOE)
    answer = await ann.post(f"/api/breakers/{breaker['id']}/resume/")
    assert (answer.status_code, answer.json()["held"]) == (200, 3)
    await read_all(cast)
    states = [(await Inbound.get(id=entry.id)).state for entry in entries]
    assert states == [InboundState.PROCESSED] * 5
    assert (await cast.receive(mail(sender=f"Zoë <{ZOE}>", subject="One more"))).state == InboundState.PROCESSED
    assert (await Inbound.get(id=others[-1].id)).state == InboundState.HELD, "somebody else's mail went through too"
    assert [one["sender"] for one in (await ann.get("/api/breakers")).json()] == ["kim@people.example"]


async def test_after_an_hour_the_limit_holds_again(cast: Cast, ann: Client) -> None:
    strict(cast)
    await flood(cast, 3)
    [breaker] = (await ann.get("/api/breakers")).json()
    await ann.post(f"/api/breakers/{breaker['id']}/resume")
    event = await Event.get(kind="held")
    event.data |= {"resumed_at": "2020-01-01T00:00:00+00:00"}
    await event.save()
    await read_all(cast)
    assert (await flood(cast, 1))[0].state == InboundState.HELD


async def test_staff_read_in_the_ticket_who_resumed_and_customers_do_not(cast: Cast, ann: Client) -> None:
    strict(cast)
    entries = await flood(cast, 3)
    [breaker] = (await ann.get("/api/breakers")).json()
    await ann.post(f"/api/breakers/{breaker['id']}/resume")
    event = await Event.get(kind="resumed")
    assert (event.ticket_id, event.actor_id) == (entries[1].ticket_id, cast.ann.id)
    assert event.data == {"breaker": breaker["id"], "sender": ZOE, "mails": 1}
    assert "resumed" in events.FOR_STAFF_ONLY


async def test_two_who_resume_at_once_file_each_mail_once(cast: Cast, ann: Client) -> None:
    strict(cast)
    await flood(cast, 5)
    [breaker] = (await ann.get("/api/breakers")).json()
    pressed = await asyncio.gather(*(ann.post(f"/api/breakers/{breaker['id']}/resume") for _ in range(3)))
    assert sorted(one.status_code for one in pressed) == [200, 409, 409]
    await read_all(cast)
    assert (await Ticket.all().count(), await Message.all().count()) == (5, 5)
    assert await Event.filter(kind="resumed").count() == 1


async def test_one_that_closed_by_itself_is_shown_as_long_as_its_mail_is_held(cast: Cast, ann: Client) -> None:
    strict(cast)
    entries = await flood(cast, 3)
    await Event.filter(kind="held").update(created_at=datetime(2020, 1, 1, tzinfo=UTC))
    [breaker] = (await ann.get("/api/breakers")).json()
    assert (breaker["held"], breaker["until"] < "2021") == (1, True)
    await ann.post(f"/api/inbound/{entries[-1].id}/discard")
    assert (await ann.get("/api/breakers")).json() == []


async def test_breakers_are_for_staff_and_none_is_not_found(
    cast: Cast, anyone: Client, carl: Client, ann: Client
) -> None:
    strict(cast)
    await flood(cast, 3)
    breaker = await Event.get(kind="held")
    for who, status in ((anyone, 401), (carl, 403)):
        assert (await who.get("/api/breakers")).status_code == status
        assert (await who.post(f"/api/breakers/{breaker.id}/resume")).status_code == status
    for ident in (0, breaker.id + 100, 2**63, (await Event.filter(kind="opened").first() or breaker).id + 0):
        answer = await ann.post(f"/api/breakers/{ident}/resume")
        assert answer.status_code == 404 or ident == breaker.id
