"""The letters of a ticket and all that hangs on them: folds, files, headers, reasons, people, what happened when."""

import email.policy
import re
from email.message import EmailMessage

import pytest
from playwright.async_api import Page, Request, expect

from tests.cast import SUPPORT
from tests.living import LivingDesk, unlike_any
from tests.running import until
from tests_long.browser.pages import BOLTS, PICTURES, PRETENDED, RETURNED
from ticketgate.demo.papers import pdf
from ticketgate.demo.pictures import jpeg

ANSWER = (
    "Thank you, that helps.\n\n-- \nVera Lind\nLind Engines\n\n"
    "On 21 Nov Support wrote:\n> Which wheel is it?\n> Front or rear?\n"
)
HTML = "<table><tr><td>Our offer<img src='{image}' alt='seen'><script>document.title = 'run'</script></td></tr></table>"
DRAWN = "(one) => one.decode().then(() => one.naturalWidth)"
REMOTE = "https://pictures.example/pixel.png"

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


async def test_what_was_said_before_and_signatures_stand_behind_folds(page: Page, living_desk: LivingDesk) -> None:
    subject, vera = unlike_any("wheel"), f"{unlike_any('vera')}@people.example"
    first = f"{subject}@people.example"
    ticket = living_desk.receive(subject, sender=vera, Message_ID=f"<{first}>")["ticket"]
    living_desk.receive(f"Re: {subject}", ANSWER, sender=vera, In_Reply_To=f"<{first}>")
    await _open(page, ticket)
    letter = page.get_by_role("article").filter(has_text="Thank you, that helps.")
    await expect(letter.get_by_text("Which wheel is it?")).to_have_count(0)
    await expect(letter.get_by_text("Lind Engines")).to_have_count(0)
    await letter.get_by_role("button", name="Signature").click()
    await expect(letter.get_by_text("Lind Engines")).to_be_visible()
    await letter.get_by_role("button", name=re.compile("^Quoted text, ")).click()
    await expect(letter.get_by_text("Which wheel is it?")).to_be_visible()


async def test_letters_notes_and_events_are_told_apart(page: Page, living_desk: LivingDesk) -> None:
    ticket = living_desk.receive(unlike_any("told"))["ticket"]
    for said in ({"text": "A mail of ours."}, {"text": "A note of ours.", "internal": True}):
        assert living_desk.product.call("POST", f"/api/tickets/{ticket}/new_message", said)
    assert living_desk.product.call("PATCH", f"/api/tickets/{ticket}", {"status": "FR"})
    await _open(page, ticket)
    letters = page.get_by_role("article")
    await expect(letters).to_have_count(3)
    papers = [await letters.nth(at).evaluate("(one) => getComputedStyle(one).backgroundColor") for at in range(3)]
    edges = [(await letters.nth(at).bounding_box() or {"x": -1})["x"] for at in range(3)]
    assert (len(set(papers)), edges[1] > edges[0]) == (3, True)
    await expect(letters.nth(2)).to_contain_text("Note, staff only")
    conversation = page.get_by_role("region", name="Conversation")
    await expect(conversation.locator(".event").filter(has_text="set this to Frozen")).to_be_visible()
    await expect(page.get_by_role("complementary", name="Details").get_by_text("set this to Frozen")).to_be_visible()


async def test_remote_images_are_asked_for_by_a_press_alone(page: Page, living_desk: LivingDesk) -> None:
    asked: list[str] = []
    page.on("request", lambda request: _is_remote(request) and asked.append(request.url))
    await page.route(REMOTE, lambda route: route.fulfill(body=jpeg(0), content_type="image/jpeg"))
    await _open(page, _receive(living_desk, _letter(unlike_any("offer"), HTML.format(image=REMOTE), subtype="html")))
    letter = page.get_by_role("article").first
    await expect(letter.get_by_text("One remote image held back")).to_be_visible()
    mail = page.frame_locator(".htmlmail iframe")
    await expect(mail.get_by_text("Our offer")).to_be_visible()
    assert asked == []
    async with page.expect_request(REMOTE):
        await letter.get_by_role("button", name="Show images").click()
    await expect(letter.get_by_text("One remote image held back")).to_have_count(0)
    sandbox = await page.locator(".htmlmail iframe").get_attribute("sandbox")
    assert "allow-scripts" not in str(sandbox)
    await letter.get_by_role("button", name="As text").click()
    await expect(letter.get_by_text("Our offer")).to_be_visible()
    await expect(page.locator(".htmlmail")).to_have_count(0)


