"""`ticketgate check`: tries every part, and says in one line each what is wrong and how to mend it."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from settings import Away, BadSetting, Settings
from ticketgate.checks import servers, storage
from ticketgate.checks.certificate import certificate
from ticketgate.checks.dns import domains
from ticketgate.checks.finding import Finding, Mark, wrong
from ticketgate.checks.listeners import lmtp, mail_in, rest
from ticketgate.checks.relay import relay
from ticketgate.terminal import one_line, take_any_letter

PATIENCE = 8.0  # seconds for each part; all are tried at once
SILENCE = 1.0  # seconds after which a person at a terminal sees whom we wait for
PARTS: dict[str, Callable[[Settings], Awaitable[Finding]]] = {
    "data directory": storage.data_directory,
    "secret": storage.secret,
    "database": servers.database,
    "broker": servers.broker,
    "redis": servers.redis,
    "blobs": storage.blobs,
    "relay": relay,
    "smtp": mail_in,
    "lmtp": lmtp,
    "rest": rest,
    "certificate": certificate,
    "dns": domains,
}


async def check(settings: Settings) -> bool:
    """Tries all parts and prints their lines; whether nothing is wrong. Changes nothing that stays."""
    take_any_letter()
    tries = {name: asyncio.create_task(_tried(part, settings)) for name, part in PARTS.items()}
    well = True
    for name, task in tries.items():
        while not task.done():
            await asyncio.wait({task}, timeout=SILENCE)
            _show_progress([other for other, running in tries.items() if not running.done()])
        finding = task.result()
        _show_progress([])
        print(f"{finding.mark:<5}  {name:<14}  {one_line(finding.said)}", flush=True)
        well = well and finding.mark is not Mark.WRONG
    return well


async def _tried(part: Callable[[Settings], Awaitable[Finding]], settings: Settings) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            return await part(settings)
    except (Away, BadSetting) as error:
        return wrong(str(error))
    except TimeoutError:
        return wrong(f"no answer within {PATIENCE:g} s: is it up, and its setting right?")
    except Exception as error:  # noqa: BLE001 - one part that surprises us does not keep the others' lines back
        return wrong(f"this should not have happened: {type(error).__name__}: {error}")


def _show_progress(waiting: list[str]) -> None:
    """On a terminal, a line that goes again: whom we wait for."""
    if sys.stderr.isatty():
        said = f"waiting for {', '.join(waiting)} …" if waiting else ""
        print(f"\r\x1b[K{said}", end="", file=sys.stderr, flush=True)
