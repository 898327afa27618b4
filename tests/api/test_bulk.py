"""Many tickets changed at once, and taken back: nothing is lost that somebody else did meanwhile."""

import asyncio
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from pydantic import TypeAdapter

from api.schemas_queues import ManyChanged, ManyUndone
from desk import change_ticket
from mailer import delivery
from models import (
    BulkChange,
    Delivery,
    DeliveryState,
    Event,
    LetterKind,
    Suppression,
    SuppressionReason,
    Ticket,
)
from tests.api.test_sessions import somebody_waits_for
from tests.api.test_tickets import open_ticket
from tests.cast import Cast, mail


@pytest.fixture
async def tickets(carl: AsyncClient) -> list[int]:
    return [int((await open_ticket(carl, f"t{number}"))["id"]) for number in range(3)]


async def change(client: AsyncClient, tickets: list[int], **what: Any) -> dict[str, Any]:
    made = await client.post("/api/tickets/bulk/", json={"tickets": tickets, **what})
    assert made.status_code == 200, made.text
    found: dict[str, Any] = made.json()
    TypeAdapter(ManyChanged).validate_python(found)
    return found


async def take_back(client: AsyncClient, made: dict[str, Any]) -> dict[str, Any]:
    undone = await client.post(f"/api/tickets/bulk/{made['undo']}/undo/")
    assert undone.status_code == 200, undone.text
    found: dict[str, Any] = undone.json()
    TypeAdapter(ManyUndone).validate_python(found)
    return found


async def states(tickets: list[int]) -> list[str]:
    found = {ticket.id: str(ticket.status) for ticket in await Ticket.filter(id__in=tickets)}
    return [found[ident] for ident in tickets]


async def told(tickets: list[int]) -> list[int]:
    """Tickets with a mail of a new status."""
    found = await Delivery.filter(ticket_id__in=tickets, kind=LetterKind.STATUS).order_by("id")
    return [one.ticket_id or 0 for one in found]


async def test_all_of_it_is_changed_at_once_and_told(ann: AsyncClient, cast: Cast, tickets: list[int]) -> None:
    made = await change(
        ann, tickets, status="CL", assignee=cast.ben.id, priority="low", add_tags=["Done", "x"], remove_tags=["y"]
    )
    assert (made["done"], made["refused"], made["tells"]) == (tickets, [], 1)
    for ticket in await Ticket.filter(id__in=tickets):
        assert (ticket.status, ticket.assignee_id, ticket.priority, ticket.tags) == (
            "CL", cast.ben.id, "low", ["done", "x"],
        )  # fmt: skip
    assert await told(tickets) == tickets


async def test_unknown_tickets_and_those_that_are_so_already_are_refused_alone(
    ann: AsyncClient, tickets: list[int]
) -> None:
    await ann.patch(f"/api/tickets/{tickets[0]}", json={"status": "CL"})
    made = await change(ann, [tickets[1], 999, tickets[0], 2**70, tickets[1], 0], status="CL")
    assert made["done"] == [tickets[1]]
    assert {one["ticket"]: one["detail"] for one in made["refused"]} == {
        999: "There is no such ticket, or it is not yours to see.",
        2**70: "There is no such ticket, or it is not yours to see.",
        0: "There is no such ticket, or it is not yours to see.",
        tickets[0]: "It is like that already.",
    }
    undone = await take_back(ann, made)
    assert undone["done"] == [tickets[1]]
    assert await states(tickets) == ["CL", "AC", "AC"]


async def test_a_ticket_with_too_many_tags_is_refused_alone(ann: AsyncClient, tickets: list[int]) -> None:
    full = [str(number) for number in range(20)]
    await Ticket.filter(id=tickets[0]).update(tags=sorted(full))
    made = await change(ann, tickets, add_tags=["more"])
    assert (made["done"], [one["ticket"] for one in made["refused"]]) == (tickets[1:], tickets[:1])
    assert (await Ticket.get(id=tickets[0])).tags == sorted(full)


