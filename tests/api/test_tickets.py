"""Tickets and messages over REST: shapes to the letter, who sees what, and refusals that say why."""

import re
from typing import Any

import pytest
from httpx import AsyncClient, Response
from pydantic import TypeAdapter

from api.schemas import JournalEntry, MessageRecord, TicketRecord, TicketSummary
from models import Delivery, Message
from tests.cast import Cast, mail


def next_page(answer: Response) -> str | None:
    found = re.fullmatch(r'<([^>]+)>; rel="next"', answer.headers.get("link", ""))
    return found[1] if found else None


async def walk(client: AsyncClient, path: str) -> list[int]:
    ids: list[int] = []
    while path:
        answer = await client.get(path)
        ids += [item["id"] for item in answer.json()]
        path = next_page(answer) or ""
    return ids


async def open_ticket(client: AsyncClient, title: str = "T", body: str = "B") -> dict[str, Any]:
    made = await client.post("/api/tickets/add/", json={"title": title, "body_text": body})
    assert made.status_code == 201
    found: dict[str, Any] = made.json()
    return found


async def test_a_ticket_has_the_fields_that_the_contract_names(cast: Cast, carl: AsyncClient) -> None:
    ticket = await open_ticket(carl, "Title", "Body")
    TypeAdapter(TicketRecord).validate_python(ticket)
    assert {key: ticket[key] for key in ("title", "body_text", "owner", "status", "messages", "follows")} == {
        "title": "Title", "body_text": "Body", "owner": cast.carl.id, "status": "AC", "messages": [], "follows": None,
    }  # fmt: skip
    assert ticket["requester"] == {"id": cast.carl.id, "name": "Carl", "email": "carl@people.example"}


async def test_messages_come_oldest_first_in_their_directions(carl: AsyncClient, ann: AsyncClient) -> None:
    ticket = (await open_ticket(carl))["id"]
    for client, text in ((carl, "one"), (ann, "two"), (carl, "three")):
        said = await client.post(f"/api/tickets/{ticket}/new_message", json={"text": text})
        assert said.status_code == 201
        TypeAdapter(MessageRecord).validate_python(said.json())
    messages = (await carl.get(f"/api/tickets/{ticket}/")).json()["messages"]
    assert [(message["text"], message["direction"], message["via"]) for message in messages] == [
        ("one", "inbound", "api"), ("two", "outbound", "api"), ("three", "inbound", "api"),
    ]  # fmt: skip


async def test_a_mailed_message_carries_its_mail(cast: Cast, ann: AsyncClient) -> None:
    raw = mail(subject="S", Cc="kim@people.example", files=(("größe.txt", b"\x00\xff"),))
    entry = await cast.receive(raw)
    message = (await ann.get(f"/api/messages/{entry.message_id}")).json()
    TypeAdapter(MessageRecord).validate_python(message)
    assert message["email"]["from"] == {"name": "Zoë Ünal", "email": "zoe@people.example"}
    assert message["email"]["cc"] == [{"name": "", "email": "kim@people.example"}]
    assert message["email"]["date"] == "2026-11-23T08:38:00Z"
    assert [(part["filename"], part["size"]) for part in message["attachments"]] == [("größe.txt", 2)]
    assert (await ann.get(f"/api/messages/{message['id']}/raw")).content == raw
    file = await ann.get(f"/api/attachments/{message['attachments'][0]['id']}")
    assert file.content == b"\x00\xff"
    assert file.headers["content-disposition"] == "attachment; filename*=utf-8''gr%C3%B6%C3%9Fe.txt"
    assert "sandbox" in file.headers["content-security-policy"]


async def test_customers_do_not_see_what_was_found_out_about_their_mail(
    cast: Cast, ann: AsyncClient, carl: AsyncClient
) -> None:
    entry = await cast.receive(mail("carl@people.example"))
    email = {"authentication": {"rejects": True}, "flags": ["odd"], "defects": ["broken"]}
    message = await Message.get(id=entry.message_id)
    message.email = {**(message.email or {}), **email}
    await message.save()
    for client, shown in ((ann, email), (carl, {"authentication": {}, "flags": [], "defects": []})):
        found = (await client.get(f"/api/messages/{message.id}")).json()["email"]
        assert {name: found[name] for name in email} == shown


