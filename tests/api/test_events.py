"""Live events: of what the caller may see, in order, resumable, and whatever Valkey does."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest

from api.events import _stream
from api.live import Live
from api.server import serve_app
from desk import House, add_message, add_note, change_ticket, events, log_in, log_out, open_ticket
from desk.events import Happening, Place
from desk.sessions import Client, session_of
from mailer.nudge import Announcement
from models import Status, Ticket, User
from tests.cast import PASSWORD, Cast


@pytest.fixture
async def live(cast: Cast) -> AsyncIterator[Live]:
    found = Live(cast.house.settings)
    yield found
    await found.close()


@pytest.fixture
def house(cast: Cast) -> House:
    """A house that rings the bell for events, as the edges' houses do."""
    return House(cast.house.settings, announce=Announcement(cast.house.settings))


class Listener:
    """What somebody hears, one event at a time."""

    def __init__(self, live: Live, person: User, since: Place | None = None) -> None:
        self._stream = live.follow(since)
        self._person = person

    async def next(self) -> Happening:
        while True:
            happening = await asyncio.wait_for(anext(self._stream), 20)
            if happening.seen_by(self._person):
                return happening

    async def tickets_of(self, kind: str, number: int) -> list[int]:
        heard: list[int] = []
        while len(heard) < number:
            happening = await self.next()
            if happening.kind == kind:
                heard.append(happening.ticket)
        return heard

    async def kinds(self, number: int) -> list[str]:
        return [(await self.next()).kind for _ in range(number)]


async def ticket_of(house: House, by: User) -> Ticket:
    async with house.work() as work:
        return await open_ticket(work, by, title="T", text="B")


async def test_the_owner_and_staff_hear_of_a_ticket_and_nobody_else(cast: Cast, house: House, live: Live) -> None:
    start = await events.latest()
    ticket = await ticket_of(house, cast.carl)
    async with house.work() as work:
        await add_note(work, cast.ann, ticket.id, text="secret")
        await add_message(work, cast.ann, ticket.id, text="hello")
        await change_ticket(work, cast.ann, ticket.id, assignee=cast.ann.id, status=Status.CLOSED)
    stranger = await User.create(username="eve", email="eve@people.example")
    own = await ticket_of(house, stranger)
    assert await Listener(live, cast.carl, start).kinds(4) == ["opened", "message", "message", "status"]
    assert await Listener(live, cast.ann, start).kinds(6) == [
        "opened", "message", "note", "message", "assigned", "status",
    ]  # fmt: skip
    assert (await Listener(live, stranger, start).next()).ticket == own.id


async def test_who_comes_again_reads_through_their_own_tickets_alone(cast: Cast, house: House, live: Live) -> None:
    start = await events.latest()
    await ticket_of(house, cast.carl)
    own = await ticket_of(house, await User.create(username="eve", email="eve@people.example"))
    first = await asyncio.wait_for(anext(live.follow(start, owner=own.requester_id)), 20)
    assert (first.ticket, first.kind) == (own.id, "opened")


async def test_what_happens_after_a_session_began_is_heard_by_a_stream_that_opens_later(
    cast: Cast, house: House, live: Live, anyone: httpx.AsyncClient
) -> None:
    session = await anyone.post("/api/session", json={"username": "ann", "password": PASSWORD})
    ticket = await ticket_of(house, cast.carl)
    listener = Listener(live, cast.ann, Place.parse(session.json()["events"]))
    assert await listener.tickets_of("opened", 1) == [ticket.id]


async def test_events_come_live_and_a_broken_stream_goes_on_where_it_ended(
    cast: Cast, house: House, live: Live
) -> None:
    ticket = await ticket_of(house, cast.carl)
    listener = Listener(live, cast.carl, await events.latest())
    waiting = asyncio.create_task(listener.next())
    async with house.work() as work:
        await add_message(work, cast.ann, ticket.id, text="live")
    heard = await waiting
    async with house.work() as work:
        await add_message(work, cast.ann, ticket.id, text="missed")
    again = await Listener(live, cast.carl, Place.parse(str(heard.place))).next()
    assert again.place > heard.place
    assert again.message != heard.message