async def test_pictures_of_the_mail_itself_stand_in_it(page: Page, living_desk: LivingDesk) -> None:
    message = _letter(unlike_any("inline"), "<table><tr><td><img src='cid:own' alt='own'></td></tr></table>", "html")
    message.add_related(jpeg(0), maintype="image", subtype="jpeg", cid="<own>", filename="own.jpg")
    await _open(page, _receive(living_desk, message))
    own = page.frame_locator(".htmlmail iframe").get_by_role("img", name="own")
    assert await own.evaluate(DRAWN) > 0
    await expect(page.get_by_role("article").first.get_by_text("own.jpg")).to_have_count(0)


async def test_a_stranger_among_the_people_is_told_and_added_by_a_press(page: Page, living_desk: LivingDesk) -> None:
    await _open(page, _known(living_desk, PICTURES))
    strange = page.get_by_text("Not one of the people on this ticket. Will not get answers.")
    await expect(strange).to_be_visible()
    await page.get_by_role("button", name="Add to the ticket").click()
    await expect(strange).to_have_count(0)


async def test_pictures_pdfs_and_texts_are_looked_at_one_after_the_other(page: Page, living_desk: LivingDesk) -> None:
    message = _letter(unlike_any("files"), "Three of a kind.")
    message.add_attachment(jpeg(0), maintype="image", subtype="jpeg", filename="dot.jpg")
    message.add_attachment(pdf("Paper", ("one line",)), maintype="application", subtype="pdf", filename="paper.pdf")
    message.add_attachment("first line\nsecond line", filename="words.txt")
    message.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="setup.exe")
    await _open(page, _receive(living_desk, message))
    letter = page.get_by_role("article").first
    await expect(letter.get_by_role("link", name=re.compile("setup.exe.*be careful"))).to_be_visible()
    await letter.get_by_role("link", name=re.compile("dot.jpg")).click()
    viewer = page.get_by_role("dialog", name="dot.jpg")
    assert await viewer.get_by_role("img", name="dot.jpg").evaluate(DRAWN) > 0
    await page.keyboard.press("ArrowRight")
    viewer = page.get_by_role("dialog", name="paper.pdf")
    await expect(viewer.locator("iframe")).to_have_attribute("src", re.compile("inline=true"))
    await page.keyboard.press("ArrowRight")
    viewer = page.get_by_role("dialog", name="words.txt")
    await expect(viewer.get_by_text("second line")).to_be_visible()
    async with page.expect_download() as download:
        await viewer.get_by_role("link", name="Download").click()
    assert (await (await download.value).path()).read_text() == "first line\nsecond line\n"
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(letter.get_by_role("link", name=re.compile("dot.jpg"))).to_be_focused()


async def test_headers_source_and_the_reason_why_it_is_here_are_a_press_away(
    page: Page, living_desk: LivingDesk
) -> None:
    subject = unlike_any("thread")
    first, sender = f"{subject}@people.example", f"{subject}-sender@people.example"
    ticket = living_desk.receive(subject, sender=sender, Message_ID=f"<{first}>")["ticket"]
    fields = {"In_Reply_To": f"<{first}>", "X_Mailer": "Pigeon 2.0"}
    living_desk.receive(f"Re: {subject}", "It answers.", sender=sender, **fields)
    await _open(page, ticket)
    letter = page.get_by_role("article").filter(has_text="It answers.")
    await letter.hover()
    await letter.get_by_role("button", name="Why here").click()
    sheet = page.get_by_role("dialog", name="Why this letter is here")
    await expect(sheet).to_contain_text("It answers a letter of this ticket.")
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await page.keyboard.press("i")
    original = page.get_by_role("dialog", name="Original")
    await expect(original.get_by_text("Pigeon 2.0")).to_be_visible()
    await original.get_by_role("tab", name="Source").click()
    await expect(original.locator("pre")).to_contain_text("X-Mailer: Pigeon 2.0")
    async with page.expect_download() as download:
        await original.get_by_role("button", name="Download .eml").click()
    assert b"X-Mailer: Pigeon 2.0" in (await (await download.value).path()).read_bytes()


async def test_a_sender_who_is_not_proven_is_told_of_above_the_letters(page: Page, living_desk: LivingDesk) -> None:
    await _open(page, _known(living_desk, PRETENDED))
    banner = page.get_by_role("note").filter(has_text="We cannot prove who sent this.")
    await expect(banner).to_be_visible()
    await expect(page.get_by_role("article").first).to_contain_text("Not proven")
    await expect(page.get_by_role("article").first).to_contain_text("The name shows another address")
    await banner.get_by_role("button", name="Why").click()
    await expect(page.get_by_role("dialog")).to_contain_text("What is known of the sender")
    await _open(page, _known(living_desk, BOLTS))
    await expect(page.get_by_role("article").last.locator(".badge.ok")).to_contain_text("Proven by")
    await expect(page.get_by_role("note").filter(has_text="We cannot prove")).to_have_count(0)


