"""Recipients, participants and the reasons of threading over REST."""

import asyncio

import httpx
import pytest

from desk.events import Place, after
from letters import write_reply_address
from tests.api.conftest import Client
from tests.cast import SUPPORT, Cast, mail, ticket_of


async def shared_ticket(cast: Cast) -> int:
    return (await ticket_of(await cast.receive(mail("carl@people.example", Cc="Kim <kim@people.example>")))).id


async def test_recipients_before_sending(cast: Cast, ann: Client) -> None:
    ticket = await shared_ticket(cast)
    found = (await ann.get(f"/api/tickets/{ticket}/recipients/")).json()
    assert found["dropped"] == found["warnings"] == []
    assert [(one["email"], one["field"], one["why"], one["new"], one["suppressed"]) for one in found["recipients"]] == [
        ("carl@people.example", "to", "the requester", False, None),
        ("kim@people.example", "cc", "named in Cc of a mail", True, None),
    ]


async def test_a_message_to_some_of_them(cast: Cast, ann: Client) -> None:
    ticket = await shared_ticket(cast)
    kim = (await ann.get(f"/api/tickets/{ticket}/recipients/")).json()["recipients"][1]["id"]
    path = f"/api/tickets/{ticket}/new_message/"
    said = await ann.post(path, json={"text": "Between us.", "recipients": [kim]})
    assert said.status_code == 201
    assert [delivery["recipient"] for delivery in said.json()["deliveries"]] == ["kim@people.example"]
    for refused in ({"recipients": []}, {"recipients": [kim, 9999]}, {"recipients": [kim], "internal": True}):
        answer = await ann.post(path, json={"text": "Between us."} | refused)
        assert answer.status_code == 422
    assert len((await ann.get(f"/api/tickets/{ticket}/")).json()["messages"]) == 1


async def test_adding_and_removing_a_participant(cast: Cast, ann: Client) -> None:
    ticket = await shared_ticket(cast)
    path = f"/api/tickets/{ticket}/participants/"
    added = await ann.post(path, json={"email": "lee@people.example", "name": "Lee"})
    assert (added.status_code, added.json()["email"], added.json()["name"]) == (201, "lee@people.example", "Lee")
    assert (await ann.post(path, json={"email": "lee@people.example"})).json()["id"] == added.json()["id"]
    assert (await ann.delete(f"{path}{added.json()['id']}/")).status_code == 204
    assert (await ann.delete(f"{path}{added.json()['id']}/")).status_code == 404
    assert (await ann.delete(f"{path}{cast.carl.id}/")).status_code == 409
    assert (await ann.post(path, json={"email": "support+x@desk.example"})).json()["errors"][0]["field"] == "email"


async def test_why_a_message_is_where_it_is(cast: Cast, ann: Client) -> None:
    first = await cast.receive(mail("carl@people.example", Message_ID="<first@client.example>"))
    entry = await cast.receive(mail("carl@people.example", subject="Re", In_Reply_To="<first@client.example>"))
    found = (await ann.get(f"/api/messages/{entry.message_id}/why/")).json()
    assert (found["ticket"], found["rule"], found["stranger"]) == (first.ticket_id, "in-reply-to", False)
    assert found["candidates"] == [
        {
            "rule": "in-reply-to",
            "ticket": first.ticket_id,
            "evidence": "first@client.example",
            "signed": False,
            "takes_part": True,
            "person": None,
        }
    ]


async def test_a_message_written_over_rest_has_no_reasons(cast: Cast, ann: Client) -> None:
    ticket = await shared_ticket(cast)
    said = (await ann.post(f"/api/tickets/{ticket}/new_message/", json={"text": "On it."})).json()
    found = (await ann.get(f"/api/messages/{said['id']}/why/")).json()
    assert (found["via"], found["rule"], found["candidates"], found["refused"]) == ("api", None, [], [])


async def test_customers_are_told_none_of_it(cast: Cast, carl: Client) -> None:
    ticket = await shared_ticket(cast)
    opening = (await carl.get(f"/api/tickets/{ticket}/")).json()["opening_message"]
    other = await cast.receive(mail("zoe@people.example"))

    def asked(number: int, message: int) -> list[httpx.Request]:
        base = "http://desk/api"
        return [
            carl.build_request("GET", f"{base}/tickets/{number}/recipients/"),
            carl.build_request("POST", f"{base}/tickets/{number}/participants/", json={"email": "x@people.example"}),
            carl.build_request("DELETE", f"{base}/tickets/{number}/participants/{cast.carl.id}/"),
            carl.build_request("GET", f"{base}/messages/{message}/why/"),
        ]

    own = [(await carl.send(request)).status_code for request in asked(ticket, opening)]
    others = [(await carl.send(request)).status_code for request in asked(other.ticket_id or 0, other.message_id or 0)]
    assert (own, others) == ([403] * 4, [404] * 4)


