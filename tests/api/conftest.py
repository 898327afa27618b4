"""The real application over the real database, spoken to as a client would."""

import uuid
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from fastapi import FastAPI

from api.app import close, make_app, move_in
from desk import House, passwords, sessions
from desk.sessions.tokens import issue
from mailer.drain import Drain
from mailer.transport import transport
from models import User, Via
from settings import RelayUrl, load
from tests.cast import Cast
from tests.conftest import SECRET
from tests.mailer.relay import FaultyRelay, faulty_relay

Client = httpx.AsyncClient


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """bcrypt in four rounds; tests/desk/test_hashes.py holds on to the twelve."""
    monkeypatch.setattr(passwords, "ROUNDS", 4)


@pytest.fixture(scope="session")
def application() -> FastAPI:
    """Put together once: reading a hundred routes takes longer than most tests."""
    return make_app(House(load(_env_file=None, database_url="postgres://nobody@localhost/none", secret_key=SECRET)))


@pytest.fixture
async def anyone(application: FastAPI, cast: Cast) -> AsyncIterator[Client]:
    """Somebody who has not signed in, at the application of this test's house."""
    move_in(application, cast.house)
    async with Client(transport=httpx.ASGITransport(application), base_url="http://desk") as client:
        yield client
    await close(application)


@pytest.fixture
async def as_user(cast: Cast, anyone: Client) -> AsyncIterator[Callable[[str], Client]]:
    """Gives a session by name, without the third of a second that a password costs: `ann = await as_user("ann")`."""
    clients: list[Client] = []

    async def sign_in(name: str) -> Client:
        user = await User.get(username=name)
        async with cast.house.work() as work:
            tokens = await issue(work, user, uuid.uuid4(), Via.API, sessions.Client())
        headers = {"Authorization": f"Bearer {tokens.access}"}
        clients.append(Client(transport=anyone._transport, base_url="http://desk", headers=headers))
        return clients[-1]

    yield sign_in
    for client in clients:
        await client.aclose()


@pytest.fixture
async def carl(as_user: Callable[[str], Client]) -> Client:
    return await as_user("carl")


@pytest.fixture
async def ann(as_user: Callable[[str], Client]) -> Client:
    return await as_user("ann")


@pytest.fixture
async def admin(as_user: Callable[[str], Client]) -> Client:
    return await as_user("admin")


@pytest.fixture
async def relay() -> AsyncIterator[FaultyRelay]:
    async with faulty_relay() as found:
        yield found


async def drain(cast: Cast, relay: FaultyRelay) -> list[str]:
    """Sends what is due; who got mail."""
    before = len(relay.mails)
    settings = cast.house.settings.model_copy(update={"relay_url": RelayUrl.parse(relay.url)})
    worker = Drain(House(settings), transport(settings))
    await worker.run()
    await worker.stop(5)
    return sorted(recipient for _, recipient, _ in relay.mails[before:])
