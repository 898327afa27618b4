"""Where mail goes out: the relay, or the Maildir as long as none is set."""

from mailer.transport import NotTaken, Relay
from settings import Settings
from ticketgate.checks.finding import Finding, Mark, ok, wrong
from ticketgate.checks.storage import folder

REFUSED_LOGIN = (530, 534, 535, 538)  # RFC 4954, 6


async def relay(settings: Settings) -> Finding:
    """Connects, greets, encrypts and logs in as for a mail; sends nothing."""
    url = settings.relay_url
    if not url:
        found = await folder(settings.places.maildir, "TICKETGATE_RELAY_URL")
        if found.mark is Mark.OK:
            return ok(f"no TICKETGATE_RELAY_URL: mail goes into the Maildir {settings.places.maildir}")
        return found
    try:
        done = await Relay(url).check()
    except NotTaken as error:
        if error.code in REFUSED_LOGIN:
            return wrong(f"{error.text}: are name and password in TICKETGATE_RELAY_URL right?")
        return wrong(f"{error.text}: is it up, and TICKETGATE_RELAY_URL right?")
    return ok(f"the relay {url} takes mail from here ({done})")