async def test_a_dry_run_says_what_would_come_of_it_and_changes_nothing(
    ann: AsyncClient, cast: Cast, tickets: list[int]
) -> None:
    entry = await cast.receive(mail(Cc="kim@firm.example"))
    assert entry.ticket_id
    await ann.patch(f"/api/tickets/{tickets[0]}", json={"status": "CL"})
    before, events = await told(tickets), await Event.all().count()
    made = await change(ann, [*tickets, entry.ticket_id], status="CL", dry_run=True)
    assert (made["undo"], made["done"], made["tells"]) == (None, [*tickets[1:], entry.ticket_id], 3)
    assert (await told(tickets), await Event.all().count()) == (before, events)
    assert await states(tickets) == ["CL", "AC", "AC"]
    assert (await change(ann, tickets, priority="high", dry_run=True))["tells"] == 0


@pytest.mark.parametrize(
    "what",
    [
        {}, {"tickets": [], "status": "CL"}, {"tickets": list(range(1, 202)), "status": "CL"}, {"status": "XX"},
        {"status": None}, {"assignee": 1}, {"assignee": 10**30}, {"add_tags": [""]}, {"remove_tags": ["x" * 51]},
        {"status": "CL", "hold_seconds": 31}, {"priority": "odd"}, {"dry_run": True},
    ],
)  # fmt: skip
async def test_a_change_that_cannot_be_is_refused_whole(
    ann: AsyncClient, cast: Cast, tickets: list[int], what: dict[str, Any]
) -> None:
    if what.get("assignee") == 1:
        what = {"assignee": cast.carl.id}
    assert (await ann.post("/api/tickets/bulk", json={"tickets": tickets, **what})).status_code == 422
    assert await BulkChange.all().count() == 0


async def test_customers_change_nothing_in_bulk(carl: AsyncClient, tickets: list[int]) -> None:
    refused = await carl.post("/api/tickets/bulk", json={"tickets": tickets, "status": "CL"})
    assert refused.status_code == 403
    assert (await carl.post(f"/api/tickets/bulk/{uuid4()}/undo")).status_code == 403


async def test_undo_puts_everything_back_and_waiting_mail_never_leaves(
    ann: AsyncClient, cast: Cast, tickets: list[int]
) -> None:
    closed_at = datetime.now(UTC) - timedelta(days=20)
    await Ticket.filter(id=tickets[0]).update(status="CL", closed_at=closed_at, tags=["a"], assignee_id=cast.ben.id)
    before = await Ticket.filter(id__in=tickets).order_by("id").values("status", "tags", "assignee_id", "closed_at")
    made = await change(
        ann,
        tickets,
        status="FR",
        assignee=cast.ann.id,
        priority="high",
        add_tags=["b"],
        remove_tags=["a"],
        hold_seconds=10,
    )
    assert await told(tickets) == tickets
    undone = await take_back(ann, made)
    assert undone == {"done": tickets, "refused": [], "told": []}
    after = await Ticket.filter(id__in=tickets).order_by("id").values("status", "tags", "assignee_id", "closed_at")
    assert after == before
    assert await told(tickets) == []
    marked = await Event.filter(ticket_id=tickets[0], data__contains={"undo": True}).order_by("id")
    assert [event.kind for event in marked] == ["assigned", "priority", "tags", "status"]


async def test_mail_of_a_held_change_waits(ann: AsyncClient, tickets: list[int]) -> None:
    await delivery.claim(100)
    await change(ann, tickets[:1], status="CL", hold_seconds=30)
    assert await delivery.claim(100) == []
    await change(ann, tickets[1:2], status="CL")
    assert [copy.ticket_id for copy in await delivery.claim(100)] == tickets[1:2]


async def test_undo_leaves_what_somebody_else_changed_since(ann: AsyncClient, cast: Cast, tickets: list[int]) -> None:
    made = await change(ann, tickets, status="CL", priority="high", add_tags=["x"])
    await Ticket.filter(id=tickets[0]).update(status="FR", closed_at=None, tags=["new", "x"])
    undone = await take_back(ann, made)
    assert undone["done"] == tickets[1:]
    assert [one["ticket"] for one in undone["refused"]] == tickets[:1]
    assert "status" in undone["refused"][0]["detail"]
    left = await Ticket.get(id=tickets[0])
    assert (left.status, left.priority, left.tags) == ("FR", "normal", ["new"])
    assert await told(tickets) == tickets[:1]  # that status was not taken back


