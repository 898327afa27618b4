"""`make screenshots`: the README's pictures, of a desk that `ticketgate demo` filled."""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import CHROMIUM, Complaints, launched, new_page, sign_in
from tests.living import LivingDesk, living

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
CONVERSATIONS = 150
BOLTS = "Bolts missing from parcel 2 of 2"


async def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tg-screenshots-") as folder, living(Path(folder), CONVERSATIONS) as desk:
        async with launched() as browser:
            for theme in ("light", "dark"):
                await _desk(browser, desk, theme)
            await _composer(browser, desk)
            await _health(browser, desk)


async def _desk(browser: Browser, desk: LivingDesk, theme: str) -> None:
    async with new_page(browser, desk, Complaints(), color_scheme=theme) as page:
        await _open(page, desk, BOLTS)
        await _take(page, f"desk-{theme}")


async def _composer(browser: Browser, desk: LivingDesk) -> None:
    async with new_page(browser, desk, Complaints(), color_scheme="light") as page:
        await _open(page, desk, BOLTS)
        await page.keyboard.press("r")
        text = (
            "Good morning Marta,\n\nthe bolts leave today, to your office. **Four of them**, and two to spare.\n\nJonas"
        )
        await page.get_by_role("textbox", name="Text").fill(text)
        await expect(page.get_by_text("Draft kept")).to_be_visible()
        await _take(page, "composer")


async def _health(browser: Browser, desk: LivingDesk) -> None:
    async with new_page(browser, desk, Complaints(), color_scheme="light") as page:
        await sign_in(page, "jonas", desk.passwords["jonas"])
        await page.goto("/health")
        await expect(page.get_by_text("every one of them is accounted for")).to_be_visible()
        await expect(page.get_by_role("row").nth(5)).to_be_visible()
        await _take(page, "health")


async def _open(page: Page, desk: LivingDesk, subject: str) -> None:
    await sign_in(page, "jonas", desk.passwords["jonas"])
    await page.get_by_role("row").filter(has_text=subject).click()
    await page.mouse.move(0, 0)
    await expect(page.get_by_role("heading", name=subject)).to_be_visible()
    details = page.get_by_role("complementary", name="Details")
    await expect(details).to_contain_text("Earlier from this customer")
    await expect(details.get_by_text("Halland Parcel joined")).to_be_visible()
    await page.wait_for_function(
        "() => [...document.images].length > 0 && [...document.images].every((one) => one.complete)"
    )


async def _take(page: Page, name: str) -> None:
    await page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", caret="hide")
    print(PICTURES.relative_to(Path.cwd()) / f"{name}.png")


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.exit("no `chromium` on this machine: apt-get install chromium")
    asyncio.run(main())
