"""Full text over subject, messages and addresses, in what the caller may see."""

import pytest
from httpx import AsyncClient

from desk import views
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


@pytest.mark.parametrize(
    "query",
    [
        "rechnung", "RECHNUNG", "rech", "Rechnung fehlt", "fehlt rechnung", "zurich", "Zürich",
        "zoe@people.example", "people.example", "zoe", "kim@firm.example", "firm", "請求書", "届き",
        "rechnung zurich kim", "#1", "1",
    ],
)  # fmt: skip
async def test_it_is_found_by(cast: Cast, ann: AsyncClient, zoes: int, query: str) -> None:
    await cast.receive(mail("other@elsewhere.example", subject="else", text="nothing alike"))
    found = await ann.get("/api/tickets", params={"q": query})
    assert [ticket["id"] for ticket in found.json()] == [zoes], query


@pytest.mark.parametrize(
    "query", ["nosuchword", "rechnung nosuchword", "書求請", "' OR 1=1 --", "&|!():*", "\\", "\0", "99"]
)
async def test_it_is_not_found_by(ann: AsyncClient, zoes: int, query: str) -> None:
    found = await ann.get("/api/tickets", params={"q": query})
    assert (found.status_code, found.json()) == (200, [])


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
    monkeypatch.setattr(views, "MANY", many)  # both plans have to find the same
    made = [(await open_ticket(carl, f"t{number}", "frequent"))["id"] for number in range(5)]
    await ann.patch(f"/api/tickets/{made[0]}", json={"status": "CL"})
    for client in (carl, ann):
        assert await walk(client, "/api/tickets?q=frequent&limit=2&status=AC") == made[:0:-1]


async def test_a_text_of_a_megabyte_is_searchable(carl: AsyncClient) -> None:
    words = " ".join(f"word{number}" for number in range(80_000))
    ticket = (await open_ticket(carl, "long", words))["id"]
    assert await walk(carl, "/api/tickets?q=word77") == [ticket]
