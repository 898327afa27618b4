"""For everyone: the reader's own zone and theme, the phone by night, and the focus that nothing takes away."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Complaints, new_page, sign_in
from tests.living import LivingDesk, unlike_any
from tests_long.browser.holding import hold
from tests_long.browser.tabbing import tab_to

PHONE_BY_NIGHT = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True}
DARK = "() => matchMedia('(prefers-color-scheme: dark)').matches && getComputedStyle(document.body).backgroundColor"
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
async def test_times_are_those_of_the_reader(
    browser: Browser, living_desk: LivingDesk, complaints: Complaints, zone: str
) -> None:
    ticket = living_desk.receive(unlike_any("clock"))["ticket"]
    async with new_page(browser, living_desk, complaints, timezone_id=zone) as page:
        await sign_in(page, "jonas", living_desk.passwords["jonas"])
        await page.goto(f"/t/{ticket}")
        told = page.get_by_role("article").first.locator("header time")
        at = datetime.fromisoformat(str(await told.get_attribute("datetime"))).astimezone(ZoneInfo(zone))
        await expect(told).to_have_text(f"{at:%H:%M}")
        await expect(told).to_have_attribute("title", re.compile(f"{at:%H:%M}"))


async def test_a_ticket_is_found_and_closed_on_the_phone_by_night(
    browser: Browser, living_desk: LivingDesk, complaints: Complaints
) -> None:
    word = unlike_any("night")
    for letter in "ab":
        living_desk.receive(f"{word} {letter}")
    async with new_page(browser, living_desk, complaints, **PHONE_BY_NIGHT) as page:
        await sign_in(page, "jonas", living_desk.passwords["jonas"])
        await page.get_by_role("link", name="Search").filter(visible=True).tap()
        await page.get_by_role("combobox", name="Search words").press_sequentially(f"{word} is:active ")
        await expect(page.locator("[data-row]")).to_have_count(2)
        await page.locator("[data-row]").filter(has_text=f"{word} a").tap()
        await expect(page.get_by_role("heading", name=f"{word} a")).to_be_visible()
        red, green, blue = map(int, re.findall(r"\d+", str(await page.evaluate(DARK)))[:3])
        assert max(red, green, blue) < 70
        await page.get_by_role("button", name="Close", exact=True).tap()
        await expect(page.locator(".toast")).to_contain_text("Closed #")
        await page.locator(".toast").get_by_role("button", name="Undo").tap()
        await expect(page.get_by_role("button", name="Close", exact=True)).to_be_visible()
        assert await page.evaluate(WIDER) <= 0


async def test_whatever_closes_gives_the_focus_back(page: Page, living_desk: LivingDesk) -> None:
    ticket = living_desk.receive(unlike_any("focus"))["ticket"]
    await page.goto(f"/t/{ticket}")
    await expect(page.get_by_role("article").first).to_be_visible()
    await page.keyboard.press("r")
    text = page.get_by_role("textbox", name="Text")
    await page.keyboard.type("In the middle of ")
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox", name="What do you want to do?")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(text).to_be_focused()

    assignee = page.get_by_role("button", name="Assignee: Nobody")
    await tab_to(page, assignee)
    for key in ("Enter", "?"):
        await page.keyboard.press(key)
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(assignee).to_be_focused()


async def test_whoever_types_faster_than_names_come_assigns_all_the_same(page: Page, living_desk: LivingDesk) -> None:
    ticket = living_desk.receive(unlike_any("fast"))["ticket"]
    names = await hold(page, "**/api/staff")
    await page.goto(f"/t/{ticket}")
    await expect(page.get_by_role("article").first).to_be_visible()
    await page.keyboard.press("a")
    await expect(page.get_by_role("combobox", name="Assign the ticket to")).to_be_focused()
    await page.keyboard.type("ines")
    await page.keyboard.press("Enter")
    names.go.set()
    await expect(page.get_by_role("button", name="Assignee: Ines Moreau")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_have_count(0)
