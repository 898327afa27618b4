"""Every file of `dialogs/`, spoken with the real listener on the real database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop

from settings import Settings
from tests.gateway.dialog import Client, Script
from tests.gateway.listening import listening, one_mailbox, query

HERE = Path(__file__).parent
DIALOGS = sorted((HERE / "dialogs").glob("*.smtp"))
CERTIFICATES = HERE / "certificates"


@pytest.mark.parametrize("path", DIALOGS, ids=lambda path: path.stem)
async def test_dialog(path: Path, surroundings: Settings) -> None:
    await spoken(Script.read(path), surroundings)


@pytest.mark.parametrize("name", ["starttls", "pipelining", "smuggling", "lmtp", "nonsense"])
def test_dialog_on_uvloop(name: str, surroundings: Settings) -> None:
    uvloop.run(spoken(Script.read(HERE / "dialogs" / f"{name}.smtp"), surroundings))


async def spoken(script: Script, surroundings: Settings) -> None:
    await one_mailbox(surroundings.database)
    async with listening(as_asked(script, surroundings)) as ports, broken(script, surroundings):
        client = await Client.connect(ports["lmtp" if "lmtp" in script.options else "smtp"])
        try:
            await client.speak(script)
        finally:
            await client.close()
    rows = await query(surroundings.database, "SELECT * FROM inbound ORDER BY id")
    kept = [(row["envelope_from"], row["envelope_to"], row["raw_bytes"]) for row in rows]
    assert kept == script.kept
    for row in rows:
        assert (row["peer"], row["helo"], row["state"]) == ("127.0.0.1", "client.test", "accepted")
        assert row["size"] == len(row["raw_bytes"])
        assert row["protocol"] == ("lmtp" if "lmtp" in script.options else "smtp")
        assert row["tls"] is ("tls" in script.options)


def as_asked(script: Script, surroundings: Settings) -> Settings:
    asked: dict[str, object] = {}
    if "size" in script.options:
        asked["max_message_size"] = int(script.options["size"])
    if "tls" in script.options:
        asked |= {"tls_cert": CERTIFICATES / "cert.pem", "tls_key": CERTIFICATES / "key.pem"}
        asked["require_tls"] = "require-tls" in script.options
    return surroundings.model_copy(update=asked)


@asynccontextmanager
async def broken(script: Script, surroundings: Settings) -> AsyncIterator[None]:
    """A table that is not there is as good a trouble as any."""
    table = script.options.get("broken")
    if not table:
        yield
        return
    await query(surroundings.database, f"ALTER TABLE {table} RENAME TO {table}_away")
    try:
        yield
    finally:
        await asyncio.shield(query(surroundings.database, f"ALTER TABLE {table}_away RENAME TO {table}"))
