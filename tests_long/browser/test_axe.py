"""Nothing that axe calls serious or critical, on any page, in either theme."""

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Page

from tests.browser.conftest import Complaints, new_page, sign_in
from tests.cast import PASSWORD
from tests.living import LivingDesk
from tests_long.browser.pages import FOR_ADMINS, GATES, ROOMS, Look, look_at

AXE = Path(__file__).parents[2] / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = {"serious", "critical"}
Theme = Literal["light", "dark"]

# Colours come by degrees where they change.
FOUND = """async () => {
    await Promise.allSettled(document.getAnimations().map((moving) => moving.finished));
    const { violations } = await axe.run(document, { resultTypes: ["violations"], iframes: false });
    return violations.flatMap(({ id, impact, nodes }) =>
        nodes.map(({ html, any, all, none }) =>
            ({ id, impact, html, why: [...any, ...all, ...none].map(({ message }) => message) })));
}"""

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(600)]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("who", ["stranger", "jonas", "admin"])
async def test_axe_finds_nothing_grave(
    browser: Browser, living_desk: LivingDesk, complaints: Complaints, who: str, theme: Theme
) -> None:
    complaints.expect("status of 404")  # a ticket that is not there
    async with new_page(browser, living_desk, complaints, color_scheme=theme) as page:
        if who != "stranger":
            await sign_in(page, who, living_desk.passwords.get(who, PASSWORD))
        looks = {"stranger": GATES, "jonas": ROOMS, "admin": FOR_ADMINS}[who]
        found = {look.name: await _grave(page, look, living_desk) for look in looks}
    said = [f"{name}: {grave}" for name, violations in found.items() for grave in violations]
    assert not said, "\n".join(said)


async def _grave(page: Page, look: Look, desk: LivingDesk) -> list[str]:
    await look_at(page, look, desk)
    await page.evaluate(AXE.read_text(encoding="utf-8"))  # by the debugger: the page's policy lets no script in
    violations: list[dict[str, Any]] = await page.evaluate(FOUND)
    return [f"{one['id']} {one['html'][:160]} {one['why']}" for one in violations if one["impact"] in GRAVE]
