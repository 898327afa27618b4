"""The way of the focus, for somebody without a pointer."""

from playwright.async_api import Locator, Page, expect

FOCUSED = "(one) => one === document.activeElement"
MOST = 60  # presses of Tab from one end of a page to the other


async def tab_to(page: Page, wanted: Locator, *, back: bool = False) -> None:
    """Presses Tab until it is there, as somebody without a pointer does."""
    await expect(wanted).to_be_visible()
    for _ in range(MOST):
        if await wanted.evaluate(FOCUSED):
            return
        await page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{wanted} was not reached by {MOST} presses of Tab")
