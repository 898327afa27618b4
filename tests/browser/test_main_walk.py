"""The main walk of somebody at the desk, on a wide screen: mail comes, is found, answered, noted and closed."""

import re
from email.message import EmailMessage

from playwright.async_api import Locator, Page, expect

from tests.living import LivingDesk, unlike_any
from tests.running import until


async def test_a_mail_that_comes_is_in_the_queue_at_once(page: Page, living_desk: LivingDesk) -> None:
    await _go(page, "g", "u")
    await expect(page.get_by_role("heading", name="Unassigned")).to_be_visible()
    subject = unlike_any("lamp")
    living_desk.receive(subject)
    await expect(_row(page, subject)).to_be_visible()


async def test_a_ticket_opens_beside_its_queue(page: Page, living_desk: LivingDesk) -> None:
    await _go(page, "g", "m")
    await _row(page, "Bolts missing from parcel 2 of 2").click()
    await expect(page.get_by_role("heading", name="Bolts missing from parcel 2 of 2")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"/q/mine/t/\d+$"))
    thread = page.get_by_role("region", name="Conversation")
    await expect(thread.get_by_text("same pallet as last week", exact=False)).to_be_visible()
    await expect(thread.get_by_text("IMG_2204.jpg")).to_be_visible()
    await expect(page.get_by_role("complementary", name="Details")).to_contain_text("order 20931")
    await expect(_row(page, "Rechnung 2026-1187")).to_be_visible()


async def test_a_mail_that_comes_while_somebody_types_moves_nothing(page: Page, living_desk: LivingDesk) -> None:
    squeak, sven = unlike_any("squeak"), f"{unlike_any('sven')}@people.example"
    entry = living_desk.receive(squeak, sender=sven, Message_ID=f"<{squeak}@people.example>")
    await _open(page, entry)
    await page.keyboard.press("r")
    text = page.get_by_role("textbox", name="Text")
    await text.press_sequentially("Have you tried oil")
    living_desk.receive(f"Re: {squeak}", "It stopped by itself.", sven, In_Reply_To=f"<{squeak}@people.example>")
    await expect(page.get_by_role("region", name="Conversation").get_by_text("It stopped by itself.")).to_be_attached()
    await expect(text).to_be_focused()
    await expect(text).to_have_value("Have you tried oil")


async def test_a_reply_is_taken_back_by_z_and_then_sent(page: Page, living_desk: LivingDesk) -> None:
    uma = f"{unlike_any('uma')}@people.example"
    entry = living_desk.receive("Two wheels", sender=f"Uma <{uma}>", Cc="Ulf <ulf@people.example>")
    await _open(page, entry)
    await page.keyboard.press("r")
    composer = page.get_by_role("region", name="Reply by mail, to 2 people")
    await expect(composer.get_by_text("Ulf", exact=True)).to_be_visible()
    text = page.get_by_role("textbox", name="Text")
    await text.fill("Three are *better*.")
    await page.get_by_role("button", name="Send to 2 people").click()
    await expect(page.get_by_text(re.compile(r"Leaves in \d+ s"))).to_be_visible()
    await expect(composer).to_be_hidden()

    await page.keyboard.press("z")
    await expect(text).to_have_value("Three are *better*.")
    await expect(page.get_by_text(re.compile(r"Leaves in \d+ s"))).to_be_hidden()

    await page.keyboard.press("Control+Enter")
    await page.get_by_role("button", name="Send now").click()
    await expect(page.get_by_role("region", name="Conversation").get_by_text("Sent to 2 people")).to_be_visible()
    left = until(lambda: _saying("Three are *better*.", living_desk.sent_to(uma)), "our answer left")
    assert {str(letter["Subject"]) for letter in left} == {f"Re: Two wheels [#{entry['ticket']}]"}
    assert {str(letter["Cc"]) for letter in left} == {"Ulf <ulf@people.example>"}
    assert all("<em>better</em>" in letter.get_body(("html",)).get_content() for letter in left)


async def test_a_note_has_no_recipients_and_is_never_mailed(page: Page, living_desk: LivingDesk) -> None:
    nina = f"{unlike_any('nina')}@people.example"
    entry = living_desk.receive("Spokes", sender=nina)
    await _open(page, entry)
    await page.keyboard.press("n")
    composer = page.get_by_role("region", name="Note, staff only")
    await expect(composer.get_by_text(nina)).to_be_hidden()
    await page.get_by_role("textbox", name="Text").fill("She is a friend of the house.")
    await composer.get_by_role("button", name="Save note").click()
    note = page.get_by_role("article").filter(has_text="She is a friend of the house.")
    await expect(note).to_contain_text("Note, staff only")
    (saved,) = living_desk.product.call("GET", f"/api/tickets/{entry['ticket']}")["messages"]
    assert (saved["direction"], saved["deliveries"]) == ("internal", [])
    assert not _saying("friend of the house", living_desk.sent_to(nina))


async def test_a_ticket_is_closed_by_e_and_opened_again_by_z(page: Page, living_desk: LivingDesk) -> None:
    entry = living_desk.receive("Done soon")
    ticket = f"/api/tickets/{entry['ticket']}"
    await _open(page, entry)
    await page.keyboard.press("e")
    await expect(page.get_by_role("button", name="Reopen", exact=True)).to_be_visible()
    until(lambda: living_desk.product.call("GET", ticket)["status"] == "CL", "closed")
    await page.keyboard.press("z")
    await expect(page.get_by_role("button", name="Close", exact=True)).to_be_visible()
    until(lambda: living_desk.product.call("GET", ticket)["status"] == "AC", "active again")


async def test_a_mail_is_found_by_its_words_and_by_operators(page: Page, living_desk: LivingDesk) -> None:
    subject, word = unlike_any("pannier"), unlike_any("umberbag")
    entry = living_desk.receive(subject, f"It rained into the {word}.")
    await page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Search words")
    await expect(field).to_be_focused()
    await field.press_sequentially(f"{word} is:active ")
    await expect(_row(page, subject)).to_be_visible()
    await expect(page.locator("mark", has_text=word)).to_be_visible()
    await page.get_by_role("button", name="Without is:active").click()
    await field.press_sequentially(" is:closed ")
    await expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    await page.get_by_role("button", name="Without is:closed").first.click()
    await field.fill(f"#{entry['ticket']}")
    await field.press("Enter")
    await expect(page).to_have_url(f"{living_desk.address}/t/{entry['ticket']}")
    await expect(page.get_by_role("heading", name=subject)).to_be_visible()


async def test_the_health_page_accounts_for_every_mail(page: Page, living_desk: LivingDesk) -> None:
    far = f"{unlike_any('far')}@people.example"
    living_desk.receive("Seen from afar", sender=far)
    await _go(page, "g", "l")
    await expect(page.get_by_role("heading", name="Mail is flowing.")).to_be_visible()
    await expect(page.get_by_text("every one of them is accounted for")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text=far)).to_be_visible()


async def _go(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def _open(page: Page, entry: dict[str, int]) -> None:
    """The ticket of a mail, alone."""
    await page.goto(f"/t/{entry['ticket']}")
    await expect(page.get_by_role("region", name="Conversation")).to_be_visible()


def _saying(words: str, letters: list[EmailMessage]) -> list[EmailMessage]:
    """Those whose text has the words."""
    texts = [(letter, letter.get_body(("plain",))) for letter in letters]
    return [letter for letter, text in texts if text and words in text.get_content()]


def _row(page: Page, subject: str) -> Locator:
    return page.get_by_role("row").filter(has_text=subject)
