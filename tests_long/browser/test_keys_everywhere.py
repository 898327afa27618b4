"""What has no test of its own by keys: many tickets at once, a whole reply, mail health, and the forms of settings."""

import re

import pytest
from playwright.async_api import FileChooser, Locator, Page, expect

from tests import cast
from tests.browser.conftest import sign_in
from tests.living import LivingDesk, unlike_any
from tests.running import until
from tests_long.browser.accounts import PASSWORD, account
from tests_long.browser.tabbing import tab_to

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


async def test_many_are_chosen_and_changed_by_keys_and_taken_back_by_z(page: Page, living_desk: LivingDesk) -> None:
    word = unlike_any("keyed")
    tickets = [living_desk.receive(f"{word} {letter}")["ticket"] for letter in "abcd"]
    await page.goto(f"/q/active?q={word}")
    await expect(page.locator("[data-row]")).to_have_count(4)
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(page.get_by_role("toolbar", name="1 selected")).to_be_visible()
    await page.keyboard.press("Shift+J")
    await page.keyboard.press("Shift+J")
    await expect(page.get_by_role("toolbar", name="3 selected")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("toolbar")).to_have_count(0)
    await page.keyboard.press("Control+a")
    await expect(page.get_by_role("toolbar", name="4 selected")).to_be_visible()

    await page.keyboard.press("l")
    await _choose(page, "Tag 4 tickets", tag := f"{word}-tag")
    until(lambda: all(_ticket(living_desk, one)["tags"] == [tag] for one in tickets), "tagged")
    await page.keyboard.press("Control+a")
    await page.keyboard.press("a")
    await _choose(page, "Assign 4 tickets to", "Tom")
    until(lambda: all(_ticket(living_desk, one)["assignee"] for one in tickets), "assigned")
    await page.keyboard.press("Control+a")
    await page.keyboard.press("p")
    await _choose(page, "Priority of 4 tickets", "Urgent")
    until(lambda: all(_ticket(living_desk, one)["priority"] == "urgent" for one in tickets), "urgent")
    await page.keyboard.press("Control+a")
    await page.keyboard.press("e")
    await expect(page.locator(".toast")).to_contain_text("Closed 4")
    await page.keyboard.press("z")
    until(lambda: all(_ticket(living_desk, one)["status"] == "AC" for one in tickets), "active again")
    await expect(page.locator("[data-row]")).to_have_count(4)


async def test_a_reply_with_a_file_is_read_before_it_leaves_and_closes_the_ticket(
    page: Page, living_desk: LivingDesk
) -> None:
    rosa = f"{unlike_any('rosa')}@people.example"
    ticket = living_desk.receive(unlike_any("hinge"), sender=f"Rosa <{rosa}>")["ticket"]
    await page.goto(f"/t/{ticket}")
    await expect(page.get_by_role("region", name="Conversation")).to_be_visible()
    await page.keyboard.press("r")
    await page.keyboard.type("Oil it with *care*.")
    async with page.expect_file_chooser() as chosen:
        await _run(page, "Attach a file")
    chooser: FileChooser = await chosen.value
    await chooser.set_files({"name": "oil.txt", "mimeType": "text/plain", "buffer": b"three drops"})
    await expect(page.get_by_role("button", name="Do not attach oil.txt")).to_be_visible()
    await _run(page, "Preview")
    preview = page.locator(".preview")
    await expect(preview).to_contain_text(f"Rosa <{rosa}>")
    await expect(preview.locator("em")).to_have_text("care")
    await _run(page, "Preview")
    await expect(page.get_by_role("textbox", name="Text")).to_have_value("Oil it with *care*.")

    await page.keyboard.press("Control+Shift+Enter")
    await expect(page.get_by_text(re.compile(r"Leaves in \d+ s"))).to_be_visible()
    await tab_to(page, page.get_by_role("button", name="Send now"))
    await page.keyboard.press("Enter")
    until(lambda: _ticket(living_desk, ticket)["status"] == "CL", "closed")
    letters = until(
        lambda: [one for one in living_desk.sent_to(rosa) if "Oil it with" in one.as_string()], "our answer left"
    )
    (file,) = letters[0].iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("oil.txt", "three drops")


