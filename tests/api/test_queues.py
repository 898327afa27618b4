"""Queues and their rows: whose turn it is, what is unread, what is to be noticed; and what stands beside a ticket."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from pydantic import TypeAdapter

from api.schemas import TicketRecord, TicketSummary
from api.schemas_queues import PartRecord, QueueCounts, StaffRecord, TimelineEvent
from models import (
    Delivery,
    DeliveryState,
    Draft,
    DraftKind,
    Inbound,
    InboundState,
    Message,
    OtherAddress,
    Suppression,
    SuppressionReason,
    Ticket,
    User,
    Via,
)
from tests.api.test_tickets import next_page, open_ticket, walk
from tests.cast import Cast, mail


async def row(client: AsyncClient, ticket: int) -> dict[str, Any]:
    found = (await client.get("/api/tickets?view=summary")).json()
    return next(one for one in found if one["id"] == ticket)


async def say(client: AsyncClient, ticket: int, text: str = "said", **more: Any) -> int:
    made = await client.post(f"/api/tickets/{ticket}/new_message", json={"text": text, **more})
    assert made.status_code == 201
    ident: int = made.json()["id"]
    return ident


async def change(client: AsyncClient, ticket: int, **values: Any) -> None:
    assert (await client.patch(f"/api/tickets/{ticket}", json=values)).status_code == 200


@pytest.fixture
async def ticket(carl: AsyncClient) -> int:
    return int((await open_ticket(carl, "Lamp", "It blinks."))["id"])


# -- rows


async def test_a_row_and_a_whole_ticket_tell_the_same(ann: AsyncClient, ticket: int) -> None:
    await say(ann, ticket)
    short, whole = await row(ann, ticket), (await ann.get(f"/api/tickets/{ticket}")).json()
    TypeAdapter(TicketSummary).validate_python(short)
    TypeAdapter(TicketRecord).validate_python(whole)
    assert {name: whole[name] for name in short} == short


async def test_the_last_word_is_one_short_line(ann: AsyncClient, cast: Cast, ticket: int) -> None:
    message = await say(ann, ticket, f"  Two\r\n\n lines {'and more ' * 200}")
    last = (await row(ann, ticket))["last"]
    assert last["text"].startswith("Two lines and more")
    assert len(last["text"]) == 200
    assert (last["message"], last["direction"]) == (message, "outbound")
    assert last["author"] == {"id": cast.ann.id, "name": "Ann", "email": "ann@desk.example", "role": "agent"}


async def test_customers_see_nothing_of_notes_in_a_row(ann: AsyncClient, carl: AsyncClient, ticket: int) -> None:
    await say(ann, ticket, "to all")
    await change(ann, ticket, priority="high", tags=["vip"])
    await say(ann, ticket, "among us", internal=True)
    for_staff, for_carl = await row(ann, ticket), await row(carl, ticket)
    assert (for_staff["message_count"], for_staff["last"]["text"], for_staff["flags"]) == (3, "among us", ["note"])
    assert (for_carl["message_count"], for_carl["last"]["text"], for_carl["flags"]) == (2, "to all", [])
    assert for_carl["last"]["author"]["email"] == "support@desk.example"
    assert (for_carl["priority"], for_carl["tags"]) == (None, [])
    assert "among us" not in (await carl.get("/api/tickets")).text


async def test_the_turn_passes_with_each_word_and_not_with_notes(
    ann: AsyncClient, carl: AsyncClient, ticket: int
) -> None:
    first = await row(ann, ticket)
    assert first["turn"] == "us"
    await say(ann, ticket, "note", internal=True)
    assert (await row(ann, ticket))["turn"] == "us"
    await say(ann, ticket)
    answered = await row(ann, ticket)
    assert (answered["turn"], answered["waiting_since"]) == ("them", first["waiting_since"])
    await say(carl, ticket)
    again = await row(ann, ticket)
    await say(carl, ticket)
    once_more = await row(ann, ticket)
    assert once_more["turn"] == "us"
    assert first["waiting_since"] < again["waiting_since"] < once_more["waiting_since"]


async def test_a_machine_does_not_make_it_our_turn(cast: Cast, ann: AsyncClient) -> None:
    entry = await cast.receive(mail(Message_ID="<first@client.example>"))
    assert entry.ticket_id
    await say(ann, entry.ticket_id)
    before = await row(ann, entry.ticket_id)
    answer = mail(In_Reply_To="<first@client.example>", Auto_Submitted="auto-replied", text="I am away.")
    assert (await cast.receive(answer)).ticket_id == entry.ticket_id
    after = await row(ann, entry.ticket_id)
    assert (after["turn"], after["waiting_since"]) == ("them", before["waiting_since"])
    assert after["last"]["text"] == "I am away."
    person = mail(In_Reply_To="<first@client.example>", text="I am back.")
    await cast.receive(person)
    assert (await row(ann, entry.ticket_id))["turn"] == "us"


async def test_what_others_wrote_is_unread_until_it_is_read(ann: AsyncClient, carl: AsyncClient, ticket: int) -> None:
    assert [(await row(client, ticket))["unread"] for client in (ann, carl)] == [True, False]
    first = (await row(ann, ticket))["last"]["message"]
    assert (await ann.post(f"/api/tickets/{ticket}/read/", json={"message": first})).status_code == 204
    answer = await say(ann, ticket)
    assert [(await row(client, ticket))["unread"] for client in (ann, carl)] == [False, True]
    await carl.post(f"/api/tickets/{ticket}/read", json={"message": answer})
    await say(ann, ticket, "note", internal=True)
    assert (await row(carl, ticket))["unread"] is False


async def test_a_mark_of_reading_never_goes_back_by_itself(ann: AsyncClient, carl: AsyncClient, ticket: int) -> None:
    first = (await row(ann, ticket))["last"]["message"]
    second = await say(carl, ticket)
    for message in (second, first):
        await ann.post(f"/api/tickets/{ticket}/read", json={"message": message})
    assert (await row(ann, ticket))["unread"] is False
    assert (await ann.delete(f"/api/tickets/{ticket}/read")).status_code == 204
    assert (await row(ann, ticket))["unread"] is True


async def test_only_what_one_may_see_can_be_read(ann: AsyncClient, carl: AsyncClient, ticket: int, cast: Cast) -> None:
    note = await say(ann, ticket, "note", internal=True)
    other = await Ticket.get(id=(await cast.receive(mail())).ticket_id)
    foreign = await Message.get(ticket_id=other.id)
    for message in (note, foreign.id, 0, 2**70, -(2**70)):
        refused = await carl.post(f"/api/tickets/{ticket}/read", json={"message": message})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "message")
    for unseen in (other.id, 2**70):
        assert (await carl.post(f"/api/tickets/{unseen}/read", json={"message": foreign.id})).status_code == 404
        assert (await carl.delete(f"/api/tickets/{unseen}/read")).status_code == 404


async def test_a_copy_that_came_back_is_flagged_until_one_arrives(
    ann: AsyncClient, carl: AsyncClient, ticket: int
) -> None:
    for state, flags in (("failed", ["returned"]), ("bounced", ["returned"]), ("sent", []), ("bounced", ["returned"])):
        await Delivery.filter(message_id=await say(ann, ticket)).update(state=DeliveryState(state))
        assert (await row(ann, ticket))["flags"] == flags
        assert (await row(carl, ticket))["flags"] == []


async def test_flags_name_ones_own_draft_and_files_but_no_pictures_in_the_text(
    ann: AsyncClient, carl: AsyncClient, cast: Cast
) -> None:
    plain, full = [(await cast.receive(mail(files=files))).ticket_id or 0 for files in ((), (("bill.pdf", b"pdf"),))]
    await Draft.create(user_id=cast.ann.id, ticket_id=full, kind=DraftKind.NOTE, text="later")
    assert (await row(ann, plain))["flags"] == []
    assert (await row(ann, full))["flags"] == ["draft", "attachment"]
    await Ticket._meta.db.execute_query("UPDATE attachments SET inline = true")
    assert (await row(ann, full))["flags"] == ["draft"]


# -- lists


@pytest.fixture
async def many(cast: Cast, carl: AsyncClient, ann: AsyncClient) -> dict[str, int]:
    """A ticket for each queue."""
    made = {name: int((await open_ticket(carl, name))["id"]) for name in ("mine", "bens", "free", "frozen", "closed")}
    await change(ann, made["mine"], assignee=cast.ann.id)
    await change(ann, made["bens"], assignee=cast.ben.id)
    await change(ann, made["frozen"], status="FR")
    await change(ann, made["closed"], status="CL", assignee=cast.ann.id)
    return made


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("queue=mine", ["mine"]), ("queue=unassigned", ["free"]), ("queue=active", ["bens", "mine", "free"]),
        ("queue=frozen", ["frozen"]), ("queue=closed", ["closed"]), ("queue=closed&status=AC", []),
        ("assignee=me", ["closed", "mine"]), ("assignee=none", ["frozen", "free"]), ("assignee=999999", []),
        ("queue=active&turn=them", []), ("requester=999999", []), ("mailbox=2", []),
        ("mailbox=99999999999999999999", []),
        ("sort=oldest&queue=active", ["mine", "bens", "free"]), ("sort=waiting&queue=active", ["mine", "bens", "free"]),
    ],
)  # fmt: skip
async def test_lists_are_narrowed_by(ann: AsyncClient, many: dict[str, int], asked: str, found: list[str]) -> None:
    assert await walk(ann, f"/api/tickets?limit=2&{asked}") == [many[name] for name in found]


async def test_tags_and_priorities_narrow_a_list(ann: AsyncClient, many: dict[str, int]) -> None:
    await change(ann, many["mine"], tags=["  Warranty ", "vip", "VIP"], priority="urgent")
    assert (await row(ann, many["mine"]))["tags"] == ["vip", "warranty"]
    assert await walk(ann, "/api/tickets?tag=VIP") == [many["mine"]]
    assert await walk(ann, "/api/tickets?priority=urgent") == [many["mine"]]
    assert len(await walk(ann, "/api/tickets?priority=normal")) == 4
    assert await walk(ann, "/api/tickets?tag=v") == []


@pytest.mark.parametrize("tags", [[""], ["x" * 51], [str(number) for number in range(21)], ["a\x07b"]])
async def test_tags_that_nobody_could_use_are_refused(ann: AsyncClient, ticket: int, tags: list[str]) -> None:
    refused = await ann.patch(f"/api/tickets/{ticket}", json={"tags": tags, "priority": "high"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "tags")
    assert (await row(ann, ticket))["priority"] == "normal"


@pytest.mark.parametrize("asked", ["queue=mine", "assignee=me", "tag=x", "requester=1", "priority=low"])
async def test_customers_may_not_ask_for_what_they_do_not_see(carl: AsyncClient, asked: str) -> None:
    assert (await carl.get(f"/api/tickets?{asked}")).status_code == 403


async def test_customers_sort_and_narrow_their_own(carl: AsyncClient, ann: AsyncClient, many: dict[str, int]) -> None:
    await say(ann, many["free"])
    assert await walk(carl, "/api/tickets?turn=them") == [many["free"]]
    assert await walk(carl, "/api/tickets?sort=oldest&limit=2") == sorted(many.values())


async def test_who_waits_longest_comes_first_and_theirs_come_last_page_by_page(
    ann: AsyncClient, carl: AsyncClient
) -> None:
    made = [int((await open_ticket(carl, f"t{number}"))["id"]) for number in range(7)]
    moment = datetime.now(UTC) - timedelta(days=1)
    await Ticket.filter(id__in=made[:5]).update(waiting_since=moment)  # ties
    await say(ann, made[0])
    await say(ann, made[6])
    await Ticket.filter(id=made[5]).update(waiting_since=moment - timedelta(days=1))
    for limit in (1, 2, 3, 50):
        waiting = await walk(ann, f"/api/tickets?sort=waiting&limit={limit}")
        assert waiting == [made[5], *made[1:5], made[0], made[6]]


async def test_tickets_that_change_during_a_walk_are_neither_lost_nor_shown_twice(
    ann: AsyncClient, carl: AsyncClient
) -> None:
    made = [int((await open_ticket(carl, f"t{number}"))["id"]) for number in range(6)]
    first = await ann.get("/api/tickets?limit=2")
    await say(carl, made[0])  # to the very front
    await change(ann, made[4], title="shown already")
    rest = await walk(ann, next_page(first) or "")
    assert [found["id"] for found in first.json()] + rest == made[:0:-1]


async def test_a_page_of_another_order_begins_anew(ann: AsyncClient, many: dict[str, int]) -> None:
    after = (next_page(await ann.get("/api/tickets?limit=2&sort=waiting")) or "").partition("after=")[2]
    for sort in ("activity", "oldest"):
        assert len(await walk(ann, f"/api/tickets?sort={sort}&after={after}")) == 5
    for odd in ("--", "1-2-3-4", "9" * 30, "-1", f"0-{2**62}-1", "²"):
        assert (await ann.get("/api/tickets", params={"after": odd, "sort": "waiting"})).status_code == 200


# -- counts


async def test_queues_are_counted_by_whose_turn_it_is(
    ann: AsyncClient, many: dict[str, int], cast: Cast, carl: AsyncClient
) -> None:
    await say(ann, many["mine"])
    await Inbound.create(
        envelope_from="", envelope_to=["x@desk.example"], size=1, raw_bytes=b"x", state=InboundState.HELD
    )
    counts = (await ann.get("/api/queues/")).json()
    TypeAdapter(QueueCounts).validate_python(counts)
    assert counts == {
        "mine": {"all": 1, "us": 0, "them": 1},
        "unassigned": {"all": 1, "us": 1, "them": 0},
        "active": {"all": 3, "us": 2, "them": 1},
        "frozen": {"all": 1, "us": 1, "them": 0},
        "held": {"all": 1},
        "capped_at": 9999,
    }
    assert (await carl.get("/api/queues")).status_code == 403


# -- beside a ticket


async def test_the_timeline_tells_all_to_staff_and_to_customers_what_is_theirs(
    ann: AsyncClient, carl: AsyncClient, ticket: int, cast: Cast
) -> None:
    await change(ann, ticket, assignee=cast.ben.id, priority="high", tags=["vip"])
    await say(ann, ticket, "among us", internal=True)
    await change(ann, ticket, status="CL")
    told = (await ann.get(f"/api/tickets/{ticket}/timeline/")).json()
    TypeAdapter(list[TimelineEvent]).validate_python(told)
    assert [event["kind"] for event in told] == [
        "opened", "message", "assigned", "priority", "tags", "note", "status",
    ]  # fmt: skip
    assert told[2]["about"]["name"] == "Ben"
    assert [told[3]["data"], told[4]["data"]] == [
        {"old": "normal", "new": "high"}, {"added": ["vip"], "removed": []},
    ]  # fmt: skip
    theirs = (await carl.get(f"/api/tickets/{ticket}/timeline")).json()
    assert [event["kind"] for event in theirs] == ["opened", "message", "status"]
    assert theirs[2]["actor"]["email"] == "support@desk.example"
    assert theirs[2]["data"] == {"old": "AC", "new": "CL"}


async def test_the_timeline_has_pages_and_is_hidden_with_its_ticket(
    ann: AsyncClient, carl: AsyncClient, cast: Cast
) -> None:
    entry = await cast.receive(mail())
    first = await ann.get(f"/api/tickets/{entry.ticket_id}/timeline?limit=1")
    assert [event["kind"] for event in first.json()] == ["opened"]
    assert len(await walk(ann, next_page(first) or "")) == 1
    assert (await carl.get(f"/api/tickets/{entry.ticket_id}/timeline")).status_code == 404


async def test_the_people_of_a_ticket_come_with_their_proof(ann: AsyncClient, carl: AsyncClient, cast: Cast) -> None:
    entry = await cast.receive(mail(Cc="Kim <kim@firm.example>"))
    zoe, kim = (await ann.get(f"/api/tickets/{entry.ticket_id}/people/")).json()
    TypeAdapter(list[PartRecord]).validate_python([zoe, kim])
    assert (zoe["requester"], zoe["source"], zoe["proof"], zoe["suppressed"]) == (True, "requester", "unproven", None)
    assert (kim["requester"], kim["source"], kim["proof"], kim["name"]) == (False, "cc", None, "Kim")
    held = await Suppression.create(email="zoe@people.example", reason=SuppressionReason.COMPLAINT)
    await OtherAddress.create(user_id=zoe["id"], email="zoe@home.example")
    zoe = (await ann.get(f"/api/tickets/{entry.ticket_id}/people")).json()[0]
    assert (zoe["suppressed"]["id"], zoe["suppressed"]["reason"]) == (held.id, "complaint")
    assert zoe["other_addresses"] == ["zoe@home.example"]
    await Suppression.all().update(expires_at=datetime.now(UTC))
    assert (await ann.get(f"/api/tickets/{entry.ticket_id}/people")).json()[0]["suppressed"] is None
    assert (await carl.get(f"/api/tickets/{entry.ticket_id}/people")).status_code == 404


@pytest.mark.parametrize(
    ("authentication", "why", "proof"),
    [
        ({"proven": True}, None, "proven"),
        ({"rejects": True, "proven": False}, "signed", "rejected"),
        ({"spf": "none"}, "signed", "proven"),
        ({"spf": "none"}, "somebody else's", "unproven"),
    ],
)
async def test_proof_is_that_of_the_last_mail(
    ann: AsyncClient, cast: Cast, authentication: dict[str, Any], why: str | None, proof: str
) -> None:
    entry = await cast.receive(mail())
    message = await Message.get(ticket_id=entry.ticket_id, via=Via.EMAIL)
    made_for = message.author_id + (why != "signed")
    message.why = {"candidates": [{"signed": True, "person": made_for}]} if why else None
    message.email |= {"authentication": authentication}
    await message.save()
    assert (await ann.get(f"/api/tickets/{entry.ticket_id}/people")).json()[0]["proof"] == proof


async def test_customers_do_not_see_who_takes_part(carl: AsyncClient, ticket: int) -> None:
    assert (await carl.get(f"/api/tickets/{ticket}/people")).status_code == 403


# -- to choose from


async def test_staff_are_those_who_can_have_tickets(ann: AsyncClient, carl: AsyncClient, cast: Cast) -> None:
    cast.admin.active = False
    await cast.admin.save()
    found = (await ann.get("/api/staff/")).json()
    TypeAdapter(list[StaffRecord]).validate_python(found)
    assert [(one["name"], one["role"]) for one in found] == [("Ann", "agent"), ("Ben", "agent")]
    assert (await carl.get("/api/staff")).status_code == 403


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("zo", ["Zoë Ünal"]), ("unal zoe", ["Zoë Ünal"]), ("ZOE@people", ["Zoë Ünal"]),
        ("people.ex", ["Carl", "Zoë Ünal"]),
        ("nobody", []), ("", []), ("%", []), ("\0", []),
    ],
)  # fmt: skip
async def test_people_are_found_while_one_types(ann: AsyncClient, cast: Cast, typed: str, names: list[str]) -> None:
    await cast.receive(mail())
    found = (await ann.get("/api/people", params={"q": typed})).json()
    assert [person["name"] for person in found] == names


@pytest.mark.parametrize("gone", [{"active": False}, {"proven": False}])
async def test_nobody_is_offered_who_has_no_account_or_address_any_more(
    ann: AsyncClient, cast: Cast, gone: dict[str, bool]
) -> None:
    await User.filter(id=cast.carl.id).update(**gone)
    assert (await ann.get("/api/people?q=carl")).json() == []


async def test_somebody_is_found_by_their_new_name(ann: AsyncClient, cast: Cast) -> None:
    cast.carl.name = "Karl Groß"
    await cast.carl.save()
    assert [one["id"] for one in (await ann.get("/api/people?q=gross")).json()] == [cast.carl.id]


async def test_tags_come_most_used_first(ann: AsyncClient, carl: AsyncClient, many: dict[str, int]) -> None:
    await change(ann, many["mine"], tags=["vip", "warranty"])
    await change(ann, many["bens"], tags=["warranty", "w_x"])
    assert (await ann.get("/api/tags/")).json() == [
        {"tag": "warranty", "tickets": 2}, {"tag": "vip", "tickets": 1}, {"tag": "w_x", "tickets": 1},
    ]  # fmt: skip
    assert [found["tag"] for found in (await ann.get("/api/tags?q=W")).json()] == ["warranty", "w_x"]
    assert (await ann.get("/api/tags", params={"q": "%"})).json() == []
    for path in ("/api/tags", "/api/people?q=x"):
        assert (await carl.get(path)).status_code == 403
