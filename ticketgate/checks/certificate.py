"""The listener's certificate: loaded as the listener does, and shown to a client of our own."""

import asyncio
import ssl
import time
from pathlib import Path
from typing import Any

from gateway.listener import tls_context
from settings import Settings
from ticketgate.checks.finding import Finding, note, ok, wrong

SOON = 14  # days
DAY = 86400
STEPS = 8  # of a handshake, at most


async def certificate(settings: Settings) -> Finding:
    """Raises BadSetting where the listener would."""
    return await asyncio.to_thread(_look, settings)


def _look(settings: Settings) -> Finding:
    path, context = settings.tls_cert, tls_context(settings)
    if not path or not context:
        return ok("off: TICKETGATE_TLS_CERT is not set, the listener offers no STARTTLS")
    try:
        shown = _shown(context, path)
    except ssl.SSLCertVerificationError as error:
        return wrong(f"{path} proves nothing ({error.verify_message}): renew it, and start the listener again")
    except ssl.SSLError as error:
        return wrong(f"{path} opens no session ({error.reason or error}): renew it, and start the listener again")
    names = ", ".join(value for _, value in shown.get("subjectAltName", ())) or "no name"
    days = int((ssl.cert_time_to_seconds(shown["notAfter"]) - time.time()) // DAY)
    if days < SOON:
        return note(f"{path} ({names}) ends in {days} days: renew it, and start the listener again")
    return ok(f"{path} ({names}) is good for {days} days")


def _shown(context: ssl.SSLContext, path: Path) -> dict[str, Any]:
    """What a client reads in the certificate that the listener shows. Raises SSLError where it cannot be used.

    The client trusts the certificate itself: whether others do depends on what they trust.
    """
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname = False
    trusting.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    trusting.load_verify_locations(path)
    to_listener, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(to_client, to_listener)
    listener = context.wrap_bio(to_listener, to_client, server_side=True)
    for side in (client, listener) * STEPS:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return client.getpeercert() or {}
