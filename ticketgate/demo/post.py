"""The way of a mail into the desk: by SMTP at its listener, until the journal says what became of it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiosmtplib

from models import Inbound, InboundState
from settings import Away, Settings

Found = TypeVar("Found")
PATIENCE = 60.0  # seconds for the desk to do what takes it less than one
PAUSE = 0.05


async def check_listener(settings: Settings) -> None:
    """Raises Away where nobody takes mail."""
    try:
        async with _session(settings):
            pass
    except (aiosmtplib.SMTPException, OSError):
        raise Away(f"nobody takes mail at {settings.smtp_listen}: start `ticketgate up` first") from None


async def hand_in(settings: Settings, raw: bytes, sender: str, to: str) -> None:
    """Hands a mail to the listener, again while it says "later". Raises Away where it does not take it."""

    async def taken() -> bool:
        try:
            async with _session(settings) as session:
                await session.sendmail(sender, [to], raw)
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _later([refusal.code for refusal in error.recipients], to)
        except aiosmtplib.SMTPResponseException as error:
            return _later([error.code], to)
        except (aiosmtplib.SMTPException, OSError):
            return False
        return True

    await until(taken, f"the listener at {settings.smtp_listen} does not take mail")


async def filed(message_id: str) -> Inbound:
    """What became of a mail, once it is read. Raises Away where nobody reads it."""

    async def read() -> Inbound | None:
        found = Inbound.filter(rfc_message_id=message_id).exclude(state=InboundState.ACCEPTED)
        return await found.order_by("-id").first()

    return await until(read, "nobody reads the mail that came in: is the intake running?")


async def until(happened: Callable[[], Awaitable[Found | None]], otherwise: str) -> Found:
    """The first true value of `happened()`. Raises Away with `otherwise` where there is none for a minute."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                if found := await happened():
                    return found
                await asyncio.sleep(PAUSE)
    except TimeoutError:
        raise Away(otherwise) from None


def _session(settings: Settings) -> aiosmtplib.SMTP:
    """Where the listener wants TLS, its certificate names the outside's host, and not loopback."""
    listen = settings.smtp_listen
    return aiosmtplib.SMTP(
        hostname=listen.reachable_host,
        port=listen.port,
        local_hostname="demo.example",
        start_tls=settings.require_tls,
        validate_certs=False,
        timeout=20,
    )


def _later(codes: list[int], to: str) -> bool:
    """False: it may be taken later. Raises Away where it never is."""
    if all(400 <= code < 500 for code in codes):
        return False
    raise Away(f"the listener refuses mail to {to}: {', '.join(map(str, codes))}")