async def test_html_of_a_mail_is_cleaned_when_it_is_shown(cast: Cast, ann: AsyncClient) -> None:
    raw = (
        b"From: zoe@people.example\r\nMessage-ID: <h@x>\r\nContent-Type: text/html\r\n\r\n"
        b'<p onclick="x()">Hi <script>alert(1)</script><a href="javascript:x()">there</a></p>'
    )
    entry = await cast.receive(raw)
    html = (await ann.get(f"/api/messages/{entry.message_id}")).json()["html"]
    assert "<p>" in html
    assert not re.search("script|onclick", html)
    assert "onclick" in (await Message.get(id=entry.message_id)).html, "stored as it was received"


def html_mail(html: str, more: str = "") -> bytes:
    head = "From: zoe@people.example\r\nMessage-ID: <h@x>\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
    return f"{head}--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n{more}--b--\r\n".encode()


PICTURE = (
    "--b\r\nContent-Type: image/png\r\nContent-ID: <logo@x>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0K\r\n"
)


async def test_pictures_of_other_hosts_wait_until_they_are_asked_for(cast: Cast, ann: AsyncClient) -> None:
    entry = await cast.receive(html_mail('<p>Hi</p><img src="https://tracker.example/1.png">'))
    path = f"/api/messages/{entry.message_id}"
    held, asked = (await ann.get(path)).json(), (await ann.get(f"{path}?remote_images=true")).json()
    assert ("tracker" in held["html"], held["held_images"]) == (False, 1)
    assert ("tracker" in asked["html"], asked["held_images"]) == (True, 0)


async def test_a_picture_in_the_html_opens_without_a_token_and_for_nobody_else(
    cast: Cast, anyone: AsyncClient, ann: AsyncClient
) -> None:
    entry = await cast.receive(html_mail('<img src="cid:logo@x">', PICTURE))
    message = (await ann.get(f"/api/messages/{entry.message_id}")).json()
    (attachment,) = message["attachments"]
    assert attachment["inline"]
    (address,) = re.findall('src="([^"]+)"', message["html"])
    opened = await anyone.get(address)
    assert (opened.status_code, opened.content, opened.headers["content-type"]) == (200, b"\x89PNG\r\n", "image/png")
    path, key = address.split("?key=")
    for refused in (path, f"{path}?key=x{key}", f"/api/attachments/{attachment['id'] + 1}/?key={key}"):
        assert (await anyone.get(refused)).status_code == 401
    signed_in_as_nobody = {"Authorization": f"Bearer {key}"}
    assert (await anyone.get("/api/users/me", headers=signed_in_as_nobody)).status_code == 401


async def test_a_mail_comes_whole_divided_by_who_is_speaking(cast: Cast, ann: AsyncClient) -> None:
    entry = await cast.receive(mail(text="New.\n\nOn Monday, Jane wrote:\n> old\n> words\n"))
    message = (await ann.get(f"/api/messages/{entry.message_id}")).json()
    assert [segment["kind"] for segment in message["segments"]] == ["new", "quote"]
    assert "".join(segment["text"] for segment in message["segments"]).strip() == (
        "New.\n\nOn Monday, Jane wrote:\n> old\n> words"
    )
    assert all(segment["rule"] for segment in message["segments"][1:])
    assert message["text"] == "New."


async def test_a_customer_sees_neither_notes_nor_deliveries_nor_staffs_addresses(
    cast: Cast, carl: AsyncClient, ann: AsyncClient
) -> None:
    ticket = (await open_ticket(carl))["id"]
    note = (await ann.post(f"/api/tickets/{ticket}/new_message", json={"text": "secret", "internal": True})).json()
    said = (await ann.post(f"/api/tickets/{ticket}/new_message", json={"text": "hello"})).json()
    await ann.patch(f"/api/tickets/{ticket}", json={"assignee": cast.ann.id})
    shown = await carl.get(f"/api/tickets/{ticket}")
    assert (await carl.get(f"/api/messages/{note['id']}")).status_code == 404
    assert "secret" not in shown.text + (await carl.get("/api/tickets")).text
    assert "ann@desk.example" not in shown.text
    assert [(message["author"]["email"], message["deliveries"]) for message in shown.json()["messages"]] == [
        ("support@desk.example", [])
    ]
    assert [delivery["recipient"] for delivery in said["deliveries"]] == ["carl@people.example"]
    assert note["direction"] == "internal"
    assert note["deliveries"] == []


async def test_a_customer_cannot_write_notes(carl: AsyncClient) -> None:
    ticket = (await open_ticket(carl))["id"]
    refused = await carl.post(f"/api/tickets/{ticket}/new_message", json={"text": "x", "internal": True})
    assert refused.status_code == 403


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": " \n"}, {"text": None}, {"text": 5}, {"text": ["a"]}])
async def test_a_message_that_says_nothing_is_refused(carl: AsyncClient, body: dict[str, object]) -> None:
    ticket = (await open_ticket(carl))["id"]
    assert (await carl.post(f"/api/tickets/{ticket}/new_message", json=body)).status_code == 422


