"""`ticketgate inbound`: the journal of received mail, for whoever owns this machine."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from tortoise.exceptions import BaseORMException
from tortoise.queryset import QuerySet

from desk import House, journal
from desk.errors import Conflict, NotFound, known_id
from desk.journal import Entry
from models import Inbound, InboundState
from models.schema import connected
from settings import Away, BadSetting, Settings
from ticketgate.terminal import local_time, one_line, size, take_any_letter

COLUMNS = ("id", "received", "state", "size", "from -> to", "Message-ID", "reason")
WIDEST = 44  # characters of a column; the last one ends with the line


@dataclass(frozen=True)
class Facts(Entry):
    """All that the journal knows of a mail, without its bytes: what REST shows, and how it came."""

    peer: str
    helo: str
    tls: bool
    protocol: str
    attempts: int
    due_at: datetime
    blob: str | None


async def show_list(settings: Settings, *, state: str | None, limit: int, json_lines: bool) -> None:
    """Prints the newest entries, newest first. Raises Away."""
    async with _journal(settings):
        found = Inbound.all().order_by("-id").limit(limit)
        if state:
            found = found.filter(state=InboundState(state))
        entries = await _facts(found)
    if json_lines:
        for entry in entries:
            print(_json(entry))
    elif entries:
        take_any_letter()
        print("\n".join(_table([COLUMNS, *map(_row, entries)])))
    else:
        print(f"The journal has no mail that is {state}." if state else "The journal is empty.")


async def show_one(settings: Settings, entry_id: int, *, as_json: bool) -> None:
    """Prints all facts of an entry.

    Raises:
        BadSetting: there is no such entry.
        Away: the database does not answer.
    """
    async with _journal(settings):
        found = await _facts(_one(entry_id))
    if not found:
        raise BadSetting(_unknown(entry_id))
    (entry,) = found
    if as_json:
        print(_json(entry))
        return
    take_any_letter()
    for name, value in _told(entry).items():
        print(f"{name:<11}  {one_line(value)}")


async def show_raw(settings: Settings, entry_id: int) -> None:
    """Writes the bytes as they were received. Raises as `show_one`, and Away where the blobs cannot be read."""
    async with _journal(settings):
        entry = await _one(entry_id).first()
        if entry is None:
            raise BadSetting(_unknown(entry_id))
        raw = entry.raw_bytes if entry.raw_bytes is not None else await _rested(settings, entry)
    sys.stdout.buffer.write(raw)
    sys.stdout.buffer.flush()


async def replay(settings: Settings, entry_ids: list[int]) -> bool:
    """Has mails read once more, each by itself; whether all of them can be. Raises Away."""
    house, all_done = House(settings), True
    async with _journal(settings):
        for entry_id in entry_ids:
            try:
                async with house.work() as work:
                    await journal.replay(work, entry_id)
            except NotFound:
                all_done = _refuse(_unknown(entry_id))
            except Conflict as error:
                all_done = _refuse(str(error))
            else:
                print(f"Entry {entry_id} is accepted again; the intake reads it.")
    return all_done


async def _rested(settings: Settings, entry: Inbound) -> bytes:
    try:
        return await House(settings).blobs.get(entry.blob or "")
    except KeyError:
        raise Away(
            f"the bytes of entry {entry.id} are not in {settings.blobs}: is TICKETGATE_BLOB_URL where they were put?"
        ) from None


@asynccontextmanager
async def _journal(settings: Settings) -> AsyncIterator[None]:
    try:
        async with connected(settings, pool=1):
            yield
    except (BaseORMException, ConnectionError, TimeoutError) as error:
        said = str(error).strip().partition("\n")[0] or type(error).__name__
        raise Away(
            f"the journal cannot be read ({said}): does `ticketgate check` find the schema up to date?"
        ) from None


def _one(entry_id: int) -> QuerySet[Inbound]:
    """Raises BadSetting where no row can have that id."""
    try:
        return Inbound.filter(id=known_id(entry_id, "entry"))
    except NotFound:
        raise BadSetting(_unknown(entry_id)) from None


def _unknown(entry_id: int) -> str:
    return f"the journal has no entry {entry_id}; `ticketgate inbound list` shows what it has"


def _refuse(line: str) -> bool:
    print(f"ticketgate: {line}", file=sys.stderr)
    return False


async def _facts(found: QuerySet[Inbound]) -> list[Facts]:
    """Without the bytes, which may be many."""
    plain = {field.name for field in fields(Facts)} - {"message_id", "ticket", "message"}
    rows = await found.values(*plain, rfc_id="rfc_message_id", ticket="ticket_id", message="message_id")
    return [Facts(message_id=row.pop("rfc_id"), **row) for row in rows]


def _json(entry: Facts) -> str:
    return json.dumps(asdict(entry), default=lambda moment: moment.astimezone(UTC).isoformat().replace("+00:00", "Z"))


def _row(entry: Facts) -> tuple[str, ...]:
    way = f"{entry.envelope_from or '<>'} -> {', '.join(entry.envelope_to)}"
    moment, length = local_time(entry.received_at), size(entry.size)
    return (str(entry.id), moment, entry.state, length, way, entry.message_id or "-", entry.reason or "")


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    cells = [[*(_cut(cell) for cell in row[:-1]), one_line(row[-1])] for row in rows]
    widths = [max(map(len, column)) for column in list(zip(*cells, strict=True))[:-1]] + [0]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def _cut(cell: str) -> str:
    line = one_line(cell)
    return line if len(line) <= WIDEST else line[: WIDEST - 1] + "…"


def _told(entry: Facts) -> dict[str, str]:
    """What a person reads, by its name; what there is not is left out."""
    told: dict[str, Any] = {
        "id": entry.id,
        "state": entry.state,
        "reason": entry.reason,
        "received": local_time(entry.received_at),
        "from": entry.envelope_from or "<>",
        "to": ", ".join(entry.envelope_to),
        "size": f"{entry.size} bytes",
        "Message-ID": entry.message_id,
        "ticket": entry.ticket,
        "message": entry.message,
        "came by": f"{entry.protocol} from {entry.peer or 'a local socket'}"
        f"{f', which called itself {entry.helo}' if entry.helo else ''}, {'TLS' if entry.tls else 'no TLS'}",
        "tries": f"{entry.attempts} failed" if entry.attempts else None,
        "next try": local_time(entry.due_at) if entry.state is InboundState.ACCEPTED else None,
        "blob": entry.blob,
    }
    return {name: str(value) for name, value in told.items() if value is not None}