@pytest.mark.parametrize("who", ["ann", "carl"])
async def test_flags_are_for_staff_and_reply_to_for_both(cast: Cast, ann: Client, carl: Client, who: str) -> None:
    entry = await cast.receive(mail("carl@people.example", Reply_To="carl@home.example"))
    email = (await {"ann": ann, "carl": carl}[who].get(f"/api/messages/{entry.message_id}/")).json()["email"]
    assert email["reply_to"] == [{"name": "", "email": "carl@home.example"}]
    assert email["flags"] == (["reply_to_differs"] if who == "ann" else [])


async def test_customers_see_no_address_of_whoever_wrote_for_us_by_mail(cast: Cast, ann: Client, carl: Client) -> None:
    ticket = await shared_ticket(cast)
    hers = write_reply_address(cast.house.reply_key, SUPPORT, ticket, cast.ann.id)
    entry = await cast.receive(
        mail("Ann <ann@desk.example>", to=hers, text="We look.", Cc="boss@desk.example"), to=hers
    )
    paths = [f"/api/messages/{entry.message_id}", f"/api/tickets/{ticket}", "/api/tickets?q=look"]
    for client, sees in ((ann, True), (carl, False)):
        texts = [(await client.get(path)).text for path in paths]
        assert all("We look." in text for text in texts)
        for address in ("ann@desk.example", "boss@desk.example", hers):
            assert any(address in text for text in texts) is sees
    shown = (await carl.get(paths[0])).json()["email"]
    assert (shown["from"], shown["to"], shown["cc"]) == ({"name": "Ann", "email": SUPPORT}, [], [])


async def test_a_reply_address_is_shown_to_no_other_customer(cast: Cast, ann: Client, carl: Client) -> None:
    ticket = await shared_ticket(cast)
    hers = write_reply_address(cast.house.reply_key, SUPPORT, ticket, cast.ann.id)
    long = "christianefriedrichsenmuellermannberg@people.example"  # looks like a signed one at first sight
    entry = await cast.receive(mail("ann@home.example", to=hers, Cc=f"kim@people.example, {long}"), to=hers)
    shown = (await carl.get(f"/api/messages/{entry.message_id}")).json()["email"]
    assert [one["email"] for one in (*shown["to"], *shown["cc"])] == [SUPPORT, "kim@people.example", long]
    for_staff = (await ann.get(f"/api/messages/{entry.message_id}")).json()["email"]
    assert for_staff["to"] == [{"name": "", "email": hers}]


async def test_customers_do_not_find_out_addresses_of_staff_by_searching(ann: Client, carl: Client) -> None:
    made = (await carl.post("/api/tickets/add", json={"title": "Lamp", "body_text": "It blinks."})).json()
    await ann.post(f"/api/tickets/{made['id']}/new_message", json={"text": "We look."})
    found = {
        query: len((await carl.get("/api/tickets", params={"q": query})).json()) for query in ("ann@de", "Ann", "look")
    }
    assert found == {"ann@de": 0, "Ann": 1, "look": 1}
    tried = (await carl.post(f"/api/tickets/{made['id']}/new_message", json={"text": "look ann@de"})).json()
    await ann.post(f"/api/tickets/{made['id']}/new_message", json={"text": "We look."})
    [hit] = [one["hit"] for one in (await carl.get("/api/tickets", params={"q": "look ann@de"})).json()]
    assert hit["message"] == tried["id"], "and no message of hers tells that the guess was right"
    assert len((await ann.get("/api/tickets?q=ann@de")).json()) == 1


async def test_customers_do_not_hear_who_joins_and_leaves(cast: Cast, ann: Client) -> None:
    ticket = await shared_ticket(cast)
    added = await ann.post(f"/api/tickets/{ticket}/participants/", json={"email": "lee@people.example"})
    await ann.delete(f"/api/tickets/{ticket}/participants/{added.json()['id']}/")
    while (batch := await after(Place(0, 0))).pending:  # other transactions of this server are still under way
        await asyncio.sleep(0.02)
    happened = batch.happenings
    told = {one.kind: (one.seen_by(cast.ann), one.seen_by(cast.carl)) for one in happened}
    assert (told["joined"], told["removed"], told["opened"]) == ((True, False), (True, False), (True, True))
