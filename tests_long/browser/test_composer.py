"""Writing: nothing typed is lost, nothing goes to whom it was not meant for, and two tabs say a thing once."""

import asyncio
import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Complaints
from tests.living import LivingDesk, unlike_any
from tests.running import until
from tests_long.browser.holding import hold

LEAVES = re.compile(r"Leaves in \d+ s")

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


async def test_a_file_of_one_reply_is_in_no_other(page: Page, living_desk: LivingDesk) -> None:
    first, second = living_desk.receive(unlike_any("fork")), living_desk.receive(unlike_any("hub"))
    await _open(page, first)
    await page.keyboard.press("r")
    await page.locator("input[type=file]").set_input_files(
        {"name": "prices.txt", "mimeType": "text/plain", "buffer": b"9.90"}
    )
    await expect(page.get_by_role("button", name="Do not attach prices.txt")).to_be_visible()
    await expect(_said(page, "Draft kept")).to_be_visible()
    await page.keyboard.press("Escape")
    await _step_to(page, second)
    await page.keyboard.press("r")
    await expect(_text(page)).to_have_value("")
    await expect(page.get_by_role("button", name="Do not attach prices.txt")).to_be_hidden()


async def test_the_second_reply_is_kept_like_the_first(page: Page, living_desk: LivingDesk) -> None:
    await _open(page, living_desk.receive(unlike_any("rim")))
    await page.keyboard.press("r")
    await _text(page).fill("One.")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text(LEAVES)).to_be_visible()
    await page.keyboard.press("r")
    await _text(page).fill("And another thing.")
    await expect(_said(page, "Draft kept")).to_be_visible()
    await page.reload()
    await expect(_text(page)).to_have_value("And another thing.")


async def test_what_was_begun_meanwhile_stands_below_what_is_taken_back(page: Page, living_desk: LivingDesk) -> None:
    await _open(page, living_desk.receive(unlike_any("pedal")))
    await page.keyboard.press("r")
    await _text(page).fill("Sent too early.")
    await page.keyboard.press("Control+Enter")
    undo = page.get_by_role("button", name="Undo")
    await expect(undo).to_be_visible()
    await page.keyboard.press("r")
    await _text(page).fill("Begun already.")
    await undo.click()
    await expect(_text(page)).to_have_value("Sent too early.\n\nBegun already.")
    await expect(_said(page, "Draft kept")).to_be_visible()


