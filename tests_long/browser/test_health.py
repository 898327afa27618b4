"""Mail health, on a desk whose relay refuses to order and whose senders may open two tickets an hour."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.conftest import Complaints, new_page, sign_in
from tests.cast import SUPPORT
from tests.desk.reports import bounce
from tests.living import LivingDesk, unlike_any
from tests.product import Product
from tests.running import until
from tests.sink import Sink, sink
from tests_long.browser.accounts import Account, account
from tests_long.browser.tabbing import tab_to

NIGHT = {"color_scheme": "dark"}

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Relayed:
    """A desk, the relay that it sends through, and somebody of its staff."""

    desk: LivingDesk
    relay: Sink
    hana: Account

    def flood(self, sender: str, times: int) -> None:
        for number in range(times):
            self.desk.receive(f"{sender} {number}", sender=sender)


@pytest.fixture(scope="session")
def relayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relayed]:
    folder = tmp_path_factory.mktemp("relayed")
    with sink() as relay, Product(folder, relay.url, login_rate="off", sender_rate="2/hour") as product:
        desk = LivingDesk(product, "", {})
        yield Relayed(desk, relay, account(desk, "hana"))


@pytest.fixture
async def hana(browser: Browser, relayed: Relayed, complaints: Complaints) -> AsyncIterator[Page]:
    async with new_page(browser, relayed.desk, complaints, **NIGHT) as page:
        await sign_in(page, relayed.hana.username, relayed.hana.password)
        yield page


async def test_mail_over_the_limit_is_held_explained_released_and_closed(hana: Page, relayed: Relayed) -> None:
    page, sender = hana, f"{unlike_any('eager')}@people.example"
    await page.goto("/q/held")
    relayed.flood(sender, 4)
    rows = page.get_by_role("listitem").filter(has_text=sender)
    await expect(rows).to_have_count(2)
    held = page.get_by_role("navigation", name="Desk").get_by_role("link", name=re.compile("^Held back"))
    await expect(held).to_contain_text(re.compile(r"[1-9]"))
    await expect(page.get_by_text("Nothing is lost, and nobody got an automatic answer.")).to_be_visible()
    await rows.first.get_by_role("link", name="Explain").click()
    sheet = page.get_by_role("dialog", name="What this mail says")
    await expect(sheet).to_contain_text(sender)
    await expect(sheet).to_contain_text("No older ticket: it opens one")
    await expect(sheet.locator(".segment.new")).to_contain_text("It blinks.")
    await page.keyboard.press("Escape")
    await expect(page).to_have_url(re.compile("/q/held$"))

    await tab_to(page, rows.first.get_by_role("button", name="Release"))
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(1)
    until(lambda: len(_tickets(relayed, sender)) == 3, "the released mail opened a ticket")
    await rows.first.get_by_role("button", name="Close").click()
    await expect(rows).to_have_count(0)
    assert len(_tickets(relayed, sender)) == 3


async def test_the_journal_is_read_by_state_and_a_discarded_mail_is_read_again(hana: Page, relayed: Relayed) -> None:
    page, sender = hana, f"{unlike_any('doubtful')}@people.example"
    relayed.flood(sender, 3)
    await page.goto("/health")
    states = page.get_by_role("group", name="State")
    entry = page.get_by_role("row").filter(has_text=sender)
    await expect(entry).to_have_count(3)
    await states.get_by_role("button", name=re.compile("^Held")).click()
    await expect(entry).to_have_count(1)
    await entry.get_by_role("button", name="Discard").click()
    await expect(entry).to_have_count(0)
    await states.get_by_role("button", name=re.compile("^Ignored")).click()
    await expect(entry).to_have_count(1)
    await entry.get_by_role("button", name="Replay").click()
    await states.get_by_role("button", name=re.compile("^Held")).click()
    await expect(entry).to_have_count(1)
    await entry.get_by_role("button", name="Release").click()
    await states.get_by_role("button", name=re.compile("^Processed")).click()
    await expect(entry).to_have_count(3)
    await entry.first.get_by_role("link", name=re.compile("^Filed to #")).click()
    await expect(page.get_by_role("article").first).to_contain_text("It blinks.")


async def test_a_breaker_tells_what_it_holds_and_is_resumed(hana: Page, relayed: Relayed) -> None:
    page, sender = hana, f"{unlike_any('flood')}@people.example"
    relayed.flood(sender, 3)
    await page.goto("/health")
    breaker = _card(page, "Breakers and relay").get_by_role("listitem").filter(has_text=f"Paused: {sender}")
    await expect(breaker).to_contain_text("One mail held")
    await breaker.get_by_role("button", name="Resume").click()
    await expect(breaker).to_have_count(0)
    until(lambda: len(_tickets(relayed, sender)) == 3, "what was held went through")


async def test_what_the_relay_puts_off_waits_with_its_words_until_it_is_sent_now(hana: Page, relayed: Relayed) -> None:
    page, sender = hana, f"{unlike_any('patient')}@people.example"
    relayed.relay.answer("451 4.7.1 come back when the kettle sings")
    ticket = relayed.desk.receive(unlike_any("kettle"), sender=sender)["ticket"]
    until(lambda: _is_deferred(relayed, sender), "the acknowledgement put off")
    await page.goto("/health")
    waiting = _card(page, "Waiting to go out").get_by_role("listitem").filter(has_text=sender)
    await expect(waiting).to_contain_text("come back when the kettle sings")
    await expect(waiting).to_contain_text("Try 2 at")
    await expect(_card(page, "Breakers and relay")).to_contain_text("come back when the kettle sings")
    await waiting.get_by_role("button", name="Now").click()
    relayed.relay.wait(sender)
    await expect(waiting).to_have_count(0)

    await page.goto(f"/t/{ticket}")
    letter = page.get_by_role("article").first
    await letter.get_by_role("button", name=re.compile("^Acknowledged.*250 accepted")).click()
    await expect(letter.locator(".rcpt").filter(has_text=sender)).to_contain_text("250")


async def test_a_test_mail_shows_every_line_of_the_relay_and_its_refusal(hana: Page, relayed: Relayed) -> None:
    page = hana
    await page.goto("/health")
    await page.get_by_role("button", name="Send me a test").click()
    dialog = page.get_by_role("dialog", name="A test mail to you")
    await expect(dialog.get_by_role("status")).to_have_text("The relay took it: 250 2.0.0 kept")
    await expect(dialog.get_by_role("listitem").filter(has_text=f"RCPT TO:<{relayed.hana.email}>")).to_be_visible()
    assert relayed.relay.to(relayed.hana.email)[-1]["Subject"] == "Test mail"
    await dialog.get_by_role("button", name="Close").click()

    relayed.relay.answer("550 5.7.1 not from you")
    await page.goto("/settings/relay")
    await expect(page.get_by_role("heading", name="smtp://127.0.0.1")).to_be_visible()
    await page.get_by_role("button", name="Send me a test").click()
    await expect(dialog.get_by_role("status")).to_have_text("The relay did not take it: 5.7.1 not from you")


async def test_a_returned_mail_shows_at_its_five_places_until_the_block_is_lifted(hana: Page, relayed: Relayed) -> None:
    page, gone, subject = hana, f"{unlike_any('gone')}@people.example", unlike_any("forwarding")
    ticket = relayed.desk.receive(subject, sender=gone)["ticket"]
    assert relayed.desk.product.call("POST", f"/api/tickets/{ticket}/new_message", {"text": "We look into it."})
    relayed.relay.wait(gone, 2)
    await page.goto("/q/active")
    row = page.get_by_role("row").filter(has_text=subject)
    await expect(row).to_be_visible()
    report = bounce((gone, "5.1.1", "550 5.1.1 nobody of that name"))
    relayed.desk.product.send(report, "", relayed.relay.return_path(gone))
    await expect(row.get_by_role("img", name="a mail came back")).to_be_visible()

    await row.click()
    await expect(page.get_by_role("note").filter(has_text="One person did not get your answer.")).to_be_visible()
    returned = page.get_by_role("group", name=f"Not delivered to {gone}")
    await expect(returned).to_contain_text("nobody of that name")
    await expect(returned.get_by_role("button", name="Correct and send again")).to_be_visible()
    details = page.get_by_role("complementary", name="Details")
    blocked = details.locator(".human").filter(has_text=gone).get_by_text("Gets no more mail")
    await expect(blocked).to_be_visible()
    await expect(details.get_by_text(f"A delivery to {gone} came back")).to_be_visible()
    await page.keyboard.press("r")
    composer = page.get_by_role("region", name="Reply by mail")
    await expect(composer.get_by_text("gets no mail")).to_be_visible()
    await expect(composer.get_by_role("button", name="Nobody to send to")).to_be_disabled()

    await page.goto("/health")
    listed = _card(page, "Gets no more mail").get_by_role("listitem").filter(has_text=gone)
    await expect(listed).to_contain_text("550 5.1.1 nobody of that name")
    await listed.get_by_role("button", name="Lift").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Lift").click()
    await expect(listed).to_have_count(0)
    await page.goto(f"/t/{ticket}")
    await expect(details.get_by_text("gets mail again")).to_be_visible()
    await expect(blocked).to_have_count(0)


async def test_a_wrong_address_is_corrected_and_the_mail_sent_again(hana: Page, relayed: Relayed) -> None:
    page, wrong, right = hana, f"{unlike_any('wrnog')}@people.example", f"{unlike_any('wrong')}@people.example"
    relayed.relay.answer("550 5.1.1 no such mailbox")
    await page.goto("/new")
    await page.get_by_label("To (address)").fill(wrong)
    await page.get_by_label("Subject").fill("Your bell is ready")
    await page.get_by_label("Text", exact=True).fill("Come and ring it.")
    await page.get_by_role("button", name="Send", exact=True).click()
    returned = page.get_by_role("group", name=f"Not delivered to {wrong}")
    await expect(returned).to_contain_text("550 5.1.1 no such mailbox")
    await returned.get_by_role("button", name="Correct and send again").click()
    await returned.get_by_role("textbox", name="Send it to").fill(right)
    await returned.get_by_role("button", name="Send again").click()
    letter = relayed.relay.wait(right)
    assert (letter["Subject"], str(letter["From"]).count(SUPPORT.partition("@")[0])) != ("", 0)
    assert "Come and ring it." in letter.as_string()


def _card(page: Page, title: str) -> Locator:
    return page.locator("section.card").filter(has=page.get_by_role("heading", name=title, exact=True))


def _tickets(relayed: Relayed, sender: str) -> list[dict[str, object]]:
    return relayed.desk.product.every(f"/api/tickets?view=summary&q=from:{sender}")


def _is_deferred(relayed: Relayed, recipient: str) -> bool:
    waiting = relayed.desk.product.call("GET", "/api/deliveries?state=deferred")
    return any(copy["recipient"] == recipient for copy in waiting)
