"""The journal for staff: raw mail of any entry, what it would become, counts by state, many moved at once."""

import pytest

from gateway.intake import Intake
from letters import as_json, parse
from models import Inbound, InboundState, User
from tests.api.conftest import Client
from tests.cast import Cast, mail


async def put(cast: Cast, state: str, raw: bytes | None = None) -> Inbound:
    """An entry in some state, as if the intake had left it there."""
    entry = await cast.accept(raw or mail())
    await Inbound.filter(id=entry.id).update(state=state, reason="a reason")
    return entry


@pytest.mark.parametrize("state", ["held", "quarantined", "ignored", "accepted"])
async def test_the_bytes_of_a_mail_are_there_whatever_became_of_it(cast: Cast, ann: Client, state: str) -> None:
    raw = mail(subject="Größe")
    entry = await put(cast, state, raw)
    answer = await ann.get(f"/api/inbound/{entry.id}/raw")
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, raw, "message/rfc822")
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_the_bytes_of_a_filed_mail_come_from_their_blob(cast: Cast, ann: Client) -> None:
    raw = mail()
    entry = await cast.receive(raw)
    assert entry.raw_bytes is None
    assert (await ann.get(f"/api/inbound/{entry.id}/raw/")).content == raw


async def test_a_blob_that_is_gone_is_told(cast: Cast, ann: Client) -> None:
    entry = await cast.receive(mail())
    await Inbound.filter(id=entry.id).update(blob="0" * 64)
    assert [(await ann.get(f"/api/inbound/{entry.id}/{what}")).status_code for what in ("raw", "explain")] == [404, 404]


async def test_an_entry_is_explained_with_the_tickets_that_it_would_belong_to_now(cast: Cast, ann: Client) -> None:
    first = await cast.receive(mail(Message_ID="<first@client.example>"))
    raw = mail(In_Reply_To="<first@client.example>", subject="Re: It does not work")
    entry = await put(cast, "quarantined", raw)
    told = (await ann.get(f"/api/inbound/{entry.id}/explain")).json()
    threads = told.pop("threads")
    assert told == as_json(parse(raw))
    assert [(one["ticket"], one["rule"], one["takes_part"]) for one in threads] == [
        (first.ticket_id, "in-reply-to", True)
    ]
    assert (await Inbound.get(id=entry.id)).state == "quarantined"


async def test_an_entry_of_a_sender_whom_nobody_knows_is_explained_and_makes_nobody(cast: Cast, ann: Client) -> None:
    first = await cast.receive(mail(Message_ID="<first@client.example>"))
    entry = await put(cast, "held", mail(sender="new@people.example", In_Reply_To="<first@client.example>"))
    [found] = (await ann.get(f"/api/inbound/{entry.id}/explain")).json()["threads"]
    assert (found["ticket"], found["takes_part"]) == (first.ticket_id, False)
    assert not await User.exists(email="new@people.example")


async def test_a_filed_mail_is_explained_as_it_was_decided(cast: Cast, ann: Client) -> None:
    await cast.receive(mail(Message_ID="<first@client.example>"))
    reply = await cast.receive(mail(In_Reply_To="<first@client.example>"))
    threads = (await ann.get(f"/api/inbound/{reply.id}/explain")).json()["threads"]
    assert threads == (await ann.get(f"/api/messages/{reply.message_id}/why")).json()["candidates"]
    assert len(threads) == 1


@pytest.mark.parametrize("raw", [b"\0\xff", b"From: \r\n\r\n"])
async def test_any_entry_can_be_explained(cast: Cast, ann: Client, raw: bytes) -> None:
    entry = await Inbound.create(envelope_from="", envelope_to=["x@y"], size=len(raw), raw_bytes=raw, state="held")
    assert (await ann.get(f"/api/inbound/{entry.id}/explain")).status_code == 200


async def test_entries_are_counted_by_state(cast: Cast, ann: Client) -> None:
    for state in ("held", "held", "quarantined"):
        await put(cast, state)
    await cast.receive(mail())
    counts = {"accepted": 0, "processed": 1, "ignored": 0, "held": 2, "quarantined": 1}
    assert (await ann.get("/api/inbound/states")).json() == counts


async def test_several_are_replayed_at_once_and_what_cannot_be_is_told(cast: Cast, ann: Client) -> None:
    held, quarantined = await put(cast, "held"), await put(cast, "quarantined")
    filed = await cast.receive(mail())
    answer = await ann.post(
        "/api/inbound/bulk", json={"ids": [filed.id, quarantined.id, held.id, held.id, 999_999], "do": "replay"}
    )
    moved = answer.json()
    assert moved["done"] == sorted([held.id, quarantined.id])
    assert [one["entry"] for one in moved["refused"]] == sorted([filed.id, 999_999])
    assert "is processed" in moved["refused"][0]["detail"]
    while await Intake(cast.house).read_one():
        pass
    assert {(await Inbound.get(id=one.id)).state for one in (held, quarantined)} == {InboundState.PROCESSED}


async def test_several_are_discarded_at_once(cast: Cast, ann: Client) -> None:
    entries = [await put(cast, state) for state in ("held", "quarantined")]
    moved = (await ann.post("/api/inbound/bulk", json={"ids": [one.id for one in entries], "do": "discard"})).json()
    assert (moved["done"], moved["refused"]) == ([one.id for one in entries], [])
    assert {(await Inbound.get(id=one.id)).state for one in entries} == {InboundState.IGNORED}


@pytest.mark.parametrize(
    "body",
    [
        {"ids": [], "do": "replay"},
        {"ids": list(range(1, 202)), "do": "replay"},
        {"ids": [1], "do": "burn"},
        {"ids": [0], "do": "replay"},
    ],
)
async def test_what_is_no_such_change_is_refused(ann: Client, body: dict[str, object]) -> None:
    assert (await ann.post("/api/inbound/bulk", json=body)).status_code == 422


async def test_all_of_it_is_for_staff(cast: Cast, anyone: Client, carl: Client) -> None:
    entry = await put(cast, "held")
    for path in (f"/api/inbound/{entry.id}/raw", f"/api/inbound/{entry.id}/explain", "/api/inbound/states"):
        assert [(await who.get(path)).status_code for who in (anyone, carl)] == [401, 403]
    body = {"ids": [entry.id], "do": "discard"}
    assert [(await who.post("/api/inbound/bulk", json=body)).status_code for who in (anyone, carl)] == [401, 403]
    assert (await Inbound.get(id=entry.id)).state == InboundState.HELD
