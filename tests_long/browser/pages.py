"""Every page of the desk, and how to come to each state of it that is worth a look."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Page, expect

from tests.living import LivingDesk

Show = Callable[[Page], Awaitable[object]]
BOLTS = "Bolts missing from parcel 2 of 2"
RETURNED = "Rechnung 2026-1187: USt-IdNr. fehlt"
PICTURES = "Atelier d'hiver : nos besoins"
PRETENDED = "New delivery address for order 20931"
FLEET = "Fleet contract: brake pads and a service plan"


@dataclass(frozen=True)
class Look:
    """A page, and what is done on it before it is looked at. `{title}` in its address stands for that ticket's id."""

    name: str
    address: str
    heading: str
    then: Show | None = None


async def _reply(page: Page) -> None:
    await page.keyboard.press("r")
    await page.get_by_role("textbox", name="Text").fill("A reply in the making.")
    await expect(page.get_by_text("Draft kept")).to_be_visible()


async def _note(page: Page) -> None:
    await page.keyboard.press("n")
    await page.get_by_role("textbox", name="Text").fill("A note in the making.")
    await expect(page.get_by_text("Draft kept")).to_be_visible()


GATES = (
    Look("sign in", "/signin", "Sign in to Ticketgate"),
    Look("register", "/register", "Make an account"),
    Look("forgot", "/forgot", "A new password"),
    Look("reset", "/reset/nothing", "Choose a new password"),
)
ROOMS = (
    Look("mine", "/q/mine", "Mine"),
    Look("unassigned", "/q/unassigned", "Unassigned"),
    Look("active", "/q/active", "All active"),
    Look("frozen", "/q/frozen", "Frozen"),
    Look("closed", "/q/closed", "Closed"),
    Look("held", "/q/held", "Held back"),
    Look("beside its list", f"/q/active/t/{{{BOLTS}}}", BOLTS),
    Look("returned", f"/t/{{{RETURNED}}}", RETURNED),
    Look("pictures", f"/t/{{{PICTURES}}}", PICTURES),
    Look("unproven", f"/t/{{{PRETENDED}}}", PRETENDED),
    Look("sixty letters", f"/t/{{{FLEET}}}", FLEET),
    Look("a reply", f"/t/{{{BOLTS}}}", BOLTS, _reply),
    Look("a note", f"/t/{{{BOLTS}}}", BOLTS, _note),
    Look("search", "/search?q=rack", "Search"),
    Look("nothing found", "/search?q=xyzzy", "Nothing found"),
    Look("new", "/new", "Write to a customer"),
    Look("health", "/health", "Mail is flowing."),
    Look("you", "/settings/you", "Where you are signed in"),
    Look("keys", "/q/active", "All active", lambda page: page.keyboard.press("?")),
    Look("palette", "/q/active", "All active", lambda page: page.keyboard.press("Control+k")),
    Look("nowhere", "/t/999999", "No such page, or not yours."),
)
FOR_ADMINS = (
    Look("mailboxes", "/settings/mailboxes", "workshop@desk.example"),
    Look("people", "/settings/people", "People and roles"),
    Look("relay", "/settings/relay", "Relay"),
)


async def look_at(page: Page, look: Look, desk: LivingDesk) -> None:
    """Goes there, and waits until it is there."""
    ids = {ticket["title"]: ticket["id"] for ticket in desk.product.every("/api/tickets?view=summary")}
    title = look.address.partition("{")[2].rstrip("}")
    await page.goto(look.address.replace(f"{{{title}}}", str(ids[title])) if title else look.address)
    await expect(page.get_by_role("heading", name=look.heading).first).to_be_attached()
    await expect(page.locator(".stale")).to_have_count(0)  # what is not fresh yet is dim
    if look.then:
        await look.then(page)
