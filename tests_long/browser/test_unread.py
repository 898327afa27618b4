"""What is new is seen to be new: marks in the list, a count in the tab, a line in the conversation, the pulse."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.living import LivingDesk, unlike_any
from tests.running import until

# Chromium without a screen shows every tab: that one looks elsewhere is said for it.
LOOK = """(away) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => away });
    document.dispatchEvent(new Event("visibilitychange"));
}"""

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


async def test_a_ticket_is_marked_until_it_is_read_and_when_somebody_says_so(
    page: Page, living_desk: LivingDesk
) -> None:
    subject, other = unlike_any("mark"), unlike_any("other")
    living_desk.receive(other)
    living_desk.receive(subject)
    await page.goto("/q/unassigned")
    row = page.get_by_role("row").filter(has_text=subject)
    unread = row.get_by_role("img", name="unread")
    await expect(unread).to_be_visible()
    await row.click()
    await expect(page.get_by_role("article").first).to_be_visible()
    await expect(unread).to_have_count(0)
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Mark as unread").click()
    await expect(unread).to_be_visible()


async def test_letters_that_come_while_nobody_looks_are_counted_in_the_tab(page: Page, living_desk: LivingDesk) -> None:
    await page.goto("/q/unassigned")
    await expect(page).to_have_title("Unassigned · Ticketgate")
    await page.evaluate(LOOK, True)
    for number in (1, 2):
        living_desk.receive(unlike_any("missed"))
        await expect(page).to_have_title(f"({number}) Unassigned · Ticketgate")
    await page.evaluate(LOOK, False)
    await expect(page).to_have_title("Unassigned · Ticketgate")


async def test_a_letter_that_comes_is_announced_where_it_stands_and_moves_nothing(
    page: Page, living_desk: LivingDesk
) -> None:
    subject, sender = unlike_any("long"), f"{unlike_any('sender')}@people.example"
    first = f"<{subject}@people.example>"
    lines = "\n".join(f"Line {number}." for number in range(120))
    ticket = living_desk.receive(subject, lines, sender=sender, Message_ID=first)["ticket"]
    living_desk.receive(f"Re: {subject}", lines, sender=sender, In_Reply_To=first)
    await page.goto(f"/t/{ticket}")
    await expect(page.get_by_role("article")).to_have_count(2)
    conversation = page.get_by_role("region", name="Conversation")
    await conversation.hover()
    await page.mouse.wheel(0, -400)
    await page.wait_for_function(SETTLED)
    before = await conversation.evaluate("(one) => one.scrollTop")
    living_desk.receive(f"Re: {subject}", "The last line.", sender=sender, In_Reply_To=first)
    news = page.get_by_role("button", name="One new message")
    await expect(news).to_be_visible()
    assert await conversation.evaluate("(one) => one.scrollTop") == before
    await news.click()
    await expect(conversation.get_by_text("The last line.")).to_be_in_viewport()


async def test_the_pulse_tells_that_mail_flows(page: Page, living_desk: LivingDesk) -> None:
    living_desk.receive(unlike_any("beat"))
    pulse = page.get_by_role("navigation", name="Desk").locator(".pulse")
    await expect(pulse).to_contain_text("Mail is flowing")
    await expect(pulse).to_contain_text(re.compile("In .+ ago"))
    until(lambda: living_desk.product.call("GET", "/api/health/mail")["adds_up"], "every mail accounted for")


SETTLED = """() => new Promise((settled) => {
    let last = -1;
    const look = () => {
        const now = document.querySelector("[aria-label=Conversation]").scrollTop;
        if (now === last) return settled(true);
        last = now;
        requestAnimationFrame(() => requestAnimationFrame(look));
    };
    look();
})"""
