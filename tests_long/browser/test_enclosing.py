"""What goes along with a reply, and what it looks like before it leaves."""

import asyncio
import re
from email.message import EmailMessage
from itertools import count

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Complaints
from tests.living import LivingDesk, unlike_any
from tests.running import until

LARGE = 5_000_000  # bytes
DROPPED = """([name, text]) => {
    const taken = new DataTransfer();
    taken.items.add(new File([text], name, { type: "text/plain" }));
    return taken;
}"""
PASTED = """(area) => {
    const taken = new DataTransfer();
    taken.items.add(new File(["a picture"], "screenshot.png", { type: "image/png" }));
    area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: taken, bubbles: true, cancelable: true }));
}"""

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


async def test_files_that_are_dropped_pasted_and_large_leave_with_the_reply(
    page: Page, living_desk: LivingDesk
) -> None:
    olga = f"{unlike_any('olga')}@people.example"
    ticket = living_desk.receive(unlike_any("parts"), sender=olga)["ticket"]
    await page.goto(f"/t/{ticket}")
    await page.get_by_role("button", name=re.compile("^Reply to (?!this)")).click()
    text = page.get_by_role("textbox", name="Text")
    await text.fill("All that we have.")
    dropped = await page.evaluate_handle(DROPPED, ["list.txt", "one, two"])
    await page.get_by_role("region", name="Conversation").dispatch_event("drop", {"dataTransfer": dropped})
    await text.evaluate(PASTED)
    large = {"name": "catalogue.bin", "mimeType": "application/octet-stream", "buffer": bytes(LARGE)}
    await page.locator("input[type=file]").set_input_files(large)
    for name in ("list.txt", "screenshot.png", "catalogue.bin"):
        await expect(page.get_by_role("button", name=f"Do not attach {name}")).to_be_visible()
    await page.get_by_role("button", name="Send to one person").click()
    await page.get_by_role("button", name="Send now").click()
    (letter,) = until(lambda: _saying("All that we have.", living_desk.sent_to(olga)), "our answer left")
    sizes = {file.get_filename(): len(file.get_payload(decode=True)) for file in letter.iter_attachments()}
    assert sizes == {"list.txt": 8, "screenshot.png": 9, "catalogue.bin": LARGE}


async def test_send_waits_for_a_file_on_its_way_and_a_lost_one_is_tried_again(
    page: Page, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect("ERR_FAILED")
    ticket, released, tries = living_desk.receive(unlike_any("slow"))["ticket"], asyncio.Event(), count(1)

    async def hinder(route: Route) -> None:
        if next(tries) == 1:
            await route.abort()
        else:
            await released.wait()
            await route.continue_()

    await page.route("**/api/uploads?*", hinder)
    await page.goto(f"/t/{ticket}")
    await page.get_by_role("button", name=re.compile("^Reply to (?!this)")).click()
    await page.get_by_role("textbox", name="Text").fill("See below.")
    file = {"name": "late.txt", "mimeType": "text/plain", "buffer": b"late"}
    await page.locator("input[type=file]").set_input_files(file)
    await expect(page.get_by_role("alert").filter(has_text="Did not arrive")).to_be_visible()
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("button", name=re.compile(r"^Waiting for one file, \d+ %"))).to_be_disabled()
    released.set()
    await expect(page.get_by_role("button", name="Send to one person")).to_be_enabled()
    await expect(page.get_by_role("button", name="Do not attach late.txt")).to_be_visible()


async def test_the_preview_is_the_mail_as_it_leaves(page: Page, living_desk: LivingDesk) -> None:
    vito, subject = f"{unlike_any('vito')}@people.example", unlike_any("lights")
    ticket = living_desk.receive(subject, sender=f"Vito <{vito}>")["ticket"]
    await page.goto(f"/t/{ticket}")
    await page.get_by_role("button", name=re.compile("^Reply to (?!this)")).click()
    await page.get_by_role("textbox", name="Text").fill("- front\n- **rear**")
    await page.get_by_role("button", name="Preview").click()
    preview = page.locator(".preview")
    await expect(preview).to_contain_text(f"Vito <{vito}>")
    await expect(preview).to_contain_text(f"Re: {subject} [#{ticket}]")
    await expect(preview.locator("li strong")).to_have_text("rear")
    await page.get_by_role("button", name="Send and set the status").click()
    await page.get_by_role("menuitem", name="Send and freeze").click()
    await page.get_by_role("button", name="Send now").click()
    (letter,) = until(lambda: _saying("front", living_desk.sent_to(vito)), "our answer left")
    assert str(letter["Subject"]) == f"Re: {subject} [#{ticket}]"
    assert "<strong>rear</strong>" in letter.get_body(("html",)).get_content()
    assert living_desk.product.call("GET", f"/api/tickets/{ticket}")["status"] == "FR"


def _saying(words: str, letters: list[EmailMessage]) -> list[EmailMessage]:
    return [one for one in letters if words in one.get_body(("plain",)).get_content()]
