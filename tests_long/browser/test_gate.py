"""The gate from outside and from within: accounts that begin, passwords that change, sessions that end."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Complaints, new_page, sign_in
from tests.living import LivingDesk, unlike_any
from tests_long.browser.accounts import PASSWORD, account, mailed_link

REFUSED = "status of 401"
NEW_PASSWORD = "two bells are better"

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


async def test_who_wrote_by_mail_registers_proves_the_address_and_finds_what_was_written(
    stranger: Page, living_desk: LivingDesk
) -> None:
    page, subject, vera = stranger, unlike_any("mudguard"), unlike_any("vera")
    living_desk.receive(subject, sender=f"{vera}@people.example")
    await page.goto("/signin")
    await page.get_by_role("link", name="Make an account").click()
    await expect(page.get_by_role("heading", name="Make an account")).to_be_visible()
    await page.get_by_label("Username").fill(vera)
    await page.get_by_label("E-mail").fill(f"{vera}@people.example")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Make the account").click()
    await expect(page.get_by_role("status").filter(has_text=f"We sent a mail to {vera}@people.example")).to_be_visible()
    await expect(page.get_by_role("button", name=re.compile(r"Send it again in \d+ s"))).to_be_disabled()
    await page.get_by_role("link", name="To my tickets").click()
    await expect(page.get_by_role("heading", name="You have no tickets yet")).to_be_visible()

    await page.goto(mailed_link(living_desk, f"{vera}@people.example", "confirm"))
    await page.get_by_role("button", name="Confirm my address").click()
    await expect(page.get_by_role("heading", name="Your address is confirmed")).to_be_visible()
    await page.get_by_role("link", name="To your tickets").click()
    await expect(page).to_have_url(f"{living_desk.address}/my")
    await expect(page.get_by_role("row").filter(has_text=subject)).to_be_visible()


async def test_a_name_that_is_taken_is_said_and_nothing_typed_is_lost(stranger: Page, complaints: Complaints) -> None:
    complaints.expect("status of 409")
    await stranger.goto("/register")
    await stranger.get_by_label("Username").fill("jonas")
    await stranger.get_by_label("E-mail").fill("somebody@people.example")
    await stranger.get_by_label("Password", exact=True).fill(PASSWORD)
    await stranger.get_by_role("button", name="Make the account").click()
    await expect(stranger.get_by_role("alert").filter(has_text="This username is taken.")).to_be_visible()
    await expect(stranger.get_by_label("E-mail")).to_have_value("somebody@people.example")
    await expect(stranger.get_by_label("Password", exact=True)).to_have_value(PASSWORD)


async def test_a_forgotten_password_is_set_anew_by_the_mailed_link_once(
    stranger: Page, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect(REFUSED)
    page, otto = stranger, account(living_desk, "otto")
    await page.goto("/signin")
    await page.get_by_role("link", name="Forgotten?").click()
    await expect(page.get_by_role("heading", name="A new password")).to_be_visible()
    await page.get_by_label("E-mail").fill(otto.email)
    await page.get_by_role("button", name="Mail me a link").click()
    await expect(page.get_by_role("status").filter(has_text=otto.email)).to_be_visible()
    link = mailed_link(living_desk, otto.email, "reset")
    await page.goto(link)
    await page.get_by_label("New password").fill(NEW_PASSWORD)
    await page.get_by_role("button", name="Set the password").click()
    await expect(page.get_by_role("status").filter(has_text="Your password is set")).to_be_visible()
    await page.get_by_role("link", name="Back to sign in").click()
    await sign_in(page, otto.username, NEW_PASSWORD)

    await page.goto(link)
    await page.get_by_label("New password").fill("and a third one")
    await page.get_by_role("button", name="Set the password").click()
    await expect(page.get_by_role("alert").filter(has_text="does not hold any more")).to_be_visible()
    await page.get_by_role("link", name="A new password").click()
    await expect(page.get_by_role("button", name="Mail me a link")).to_be_visible()


async def test_a_changed_password_ends_every_session_but_this_one(
    browser: Browser, stranger: Page, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect("status of 4(01|22)")
    page, ida = stranger, account(living_desk, "ida")
    await sign_in(page, ida.username, ida.password)
    async with new_page(browser, living_desk, complaints) as elsewhere:
        await sign_in(elsewhere, ida.username, ida.password)
        await page.goto("/settings/you")
        await page.get_by_label("Present password").fill("not this one")
        await page.get_by_label("New password").fill(NEW_PASSWORD)
        await page.get_by_role("button", name="Set the password").click()
        await expect(page.get_by_label("Present password")).to_have_attribute("aria-invalid", "true")
        await expect(page.get_by_label("New password")).to_have_value(NEW_PASSWORD)
        await page.get_by_label("Present password").fill(ida.password)
        await page.get_by_role("button", name="Set the password").click()
        await expect(page.get_by_role("status").filter(has_text="Every other session is signed out")).to_be_visible()
        await elsewhere.reload()
        await expect(elsewhere.get_by_label("E-mail or username")).to_be_visible()
        await sign_in(elsewhere, ida.username, NEW_PASSWORD)
    await page.reload()
    await expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()


async def test_signing_out_everywhere_else_ends_the_session_of_another_browser(
    browser: Browser, stranger: Page, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect(REFUSED)
    page, emil = stranger, account(living_desk, "emil")
    sessions = page.locator("section").filter(has=page.get_by_role("heading", name="Where you are signed in"))
    async with (
        new_page(browser, living_desk, complaints) as second,
        new_page(browser, living_desk, complaints) as third,
    ):
        for one in (second, third, page):
            await sign_in(one, emil.username, emil.password)
        await page.goto("/settings/you")
        await expect(sessions.get_by_role("listitem")).to_have_count(3)
        await expect(sessions.get_by_role("listitem").filter(has_text="this one")).to_have_count(1)
        await sessions.get_by_role("button", name="Sign out", exact=True).first.click()
        await expect(sessions.get_by_role("listitem")).to_have_count(2)
        await sessions.get_by_role("button", name="Sign out everywhere else").click()
        await expect(sessions.get_by_role("listitem")).to_have_count(1)
        for gone in (second, third):
            await gone.reload()
            await expect(gone.get_by_label("E-mail or username")).to_be_visible()
    await page.reload()
    await expect(sessions.get_by_role("listitem")).to_have_count(1)


async def test_a_session_that_ends_while_somebody_types_loses_nothing(
    stranger: Page, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect(REFUSED)
    page, lena = stranger, account(living_desk, "lena")
    entry = living_desk.receive(unlike_any("bracket"))
    await page.clock.install()
    await sign_in(page, lena.username, lena.password)
    await page.goto(f"/t/{entry['ticket']}")
    await expect(page.get_by_role("region", name="Conversation")).to_be_visible()
    await page.keyboard.press("r")
    text = page.get_by_role("textbox", name="Text")
    await text.press_sequentially("Half of a sentence")
    await page.context.clear_cookies()
    await page.clock.fast_forward("20:00")
    gate = page.get_by_role("dialog")
    await expect(gate).to_contain_text("Your text is kept")
    await expect(gate.get_by_label("E-mail or username")).to_have_value(lena.username)
    await gate.get_by_label("Password", exact=True).fill(lena.password)
    await gate.get_by_role("button", name="Sign in").click()
    await expect(gate).to_be_hidden()
    await expect(text).to_be_focused()
    await page.keyboard.type(" and the other half")
    await expect(text).to_have_value("Half of a sentence and the other half")
    await expect(page.get_by_role("status").filter(has_text="Draft kept")).to_be_visible()
    await page.reload()
    await expect(text).to_have_value("Half of a sentence and the other half")