async def test_what_came_back_stays_open_with_the_words_of_the_other_side(page: Page, living_desk: LivingDesk) -> None:
    await _open(page, _known(living_desk, RETURNED))
    returned = page.get_by_role("group", name=re.compile("^Not delivered to"))
    await expect(returned).to_contain_text("User unknown in local mailbox table")
    await expect(page.get_by_text("1 of 2 people got it")).to_be_visible()


async def test_people_are_added_and_taken_off(page: Page, living_desk: LivingDesk) -> None:
    ticket = living_desk.receive(unlike_any("people"))["ticket"]
    assert living_desk.product.call("POST", f"/api/tickets/{ticket}/new_message", {"text": "Whose is it?"})
    ada = f"{unlike_any('ada')}@people.example"
    await _open(page, ticket)
    details = page.get_by_role("complementary", name="Details")
    await details.get_by_role("button", name="Add a person").click()
    await details.get_by_label("Address").fill(ada)
    await details.get_by_label("Name").fill("Ada B.")
    await details.get_by_role("button", name="Add", exact=True).click()
    await expect(details.get_by_text(ada)).to_be_visible()
    await expect(details.get_by_text("Ada B. joined")).to_be_visible()
    await page.keyboard.press("r")
    difference = page.get_by_role("note").filter(has_text="Ada B. will read this, and had no mail from us")
    await expect(difference).to_be_visible()
    await difference.get_by_role("button", name="Leave out").click()
    await expect(page.get_by_role("textbox", name="Text")).to_be_focused()
    await expect(page.get_by_role("button", name="Write to Ada B. too")).to_be_visible()
    await expect(page.get_by_role("button", name="Send to one person")).to_be_visible()
    await page.get_by_role("button", name="Write to Ada B. too").click()
    await expect(page.get_by_role("button", name="Send to 2 people")).to_be_visible()
    await page.keyboard.press("Escape")
    await details.get_by_role("button", name="Remove Ada B.").click()
    await expect(details.get_by_text(ada)).to_have_count(0)


async def test_status_priority_and_tags_are_set_where_they_are_read(page: Page, living_desk: LivingDesk) -> None:
    subject, tag, sender = unlike_any("set"), unlike_any("loose"), f"{unlike_any('again')}@people.example"
    before = living_desk.receive(f"{subject} before", sender=sender)["ticket"]
    ticket = living_desk.receive(subject, sender=sender)["ticket"]
    await _open(page, ticket)
    details = page.get_by_role("complementary", name="Details")
    await details.get_by_role("button", name="Status: Active").click()
    await page.get_by_role("menuitemradio", name="Frozen").click()
    await details.get_by_role("button", name="Priority: Normal").click()
    await page.get_by_role("menuitem", name="Urgent").click()
    await details.get_by_role("button", name="Add a tag").click()
    await page.get_by_role("combobox", name="Tag the ticket").fill(tag)
    await page.get_by_role("option", name=f"Create tag {tag}").click()
    wanted = ("FR", "urgent", [tag])
    until(lambda: _properties(living_desk, ticket) == wanted, "frozen, urgent and tagged")
    await details.get_by_role("button", name=f"Remove the tag {tag}").click()
    until(lambda: _properties(living_desk, ticket) == ("FR", "urgent", []), "the tag is off")

    await details.get_by_role("link", name=f"{subject} before").click()
    await expect(page).to_have_url(re.compile(rf"/t/{before}$"))
    await expect(page.get_by_role("heading", name=f"{subject} before")).to_be_visible()


async def _open(page: Page, ticket: int) -> None:
    await page.goto(f"/t/{ticket}")
    await expect(page.get_by_role("article").first).to_be_visible()


def _letter(subject: str, text: str, subtype: str = "plain") -> EmailMessage:
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = f"{subject}@people.example", SUPPORT, subject
    message["Message-ID"] = f"<{subject}@people.example>"
    message.set_content(text, subtype=subtype)
    return message


def _receive(desk: LivingDesk, message: EmailMessage) -> int:
    desk.product.send(message.as_bytes(), str(message["From"]), SUPPORT)
    ticket: int = desk.product.entry(str(message["Message-ID"]).strip("<>"))["ticket"]
    return ticket


def _known(desk: LivingDesk, title: str) -> int:
    """A ticket of the demo's."""
    return next(one["id"] for one in desk.product.every("/api/tickets?view=summary") if one["title"] == title)


def _is_remote(request: Request) -> bool:
    return request.url == REMOTE


def _properties(desk: LivingDesk, ticket: int) -> tuple[str, str, list[str]]:
    found = desk.product.call("GET", f"/api/tickets/{ticket}")
    return found["status"], found["priority"], found["tags"]
