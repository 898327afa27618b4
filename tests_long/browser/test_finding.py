"""Finding tickets and doing one thing to many: what is typed narrows at once, and every deed can be taken back."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Locator, Page, Request, expect

from tests.browser.conftest import Complaints
from tests.cast import SUPPORT, mail
from tests.living import LivingDesk, unlike_any
from tests.running import until
from tests_long.browser.holding import hold

CROWD = 110  # tickets: three pages of a list

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


async def test_each_operator_narrows_what_is_found_while_it_is_typed(page: Page, living_desk: LivingDesk) -> None:
    word, lea, tag = unlike_any("sprocket"), f"{unlike_any('lea')}@people.example", unlike_any("urgent-tag")
    first = living_desk.receive(f"About the {word}", "It slips.", sender=f"Lea <{lea}>")
    living_desk.receive(f"A second {word}", "It squeaks.")
    _change(living_desk, first["ticket"], status="CL", add_tags=[tag])
    field = await _ask(page, word[:-1])
    await expect(_found(page)).not_to_have_count(0)
    await field.press_sequentially(word[-1:])
    await expect(_found(page)).to_have_count(2)
    await expect(page.locator("[data-row] mark").filter(has_text=word)).to_have_count(2)

    for operator in (f"from:{lea}", "is:closed", f"tag:{tag}"):
        await field.press_sequentially(f" {operator} ")
        await expect(_found(page)).to_have_count(1)
        await expect(_found(page)).to_contain_text(f"About the {word}")
        await page.get_by_role("button", name=f"Without {operator}").click()
        await expect(_found(page)).to_have_count(2)
    today = datetime.now(UTC).date()
    await field.press_sequentially(f" before:{today - timedelta(days=1)} ")
    await expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    await page.get_by_role("link", name=re.compile(r"^Without before:.*: 2$")).click()
    await expect(_found(page)).to_have_count(2)


async def test_enter_right_after_a_tickets_number_leads_there_however_long_its_page_takes(
    page: Page, living_desk: LivingDesk
) -> None:
    ticket = living_desk.receive(unlike_any("hub"))["ticket"]
    script = await hold(page, "**/assets/Alone-*.js")
    await page.clock.install()
    field = await _ask(page, f"#{ticket}")
    await field.press("Enter")
    await asyncio.wait_for(script.asked.wait(), 20)
    await page.clock.run_for(1_000)  # the search has long settled
    script.go.set()
    await expect(page).to_have_url(f"{living_desk.address}/t/{ticket}")


async def test_an_operator_is_completed_from_its_first_letters(page: Page, living_desk: LivingDesk) -> None:
    word, tag = unlike_any("cassette"), unlike_any("rust")
    ticket = living_desk.receive(word)["ticket"]
    _change(living_desk, ticket, add_tags=[tag])
    field = await _ask(page, "ta")
    await page.get_by_role("option", name=re.compile("^tag:")).click()
    await field.press_sequentially(tag)
    await page.get_by_role("option").filter(has_text=tag).click()
    await expect(page.get_by_role("button", name=f"Without tag:{tag}")).to_be_visible()
    await expect(_found(page)).to_have_count(1)
    await expect(_found(page)).to_contain_text(word)


async def test_what_an_operator_cannot_mean_is_said_and_what_was_found_stays(
    page: Page, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect("status of 4(00|22)")
    word = unlike_any("derailleur")
    living_desk.receive(word)
    field = await _ask(page, word)
    await expect(_found(page)).to_have_count(1)
    await field.press_sequentially(" before:someday ")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_role("search").locator(".hint")).not_to_be_empty()
    await expect(_found(page)).to_have_count(1)


async def test_words_of_a_file_name_are_found_under_attachments(page: Page, living_desk: LivingDesk) -> None:
    name, subject = unlike_any("wiring"), unlike_any("lamp")
    raw = mail(
        "guest@people.example", SUPPORT, subject, files=((f"{name}.bin", b"0"),), Message_ID=f"<{name}@p.example>"
    )
    living_desk.product.send(raw, "guest@people.example", SUPPORT)
    living_desk.product.entry(f"{name}@p.example")
    await _ask(page, name)
    await expect(_found(page)).to_have_count(1)
    where = page.get_by_role("group", name="Where")
    await where.get_by_role("button", name=re.compile("^Attachments")).click()
    await expect(_found(page)).to_contain_text(subject)
    await where.get_by_role("button", name=re.compile("^Subject")).click()
    await expect(page.get_by_role("heading", name="Found, but not there")).to_be_visible()


@pytest.mark.parametrize(
    ("deed", "choose", "said", "seen"),
    [
        ("Close", None, "Closed 3", {"status": "CL"}),
        ("Freeze", None, "Froze 3", {"status": "FR"}),
        ("Assign", "Ines Moreau", "Assigned 3 tickets to Ines Moreau", {"assignee": "Ines Moreau"}),
        ("Tag", "by-the-dozen", "Tagged 3 tickets by-the-dozen", {"tags": ["by-the-dozen"]}),
    ],
)
async def test_a_deed_to_many_is_done_at_once_and_taken_back(
    page: Page, living_desk: LivingDesk, deed: str, choose: str | None, said: str, seen: dict[str, object]
) -> None:
    word = unlike_any("dozen")
    tickets = [living_desk.receive(f"{word} {letter}")["ticket"] for letter in "abc"]
    before = [_state(living_desk, ticket) for ticket in tickets]
    await page.goto(f"/q/active?q={word}")
    await expect(_found(page)).to_have_count(3)
    for letter in "abc":
        await _found(page).filter(has_text=f"{word} {letter}").locator(".tick").click()
    bar = page.get_by_role("toolbar", name="3 selected")
    button = bar.get_by_role("button", name=f"{deed} 3 tickets")
    await button.hover()
    if "status" in seen:
        await expect(bar).to_contain_text(re.compile("tells 3 people by mail"))
    await button.click()
    if choose:
        await page.get_by_role("dialog").get_by_role("combobox").press_sequentially(choose)
        await page.get_by_role("option").filter(has_text=choose).first.click()
    toast = page.locator(".toast")
    await expect(toast).to_contain_text(said)
    assert all(_state(living_desk, ticket) | seen == _state(living_desk, ticket) for ticket in tickets)

    await toast.get_by_role("button", name="Undo").click()
    await expect(_found(page)).to_have_count(3)
    until(lambda: [_state(living_desk, ticket) for ticket in tickets] == before, "taken back")


async def test_a_long_list_comes_page_by_page_and_keeps_its_place(page: Page, living_desk: LivingDesk) -> None:
    word = unlike_any("crowd")
    for number in range(CROWD):
        sender = f"{word}-{number}@people.example"
        raw = mail(sender, SUPPORT, f"{word} {number:03}", Message_ID=f"<{word}-{number}@people.example>")
        living_desk.product.send(raw, sender, SUPPORT)
    for number in range(CROWD):
        living_desk.product.entry(f"{word}-{number}@people.example")
    pages: list[str] = []
    page.on("request", lambda request: _is_page(request, word) and pages.append(request.url))
    await page.goto(f"/q/active?q={word}")
    await expect(_found(page).first).to_be_visible()
    grid = page.get_by_role("grid")
    assert [("after=" in address) for address in pages] == [False], "more was asked for than is in view"

    await page.keyboard.press("j")
    for loaded in (50, 100):
        await page.keyboard.press("End")
        await expect(grid.locator(f"[aria-rowindex='{loaded + 1}']")).to_be_attached()
    await page.keyboard.press("End")
    await expect(grid.locator(f"[aria-rowindex='{CROWD}']")).to_be_focused()
    assert sum("after=" in address for address in pages) == 2
    assert await _found(page).count() < 60, "rows out of view are in the page"

    read = await page.locator("[data-row]:focus").get_attribute("data-row")
    living_desk.receive(f"{word} and one more")
    await expect(page.get_by_role("button", name=re.compile("1 new"))).to_be_visible()
    await expect(page.locator("[data-row]:focus")).to_have_attribute("data-row", str(read))
    await page.get_by_role("button", name=re.compile("1 new")).click()
    await expect(_found(page).filter(has_text=f"{word} and one more")).to_be_in_viewport()


async def test_the_counters_and_the_turn_follow_a_mail_and_its_answer(page: Page, living_desk: LivingDesk) -> None:
    await page.goto("/q/unassigned?turn=us")
    rail = page.get_by_role("navigation", name="Desk")
    count = rail.get_by_role("link", name=re.compile("^Unassigned")).locator("b")
    await expect(count).to_have_text(re.compile(r"^\d+$"))
    before, subject = int(await count.inner_text()), unlike_any("spoke")
    ticket = living_desk.receive(subject)["ticket"]
    row = _found(page).filter(has_text=subject)
    await expect(row).to_be_visible()
    await expect(count).to_have_text(str(before + 1))
    await expect(row.locator("time")).to_have_attribute("title", re.compile(r"^Waiting .*, since "))

    assert living_desk.product.call("POST", f"/api/tickets/{ticket}/new_message", {"text": "True it."})
    await expect(row).to_be_hidden()
    await page.get_by_role("navigation", name="Whose turn").filter(visible=True).get_by_text("Their turn").click()
    await expect(row).to_be_visible()


async def _ask(page: Page, words: str) -> Locator:
    """Types into the search, as its keys are reached."""
    await page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Search words")
    await expect(field).to_be_focused()
    await field.press_sequentially(words)
    return field


def _change(desk: LivingDesk, ticket: int, **change: object) -> None:
    assert desk.product.call("POST", "/api/tickets/bulk", {"tickets": [ticket], **change})["done"] == [ticket]


def _found(page: Page) -> Locator:
    return page.locator("[data-row]")


def _is_page(request: Request, word: str) -> bool:
    return "/api/tickets?" in request.url and f"q={word}" in request.url


def _state(desk: LivingDesk, ticket: int) -> dict[str, object]:
    found = desk.product.call("GET", f"/api/tickets/{ticket}")
    assignee = found["assignee"] and found["assignee"]["name"]
    return {"status": found["status"], "assignee": assignee, "tags": found["tags"]}
