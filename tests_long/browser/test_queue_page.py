"""The queue and the health page: what narrows a list is seen, and every mail can be read raw."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Complaints
from tests.living import LivingDesk, unlike_any

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


async def test_what_narrows_a_queue_is_always_seen(page: Page) -> None:
    await page.goto("/q/active?q=has:attachment")
    chip = page.get_by_role("search").get_by_text("has:attachment")
    await expect(chip).to_be_visible()
    await page.get_by_role("button", name="Filter").click()
    await expect(page).to_have_url(re.compile(r"/q/active$"))
    await expect(page.get_by_role("search")).to_have_count(0)
    await page.goto("/q/active?q=has:attachment")
    await page.get_by_role("link", name=re.compile("^Frozen")).click()
    await expect(page.get_by_role("heading", name="Frozen")).to_be_visible()
    await page.go_back()
    await expect(chip).to_be_visible()


async def test_every_mail_of_the_journal_is_read_raw(page: Page, living_desk: LivingDesk) -> None:
    entry = living_desk.receive(unlike_any("raw"))
    await page.goto(f"/health/journal/{entry['id']}")
    async with page.expect_download() as download:
        await page.get_by_role("dialog").get_by_role("button", name="Raw").click()
    path = await (await download.value).path()
    assert b"It blinks." in path.read_bytes()


async def test_a_mail_without_an_entry_says_so(page: Page, complaints: Complaints) -> None:
    complaints.expect("status of 404")
    await page.goto("/health/journal/999999999")
    await expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
