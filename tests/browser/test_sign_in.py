"""Coming and going at the gate, on a real desk."""

import re

from playwright.async_api import Page, Request, expect

from tests.browser.conftest import Complaints, sign_in
from tests.living import LivingDesk

REFUSED = r"status of 401"
EVERYTHING_KEPT = "() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])"


async def test_who_signs_in_is_at_the_desk(stranger: Page, living_desk: LivingDesk) -> None:
    await stranger.goto("/")
    await expect(stranger).to_have_url(f"{living_desk.address}/signin")
    await expect(stranger.get_by_label("E-mail or username")).to_be_focused()
    await sign_in(stranger, "jonas", living_desk.passwords["jonas"])
    await expect(stranger).to_have_url(f"{living_desk.address}/q/mine")


async def test_the_first_page_loads_little(stranger: Page, living_desk: LivingDesk) -> None:
    asked: list[Request] = []

    def finished(request: Request) -> None:  # Playwright marks what listens: a built-in function takes no mark
        asked.append(request)

    stranger.on("requestfinished", finished)
    await sign_in(stranger, "jonas", living_desk.passwords["jonas"])
    await expect(stranger.get_by_role("row").first).to_be_visible()
    scripts = {one.url: await one.sizes() for one in asked if one.url.endswith(".js")}
    bytes_ = sum(sizes["responseBodySize"] for sizes in scripts.values())
    assert 50_000 < bytes_ <= 200_000, "as it goes over the wire"


async def test_a_person_comes_to_where_they_wanted_to_go(stranger: Page, living_desk: LivingDesk) -> None:
    await stranger.goto("/q/frozen")
    await stranger.get_by_label("E-mail or username").fill("ines@halde.example")
    await stranger.get_by_label("Password", exact=True).fill(living_desk.passwords["ines"])
    await stranger.keyboard.press("Enter")
    await expect(stranger).to_have_url(f"{living_desk.address}/q/frozen")


async def test_a_wrong_password_is_said_kept_and_selected(stranger: Page, complaints: Complaints) -> None:
    complaints.expect(REFUSED)
    await stranger.goto("/signin")
    await stranger.get_by_label("E-mail or username").fill("jonas")
    password = stranger.get_by_label("Password", exact=True)
    await password.fill("not this one")
    await stranger.get_by_role("button", name="Sign in").click()
    await expect(stranger.get_by_role("alert").filter(has_text="do not go together")).to_be_visible()
    await expect(password).to_be_focused()
    await expect(password).to_have_value("not this one")
    selected = await password.evaluate("(field) => field.value.slice(field.selectionStart, field.selectionEnd)")
    assert selected == "not this one"


async def test_a_reload_and_another_tab_stay_signed_in(page: Page) -> None:
    await page.reload()
    await expect(page.get_by_role("navigation", name="Desk")).to_be_visible()
    other = await page.context.new_page()
    await other.goto("/q/active")
    await expect(other.get_by_role("navigation", name="Desk")).to_be_visible()


async def test_no_script_can_read_a_token(page: Page) -> None:
    await page.reload()
    await expect(page.get_by_role("navigation", name="Desk")).to_be_visible()
    kept = await page.evaluate(EVERYTHING_KEPT)
    (cookie,) = await page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert "eyJ" not in kept
    assert cookie["value"] not in kept


async def test_who_signs_out_is_gone_and_stays_so(page: Page, complaints: Complaints) -> None:
    complaints.expect(REFUSED)  # of what was being asked for meanwhile
    await page.get_by_role("button", name="Ticketgate").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await expect(page.get_by_label("E-mail or username")).to_be_visible()
    assert await page.context.cookies() == []
    await page.goto("/q/mine")
    await expect(page.get_by_label("E-mail or username")).to_be_visible()


async def test_a_session_that_ends_leaves_the_page_as_it_was(
    stranger: Page, living_desk: LivingDesk, complaints: Complaints
) -> None:
    complaints.expect(REFUSED)
    await stranger.clock.install()
    await sign_in(stranger, "tom", living_desk.passwords["tom"])
    await expect(stranger.get_by_role("heading", name="Mine")).to_be_visible()
    await stranger.context.clear_cookies()
    await stranger.clock.fast_forward("20:00")
    await stranger.keyboard.press("g")
    await stranger.keyboard.press("f")
    gate = stranger.get_by_role("dialog")
    await expect(gate).to_contain_text("You were signed out")
    await expect(stranger.locator("nav.rail")).to_be_attached()
    await expect(stranger.locator("h1", has_text=re.compile("Mine|Frozen"))).to_be_attached()
    await gate.get_by_label("Password", exact=True).fill(living_desk.passwords["tom"])
    await gate.get_by_role("button", name="Sign in").click()
    await expect(gate).to_be_hidden()
    await expect(stranger.get_by_role("grid")).to_be_visible()
