"""Requests that wait until a test lets them go: what is slow elsewhere, as slow as it is wanted."""

import asyncio
from dataclasses import dataclass, field

from playwright.async_api import Page, Route


@dataclass
class Held:
    """`asked`: the page has made one of the requests. `go`: set by the test, they go on."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)


async def hold(page: Page, pattern: str) -> Held:
    held = Held()

    async def wait(route: Route) -> None:
        held.asked.set()
        await held.go.wait()
        await route.continue_()

    await page.route(pattern, wait)
    return held