async def test_body_text_is_read_where_text_is_absent(carl: AsyncClient) -> None:
    at = f"/api/tickets/{(await open_ticket(carl))['id']}/new_message"
    assert (await carl.post(at, json={"body_text": "y"})).json()["text"] == "y"
    assert (await carl.post(at, json={"text": "x", "body_text": "y"})).json()["text"] == "x"


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
async def test_status_is_one_of_three_and_anything_else_names_the_field(
    carl: AsyncClient, ann: AsyncClient, method: str
) -> None:
    at = f"/api/tickets/{(await open_ticket(carl))['id']}"
    for status in ("FR", "CL", "AC"):
        changed = await ann.request(method, at, json={"status": status})
        assert (changed.status_code, changed.json()["status"]) == (200, status)
    for wrong in ("ac", "XX", "", None, 1, ["AC"]):
        refused = await ann.request(method, at, json={"status": wrong})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "status")
    assert (await ann.request(method, at, json={"colour": "red"})).status_code == 422


async def test_a_status_set_to_what_it_was_tells_nobody(carl: AsyncClient, ann: AsyncClient) -> None:
    at = f"/api/tickets/{(await open_ticket(carl))['id']}"
    await ann.patch(at, json={"status": "CL"})
    before = await Delivery.all().count()
    assert (await ann.patch(at, json={"status": "CL"})).status_code == 200
    assert await Delivery.all().count() == before


async def test_a_customers_message_makes_a_closed_ticket_active(carl: AsyncClient, ann: AsyncClient) -> None:
    at = f"/api/tickets/{(await open_ticket(carl))['id']}"
    await ann.patch(at, json={"status": "CL"})
    await carl.post(f"{at}/new_message", json={"text": "not yet"})
    assert (await carl.get(at)).json()["status"] == "AC"


async def test_only_staff_are_assigned(cast: Cast, carl: AsyncClient, ann: AsyncClient) -> None:
    at = f"/api/tickets/{(await open_ticket(carl))['id']}"
    assert (await ann.patch(at, json={"assignee": cast.ben.id})).json()["assignee"]["id"] == cast.ben.id
    for nobody in (cast.carl.id, 999, 2**70):
        assert (await ann.patch(at, json={"assignee": nobody})).status_code == 422
    assert (await ann.patch(at, json={"assignee": None})).json()["assignee"] is None