async def test_mail_health_is_worked_by_keys(page: Page, living_desk: LivingDesk) -> None:
    sender = f"{unlike_any('afar')}@people.example"
    entry = living_desk.receive(unlike_any("horn"), sender=sender)
    await page.keyboard.press("g")
    await page.keyboard.press("l")
    row = page.get_by_role("row").filter(has_text=sender)
    await expect(row).to_be_visible()
    await tab_to(page, row.get_by_role("link", name="Explain"))
    await page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog", name="What this mail says")
    await expect(sheet).to_contain_text(sender)
    await tab_to(page, sheet.get_by_role("button", name="Raw"))
    async with page.expect_download() as download:
        await page.keyboard.press("Enter")
    assert (await download.value).suggested_filename == f"{entry['id']}.eml"
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await expect(page).to_have_url(re.compile("/health$"))
    await expect(row.get_by_role("link", name="Explain")).to_be_focused()

    await _run(page, "Send me a test")
    dialog = page.get_by_role("dialog", name="A test mail to you")
    await expect(dialog.get_by_role("status")).to_contain_text("The relay took it")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()


async def test_the_forms_of_settings_are_filled_by_keys(stranger: Page, living_desk: LivingDesk) -> None:
    page, name = stranger, unlike_any("keyboard")
    leaver = account(living_desk, "leaver")
    await sign_in(page, "admin", cast.PASSWORD)
    await page.keyboard.press("g")
    await page.keyboard.press("s")
    await expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    await tab_to(page, page.get_by_role("link", name="Mailboxes"))
    await page.keyboard.press("Enter")
    await tab_to(page, page.get_by_role("button", name="New mailbox"))
    await page.keyboard.press("Enter")
    await _fill(page, page.get_by_label("Address"), f"{name}@desk.example")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("region", name=f"{name}@desk.example")).to_be_visible()

    await tab_to(page, page.get_by_role("link", name="People and roles"), back=True)
    await page.keyboard.press("Enter")
    await tab_to(page, page.get_by_role("button", name="New person"))
    await page.keyboard.press("Enter")
    await _fill(page, page.get_by_label("Username"), name)
    await _fill(page, page.get_by_label("E-mail"), f"{name}@people.example")
    await _fill(page, page.get_by_label("Password", exact=True), PASSWORD)
    await tab_to(page, page.get_by_role("radio", name="Agent"))
    await page.keyboard.press("ArrowRight", delay=50)  # ms that a hand holds it
    await expect(page.get_by_role("radio", name="Admin")).to_be_checked()
    await tab_to(page, page.get_by_role("button", name="Add the person"))
    await page.keyboard.press("Enter")
    until(lambda: _role(living_desk, name) == "admin", "added")

    await tab_to(page, page.get_by_role("combobox", name=f"Role: {leaver.username}"))
    await page.keyboard.press("c")
    until(lambda: _role(living_desk, leaver.username) == "customer", "a customer now")
    row = page.get_by_role("listitem").filter(has_text=leaver.email)
    await tab_to(page, row.get_by_role("button", name="Deactivate"))
    await page.keyboard.press("Enter")
    sure = page.get_by_role("alertdialog")
    await expect(sure.get_by_role("button", name="Cancel")).to_be_focused()
    await tab_to(page, sure.get_by_role("button", name="Deactivate"))
    await page.keyboard.press("Enter")
    await expect(row.get_by_text("Deactivated")).to_be_visible()


async def _run(page: Page, action: str) -> None:
    """What is found by its name, from wherever the focus is."""
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox", name="What do you want to do?")).to_be_focused()
    await page.keyboard.type(action)
    await page.keyboard.press("Enter")


async def _choose(page: Page, title: str, words: str) -> None:
    await expect(page.get_by_role("combobox", name=title)).to_be_focused()
    await page.keyboard.type(words)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def _fill(page: Page, field: Locator, words: str) -> None:
    await tab_to(page, field)
    await page.keyboard.type(words)


def _ticket(desk: LivingDesk, ticket: int) -> dict[str, object]:
    found: dict[str, object] = desk.product.call("GET", f"/api/tickets/{ticket}")
    return found


def _role(desk: LivingDesk, username: str) -> object:
    return next((one["role"] for one in desk.product.every("/api/users") if one["username"] == username), None)
