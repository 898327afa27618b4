"""`ticketgate inbound`: the journal on the command line."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from desk import journal
from models import Inbound, InboundState
from models.schema import open_connection
from settings import Settings
from tests.cast import Cast, mail
from tests.ticketgate.command import Done, Run, assert_one_line, database_setting


@pytest.fixture
def at(run: Run, cast: Cast) -> Run:
    """The command beside the desk of the cast, in a thread: its answers are awaited."""
    settings = cast.house.settings
    given = database_setting(settings) | {"DATA_DIR": settings.data_dir, "BLOB_URL": settings.blobs}

    def command(*words: str, **more: object) -> Done:
        return run("inbound", *words, **(given | more))

    return command


async def kept(cast: Cast, state: InboundState, **facts: object) -> Inbound:
    """An entry that has come to a state."""
    entry = await cast.accept(mail(Message_ID=f"<{state}@client.example>"))
    await Inbound.filter(id=entry.id).update(state=state, **facts)
    return await Inbound.get(id=entry.id)


async def test_list_shows_the_newest_first_with_what_became_of_them(cast: Cast, at: Run) -> None:
    first = await cast.receive(mail(Message_ID="<first@client.example>"))
    second = await kept(cast, InboundState.QUARANTINED, reason="ValueError: it is broken")
    done = await asyncio.to_thread(at, "list")
    assert (done.returncode, done.stderr) == (0, "")
    head, *rows = done.stdout.splitlines()
    assert head.split()[:4] == ["id", "received", "state", "size"]
    assert [row.split()[0] for row in rows] == [str(second.id), str(first.id)]
    assert rows[0].endswith("ValueError: it is broken")
    for row, state in zip(rows, ("quarantined", "processed"), strict=True):
        assert row.index(state) == head.index("state")
    assert "zoe@people.example -> support@desk.example" in rows[1]
    assert "first@client.example" in rows[1]


async def test_list_can_be_cut_and_kept_to_one_state(cast: Cast, at: Run) -> None:
    held = [await kept(cast, InboundState.HELD) for _ in range(3)]
    await kept(cast, InboundState.IGNORED)
    done = await asyncio.to_thread(at, "list", "--state", "held", "--limit", "2", "--json")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [held[2].id, held[1].id]
    none = await asyncio.to_thread(at, "list", "--state", "quarantined")
    assert (none.returncode, none.stdout) == (0, "The journal has no mail that is quarantined.\n")


async def test_times_are_those_of_the_reader(cast: Cast, at: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = await kept(cast, InboundState.HELD, received_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert "2026-11-23 18:00:00 JST" in (await asyncio.to_thread(at, "list")).stdout
    shown = json.loads((await asyncio.to_thread(at, "show", str(entry.id), "--json")).stdout)
    assert shown["received_at"] == "2026-11-23T09:00:00Z"


async def test_no_escape_sequence_of_a_mail_reaches_the_terminal(cast: Cast, at: Run) -> None:
    entry = await kept(cast, InboundState.HELD, reason="bad\x1b[31m\nnews", rfc_message_id="a\x1b]0;b\x07c")
    for words in (("list",), ("show", str(entry.id))):
        said = (await asyncio.to_thread(at, *words)).stdout
        assert "news" in said
        assert not {"\x1b", "\x07"} & set(said)


async def test_show_tells_all_facts_of_an_entry(cast: Cast, at: Run) -> None:
    entry = await cast.receive(mail(Message_ID="<shown@client.example>"))
    done = await asyncio.to_thread(at, "show", str(entry.id))
    assert (done.returncode, done.stderr) == (0, "")
    told = {name: value.strip() for name, _, value in (line.partition("  ") for line in done.stdout.splitlines())}
    assert (told["state"], told["Message-ID"]) == ("processed", "shown@client.example")
    assert (told["ticket"], told["message"]) == (str(entry.ticket_id), str(entry.message_id))
    shown = json.loads((await asyncio.to_thread(at, "show", str(entry.id), "--json")).stdout)
    assert (shown["ticket"], shown["message"], shown["message_id"]) == (
        entry.ticket_id, entry.message_id, "shown@client.example",
    )  # fmt: skip
    assert (shown["envelope_to"], shown["blob"]) == (["support@desk.example"], entry.blob)


async def test_show_raw_gives_the_bytes_wherever_they_rest(cast: Cast, at: Run) -> None:
    raw = mail(text="line\n" * 3)
    for entry in (await cast.accept(raw), await cast.receive(raw)):
        done = await asyncio.to_thread(at, "show", str(entry.id), "--raw")
        assert done.returncode == 0, done.stderr
        assert done.stdout.encode() == raw.replace(b"\r\n", b"\n")  # read as text


async def test_show_raw_says_where_it_looked_for_bytes_that_are_gone(cast: Cast, at: Run) -> None:
    entry = await cast.receive(mail())
    elsewhere = f"file://{cast.house.settings.data_dir}/elsewhere"
    assert_one_line(await asyncio.to_thread(at, "show", str(entry.id), "--raw", BLOB_URL=elsewhere), 1, elsewhere)


@pytest.mark.parametrize("words", [("show",), ("show", "--raw"), ("replay",)])
@pytest.mark.parametrize("number", ["99999999", "0", str(2**70)])
async def test_an_entry_that_is_not_there_is_a_line(cast: Cast, at: Run, words: tuple[str, ...], number: str) -> None:
    assert_one_line(await asyncio.to_thread(at, *words, number), 2, f"no entry {number}")


@pytest.mark.parametrize("state", [InboundState.HELD, InboundState.QUARANTINED, InboundState.IGNORED])
async def test_replay_has_a_mail_read_once_more(cast: Cast, at: Run, state: InboundState) -> None:
    entry = await kept(cast, state, reason="because")
    told = asyncio.Event()
    intake = await open_connection(cast.house.settings)
    try:
        await intake.add_listener(journal.CHANNEL, lambda *_: told.set())
        done = await asyncio.to_thread(at, "replay", str(entry.id))
        await asyncio.wait_for(told.wait(), 30)
    finally:
        await intake.close()
    assert (done.returncode, done.stderr) == (0, "")
    assert (await Inbound.get(id=entry.id)).state is InboundState.ACCEPTED


async def test_replay_refuses_what_is_processed_and_does_the_others(cast: Cast, at: Run) -> None:
    processed, held = await cast.receive(mail()), await kept(cast, InboundState.HELD)
    done = await asyncio.to_thread(at, "replay", str(processed.id), str(held.id))
    assert_one_line(done, 2, str(processed.id), "processed")
    assert (await Inbound.get(id=held.id)).state is InboundState.ACCEPTED
    assert (await Inbound.get(id=processed.id)).state is InboundState.PROCESSED


async def test_a_database_that_is_not_migrated_is_a_line(run: Run, database: Settings) -> None:
    given = database_setting(database)
    given["DATABASE_URL"] = str(given["DATABASE_URL"]).replace(f"/{database.database.database}?", "/postgres?")
    assert_one_line(await asyncio.to_thread(run, "inbound", "list", **given), 1, "ticketgate check")