async def test_undo_gives_no_ticket_to_somebody_who_left(ann: AsyncClient, cast: Cast, tickets: list[int]) -> None:
    await Ticket.filter(id=tickets[0]).update(assignee_id=cast.ben.id)
    made = await change(ann, tickets[:1], assignee=cast.ann.id)
    cast.ben.active = False
    await cast.ben.save()
    assert (await take_back(ann, made))["refused"][0]["ticket"] == tickets[0]
    assert (await Ticket.get(id=tickets[0])).assignee_id == cast.ann.id


@pytest.mark.parametrize(
    "state", [DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.DEFERRED, DeliveryState.QUEUED]
)
async def test_undo_says_whose_status_mail_has_left(ann: AsyncClient, tickets: list[int], state: DeliveryState) -> None:
    made = await change(ann, tickets[:2], status="CL", hold_seconds=10)
    await Delivery.filter(ticket_id=tickets[0], kind=LetterKind.STATUS).update(state=state, attempts=1)
    assert await take_back(ann, made) == {"done": tickets[:2], "refused": [], "told": tickets[:1]}
    assert await states(tickets) == ["AC", "AC", "AC"]
    assert await told(tickets) == tickets[:1]


async def test_whoever_gets_no_mail_is_told_nothing(ann: AsyncClient, tickets: list[int]) -> None:
    own = int((await open_ticket(ann))["id"])
    await Suppression.create(email="carl@people.example", reason=SuppressionReason.COMPLAINT)
    made = await change(ann, [*tickets, own], status="CL")
    assert made["tells"] == 0
    assert (await take_back(ann, made))["told"] == []


async def test_of_two_undos_at_once_one_does_it(ann: AsyncClient, tickets: list[int]) -> None:
    made = await change(ann, tickets, status="CL")
    path = f"/api/tickets/bulk/{made['undo']}/undo"
    answers = await asyncio.gather(*(ann.post(path) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]
    assert await states(tickets) == ["AC"] * 3
    assert await Event.filter(data__contains={"undo": True}).count() == 3


async def test_an_undo_is_ones_own_and_ends_after_ten_minutes(
    ann: AsyncClient, admin: AsyncClient, tickets: list[int]
) -> None:
    made = await change(ann, tickets, status="CL")
    path = f"/api/tickets/bulk/{made['undo']}/undo"
    assert (await admin.post(path)).status_code == 404
    await BulkChange.all().update(created_at=datetime.now(UTC) - timedelta(minutes=11))
    assert (await ann.post(path)).status_code == 404
    assert (await ann.post("/api/tickets/bulk/none/undo")).status_code == 422
    await change(ann, tickets, status="FR")
    assert await BulkChange.all().count() == 1  # the old one is forgotten


async def test_a_change_begins_with_what_another_one_just_made_of_the_ticket(
    ann: AsyncClient, cast: Cast, tickets: list[int]
) -> None:
    outside = copy_context()
    async with cast.house.work() as work:
        await change_ticket(work, cast.ben, tickets[0], tags=["theirs"])
        waiting = asyncio.create_task(change(ann, tickets[:1], add_tags=["ours"]), context=outside)
        await somebody_waits_for(work)
    await waiting
    assert (await Ticket.get(id=tickets[0])).tags == ["ours", "theirs"]


async def test_changes_of_the_same_tickets_in_any_order_wait_for_each_other(
    ann: AsyncClient, admin: AsyncClient, tickets: list[int]
) -> None:
    orders = [(ann, tickets, "CL"), (admin, tickets[::-1], "FR"), (ann, tickets[::-1], "FR"), (admin, tickets, "CL")]
    await asyncio.gather(*(change(client, order, status=status) for client, order, status in orders))
    assert len(set(await states(tickets))) == 1