async def test_an_event_committed_late_is_not_missed(cast: Cast, live: Live) -> None:
    """The first transaction gets its ids first and commits last: whoever counts by ids alone would miss it."""
    first, second = await ticket_of(cast.house, cast.carl), await ticket_of(cast.house, cast.carl)
    listener = Listener(live, cast.carl, await events.latest())
    written, go = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with cast.house.work() as work:
            await add_message(work, cast.ann, first.id, text="slow")
            written.set()
            await go.wait()

    late = asyncio.create_task(slow())
    await written.wait()
    async with cast.house.work() as work:
        await add_message(work, cast.ann, second.id, text="quick")
    hearing = asyncio.create_task(listener.tickets_of("message", 2))
    await asyncio.wait({hearing}, timeout=0.3)
    go.set()
    await late
    assert set(await hearing) == {first.id, second.id}


async def test_an_event_that_can_be_read_a_moment_later_is_read_or_pending(
    cast: Cast, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = await events.latest()
    other = await asyncpg.connect(**cast.house.settings.database.connect_arguments())
    try:
        ending = other.transaction()
        await ending.start()
        await other.fetchval("SELECT pg_current_xact_id()")  # what begins later cannot be read before it ends
        await ticket_of(house, cast.carl)
        questions = 0

        async def ends_after_the_first(sql: str, *values: Any) -> list[dict[str, Any]]:
            nonlocal questions
            found = await asked(sql, *values)
            questions += 1
            if questions == 1:
                await ending.rollback()
            return found

        asked = events._rows
        monkeypatch.setattr(events, "_rows", ends_after_the_first)
        batch = await events.after(start)
    finally:
        await other.close()
    assert batch.happenings or batch.pending


async def test_without_the_bell_events_come_all_the_same(cast: Cast, live: Live) -> None:
    ticket = await ticket_of(cast.house, cast.carl)
    listener = Listener(live, cast.carl, await events.latest())
    async with cast.house.work() as work:  # this house rings no bell
        await add_message(work, cast.ann, ticket.id, text="quiet")
    assert (await listener.next()).ticket == ticket.id


async def test_closing_sends_everybody_home(cast: Cast, live: Live) -> None:
    listening = [asyncio.create_task(anext(live.follow(None), None)) for _ in range(3)]
    await asyncio.wait(listening, timeout=0.1)
    await live.close()
    assert await asyncio.gather(*listening) == [None] * 3


@pytest.mark.parametrize("text", [None, "", "1", "x-y", "1-", "-1", "9" * 30 + "-1", "1-1-1"])
def test_a_place_that_is_none_begins_now(text: str | None) -> None:
    assert Place.parse(text) is None


async def test_the_stream_is_server_sent_events(cast: Cast, house: House) -> None:
    start = await events.latest()
    ticket = await ticket_of(house, cast.carl)
    async with served(house) as get:
        lines = await get("carl", {"Last-Event-ID": str(start)}, until="event: message")
    data = json.loads(next(line for line in lines if line.startswith("data: ")).removeprefix("data: "))
    assert (data["kind"], data["ticket"], data["actor"]) == ("opened", ticket.id, cast.carl.id)
    assert [line for line in lines if line.startswith("event: ")] == ["event: opened", "event: message"]


@asynccontextmanager
async def served(house: House) -> AsyncIterator[Any]:
    """The application behind a real socket: httpx's ASGI transport reads no stream that does not end."""
    stop = asyncio.Event()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        serving = asyncio.create_task(serve_app(house, [listening], stop))

        async def get(name: str, headers: dict[str, str], until: str) -> list[str]:
            lines: list[str] = []
            async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
                login = await client.post("/api/login", json={"username": name, "password": PASSWORD})
                headers |= {"Authorization": f"Bearer {login.json()['access']}"}
                async with client.stream("GET", "/api/events/", headers=headers) as stream:
                    assert stream.headers["content-type"].startswith("text/event-stream")
                    async for line in stream.aiter_lines():
                        lines.append(line)
                        if line == until:
                            break
            return lines

        yield get
        stop.set()
        await serving


async def test_a_stream_ends_with_its_session(cast: Cast, house: House, live: Live) -> None:
    tokens = await log_in(house, username="ann", password=PASSWORD, client=Client())
    stream = _stream(live, await session_of(house, tokens.access), await events.latest())
    async with asyncio.timeout(20):
        assert (await anext(stream)).comment == "listening"
        await ticket_of(house, cast.carl)
        assert (await anext(stream)).event == "opened"
        await log_out(house, tokens.refresh)
        await ticket_of(house, cast.carl)
        assert [event async for event in stream] == []
