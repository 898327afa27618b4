"""Writing over REST: what a message may bring along, drafts, taking back, and the mail before it leaves."""

import asyncio
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from desk import add_message, events
from desk.answers import Terms
from desk.conversations import LARGEST_TEXT
from models import Attachment, Delivery, Event, Message, Ticket, Upload
from tests.api.test_sessions import somebody_waits_for
from tests.cast import Cast

Client = httpx.AsyncClient
Json = dict[str, Any]


async def opened(client: Client) -> Json:
    """A ticket of the client's own."""
    answer = await client.post("/api/tickets/add", json={"title": "Lamp", "body_text": "It blinks."})
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def said(client: Client, ticket: int, text: str = "We look.", **more: Any) -> Json:
    """A message that was taken."""
    answer = await say(client, ticket, text, **more)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def say(
    client: Client, ticket: int, text: str = "We look.", key: str | None = None, **more: Any
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await client.post(f"/api/tickets/{ticket}/new_message", json={"text": text, **more}, headers=headers)


async def uploaded(client: Client, name: str = "plan.txt", content: bytes = b"first light, then lamp") -> int:
    answer = await client.post(
        "/api/uploads", params={"filename": name}, content=content, headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def drafted(client: Client, ticket: int, kind: str = "reply", version: int = 0, **more: Any) -> httpx.Response:
    body = {"version": version, "text": "On it, s", "recipients": None, "files": [], **more}
    return await client.put(f"/api/tickets/{ticket}/drafts/{kind}", json=body)


# -- what a message brings along


async def test_no_message_and_no_mailbox_has_a_number_that_large(ann: Client, carl: Client) -> None:
    ticket, large = (await opened(carl))["id"], 2**63
    assert (await say(ann, ticket, in_answer_to=large)).status_code == 422
    body = {"title": "x", "body_text": "y", "requester": {"email": "kim@people.example"}, "mailbox": large}
    assert (await ann.post("/api/tickets/add", json=body)).status_code == 422
    assert (await say(ann, ticket, seen=large)).status_code == 201


async def test_a_message_takes_its_files_along(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    first, second = await uploaded(ann, "a.txt"), await uploaded(ann, "b.txt")
    message = await said(ann, ticket, files=[second, first])
    assert [(file["filename"], file["size"]) for file in message["attachments"]] == [("b.txt", 22), ("a.txt", 22)]
    assert (await ann.get(f"/api/attachments/{message['attachments'][0]['id']}")).content == b"first light, then lamp"
    assert (await ann.get(f"/api/uploads/{first}")).status_code == 404


async def test_a_customer_sends_files_too(carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    message = await said(carl, ticket, files=[await uploaded(carl)])
    assert [file["filename"] for file in message["attachments"]] == ["plan.txt"]


async def test_a_note_has_files_that_customers_do_not_see(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    note = await said(ann, ticket, internal=True, files=[await uploaded(ann)])
    at = f"/api/attachments/{note['attachments'][0]['id']}"
    assert (await ann.get(at)).status_code == 200
    assert (await carl.get(at)).status_code == 404
    for client, flags in ((ann, ["note", "attachment"]), (carl, [])):
        [row] = (await client.get("/api/tickets?view=summary")).json()
        assert row["flags"] == flags


async def test_files_that_are_not_there_to_take_are_refused(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    mine, theirs = await uploaded(ann), await uploaded(carl)
    for files in ([theirs], [mine, mine], [mine, 999999], [2**63 - 1]):
        answer = await say(ann, ticket, files=files)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "files"), files
    assert await Message.filter(ticket_id=ticket).count() == 1
    await said(ann, ticket, files=[mine])
    assert (await say(ann, ticket, files=[mine])).status_code == 422


async def test_two_messages_at_once_do_not_both_get_one_file(ann: Client, carl: Client) -> None:
    tickets = [(await opened(carl))["id"] for _ in range(2)]
    file = await uploaded(ann)
    answers = await asyncio.gather(*(say(ann, ticket, files=[file]) for ticket in tickets))
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    assert await Attachment.all().count() == 1


async def test_a_file_that_another_message_is_just_taking_along_is_refused(
    cast: Cast, ann: Client, carl: Client
) -> None:
    first, second = [(await opened(carl))["id"] for _ in range(2)]
    file, outside = await uploaded(ann), copy_context()
    async with cast.house.work() as work:
        await add_message(work, cast.ann, first, text="x", terms=Terms(files=(file,)))
        waiting = asyncio.create_task(say(ann, second, files=[file]), context=outside)
        await somebody_waits_for(work)
    assert (await waiting).status_code == 422
    assert await Attachment.all().count() == 1


async def test_files_that_make_the_mail_too_large_are_refused(cast: Cast, carl: Client, ann: Client) -> None:
    room = cast.house.settings.max_message_size * 7 // 10
    ticket = (await opened(carl))["id"]
    files = [await uploaded(ann, "half.bin", b"\xff" * (room // 2 + 1)) for _ in range(2)]
    answer = await say(ann, ticket, files=files)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "files")
    assert (await ann.get(f"/api/uploads/{files[0]}")).status_code == 200, "a refused message took the file"


async def test_files_and_words_that_make_the_mail_too_large_together_are_refused(
    cast: Cast, carl: Client, ann: Client
) -> None:
    ticket, file = (await opened(carl))["id"], await uploaded(ann)
    await Upload.filter(id=file).update(size=cast.house.settings.max_message_size * 7 // 10)
    answer = await say(ann, ticket, "ß" * 500_000, files=[file])
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "files")
    await said(ann, ticket, files=[file])


async def test_a_message_takes_a_hundred_files_at_most(cast: Cast, carl: Client, ann: Client) -> None:
    ticket, kept = (await opened(carl))["id"], datetime.now(UTC) + timedelta(days=1)
    file = {"content_type": "text/plain", "size": 1, "sha256": b"x", "blob": "x", "kept_until": kept}
    await Upload.bulk_create([Upload(user_id=cast.ann.id, filename=f"{number}", **file) for number in range(101)])
    files = sorted(await Upload.all().values_list("id", flat=True))
    answer = await say(ann, ticket, files=files)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "files")
    await said(ann, ticket, files=files[1:])


async def test_one_mail_says_the_words_and_the_new_status(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    message = await said(ann, ticket, set_status="CL")
    [sent] = await Delivery.filter(ticket_id=ticket).exclude(kind="acknowledgement")
    assert (sent.kind, sent.status, sent.message_id) == ("message", "CL", message["id"])
    assert (await carl.get(f"/api/tickets/{ticket}")).json()["status"] == "CL"


@pytest.mark.parametrize("internal", [False, True])
async def test_a_status_that_it_has_already_is_not_told(ann: Client, carl: Client, internal: bool) -> None:
    ticket = (await opened(carl))["id"]
    await said(ann, ticket, set_status="AC", internal=internal)
    assert await Delivery.filter(ticket_id=ticket, status__isnull=False).count() == 0
    assert await Event.filter(ticket_id=ticket, kind="status").count() == 0


async def test_a_status_set_with_a_note_is_told_by_a_mail_of_its_own(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    await said(ann, ticket, "He found it.", internal=True, set_status="CL")
    kinds = [str(sent.kind) for sent in await Delivery.filter(ticket_id=ticket).order_by("id")]
    assert kinds == ["acknowledgement", "status"]


async def test_customers_set_no_status_with_their_words(carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    assert (await say(carl, ticket, set_status="CL")).status_code == 403
    assert await Message.filter(ticket_id=ticket).count() == 1


async def test_words_that_the_writer_has_not_seen_stop_theirs(ann: Client, carl: Client) -> None:
    ticket = await opened(carl)
    newer = await said(carl, ticket["id"], "It stopped.")
    answer = await say(ann, ticket["id"], seen=ticket["opening_message"])
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["message"]["id"], answer.json()["message"]["text"]) == (newer["id"], "It stopped.")
    await said(ann, ticket["id"], seen=newer["id"])


async def test_own_words_stop_nobody_and_a_colleagues_note_does(ann: Client, admin: Client, carl: Client) -> None:
    ticket = await opened(carl)
    seen = (await said(ann, ticket["id"], "Careful.", internal=True))["id"] - 1
    await said(ann, ticket["id"], seen=seen)
    assert (await say(admin, ticket["id"], seen=seen)).status_code == 409


async def test_a_note_stops_no_customer(ann: Client, carl: Client) -> None:
    ticket = await opened(carl)
    await said(ann, ticket["id"], "Careful.", internal=True)
    await said(carl, ticket["id"], seen=ticket["opening_message"])


async def test_an_answer_threads_below_what_it_answers(ann: Client, carl: Client) -> None:
    ticket = await opened(carl)
    earlier = await said(carl, ticket["id"], "first")
    await said(carl, ticket["id"], "second")
    await said(ann, ticket["id"], in_answer_to=earlier["id"])
    [sent] = await Delivery.filter(ticket_id=ticket["id"], kind="message")
    assert sent.in_reply_to == (await Message.get(id=earlier["id"])).rfc_message_id


async def test_only_a_message_of_the_ticket_is_answered_and_never_a_note(ann: Client, carl: Client) -> None:
    ticket, other = await opened(carl), await opened(carl)
    note = await said(ann, ticket["id"], internal=True)
    for answered in (other["opening_message"], note["id"], 2**62):
        answer = await say(ann, ticket["id"], in_answer_to=answered)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "in_answer_to")


# -- a request that is sent twice


async def test_the_same_request_sent_again_is_the_same_message(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    file = await uploaded(ann)
    first = await said(ann, ticket, key="press-1", files=[file], hold_seconds=9)
    again = await said(ann, ticket, key="press-1", files=[file], hold_seconds=9)
    assert again["id"] == first["id"]
    assert len(again["attachments"]) == 1
    assert (await said(ann, ticket, key="press-2"))["id"] != first["id"]
    assert (await said(carl, ticket, key="press-1"))["id"] != first["id"], "keys of two people are one"


async def test_sent_twice_at_once_it_is_one_message(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    answers = await asyncio.gather(*(say(ann, ticket, key="press") for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await Delivery.filter(ticket_id=ticket, kind="message").count() == 1


@pytest.mark.parametrize(
    "other",
    [{"text": "Else."}, {"internal": True}, {"set_status": "CL"}, {"hold_seconds": 3}, {"seen": 2**40}],
)
async def test_a_key_belongs_to_one_request(ann: Client, carl: Client, other: Json) -> None:
    ticket = (await opened(carl))["id"]
    await said(ann, ticket, key="press")
    answer = await say(ann, ticket, key="press", **{"text": "We look.", **other})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    elsewhere = (await opened(carl))["id"]
    assert (await say(ann, elsewhere, key="press")).status_code == 422


# -- drafts


async def test_a_draft_is_kept_in_versions(ann: Client, carl: Client) -> None:
    ticket = await opened(carl)
    file = await uploaded(ann)
    whole = {"files": [file], "set_status": "CL", "in_answer_to": ticket["opening_message"], "recipients": [5]}
    first = (await drafted(ann, ticket["id"], **whole)).json()
    assert (first["kind"], first["version"], first["text"]) == ("reply", 1, "On it, s")
    assert {name: first[name] for name in ("set_status", "in_answer_to", "recipients")} == {
        name: whole[name] for name in ("set_status", "in_answer_to", "recipients")
    }
    assert first["files"] == [{"id": file, "filename": "plan.txt", "content_type": "text/plain", "size": 22}]
    assert (await drafted(ann, ticket["id"], version=1, text="On it, soon.")).json()["version"] == 2
    assert (await drafted(ann, ticket["id"], "note", text="hm")).json()["version"] == 1
    kept = (await ann.get(f"/api/tickets/{ticket['id']}/drafts")).json()
    assert [(draft["kind"], draft["text"]) for draft in kept] == [("reply", "On it, soon."), ("note", "hm")]


async def test_two_tabs_do_not_overwrite_each_other(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    answers = await asyncio.gather(*(drafted(ann, ticket, text=f"tab {tab}") for tab in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    [kept] = (await ann.get(f"/api/tickets/{ticket}/drafts")).json()
    refused = [answer.json()["draft"] for answer in answers if answer.status_code == 409]
    assert refused == [kept] * 3
    await drafted(ann, ticket, version=1, text="newer")
    late = await drafted(ann, ticket, version=1, text="late")
    assert (late.status_code, late.json()["draft"]["text"]) == (409, "newer")


async def test_a_tab_whose_draft_was_sent_learns_it(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    await drafted(ann, ticket)
    await drafted(ann, ticket, "note", text="stays")
    await said(ann, ticket, "On it, soon.")
    assert [draft["kind"] for draft in (await ann.get(f"/api/tickets/{ticket}/drafts")).json()] == ["note"]
    late = await drafted(ann, ticket, version=1)
    assert (late.status_code, late.json()["draft"]) == (409, None)


async def test_a_customers_draft_ends_with_their_words(carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    await drafted(carl, ticket)
    await said(carl, ticket, "It still blinks.")
    assert (await carl.get(f"/api/tickets/{ticket}/drafts")).json() == []


async def test_a_draft_is_no_longer_than_a_message(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    answer = await drafted(ann, ticket, text="ß" * (LARGEST_TEXT // 2) + "s")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "text")
    assert (await drafted(ann, ticket, text="ß" * (LARGEST_TEXT // 2))).status_code == 200


async def test_drafts_are_their_writers_alone(ann: Client, admin: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    await drafted(ann, ticket)
    for other in (admin, carl):
        assert (await other.get(f"/api/tickets/{ticket}/drafts")).json() == []


async def test_a_draft_is_thrown_away(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    await drafted(ann, ticket)
    for _ in range(2):
        assert (await ann.delete(f"/api/tickets/{ticket}/drafts/reply")).status_code == 204
    assert (await ann.get(f"/api/tickets/{ticket}/drafts")).json() == []


async def test_customers_have_reply_drafts_on_their_own_tickets(ann: Client, carl: Client) -> None:
    own, other = (await opened(carl))["id"], (await opened(ann))["id"]
    assert (await drafted(carl, own)).status_code == 200
    assert (await drafted(carl, own, "note")).status_code == 403
    assert (await drafted(carl, other)).status_code == 404
    assert (await carl.get(f"/api/tickets/{other}/drafts")).status_code == 404
    assert (await carl.delete(f"/api/tickets/{other}/drafts/reply")).status_code == 404


async def test_a_draft_names_files_of_its_writer_alone(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    answer = await drafted(ann, ticket, files=[await uploaded(carl)])
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "files")


# -- held back, taken back


async def test_a_held_message_waits_and_says_until_when(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    message = await said(ann, ticket, hold_seconds=10)
    [sent] = await Delivery.filter(message_id=message["id"])
    assert message["held_until"]
    assert message["held_until"] == sent.due_at.isoformat().replace("+00:00", "Z")
    assert message["deliveries"][0]["state"] == "queued"


async def test_customers_see_a_message_only_once_it_left(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    message = await said(ann, ticket, hold_seconds=10)
    assert (await carl.get(f"/api/tickets/{ticket}")).json()["messages"] == []
    assert (await carl.get(f"/api/messages/{message['id']}")).status_code == 404
    assert message["id"] not in await told_of(carl, ticket)
    sent = (await ann.post(f"/api/messages/{message['id']}/send")).json()
    assert sent["held_until"] is None
    shown = (await carl.get(f"/api/tickets/{ticket}")).json()["messages"]
    assert [(found["text"], found["held_until"]) for found in shown] == [("We look.", None)]
    assert message["id"] in await told_of(carl, ticket)


async def told_of(client: Client, ticket: int) -> list[int]:
    """The messages that the timeline names."""
    return [event["message"] for event in (await client.get(f"/api/tickets/{ticket}/timeline")).json()]


async def heard_of(message: int, place: events.Place) -> list[events.Happening]:
    """What happened to a message after a place, when all that was committed can be read."""
    while (batch := await events.after(place)).pending:
        await asyncio.sleep(0.01)
    return [found for found in batch.happenings if found.message == message]


async def test_customers_hear_of_a_message_only_once_it_left(ann: Client, carl: Client, cast: Cast) -> None:
    ticket = await opened(carl)
    before = await events.latest()
    message = await said(ann, ticket["id"], hold_seconds=10)
    heard = await heard_of(message["id"], before)
    assert [found.kind for found in heard] == ["message"]
    assert not any(found.seen_by(cast.carl) for found in heard)
    await said(carl, ticket["id"], "Hello?", seen=ticket["opening_message"])
    between = await events.latest()
    await ann.post(f"/api/messages/{message['id']}/send")
    heard = await heard_of(message["id"], between)
    assert [(found.kind, found.seen_by(cast.carl)) for found in heard if found.kind != "message"] == [("sent", True)]


async def test_undo_brings_the_draft_back(ann: Client, carl: Client) -> None:
    ticket = await opened(carl)
    asked = {"recipients": [ticket["owner"]], "set_status": "CL", "in_answer_to": ticket["opening_message"]}
    files = [await uploaded(ann), await uploaded(ann, "later.txt", b"then lamp")]
    message = await said(ann, ticket["id"], "Sorry", hold_seconds=10, files=files, **asked)
    answer = await ann.post(f"/api/messages/{message['id']}/undo")
    assert answer.status_code == 200
    draft = answer.json()
    assert (draft["kind"], draft["text"]) == ("reply", "Sorry")
    assert {name: draft[name] for name in asked} == asked
    assert [found["filename"] for found in draft["files"]] == ["plan.txt", "later.txt"]
    assert (await ann.get(f"/api/uploads/{draft['files'][0]['id']}")).content == b"first light, then lamp"
    assert (await ann.get(f"/api/tickets/{ticket['id']}/drafts")).json() == [draft]
    assert (await ann.get(f"/api/messages/{message['id']}")).status_code == 404
    assert (await ann.post(f"/api/messages/{message['id']}/undo")).status_code == 404
    assert (await drafted(ann, ticket["id"], version=draft["version"], text="better")).status_code == 200


async def test_what_is_nobodys_to_take_back(ann: Client, admin: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    held, sent = await said(ann, ticket, hold_seconds=10), await said(ann, ticket)
    for other in (admin, carl):
        assert (await other.post(f"/api/messages/{held['id']}/undo")).status_code == 404
        assert (await other.post(f"/api/messages/{held['id']}/send")).status_code == 404
    assert (await ann.post(f"/api/messages/{sent['id']}/undo")).status_code == 409
    note = await said(ann, ticket, internal=True, hold_seconds=10)
    assert note["held_until"] is None
    assert (await ann.post(f"/api/messages/{note['id']}/undo")).status_code == 409


@pytest.mark.parametrize("seconds", [-1, 31, "soon"])
async def test_a_message_is_held_for_half_a_minute_at_most(ann: Client, carl: Client, seconds: Any) -> None:
    assert (await say(ann, (await opened(carl))["id"], hold_seconds=seconds)).status_code == 422


# -- Markdown and the mail before it leaves


async def test_markdown_is_shown_as_what_it_means(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    text = "**Now**\n[here](https://a.example) [no](javascript:alert(1)) <script>x</script>"
    message = await said(ann, ticket, text, format="markdown")
    assert (message["text"], message["format"]) == (text, "markdown")
    assert "<strong>Now</strong>" in message["html"]
    assert 'href="https://a.example"' in message["html"]
    assert "<script" not in message["html"]
    assert "javascript:" not in message["html"].replace("[no](javascript:", "")
    assert (await said(ann, ticket, text))["html"] is None


async def test_the_preview_is_the_mail(ann: Client, carl: Client) -> None:
    ticket = await opened(carl)
    asked = {"text": "**Done** <b>", "format": "markdown", "set_status": "CL"}
    mail = (await ann.post(f"/api/tickets/{ticket['id']}/preview", json=asked)).json()
    assert mail["subject"] == f"Re: Lamp [#{ticket['id']}]"
    assert mail["from"] == {"name": "Ann", "email": "support@desk.example"}
    assert (mail["to"], mail["cc"]) == ([{"name": "Carl", "email": "carl@people.example"}], [])
    assert "**Done** <b>" in mail["text"]
    assert "This ticket is now closed." in mail["text"]
    assert "<strong>Done</strong> &lt;b&gt;" in mail["html"]
    assert await Message.filter(ticket_id=ticket["id"]).count() == 1
    assert (await carl.post(f"/api/tickets/{ticket['id']}/preview", json=asked)).status_code == 403
    nobody = await ann.post(f"/api/tickets/{ticket['id']}/preview", json={**asked, "recipients": [999]})
    assert (nobody.status_code, nobody.json()["errors"][0]["field"]) == (422, "recipients")


# -- writing to a customer first


async def test_staff_write_to_somebody_first(ann: Client, cast: Cast) -> None:
    body = {"title": "Your order", "body_text": "It is *here*.", "format": "markdown"}
    to = {"email": "Kim@people.example", "name": "Kim"}
    ticket = (await ann.post("/api/tickets/add", json={**body, "requester": to})).json()
    assert (ticket["requester"]["email"], ticket["requester"]["name"]) == ("kim@people.example", "Kim")
    [sent] = await Delivery.filter(ticket_id=ticket["id"])
    assert (sent.kind, sent.recipient, sent.subject) == (
        "message",
        "kim@people.example",
        f"Your order [#{ticket['id']}]",
    )
    assert (sent.in_reply_to, sent.references) == (None, [])
    opening = (await ann.get(f"/api/messages/{ticket['opening_message']}")).json()
    assert (opening["direction"], opening["author"]["id"]) == ("outbound", cast.ann.id)
    assert "<em>here</em>" in opening["html"]
    await said(ann, ticket["id"], "And?")
    second = await Delivery.filter(ticket_id=ticket["id"]).order_by("-id").first()
    assert second
    assert (second.in_reply_to, second.subject) == (sent.rfc_message_id, f"Re: Your order [#{ticket['id']}]")


async def test_a_first_mail_goes_to_somebody_who_can_get_it(ann: Client, carl: Client) -> None:
    body = {"title": "T", "body_text": "B"}
    for email in ("nobody", "support@desk.example", "no-reply@people.example", "ann@desk.example"):
        answer = await ann.post("/api/tickets/add", json={**body, "requester": {"email": email}})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "requester.email"), email
    answer = await carl.post("/api/tickets/add", json={**body, "requester": {"email": "kim@people.example"}})
    assert answer.status_code == 403
    unknown = {**body, "requester": {"email": "kim@people.example"}, "mailbox": 999}
    assert (await ann.post("/api/tickets/add", json=unknown)).status_code == 422
    assert await Ticket.all().count() == 0


async def test_a_ticket_opens_with_its_files(carl: Client) -> None:
    body = {"title": "T", "body_text": "B", "files": [await uploaded(carl)]}
    ticket = (await carl.post("/api/tickets/add", json=body)).json()
    opening = (await carl.get(f"/api/messages/{ticket['opening_message']}")).json()
    assert [file["filename"] for file in opening["attachments"]] == ["plan.txt"]
