"""The desk by keys alone: from the gate to an answer, and the focus never lost on the way."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.living import LivingDesk, unlike_any
from tests.running import until
from tests_long.browser.tabbing import tab_to

LEAVES = re.compile(r"Leaves in \d+ s")
FOCUSED = "() => document.activeElement?.tagName ?? 'nothing'"

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


async def test_from_the_gate_to_an_answer_without_a_pointer(stranger: Page, living_desk: LivingDesk) -> None:
    page, subject = stranger, unlike_any("bell")
    ticket = f"/api/tickets/{living_desk.receive(subject)['ticket']}"
    await page.goto("/q/unassigned")
    await _sign_in(page, "ines", living_desk.passwords["ines"])
    await expect(page.get_by_role("row").filter(has_text=subject)).to_be_visible()

    await page.keyboard.press("j")
    await expect(page.get_by_role("row").filter(has_text=subject)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=subject)).to_be_focused()

    await page.keyboard.press("t")
    until(lambda: living_desk.product.call("GET", ticket)["assignee"], "taken")
    await page.keyboard.press("n")
    await expect(page.get_by_role("textbox", name="Text")).to_be_focused()
    await page.keyboard.type("A short one.")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("article").filter(has_text="A short one.")).to_be_visible()
    assert await page.evaluate(FOCUSED) != "BODY"


async def test_an_answer_is_sent_taken_back_sent_again_and_the_ticket_closed_by_keys(
    page: Page, living_desk: LivingDesk
) -> None:
    ident = living_desk.receive(unlike_any("bell"))["ticket"]
    await page.goto(f"/t/{ident}")
    await expect(page.get_by_role("region", name="Conversation")).to_be_visible()
    await page.keyboard.press("r")
    await page.keyboard.type("Ring it twice.")
    await page.keyboard.press("Control+Shift+Enter")
    await expect(page.get_by_text(LEAVES)).to_be_visible()
    assert await page.evaluate(FOCUSED) != "BODY"
    await page.keyboard.press("z")
    await expect(page.get_by_role("textbox", name="Text")).to_have_value("Ring it twice.")
    await expect(page.get_by_role("textbox", name="Text")).to_be_focused()
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("textbox", name="Text")).to_be_hidden()
    await expect(page.get_by_text(LEAVES)).to_be_visible()

    await page.keyboard.press("e")
    until(lambda: living_desk.product.call("GET", f"/api/tickets/{ident}")["status"] == "CL", "closed")
    await page.keyboard.press("z")
    assert await page.evaluate(FOCUSED) != "BODY"


async def _sign_in(page: Page, name: str, password: str) -> None:
    await expect(page.get_by_label("E-mail or username")).to_be_focused()
    await page.keyboard.type(name)
    await tab_to(page, page.get_by_label("Password", exact=True))
    await page.keyboard.type(password)
    await page.keyboard.press("Enter")


async def test_escape_comes_back_to_the_row(page: Page) -> None:
    await page.keyboard.press("g")
    await page.keyboard.press("a")
    await expect(page.get_by_role("heading", name="All active")).to_be_visible()
    await expect(page.locator("[data-row]").nth(3)).to_be_visible()
    for _ in range(3):
        await page.keyboard.press("j")
    name = await page.locator("[data-row]:focus").get_attribute("data-row")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(rf"/t/{name}$"))
    await page.keyboard.press("Escape")
    await expect(page.locator(f"[data-row='{name}']")).to_be_focused()


async def test_every_action_is_found_by_its_name(page: Page) -> None:
    await expect(page.locator("[data-row]").first).to_be_visible()
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox", name="What do you want to do?")).to_be_focused()
    await page.keyboard.type("mail hea")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Mail health")).to_be_attached()
    await page.keyboard.press("?")
    keys = page.get_by_role("dialog")
    await expect(keys).to_be_visible()
    await expect(keys).to_contain_text("Search")
    await page.keyboard.press("Escape")
    await expect(keys).to_be_hidden()


async def test_single_keys_are_letters_in_a_field(page: Page) -> None:
    await page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Search words")
    await expect(field).to_be_focused()
    await page.keyboard.type("gear")
    await expect(field).to_have_value("gear")
    await expect(page).to_have_url(re.compile(r"/search\?q=gear$"))
