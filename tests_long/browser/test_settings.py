"""Settings: what an admin sets is so at once, everywhere; what everybody sets for themselves stays set."""

import re
import smtplib
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests import cast
from tests.browser.conftest import Complaints, new_page, sign_in
from tests.living import LivingDesk, unlike_any
from tests.running import until
from tests_long.browser.accounts import PASSWORD, account

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


@pytest.fixture
async def admin(browser: Browser, living_desk: LivingDesk, complaints: Complaints) -> AsyncIterator[Page]:
    async with new_page(browser, living_desk, complaints) as page:
        await sign_in(page, "admin", cast.PASSWORD)
        yield page


async def test_a_mailbox_is_made_told_what_its_domain_lacks_and_rests(
    admin: Page, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect("status of 4(09|22)")
    page, name = admin, unlike_any("returns")
    address, subject = f"{name}@halde-cycles.com", unlike_any("refund")
    await page.goto("/settings/mailboxes")
    await page.get_by_role("button", name="New mailbox").click()
    await page.get_by_label("Address").fill("no address")
    await page.get_by_label("Name").fill("Returns")
    await page.get_by_role("button", name="Add the mailbox").click()
    await expect(page.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_label("Name")).to_have_value("Returns")
    await page.get_by_label("Address").fill(address)
    await page.get_by_role("button", name="Add the mailbox").click()

    card = page.get_by_role("region", name=address)
    await expect(card.get_by_text("Takes mail", exact=True)).to_be_visible()
    for record in ("SPF", "DKIM", "DMARC"):
        await expect(card.locator(".dns").filter(has=page.get_by_text(record, exact=True))).to_be_visible()
    advice = card.locator(".dns").filter(has=page.get_by_text("DMARC", exact=True))
    await expect(advice).to_contain_text("Missing")
    await expect(advice.locator("code")).to_contain_text("_dmarc.halde-cycles.com. TXT")
    entry = living_desk.receive(subject, to=address)
    assert living_desk.product.call("GET", f"/api/tickets/{entry['ticket']}")["mailbox"]["address"] == address

    await card.get_by_role("button", name="Take no more mail").click()
    await expect(page.get_by_role("alertdialog")).to_contain_text(address)
    await page.get_by_role("alertdialog").get_by_role("button", name="Take no more mail").click()
    await expect(card.get_by_text("Takes no mail", exact=True)).to_be_visible()
    until(lambda: not _takes(living_desk, address), "refused")
    await card.get_by_role("button", name="Take mail again").click()
    await expect(card.get_by_text("Takes mail", exact=True)).to_be_visible()
    until(lambda: _takes(living_desk, address), "taken")


async def test_a_person_is_added_promoted_and_deactivated(
    browser: Browser, admin: Page, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect("status of 401")
    page, kim = admin, unlike_any("kim")
    await page.goto("/settings/people")
    await page.get_by_role("button", name="New person").click()
    await page.get_by_label("Name", exact=True).fill(f"Kim {kim}")
    await page.get_by_label("Username").fill(kim)
    await page.get_by_label("E-mail").fill(f"{kim}@people.example")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await expect(page.get_by_role("radio", name="Agent")).to_be_checked()
    await page.get_by_role("button", name="Add the person").click()
    row = page.get_by_role("listitem").filter(has_text=f"{kim}@people.example")
    await expect(row).to_be_visible()

    async with new_page(browser, living_desk, complaints) as theirs:
        await sign_in(theirs, kim, PASSWORD)
        await theirs.goto("/settings/people")
        await expect(theirs.get_by_role("heading", name="Where you are signed in")).to_be_visible()
        await row.get_by_role("combobox", name=f"Role: {kim}").select_option("Admin")
        until(lambda: _person(living_desk, kim)["role"] == "admin", "promoted")
        await theirs.goto("/signin")
        await sign_in(theirs, kim, PASSWORD)
        await theirs.goto("/settings/people")
        await expect(theirs.get_by_role("heading", name="People and roles")).to_be_visible()

        await row.get_by_role("button", name="Deactivate").click()
        await expect(page.get_by_role("alertdialog")).to_contain_text(f"Kim {kim} is signed out everywhere")
        await page.get_by_role("alertdialog").get_by_role("button", name="Deactivate").click()
        await expect(row.get_by_text("Deactivated")).to_be_visible()
        await theirs.reload()
        await expect(theirs.get_by_label("E-mail or username")).to_be_visible()
    await row.get_by_role("button", name="Activate").click()
    await expect(row.get_by_text("Deactivated")).to_have_count(0)
    assert _person(living_desk, kim)["active"]


async def test_nobody_takes_their_own_role_away(admin: Page) -> None:
    await admin.goto("/settings/people")
    row = admin.get_by_role("listitem").filter(has=admin.get_by_role("combobox", name="Role: admin"))
    await expect(row.get_by_role("combobox")).to_be_disabled()
    await expect(row.get_by_role("button", name="Deactivate")).to_be_disabled()


async def test_what_only_admins_set_is_absent_for_others(page: Page) -> None:
    await page.goto("/settings/mailboxes")
    await expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    sections = page.get_by_role("navigation", name="Settings").get_by_role("link")
    await expect(sections).to_have_text(["You", "Relay"])


async def test_what_somebody_sets_for_themselves_stays_set(stranger: Page, living_desk: LivingDesk) -> None:
    page, mia = stranger, account(living_desk, "mia")
    await sign_in(page, mia.username, mia.password)
    await page.goto("/settings/you")
    name = page.get_by_label("Name", exact=True)
    await name.fill("Mia of the Workshop")
    await name.press("Tab")
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    notices = page.get_by_role("switch", name=re.compile("^Mail me what customers write"))
    before = await notices.is_checked()
    await notices.click()
    await expect(notices).to_be_checked(checked=not before)
    await page.get_by_role("radio", name="Dark").click()
    await page.get_by_role("radio", name="Compact").click()
    await page.get_by_role("switch", name="Single keys do things").click()
    await page.reload()
    await expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    await expect(notices).to_be_checked(checked=not before)
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.locator("html")).to_have_attribute("data-density", "compact")
    await expect(name).to_have_value("Mia of the Workshop")
    await expect(page.get_by_role("navigation", name="Desk")).to_contain_text("Mia of the Workshop")

    await page.keyboard.press("c")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page).to_have_url(re.compile("/settings/you$"))
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox", name="What do you want to do?")).to_be_focused()


def _takes(desk: LivingDesk, address: str) -> bool:
    """What the listener says to a mail for an address."""
    with smtplib.SMTP("127.0.0.1", desk.product.smtp_port, timeout=20) as smtp:
        smtp.ehlo()
        smtp.mail("guest@people.example")
        return smtp.rcpt(address)[0] == 250


def _person(desk: LivingDesk, username: str) -> dict[str, object]:
    return next(one for one in desk.product.every("/api/users") if one["username"] == username)
