"""Full text over subject, messages, addresses and files, in what the caller may see; and operators beside it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from httpx import AsyncClient
from pydantic import TypeAdapter

from api.schemas import TicketSummary
from desk import views
from desk.views import Wanted, finding
from models import Delivery, Draft, Message, ReadMark, Ticket
from tests.api.test_tickets import open_ticket, walk
from tests.cast import Cast, mail


@pytest.fixture
async def zoes(cast: Cast) -> int:
    """A ticket by mail that has something to find in every place."""
    entry = await cast.receive(
        mail(
            subject="Rechnung № 7 fehlt",
            text="Die Überweisung ging nach Zürich. 請求書が届きません。\n",
            Cc="Kim <kim@firm.example>",
        )
    )
    assert entry.ticket_id
    return entry.ticket_id


async def test_it_is_found_by_every_word_in_every_place_and_by_no_other(
    cast: Cast, ann: AsyncClient, zoes: int
) -> None:
    await cast.receive(mail("other@elsewhere.example", subject="else", text="nothing alike"))
    finds = [
        "rechnung", "RECHNUNG", "rech", "Rechnung fehlt", "fehlt rechnung", "zurich", "Zürich",
        "zoe@people.example", "people.example", "zoe", "kim@firm.example", "firm", "請求書", "届き",
        "rechnung zurich kim", "#1", "1",
    ]  # fmt: skip
    finds_not = ["nosuchword", "rechnung nosuchword", "書求請", "' OR 1=1 --", "&|!():*", "\\", "\0", "99"]
    answers = {query: await ann.get("/api/tickets", params={"q": query}) for query in finds + finds_not}
    assert {answer.status_code for answer in answers.values()} == {200}
    found = {query: [ticket["id"] for ticket in answer.json()] for query, answer in answers.items()}
    assert found == {query: [zoes] for query in finds} | {query: [] for query in finds_not}


async def test_nobody_finds_what_they_may_not_see(cast: Cast, carl: AsyncClient, ann: AsyncClient, zoes: int) -> None:
    own = (await open_ticket(carl, "mine", "zebra"))["id"]
    await ann.post(f"/api/tickets/{own}/new_message", json={"text": "giraffe", "internal": True})
    assert await walk(carl, "/api/tickets?q=rechnung") == []
    assert await walk(carl, f"/api/tickets?q={zoes}") == []
    assert await walk(carl, "/api/tickets?q=zebra") == [own]
    assert await walk(carl, "/api/tickets?q=giraffe") == []
    assert await walk(ann, "/api/tickets?q=giraffe") == [own]


async def test_a_changed_title_is_found(carl: AsyncClient, ann: AsyncClient) -> None:
    ticket = (await open_ticket(carl, "old", "x"))["id"]
    await ann.patch(f"/api/tickets/{ticket}", json={"title": "rewritten"})
    assert await walk(carl, "/api/tickets?q=rewritten") == [ticket]
    assert await walk(carl, "/api/tickets?q=old") == []


@pytest.mark.parametrize("many", [0, 5000])
async def test_rare_and_frequent_words_are_found_page_by_page(
    carl: AsyncClient, ann: AsyncClient, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(finding, "MANY", many)  # both plans have to find the same
    made = [(await open_ticket(carl, f"t{number}", "frequent"))["id"] for number in range(5)]
    await ann.patch(f"/api/tickets/{made[0]}", json={"status": "CL"})
    for client in (carl, ann):
        assert await walk(client, "/api/tickets?q=frequent&limit=2&status=AC") == made[:0:-1]


async def test_a_text_of_a_megabyte_is_searchable(carl: AsyncClient) -> None:
    words = " ".join(f"word{number}" for number in range(80_000))
    ticket = (await open_ticket(carl, "long", words))["id"]
    assert await walk(carl, "/api/tickets?q=word77") == [ticket]


# -- operators


@pytest.fixture
async def lamps(cast: Cast, carl: AsyncClient, ann: AsyncClient) -> dict[str, int]:
    """Tickets that differ in what operators ask for."""
    mails = {
        "file": mail(subject="Lamp with a file", files=(("bill_2026-11.pdf", b"x"),), Cc="kim@firm.example"),
        "zoe": mail(subject="Nothing", text="The lamp is broken for good."),
        "max": mail("Max Groß <max@other.example>", subject="Broken lamp", text="It blinks."),
    }
    made = {name: (await cast.receive(raw)).ticket_id or 0 for name, raw in mails.items()}
    made["carl"] = int((await open_ticket(carl, "Lamp of Carl", "Please help."))["id"])
    changes = {
        "file": {"tags": ["war ranty", "vip"], "assignee": cast.ann.id},
        "zoe": {"status": "CL", "priority": "urgent", "assignee": cast.ben.id},
        "max": {"status": "FR"},
    }
    for name, values in changes.items():
        await ann.patch(f"/api/tickets/{made[name]}", json=values)
    await ann.post(f"/api/tickets/{made['max']}/new_message", json={"text": "blue giraffe", "internal": True})
    await ann.post(f"/api/tickets/{made['carl']}/new_message", json={"text": "We do."})
    await Delivery.filter(ticket_id=made["zoe"], kind="status").update(state="bounced")
    await Draft.create(user_id=cast.ann.id, ticket_id=made["carl"], kind="reply", text="later")
    read = await Message.filter(ticket_id=made["max"]).order_by("-id").first()
    await ReadMark.create(user_id=cast.ann.id, ticket_id=made["max"], message_id=read.id if read else 0)
    yesterday = datetime(2026, 11, 23, 12, tzinfo=UTC)
    await Ticket.filter(id=made["file"]).update(updated_at=yesterday)
    await Ticket.filter(id__not=made["file"]).update(updated_at=yesterday + timedelta(days=2))
    return made


FINDS = {
    "lamp": "carl max zoe file", '"broken lamp"': "max", '"lamp is bro"': "", "is:active": "carl file",
    "lamp -is:closed": "carl max file", "is:frozen": "max", "is:closed lamp": "zoe", "is:active is:closed": "",
    "is:unread": "carl zoe file", "-is:unread": "max", "from:zoe": "zoe file", "from:other.example": "max",
    "from:gross": "max", "-from:people.example": "max", "from:ann": "carl max", "from:nobody": "", "to:kim": "file",
    "to:support@desk.example is:frozen": "max", "subject:lamp": "carl max file", 'subject:"lamp broken"': "max",
    "-subject:lamp": "zoe", "tag:VIP": "file", 'tag:"war ranty"': "file", "tag:war": "", "-tag:vip": "carl max zoe",
    "assignee:me": "file", "assignee:ben": "zoe", "assignee:none": "carl max", "-assignee:me": "carl max zoe",
    "-assignee:ben": "carl max file", "mailbox:support": "carl max zoe file", "-mailbox:support@desk.example": "",
    "priority:urgent": "zoe", "-priority:urgent lamp": "carl max file", "has:attachment": "file", "has:bounce": "zoe",
    "-has:bounce -has:note": "carl file", "has:note": "max", "has:draft": "carl", "giraffe": "max",
    "before:2026-11-24": "file", "after:2026-11-24": "carl max zoe", "-after:2026-11-24": "file",
    "before:2026-11-23": "", "after:2026-11-23 before:2026-11-24": "file", '"is:active"': "",
    "bill_2026-11.pdf": "file", "bill 2026": "file", "pdf subject:lamp": "file", "#1": "file", "#1 is:frozen": "",
    "": "", "  ": "", "http://lamp": "carl max zoe file",
}  # fmt: skip


@pytest.mark.parametrize("many", [0, 5000])
async def test_operators_narrow_what_is_found(
    ann: AsyncClient, lamps: dict[str, int], monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(finding, "MANY", many)  # both plans have to find the same
    names = {ident: name for name, ident in lamps.items()}
    found = {}
    for query in FINDS:
        answer = await ann.get("/api/tickets", params={"q": query, "view": "summary"})
        assert answer.status_code == 200, (query, answer.text)
        found[query] = sorted(names[one["id"]] for one in answer.json())
    assert found == {query: sorted(names.split()) for query, names in FINDS.items()}


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ("lamp is:held", [5, 12]),
        ("🙂 before:never", [3, 15]),
        ("assignee:nobody", [0, 15]),
        ("mailbox:none", [0, 12]),
        ("mailbox:%", [0, 9]),
    ],
)
async def test_an_operator_that_means_nothing_is_a_problem_with_its_place(
    ann: AsyncClient, query: str, at: list[int]
) -> None:
    refused = await ann.get("/api/tickets", params={"q": query})
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["field"], error["at"]) == ("q", at)
    assert error["message"]


@pytest.mark.parametrize("query", ["tag:vip", "-tag:vip", "assignee:me", "priority:low", "has:note", "has:bounce"])
async def test_customers_do_not_find_by_what_they_do_not_see(carl: AsyncClient, query: str) -> None:
    assert (await carl.get("/api/tickets", params={"q": f"lamp {query}"})).status_code == 422


async def test_customers_find_with_operators_in_their_own(carl: AsyncClient, lamps: dict[str, int]) -> None:
    own = ["lamp", "from:ann", "from:carl@people.example", "is:unread"]
    others = ["from:ann@desk.example", "giraffe", "to:kim", "has:attachment", "has:draft", "max"]
    found = {query: (await carl.get("/api/tickets", params={"q": query})).json() for query in own + others}
    expected = {query: [lamps["carl"]] for query in own} | {query: [] for query in others}
    assert {query: [one["id"] for one in tickets] for query, tickets in found.items()} == expected


async def test_the_days_of_a_search_are_those_of_the_desk(cast: Cast, lamps: dict[str, int]) -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    await Ticket.filter(id=lamps["file"]).update(updated_at=late)
    for zone, count in (("UTC", 1), ("Europe/Berlin", 0)):
        wanted = Wanted(query="before:2026-11-24", timezone=ZoneInfo(zone))
        assert len((await views.tickets(cast.ann, views.Display(str, str), wanted, limit=9)).items) == count


async def test_a_message_id_goes_straight_to_its_ticket(cast: Cast, ann: AsyncClient, carl: AsyncClient) -> None:
    entry = await cast.receive(mail(Message_ID="<that-one@client.example>"))
    assert await walk(ann, "/api/tickets?q=%3Cthat-one%40client.example%3E") == [entry.ticket_id]
    assert await walk(carl, "/api/tickets?q=%3Cthat-one%40client.example%3E") == []


async def test_a_message_id_finds_no_message_that_waits(ann: AsyncClient, carl: AsyncClient) -> None:
    ticket = (await open_ticket(carl))["id"]
    body = {"text": "We look.", "hold_seconds": 10}
    held = (await ann.post(f"/api/tickets/{ticket}/new_message", json=body)).json()["id"]
    ident = (await Message.get(id=held)).rfc_message_id
    for client, found in ((ann, [ticket]), (carl, [])):
        shown = (await client.get("/api/tickets", params={"q": f"<{ident}>"})).json()
        assert [one["id"] for one in shown] == found


# -- marks


def marked(text: str, marks: list[tuple[int, int]]) -> list[str]:
    """The pieces that are marked, cut out as JavaScript cuts."""
    units = text.encode("utf-16-le")
    return [units[2 * start : 2 * end].decode("utf-16-le") for start, end in marks]


@pytest.mark.parametrize(
    ("subject", "text", "query", "where", "pieces", "title"),
    [
        ("Rechnung", "🙂🙂 Die Lämpe ist da.", "lampe", "text", ["Lämpe"], []),
        ("🙂 Lämpen", "nichts", "lampe", "subject", ["Lämpe"], ["Lämpe"]),
        ("Lampe", "Straßenlampen: eine STRASSE", "strasse lampe", "text", ["Straße", "STRASSE"], ["Lampe"]),
        ("x", "😀 請求書が届きません。", "請求書", "text", ["請求書"], []),
        ("x", "😀 وصلت الفاتورة أمس", "الفاتورة", "text", ["الفاتورة"], []),
        ("x", "two\n\n words\tin a row", '"words in a"', "text", ["words in a"], []),
        ("x", "nichts", "bill", "attachment", ["bill"], []),
        ("x", "nichts", "unal", "address", ["Ünal"], []),
        ("x", "nichts", "zoe@people.example", "address", ["zoe@people.example"], []),
        ("Lampe", "Eine Lampe", "subject:lampe eine", "text", ["Eine"], ["Lampe"]),
    ],
)
async def test_a_hit_is_marked_where_it_stands(
    cast: Cast, ann: AsyncClient, subject: str, text: str, query: str, where: str, pieces: list[str], title: list[str]
) -> None:
    entry = await cast.receive(mail(subject=subject, text=text, files=(("bill.pdf", b"x"),)))
    [found] = (await ann.get("/api/tickets", params={"q": query, "view": "summary"})).json()
    TypeAdapter(TicketSummary).validate_python(found)
    assert (found["hit"]["where"], found["hit"]["message"]) == (where, entry.message_id)
    assert marked(found["hit"]["text"], found["hit"]["marks"]) == pieces
    assert marked(found["title"], found["title_marks"]) == title


async def test_a_long_text_shows_the_words_round_the_hit(cast: Cast, ann: AsyncClient) -> None:
    await cast.receive(mail(text=f"{'before ' * 300}\nthe <b>lamp</b>\n{'after ' * 300}"))
    [found] = (await ann.get("/api/tickets", params={"q": "lamp"})).json()
    passage = found["hit"]["text"]
    assert len(passage) < 165
    assert passage.startswith("…before")
    assert "the <b>lamp</b> after" in passage
    assert passage.endswith("after…")
    assert marked(passage, found["hit"]["marks"]) == ["lamp"]


async def test_a_hit_is_the_message_that_says_it(ann: AsyncClient, carl: AsyncClient) -> None:
    ticket = await open_ticket(carl, "About a lamp", "It blinks.")
    path = f"/api/tickets/{ticket['id']}/new_message"
    said = (await ann.post(path, json={"text": "Which lamp?"})).json()["id"]
    await carl.post(path, json={"text": "The red one."})
    await ann.post(path, json={"text": "a lamp again", "internal": True})
    [found] = (await carl.get("/api/tickets?q=lamp")).json()
    assert (found["hit"]["message"], found["hit"]["text"]) == (said, "Which lamp?")
    assert "again" not in (await carl.get("/api/tickets?q=lamp&view=summary")).text
    [for_staff] = (await ann.get("/api/tickets?q=lamp")).json()
    assert for_staff["hit"]["text"] == "a lamp again"


async def test_customers_are_shown_no_address_of_staff(ann: AsyncClient, carl: AsyncClient) -> None:
    ticket = await open_ticket(carl, "x", "y")
    await ann.post(f"/api/tickets/{ticket['id']}/new_message", json={"text": "z"})
    answer = await carl.get("/api/tickets?q=ann&view=summary")
    assert answer.json()[0]["hit"]["text"] == "Ann <support@desk.example>"
    assert "ann@desk.example" not in answer.text


async def test_operators_alone_mark_nothing(ann: AsyncClient, carl: AsyncClient) -> None:
    await open_ticket(carl, "Lamp", "y")
    [found] = (await ann.get("/api/tickets?q=is:active")).json()
    assert (found["hit"], found["title_marks"]) == (None, [])
    assert "hit" not in (await ann.get("/api/tickets")).json()[0]


async def test_a_search_is_narrowed_and_paged_like_any_list(ann: AsyncClient, carl: AsyncClient) -> None:
    made = [int((await open_ticket(carl, f"t{number}", "lamp"))["id"]) for number in range(4)]
    await ann.patch(f"/api/tickets/{made[1]}", json={"status": "CL"})
    assert await walk(ann, "/api/tickets?q=lamp&queue=active&sort=oldest&limit=1") == [made[0], *made[2:]]
