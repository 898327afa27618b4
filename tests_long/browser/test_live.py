"""What happens while the line is down, or not up yet, is there when it is up."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Complaints, sign_in
from tests.living import LivingDesk, unlike_any
from tests_long.browser.holding import hold

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


async def test_a_mail_that_came_before_the_stream_first_opened_is_caught_up_with(
    stranger: Page, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect("ERR_FAILED")
    page, subject = stranger, unlike_any("grip")
    await page.route("**/api/events", lambda route: route.abort())
    await sign_in(page, "jonas", living_desk.passwords["jonas"])
    await page.keyboard.press("g")
    await page.keyboard.press("u")
    await expect(page.get_by_role("heading", name="Unassigned")).to_be_visible()
    await expect(page.locator("[data-row]").first).to_be_visible()
    living_desk.receive(subject)
    await expect(page.get_by_text("No connection.")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text=subject)).to_be_hidden()
    await page.unroute("**/api/events")
    await expect(page.get_by_role("row").filter(has_text=subject)).to_be_visible()


async def test_a_mail_that_comes_between_the_list_and_the_stream_is_in_the_list(
    stranger: Page, living_desk: LivingDesk
) -> None:
    page, subject = stranger, unlike_any("fender")
    stream = await hold(page, "**/api/events")
    await sign_in(page, "jonas", living_desk.passwords["jonas"])
    await page.goto("/q/unassigned")
    await expect(page.locator("[data-row]").first).to_be_visible()
    living_desk.receive(subject)
    stream.go.set()
    await expect(page.get_by_role("row").filter(has_text=subject)).to_be_visible()
