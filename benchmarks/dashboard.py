"""How soon the dashboard is usable at 100,000 tickets, and how smoothly 300 letters scroll.

    python -m benchmarks.dashboard

A whole desk on a data directory of its own, and the machine's Chromium. Each first page is asked for by a browser that
has nothing in its cache; frames are those of a scroll through a ticket with every letter open.
"""

import argparse
import asyncio
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import asyncpg
from playwright.async_api import Browser, BrowserContext, StorageState, async_playwright

from benchmarks.queues import fill
from models.schema import migrate
from settings import Places, Settings, load
from tests.cast import PASSWORD
from tests.product import Product
from ticketgate.embedded import running

ROUNDS = 5
LETTERS = 300
ROW = "[role=row][data-row]"

# `load` names the moment at which the first row stood in the page; nothing polls for it.
WATCH = f"""
new MutationObserver(() => {{
    if (!window.firstRow && document.querySelector("{ROW}")) window.firstRow = performance.now();
}}).observe(document, {{ subtree: true, childList: true }});
"""
SCROLL = """async () => {
    const thread = document.querySelector(".thread");
    const taken = [];
    const height = thread.scrollHeight;
    thread.scrollTop = 0;
    let last = performance.now();
    for (let step = 0; step < 240; step++) {
        thread.scrollTop += height / 240;
        await new Promise((drawn) => requestAnimationFrame(drawn));
        const now = performance.now();
        taken.push(now - last);
        last = now;
    }
    return taken;
}"""
LONG = """INSERT INTO messages (ticket_id, opening, author_id, author_role, direction, via, stranger, text,
        rfc_message_id, "references", created_at)
    SELECT $1, false, t.requester_id, 'customer', 'inbound', 'api', false,
           repeat('some words of letter ' || n || ' ', 12),
           'long.' || n || '@made.example', '{}', now() - $2::bigint * interval '1 hour' + n * interval '1 hour'
    FROM tickets t, generate_series(1, $2::bigint) n WHERE t.id = $1"""


def main() -> None:
    """Fills, starts and measures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard", description=__doc__.split("\n\n")[0])
    parser.add_argument("--tickets", type=int, default=100_000)
    count = parser.parse_args().tickets
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("no `chromium` on this machine: apt-get install chromium")
    with tempfile.TemporaryDirectory(prefix="ticketgate-dashboard-") as folder:
        data = Path(folder, "data")
        with running(Places(data)):
            asyncio.run(_fill(load(_env_file=None, data_dir=data), count))
        with Product(Path(folder)) as desk:
            asyncio.run(_measure(chromium, f"http://127.0.0.1:{desk.http_port}", count))


async def _fill(settings: Settings, count: int) -> None:
    await migrate(settings)
    await fill(settings, count)
    connection = await asyncpg.connect(**settings.database.connect_arguments())
    await connection.execute(LONG, count, LETTERS)
    await connection.close()


async def _measure(chromium: str, desk: str, longest: int) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        session = await _sign_in(browser, desk)
        for queue in ("active", "unassigned", "closed"):
            taken = list[float]()
            for _ in range(ROUNDS):
                first, session = await _first_row(browser, f"{desk}/q/{queue}", session)
                taken.append(first)
            print(f"first row of {queue:12} {statistics.median(taken):6.0f} ms")
        frames = await _frames(browser, f"{desk}/t/{longest}", session)
        print(f"a frame of {LETTERS} letters   {statistics.median(frames):6.1f} ms, worst of 240 {max(frames):.1f} ms")
        await browser.close()


async def _sign_in(browser: Browser, desk: str) -> StorageState:
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{desk}/signin")
    await page.fill("input[name=username]", "admin")
    await page.fill("input[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".rail")
    return await _session_of(context)


async def _first_row(browser: Browser, address: str, session: StorageState) -> tuple[float, StorageState]:
    """Milliseconds from the request until a row stands there; the session as it goes on."""
    context = await browser.new_context(storage_state=session, viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    await page.add_init_script(WATCH)
    await page.goto(address)
    await page.wait_for_selector(ROW)
    return float(await page.evaluate("window.firstRow")), await _session_of(context)


async def _frames(browser: Browser, address: str, session: StorageState) -> list[float]:
    context = await browser.new_context(storage_state=session, viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    await page.goto(address)
    await page.wait_for_selector(".letter")
    await page.keyboard.press("Shift+O")
    await page.wait_for_selector(f"article:nth-of-type({LETTERS})", state="attached")
    taken: list[float] = await page.evaluate(SCROLL)
    await context.close()
    return taken


async def _session_of(context: BrowserContext) -> StorageState:
    """Its cookie and what it keeps; the context ends."""
    session = await context.storage_state()
    await context.close()
    return session


if __name__ == "__main__":
    main()