async def test_a_long_title_is_cut_and_a_long_text_is_refused(carl: AsyncClient) -> None:
    assert len((await open_ticket(carl, "t" * 1500))["title"]) == 998
    refused = await carl.post("/api/tickets/add", json={"title": "t", "body_text": "x" * (1024 * 1024 + 1)})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body_text")
    assert (await carl.post("/api/tickets/add", content=b" " * 9_000_000)).status_code == 413


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/tickets/99999999", 404),
        ("/api/tickets/9223372036854775808", 404),
        ("/api/tickets/99999999999999999999999/", 404),
        ("/api/messages/99999999", 404),
        ("/api/messages/99999999/raw", 404),
        ("/api/attachments/-1", 404),
        ("/api/tickets/abc", 404),
        ("/api/nothing", 404),
        ("/api/login", 405),
    ],
)
async def test_what_is_not_there_is_a_problem_document(ann: AsyncClient, path: str, status: int) -> None:
    refused = await ann.get(path)
    assert (refused.status_code, refused.json()["status"]) == (status, status)
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff\xfe", b""])
async def test_broken_json_is_a_problem_document(carl: AsyncClient, body: bytes) -> None:
    refused = await carl.post("/api/tickets/add", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= refused.status_code < 500
    assert refused.json()["title"]


async def test_nul_and_other_odd_characters_are_taken(carl: AsyncClient) -> None:
    assert (await open_ticket(carl, "a\0b", "x\0y"))["title"] == "ab"
    lone_surrogate = b'{"title": "a\\ud800b", "body_text": "x"}'
    made = await carl.post("/api/tickets/add", content=lone_surrogate, headers={"Content-Type": "application/json"})
    assert (made.status_code, made.json()["title"]) == (201, "a?b")


MATRIX = {  # anyone, the owner, another customer, an agent
    "GET /api/tickets/{ticket}": (401, 200, 404, 200),
    "PATCH /api/tickets/{ticket}": (401, 403, 404, 200),
    "PUT /api/tickets/{ticket}": (401, 403, 404, 200),
    "POST /api/tickets/{ticket}/new_message": (401, 201, 404, 201),
    "GET /api/messages/{message}": (401, 200, 404, 200),
    "GET /api/messages/{message}/raw": (401, 403, 404, 200),
    "GET /api/attachments/{attachment}": (401, 200, 404, 200),
    "GET /api/inbound": (401, 403, 403, 200),
    "GET /api/users": (401, 403, 403, 403),
    "GET /api/mailboxes": (401, 403, 403, 403),
}


@pytest.mark.parametrize(("call", "wanted"), MATRIX.items())
@pytest.mark.parametrize("slash", ["", "/"])
async def test_who_may_do_what(
    cast: Cast,
    anyone: AsyncClient,
    carl: AsyncClient,
    ann: AsyncClient,
    as_user: Any,
    call: str,
    wanted: Any,
    slash: str,
) -> None:
    entry = await cast.receive(mail("carl@people.example", files=(("a.txt", b"x"),)))
    other = await cast.receive(mail())
    await cast.admin.filter(username="ben").update(role="customer")  # ben is the other customer here
    ben = await as_user("ben")
    method, path = call.split()
    path = path.format(ticket=entry.ticket_id, message=entry.message_id, attachment=1) + slash
    body = {"status": "AC", "text": "x"} if method != "GET" else None
    got = [(await client.request(method, path, json=body)).status_code for client in (anyone, carl, ben, ann)]
    assert tuple(got) == wanted
    assert other.ticket_id != entry.ticket_id


async def test_a_walk_along_the_pages_meets_every_ticket_once_newest_first(carl: AsyncClient) -> None:
    made = [(await open_ticket(carl, f"n{number}"))["id"] for number in range(7)]
    assert await walk(carl, "/api/tickets/?limit=3") == made[::-1]
    assert await walk(carl, "/api/tickets/?limit=3&status=AC") == made[::-1]
    assert next_page(await carl.get("/api/tickets?limit=7")) is None
    for limit in ("0", "-1", "abc", "201"):
        assert (await carl.get(f"/api/tickets?limit={limit}")).status_code == 422


async def test_new_tickets_during_a_walk_disturb_it_not(carl: AsyncClient) -> None:
    made = [(await open_ticket(carl))["id"] for _ in range(6)]
    seen, path = [], "/api/tickets?limit=2"
    while path:
        answer = await carl.get(path)
        seen += [ticket["id"] for ticket in answer.json()]
        path = next_page(answer) or ""
        await open_ticket(carl)
    assert seen == made[::-1]


async def test_a_message_moves_its_ticket_to_the_front(carl: AsyncClient, ann: AsyncClient) -> None:
    one, two = (await open_ticket(carl))["id"], (await open_ticket(carl))["id"]
    await ann.post(f"/api/tickets/{one}/new_message", json={"text": "x"})
    assert await walk(carl, "/api/tickets") == [one, two]


async def test_lists_filter_by_status_and_leave_texts_out_of_a_summary(carl: AsyncClient, ann: AsyncClient) -> None:
    one, two = (await open_ticket(carl))["id"], (await open_ticket(carl))["id"]
    await ann.patch(f"/api/tickets/{one}", json={"status": "CL"})
    assert [await walk(carl, f"/api/tickets?status={status}") for status in ("AC", "CL", "FR")] == [[two], [one], []]
    assert (await carl.get("/api/tickets?status=XX")).status_code == 422
    whole, brief = (await carl.get("/api/tickets")).json()[0], (await carl.get("/api/tickets?view=summary")).json()[0]
    assert set(whole) - set(brief) == {"messages", "body_text"}
    TypeAdapter(TicketSummary).validate_python(brief)


async def test_the_journal_tells_of_every_mail(cast: Cast, ann: AsyncClient) -> None:
    raw = mail(Message_ID="<one@client.example>")
    entry = await cast.receive(raw)
    await cast.receive(raw)
    for form in ("<one@client.example>", "one@client.example"):
        found = (await ann.get("/api/inbound", params={"message_id": form})).json()
        TypeAdapter(list[JournalEntry]).validate_python(found)
        assert [(item["state"], item["ticket"], item["message"]) for item in found] == [
            ("ignored", entry.ticket_id, entry.message_id),
            ("processed", entry.ticket_id, entry.message_id),
        ]
    assert len((await ann.get("/api/inbound?state=processed")).json()) == 1
    assert await walk(ann, "/api/inbound?limit=1") == [2, 1]
