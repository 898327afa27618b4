"""A person at the desk: Debian's Chromium on a desk that runs, and no patience for what a page complains of.

Every test has a browser context of its own, and fails for anything on the console that is not expected there, for an
error that a script did not catch, and for whatever the page's Content Security Policy had to stop.
"""

import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from tests.living import LivingDesk

HERE = Path(__file__).parent
CHROMIUM = shutil.which("chromium")
WIDE = {"width": 1440, "height": 900}
PATIENCE = 20_000  # ms until something must be on the page: tests of others run beside this one
STOPPED_BY_POLICY = """
addEventListener("securitypolicyviolation", (stopped) =>
    console.error(`policy ${stopped.effectiveDirective} stopped ${stopped.blockedURI} at ${stopped.sourceFile}`));
"""


@dataclass
class Complaints:
    """What a page said against itself. `expected`: patterns of what a test provokes."""

    heard: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        self.expected.append(pattern)

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.heard.append(f"uncaught: {error.error}"))

    def left(self) -> list[str]:
        return [said for said in self.heard if not any(re.search(pattern, said) for pattern in self.expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.heard.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there is no Chromium the tests are left out, and say so; CI has to have one."""
    if CHROMIUM or os.environ.get("CI"):
        return
    absent = pytest.mark.skip(reason="no `chromium` on this machine: apt-get install chromium")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(absent)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    assert CHROMIUM, "CI is set, and there is no `chromium` here: apt-get install chromium"
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        # In a container there is no sandbox to be had, and little of /dev/shm.
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    heard = Complaints()
    yield heard
    assert not heard.left()


@asynccontextmanager
async def new_page(browser: Browser, desk: LivingDesk, heard: Complaints, **look: Any) -> AsyncIterator[Page]:
    """A page in a browser that has been nowhere. `look`: of the context, where it is not wide and light."""
    context = await browser.new_context(**{"base_url": desk.address, "viewport": WIDE, "locale": "en-GB"} | look)
    try:
        context.set_default_timeout(PATIENCE)
        await context.add_init_script(STOPPED_BY_POLICY)
        heard.listen(context)
        yield await context.new_page()
    finally:
        await context.close()


@pytest.fixture
async def stranger(browser: Browser, living_desk: LivingDesk, complaints: Complaints) -> AsyncIterator[Page]:
    """A page of somebody whom the desk does not know yet."""
    async with new_page(browser, living_desk, complaints) as page:
        yield page


@pytest.fixture
async def page(stranger: Page, living_desk: LivingDesk) -> Page:
    """Jonas at his desk, who has just signed in."""
    await sign_in(stranger, "jonas", living_desk.passwords["jonas"])
    return stranger


async def sign_in(page: Page, name: str, password: str) -> None:
    await page.goto("/signin")
    await page.get_by_label("E-mail or username").fill(name)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("main.sheet")).to_be_visible()
    await page.mouse.move(0, 0)  # a list under the pointer holds still
