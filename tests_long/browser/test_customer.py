"""A customer with an account: their own tickets, what they write and attach, and nothing of the house."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Complaints, new_page, sign_in
from tests.living import LivingDesk, unlike_any
from tests.running import until
from tests_long.browser.accounts import Account, account

PHONE_BY_NIGHT = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True}
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
DARK = "() => getComputedStyle(document.body).colorScheme || getComputedStyle(document.documentElement).colorScheme"

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Customer:
    """Somebody with one ticket, which staff have a note on, and the page that shows it."""

    page: Page
    account: Account
    subject: str
    ticket: int


@pytest.fixture(params=[{}, PHONE_BY_NIGHT], ids=["wide and light", "narrow and dark"])
async def nora(
    request: pytest.FixtureRequest, browser: Browser, living_desk: LivingDesk, complaints: Complaints
) -> AsyncIterator[Customer]:
    look: dict[str, Any] = request.param
    nora, subject = account(living_desk, "nora", "customer"), unlike_any("carrier")
    entry = living_desk.receive(subject, "It rattles.", sender=f"Nora <{nora.email}>")
    note = {"text": "She rattles herself.", "internal": True}
    assert living_desk.product.call("POST", f"/api/tickets/{entry['ticket']}/new_message", note)
    async with new_page(browser, living_desk, complaints, **look) as page:
        await sign_in(page, nora.username, nora.password)
        yield Customer(page, nora, subject, entry["ticket"])


async def test_customers_see_their_own_tickets_and_nothing_of_the_house(
    nora: Customer, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect("status of 40[34]")
    page, others = nora.page, living_desk.receive(unlike_any("hers"))["ticket"]
    await expect(page).to_have_url(f"{living_desk.address}/my")
    await expect(page.get_by_role("row").filter(has_text=nora.subject)).to_be_visible()
    await expect(page.locator("[data-row]")).to_have_count(1)
    await expect(page.get_by_role("navigation", name="Desk")).to_have_count(0)
    for address in (f"/my/{others}", f"/t/{others}"):
        await page.goto(address)
        await expect(page.get_by_role("heading", name="No such page, or not yours.")).to_be_visible()
    await page.goto("/settings/people")
    await expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    await expect(page.get_by_role("navigation", name="Settings").get_by_role("link")).to_have_count(1)
    for place in ("/q/active", "/q/held", "/health"):
        await page.goto(place)
        await expect(page).to_have_url(f"{living_desk.address}/my")


async def test_customers_see_no_note_and_no_deed_of_staff(nora: Customer) -> None:
    page = nora.page
    await page.get_by_role("row").filter(has_text=nora.subject).click()
    await expect(page).to_have_url(re.compile(rf"/my/{nora.ticket}$"))
    conversation = page.get_by_role("region", name="Conversation")
    await expect(conversation.get_by_text("It rattles.")).to_be_visible()
    await expect(page.get_by_text("rattles herself")).to_have_count(0)
    for name in ("Close", "Note", "Why here", "Original", "Details"):
        await expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    await page.keyboard.press("n")
    await page.keyboard.press("e")
    await expect(page.get_by_role("textbox", name="Text")).to_have_count(0)
    assert await page.evaluate(WIDER) <= 0


async def test_what_a_customer_writes_and_attaches_is_with_staff_at_once(
    nora: Customer, living_desk: LivingDesk
) -> None:
    page = nora.page
    await page.goto(f"/my/{nora.ticket}")
    await page.get_by_role("button", name="Write to us").click()
    await page.get_by_role("textbox", name="Text").fill("Here is what it sounds like.")
    sound = {"name": "rattle.txt", "mimeType": "text/plain", "buffer": b"rrrrr"}
    await page.locator("input[type=file]").set_input_files(sound)
    await expect(page.get_by_role("button", name="Do not attach rattle.txt")).to_be_visible()
    await page.get_by_role("button", name="Send", exact=True).click()
    letter = page.get_by_role("article").filter(has_text="Here is what it sounds like.")
    await expect(letter.get_by_text("rattle.txt")).to_be_visible()
    messages = living_desk.product.call("GET", f"/api/tickets/{nora.ticket}")["messages"]
    (said,) = [one for one in messages if one["text"].strip() == "Here is what it sounds like."]
    assert (said["direction"], [file["filename"] for file in said["attachments"]]) == ("inbound", ["rattle.txt"])

    said = {"text": "Tighten the lower bolt.", "internal": False}
    assert living_desk.product.call("POST", f"/api/tickets/{nora.ticket}/new_message", said)
    await expect(page.get_by_role("article").filter(has_text="Tighten the lower bolt.")).to_be_visible()


async def test_a_customer_opens_a_ticket_and_is_answered_by_mail(nora: Customer, living_desk: LivingDesk) -> None:
    page, subject = nora.page, unlike_any("pump")
    await page.get_by_role("link", name="New ticket").filter(visible=True).click()
    await page.get_by_label("Subject").fill(subject)
    await page.get_by_label("What can we do for you?").fill("It has lost its pressure.")
    await page.get_by_role("button", name="Open the ticket").click()
    await expect(page).to_have_url(re.compile(r"/my/\d+$"))
    await expect(page.get_by_role("article")).to_contain_text("It has lost its pressure.")
    ticket = int(page.url.rpartition("/")[2])
    said = {"text": "So have we.", "internal": False}
    assert living_desk.product.call("POST", f"/api/tickets/{ticket}/new_message", said)
    answer = until(
        lambda: [one for one in living_desk.sent_to(nora.account.email) if "So have we." in one.as_string()],
        "our answer left",
    )
    assert {str(one["Subject"]) for one in answer} == {f"Re: {subject} [#{ticket}]"}
