"""Where mail goes when it leaves, for staff."""

from fastapi import APIRouter

from api.caller import AtHouse, Caller
from api.problems import problems
from api.schemas_mail import RelayRecord, TrialMail, TrialRecord
from desk import deliveries, health
from mailer.trial import Trial, try_relay
from settings import RelayUrl

router = APIRouter(tags=["mail health"])
TLS = {"auto": "if offered", "require": "required", "off": "never"}


@router.get("/relay", responses=problems(401, 403))
async def show_relay(at: AtHouse, by: Caller) -> RelayRecord:
    """The relay of the settings and what it said last. Staff only."""
    url = at.settings.relay_url
    found = {
        "url": str(url) if url else None,
        "tls": _tls(url) if url else None,
        "last_errors": await health.last_errors(by),
        "last_accepted_at": await health.last_accepted(),
    }
    return RelayRecord.model_validate(found)


@router.post("/relay/test", response_model=TrialRecord, responses=problems(401, 403, 409, 422))
async def try_the_relay(at: AtHouse, by: Caller, body: TrialMail | None = None) -> Trial:
    """Sends a test mail now and tells what the relay said to it; takes 20 seconds at most. Staff only."""
    sender, to = await deliveries.who_tries(by, body.to if body else None)
    return await try_relay(at.settings, sender=sender, to=to)


def _tls(url: RelayUrl) -> str:
    if url.scheme == "smtp":
        return TLS[url.starttls]
    return "always" if url.scheme == "smtps" else "never"
