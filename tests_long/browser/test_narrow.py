"""The desk on a phone: one pane at a time, nothing that scrolls sideways, and the whole walk by touch."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Complaints, new_page, sign_in
from tests.living import LivingDesk, unlike_any
from tests_long.browser.pages import GATES, ROOMS, look_at

PHONE = {"width": 390, "height": 844}
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# A row is touched as a whole, whatever link lies in it; the links that skip show themselves to keys alone.
SMALL = """() => [...document.querySelectorAll("button, input, textarea, [role=row], nav a")]
    .filter((one) => one.tabIndex >= 0 && !one.closest(".skip"))
    .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .map((one) => ({ one, box: one.getBoundingClientRect() }))
    .filter(({ box }) => box.right > 0 && box.bottom > 0 && box.width > 1 && (box.width < 24 || box.height < 24))
    .map(({ one, box }) => `${Math.round(box.width)} x ${Math.round(box.height)} ${one.outerHTML.slice(0, 120)}`)"""

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


@pytest.fixture
async def phone(browser: Browser, living_desk: LivingDesk, complaints: Complaints) -> AsyncIterator[Page]:
    async with new_page(browser, living_desk, complaints, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        yield page


async def test_no_page_is_wider_than_the_phone(phone: Page, living_desk: LivingDesk, complaints: Complaints) -> None:
    complaints.expect("status of 404")
    wider = {}
    for look in GATES:
        await look_at(phone, look, living_desk)
        wider[look.name] = await phone.evaluate(WIDER)
    await sign_in(phone, "jonas", living_desk.passwords["jonas"])
    for look in (look for look in ROOMS if look.then is None):
        await look_at(phone, look, living_desk)
        wider[look.name] = await phone.evaluate(WIDER)
    assert {name: pixels for name, pixels in wider.items() if pixels > 0} == {}


async def test_a_mail_is_answered_on_the_phone(phone: Page, living_desk: LivingDesk) -> None:
    subject = unlike_any("saddle")
    await sign_in(phone, "tom", living_desk.passwords["tom"])
    entry = living_desk.receive(subject)
    await phone.goto("/q/unassigned")
    await phone.get_by_role("row").filter(has_text=subject).tap()
    await expect(phone.get_by_role("heading", name=subject)).to_be_visible()
    await expect(phone.get_by_role("heading", name="Unassigned")).to_be_hidden()
    await phone.get_by_role("button", name=re.compile("^Reply to (?!this)")).tap()
    await phone.get_by_role("textbox", name="Text").fill("From the tram.")
    await phone.get_by_role("button", name="Send to one person").tap()
    await phone.get_by_role("button", name="Send now").tap()
    await expect(phone.get_by_role("region", name="Conversation").get_by_text("Sent to")).to_be_visible()
    (answer,) = living_desk.product.call("GET", f"/api/tickets/{entry['ticket']}")["messages"]
    assert answer["text"] == "From the tram."
    await phone.get_by_role("link", name="Back").tap()
    await expect(phone.get_by_role("heading", name="Unassigned")).to_be_visible()
    await expect(phone.get_by_role("row").filter(has_text=subject)).to_be_visible()


async def test_whatever_is_touched_is_large_enough(
    phone: Page, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect("status of 404")
    await sign_in(phone, "jonas", living_desk.passwords["jonas"])
    small = {}
    for look in (look for look in ROOMS if look.then is None):
        await look_at(phone, look, living_desk)
        small[look.name] = await phone.evaluate(SMALL)
    said = [f"{name}: {one}" for name, found in small.items() for one in found]
    assert not said, "\n".join(said)
