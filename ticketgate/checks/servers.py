"""The servers that we stand on: PostgreSQL, the broker, and Redis or Valkey for limits and events."""

import asyncio
import pkgutil
from urllib.parse import urlsplit

import asyncpg
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

import models.migrations
from mailer.app import check_broker
from models.schema import open_connection
from settings import Away, Settings
from ticketgate.checks.finding import Finding, ok, why, wrong
from ticketgate.lock import is_held

OLDEST_POSTGRES = 14
ANSWER = 4.0  # seconds that a server has for one answer


async def database(settings: Settings) -> Finding:
    """Connects, and compares the schema with the migrations that we bring. Raises Away."""
    try:
        connection = await open_connection(settings, patience=ANSWER)
    except Away:
        if settings.embeds_postgres and is_held(settings.places):
            return wrong(_hangs(settings, "PostgreSQL"))
        raise
    try:
        major = connection.get_server_version().major
        version = str(connection.get_settings().server_version).partition(" ")[0]  # Debian's says more than a number
        applied = await _applied(connection)
    finally:
        connection.terminate()
    server = f"PostgreSQL {version} at {settings.database}"
    if major < OLDEST_POSTGRES:
        return wrong(f"{server} is too old: {OLDEST_POSTGRES} or newer is needed")
    return _schema(server, applied, _brought())


async def broker(settings: Settings) -> Finding:
    """Raises Away."""
    try:
        await asyncio.to_thread(check_broker, settings)
    except Away:
        if settings.broker_url is None and is_held(settings.places):
            return wrong(_hangs(settings, "Valkey"))
        raise
    return ok(f"{_place(settings.broker)} answers")


async def redis(settings: Settings) -> Finding:
    """Writes a key that goes by itself: a full server and a replica answer too, and take nothing."""
    client = Redis.from_url(
        settings.redis, socket_connect_timeout=ANSWER, socket_timeout=ANSWER, retry=Retry(NoBackoff(), 0)
    )
    try:
        await client.set("ticketgate:check", "1", ex=10)
    except (RedisError, OSError) as error:
        return wrong(_redis_away(settings, error))
    finally:
        await client.aclose()
    return ok(f"{_place(settings.redis)} takes what limits and live events need")


async def _applied(connection: "asyncpg.Connection[asyncpg.Record]") -> set[str]:
    """Names of the migrations that the database has seen."""
    try:
        rows = await connection.fetch("SELECT name FROM tortoise_migrations WHERE app = 'models'", timeout=ANSWER)
    except asyncpg.UndefinedTableError:
        return set()
    return {row["name"] for row in rows}


def _brought() -> set[str]:
    """Names of the migrations of this installation."""
    return {found.name for found in pkgutil.iter_modules(models.migrations.__path__)}


def _schema(server: str, applied: set[str], brought: set[str]) -> Finding:
    if not applied:
        return wrong(f"{server} has no tables yet: run `ticketgate migrate`")
    if missing := brought - applied:
        return wrong(f"{server} lacks {', '.join(sorted(missing))}: run `ticketgate migrate`")
    if unknown := applied - brought:
        return wrong(
            f"{server} has seen {', '.join(sorted(unknown))}, which this Ticketgate does not know: update this machine"
        )
    return ok(f"{server}, schema up to date")


def _place(url: str) -> str:
    """A server's URL without name and password."""
    parts = urlsplit(url)
    if not parts.hostname:
        return f"{parts.scheme}://{parts.path}"
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"


def _redis_away(settings: Settings, error: Exception) -> str:
    if settings.embeds_valkey and settings.redis.startswith("unix:"):
        if is_held(settings.places):
            return _hangs(settings, "Valkey")
        where = settings.places.root
        return f"no Valkey runs in {where}: start `ticketgate up` there, or set TICKETGATE_REDIS_URL to yours"
    setting = "TICKETGATE_REDIS_URL" if settings.redis_url else "TICKETGATE_BROKER_URL"
    return f"{_place(settings.redis)} does not take a key ({why(error)}): is it up, and {setting} right?"


def _hangs(settings: Settings, server: str) -> str:
    return f"{server} of {settings.places.root} does not answer, though `ticketgate up` runs there: its log says why"
