"""What this machine serves: mail in, REST and its pages.

`check` may well run where no role does; so it is wrong that nothing listens only while `ticketgate up` runs here.
"""

import asyncio

from settings import Listen, Settings
from ticketgate.checks.finding import Finding, note, ok, wrong
from ticketgate.lock import is_held

ANSWER = 4.0  # seconds


async def mail_in(settings: Settings) -> Finding:
    return await _greeted(settings, settings.smtp_listen, "TICKETGATE_SMTP_LISTEN")


async def lmtp(settings: Settings) -> Finding:
    if not settings.lmtp_listen:
        return ok("off: TICKETGATE_LMTP_LISTEN is not set")
    return await _greeted(settings, settings.lmtp_listen, "TICKETGATE_LMTP_LISTEN")


async def rest(settings: Settings) -> Finding:
    listen = settings.http_listen
    try:
        answer = await _ask(listen, b"GET /healthz HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    except (OSError, TimeoutError):
        return _nobody(settings, listen, "`ticketgate api`")
    if answer.split(b" ", 2)[1:2] != [b"200"]:
        return wrong(f"another program answers at {listen}: stop it, or set TICKETGATE_HTTP_LISTEN")
    return ok(f"REST answers at {listen}")


async def _greeted(settings: Settings, listen: Listen, setting: str) -> Finding:
    try:
        greeting = await _ask(listen, b"QUIT\r\n")
    except (OSError, TimeoutError):
        return _nobody(settings, listen, "`ticketgate smtp`")
    if greeting.startswith(b"421"):
        return wrong(f"the listener at {listen} has no place left: do all its clients hang up?")
    if not greeting.startswith(b"220"):
        return wrong(f"no mail server answers at {listen}: stop what does, or set {setting}")
    return ok(f"a mail server greets at {listen}")


def _nobody(settings: Settings, listen: Listen, role: str) -> Finding:
    if is_held(settings.places):
        return wrong(f"nothing answers at {listen}, though `ticketgate up` runs here: its log says why")
    return note(f"nothing answers at {listen}: start `ticketgate up` or {role}, if this machine is to serve it")


async def _ask(listen: Listen, said: bytes) -> bytes:
    """The first line of the answer. Raises OSError and TimeoutError."""
    async with asyncio.timeout(ANSWER):
        if listen.path:
            reader, writer = await asyncio.open_unix_connection(listen.path)
        else:
            reader, writer = await asyncio.open_connection(listen.reachable_host, listen.port)
        try:
            if said.startswith(b"GET"):  # over HTTP the client speaks first
                writer.write(said)
                return await reader.readline()
            greeting = await reader.readline()
            writer.write(said)
            return greeting
        finally:
            writer.close()
