"""The ticket: letters that are long, wide, foreign or late, and its keys where no list is beside it."""

import email.policy
import re
from collections.abc import AsyncIterator
from email.message import EmailMessage

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Complaints, new_page, sign_in
from tests.cast import SUPPORT
from tests.living import LivingDesk, unlike_any
from tests.running import until

PHONE = {"width": 390, "height": 844}
WIDTH = "(one) => one.getBoundingClientRect().width"
TABLE = "<table border=1 width={width}><tr><td bgcolor='#eee'>{words}</td><td>two</td></tr></table>"

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


@pytest.fixture
async def phone(browser: Browser, living_desk: LivingDesk, complaints: Complaints) -> AsyncIterator[Page]:
    async with new_page(browser, living_desk, complaints, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        await sign_in(page, "jonas", living_desk.passwords["jonas"])
        yield page


async def open_new(page: Page, desk: LivingDesk, subject: str, text: str = "It blinks.") -> int:
    ticket = desk.receive(subject, text)["ticket"]
    await page.goto(f"/t/{ticket}")
    await expect(page.get_by_role("article").first).to_be_visible()
    return ticket


async def open_html(page: Page, desk: LivingDesk, html: str) -> None:
    subject = unlike_any("layout")
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = f"{subject}@people.example", SUPPORT, subject
    message["Message-ID"] = f"<{subject}@people.example>"
    message.set_content(html, subtype="html")
    desk.product.send(message.as_bytes(), f"{subject}@people.example", SUPPORT)
    await page.goto(f"/t/{desk.product.entry(f'{subject}@people.example')['ticket']}")
    await expect(page.locator(".htmlmail iframe")).to_be_visible()


async def test_a_ticket_by_itself_is_assigned_and_tagged_by_keys(page: Page, living_desk: LivingDesk) -> None:
    ticket = await open_new(page, living_desk, unlike_any("lamp"))
    seen = f"/api/tickets/{ticket}"

    await page.keyboard.press("a")
    await expect(page.get_by_role("combobox", name="Assign the ticket to")).to_be_focused()
    await page.keyboard.type("ines")
    await page.keyboard.press("Enter")
    until(lambda: (living_desk.product.call("GET", seen)["assignee"] or {}).get("name") == "Ines Moreau", "assigned")

    await page.keyboard.press("l")
    await expect(page.get_by_role("combobox", name="Tag the ticket")).to_be_focused()
    await page.keyboard.type("blinker-by-key")
    await page.keyboard.press("Enter")
    until(lambda: living_desk.product.call("GET", seen)["tags"] == ["blinker-by-key"], "tagged with what was typed")


async def test_the_details_assign_by_name(page: Page, living_desk: LivingDesk) -> None:
    ticket = await open_new(page, living_desk, unlike_any("lamp"))
    await page.get_by_role("button", name="Assignee: Nobody").click()
    await page.get_by_role("option", name=re.compile("Tom Okafor")).click()
    await expect(page.get_by_role("button", name="Assignee: Tom Okafor")).to_be_visible()
    until(lambda: living_desk.product.call("GET", f"/api/tickets/{ticket}")["assignee"], "assigned")


async def test_html_mail_is_as_tall_as_it_is(page: Page, living_desk: LivingDesk) -> None:
    await open_html(page, living_desk, TABLE.format(width=200, words="one line"))
    await page.wait_for_function("() => document.querySelector('.htmlmail iframe').clientHeight < 120")


async def test_html_mail_that_is_too_wide_is_made_smaller(page: Page, living_desk: LivingDesk) -> None:
    await open_html(page, living_desk, TABLE.format(width=860, words="a wide table"))
    await page.wait_for_function("""() => {
        const frame = document.querySelector(".htmlmail iframe");
        const root = frame.contentDocument?.documentElement;
        const room = frame.parentElement.getBoundingClientRect().width;
        const shown = frame.getBoundingClientRect().width;
        return root && root.scrollWidth >= 860 && root.scrollWidth <= root.clientWidth && Math.abs(shown - room) < 1;
    }""")


async def test_a_subject_without_spaces_stays_within_the_page(page: Page, living_desk: LivingDesk) -> None:
    await open_new(page, living_desk, f"{unlike_any('long')} {'S' * 160} {'and so on ' * 30}")
    heading = page.locator(".subject h2")
    pane = await page.get_by_role("region", name="Conversation").evaluate(WIDTH)
    assert await heading.evaluate(WIDTH) <= pane
    lines = "(one) => one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight)"
    assert await heading.evaluate(lines) <= 3.01
    assert await heading.get_attribute("title")


async def test_arabic_is_read_from_the_right_and_a_step_larger(page: Page, living_desk: LivingDesk) -> None:
    await open_new(page, living_desk, unlike_any("طلب"), "وصلني الطلب ناقصا.")
    said = page.get_by_role("article").get_by_text("وصلني الطلب ناقصا.")
    assert await said.evaluate("(one) => [getComputedStyle(one).direction, getComputedStyle(one).fontSize]") == [
        "rtl",
        "16px",
    ]


async def test_a_ticket_fills_the_phone(phone: Page, living_desk: LivingDesk) -> None:
    await open_new(phone, living_desk, unlike_any("phone"))
    assert await phone.get_by_role("region", name="Conversation").evaluate(WIDTH) == PHONE["width"]


async def test_every_section_of_the_settings_is_reached_on_the_phone(phone: Page) -> None:
    await phone.goto("/settings/you")
    await phone.get_by_role("navigation", name="Settings").get_by_role("link", name="Relay").tap()
    await expect(phone.get_by_role("heading", name="Relay", exact=True)).to_be_visible()


async def test_a_ticket_that_did_not_arrive_is_not_called_somebody_elses(
    page: Page, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect("ERR_FAILED|Failed to load resource")
    ticket = living_desk.receive(subject := unlike_any("late"))["ticket"]
    await page.route(re.compile(rf"/api/tickets/{ticket}$"), lambda route: route.abort())
    await page.goto(f"/t/{ticket}")
    await expect(page.get_by_role("heading", name="The ticket did not arrive")).to_be_visible()
    await expect(page.get_by_text("not yours")).to_have_count(0)
    await page.unroute_all()
    await page.get_by_role("button", name="Try now").click()
    await expect(page.get_by_role("heading", name=subject)).to_be_visible(timeout=5_000)


async def test_paper_shows_the_letters_and_no_note(page: Page, living_desk: LivingDesk) -> None:
    await open_new(page, living_desk, unlike_any("paper"), "On paper, please.")
    await page.keyboard.press("n")
    await page.get_by_role("textbox", name="Text").fill("Among us.")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("article").filter(has_text="Among us.")).to_be_visible()
    await page.emulate_media(media="print")
    await expect(page.get_by_text("On paper, please.")).to_be_visible()
    await expect(page.get_by_role("article").filter(has_text="Among us.")).to_be_hidden()
    await expect(page.get_by_role("navigation", name="Desk")).to_be_hidden()