async def test_whom_somebody_leaves_out_of_a_draft_from_elsewhere_gets_nothing(
    page: Page, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect("status of 409")
    vera = f"{unlike_any('vera')}@people.example"
    entry = living_desk.receive("Two of us", sender=f"Vera <{vera}>", Cc="Viktor <viktor@people.example>")
    other = await page.context.new_page()
    await _begin(page, entry, "From here.")
    await _open(other, entry)
    await expect(_text(other)).to_have_value("From here.")
    await _text(other).fill("From there.")
    await expect(_said(other, "Draft kept")).to_be_visible()
    await _text(page).fill("From here again.")
    await page.get_by_role("button", name="Take theirs").click()
    await expect(_text(page)).to_have_value("From there.")

    await page.get_by_role("button", name="Leave Viktor out").click()
    await page.get_by_role("button", name="Send to one person").click()
    await page.get_by_role("button", name="Send now").click()
    letters = until(lambda: living_desk.sent_to(vera), "our answer left")
    assert [letter["Cc"] for letter in letters] == [None] * len(letters)
    (answer,) = living_desk.product.call("GET", f"/api/tickets/{entry['ticket']}")["messages"]
    assert [delivery["recipient"] for delivery in answer["deliveries"]] == [vera]


async def test_a_press_of_send_waits_for_its_readers(page: Page, living_desk: LivingDesk) -> None:
    entry = living_desk.receive(unlike_any("bell"))
    recipients = await hold(page, f"**/api/tickets/{entry['ticket']}/recipients")
    await _begin(page, entry, "To whom it may concern.")
    await _text(page).press("Control+Enter")
    await expect(page.get_by_role("button", name="Nobody to send to")).to_be_disabled()
    recipients.go.set()
    await expect(page.get_by_text(LEAVES)).to_be_visible()


async def test_a_reply_sent_in_one_tab_is_not_sent_again_by_the_other(
    page: Page, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect("status of 409")
    entry = living_desk.receive(unlike_any("spoke"))
    other = await page.context.new_page()
    await _begin(page, entry, "Only once.")
    await _open(other, entry)
    await expect(_text(other)).to_have_value("Only once.")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text(LEAVES)).to_be_visible()
    await _text(other).press("Control+Enter")
    await other.get_by_role("button", name="Take theirs").click()
    await expect(_text(other)).to_have_value("")
    assert len(living_desk.product.call("GET", f"/api/tickets/{entry['ticket']}")["messages"]) == 1


async def test_the_words_of_a_note_are_mailed_only_by_a_press_of_their_own(page: Page, living_desk: LivingDesk) -> None:
    entry = living_desk.receive(unlike_any("chain"))
    await page.add_init_script("performance.now = () => 500")  # a fresh page, where all is pressed at once
    await _open(page, entry)
    await page.keyboard.press("n")
    await _text(page).fill("She is difficult.")
    await page.locator("input[type=file]").set_input_files(
        {"name": "margin.txt", "mimeType": "text/plain", "buffer": b"40 %"}
    )
    await expect(page.get_by_role("button", name="Do not attach margin.txt")).to_be_visible()
    await page.get_by_role("button", name="Reply by mail").click()
    await expect(_text(page)).to_have_value("She is difficult.")
    await expect(page.get_by_role("button", name="Do not attach margin.txt")).to_be_hidden()
    await expect(page.get_by_text("Not taken along: one file of the note.")).to_be_visible()

    await expect(page.get_by_role("button", name="Send to one person")).to_be_enabled()
    for _ in range(3):
        await page.keyboard.press("Control+Enter")
    question = page.get_by_role("alert").filter(has_text="This was a note. Send it to one person?")
    await expect(question).to_be_visible()
    assert living_desk.product.call("GET", f"/api/tickets/{entry['ticket']}")["messages"] == []
    await question.get_by_role("button", name="Send").click()
    await expect(page.get_by_text(LEAVES)).to_be_visible()


async def test_what_lies_over_the_page_has_the_keys_to_itself(page: Page, living_desk: LivingDesk) -> None:
    entry = living_desk.receive(unlike_any("valve"))
    address = f"/q/unassigned/t/{entry['ticket']}"
    await page.goto(address)
    await expect(page.get_by_role("region", name="Conversation")).to_be_visible()
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    await page.keyboard.press("e")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(page).to_have_url(re.compile(f"{address}$"))
    await expect(page.get_by_role("button", name="Close", exact=True)).to_be_visible()
    assert living_desk.product.call("GET", f"/api/tickets/{entry['ticket']}")["status"] == "AC"


async def test_nothing_is_said_in_the_name_of_somebody_else_who_signs_in(
    page: Page, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect("status of 401")
    entry = living_desk.receive(unlike_any("brake"))
    message = await hold(page, "**/new_message")
    await _begin(page, entry, "By Jonas.")
    other = await page.context.new_page()
    await other.goto("/q/mine")
    await _text(page).press("Control+Enter")
    await asyncio.wait_for(message.asked.wait(), 20)
    await other.get_by_role("button", name="Ticketgate").click()
    await other.get_by_role("menuitem", name="Sign out").click()
    await expect(other.get_by_label("E-mail or username")).to_be_visible()
    message.go.set()

    gate = page.get_by_role("dialog")
    await gate.get_by_label("E-mail or username").fill("ines")
    await gate.get_by_label("Password", exact=True).fill(living_desk.passwords["ines"])
    await gate.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(re.compile("/q/"))
    await expect(page.get_by_role("link", name=re.compile("^(IN|Ines)"))).to_be_visible()
    await _open(page, entry)
    await expect(page.get_by_role("button", name=re.compile("^Reply to (?!this)"))).to_be_visible()
    assert living_desk.product.call("GET", f"/api/tickets/{entry['ticket']}")["messages"] == []


def _text(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Text")


def _said(page: Page, words: str) -> Locator:
    return page.get_by_role("status").filter(has_text=words)


async def _open(page: Page, entry: dict[str, int]) -> None:
    await page.goto(f"/t/{entry['ticket']}")
    await expect(page.get_by_role("region", name="Conversation")).to_be_visible()


async def _begin(page: Page, entry: dict[str, int], words: str) -> None:
    """A reply, kept on the server."""
    await _open(page, entry)
    await page.keyboard.press("r")
    await _text(page).fill(words)
    await expect(_said(page, "Draft kept")).to_be_visible()


async def _step_to(page: Page, entry: dict[str, int]) -> None:
    """To another ticket, in the same page."""
    await page.keyboard.press("/")
    await page.get_by_role("combobox", name="Search words").fill(f"#{entry['ticket']}")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(f"/t/{entry['ticket']}$"))
    await expect(page.get_by_role("region", name="Conversation")).to_be_visible()
