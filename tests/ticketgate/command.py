"""The command as a shell sees it: run to its end, with settings of the test and no others."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from settings import Settings
from tests.conftest import SECRET

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


def command(folder: Path, *words: str, given: str = "", **settings: object) -> Done:
    """Runs the command in the folder; keywords are settings without their prefix."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("TICKETGATE_")}
    named = {f"TICKETGATE_{name}": str(value) for name, value in settings.items()}
    return subprocess.run(
        [str(Path(sys.executable).with_name("ticketgate")), *words],
        env=surroundings | {"TICKETGATE_DATA_DIR": str(folder / "data")} | named,
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def database_setting(settings: Settings) -> dict[str, object]:
    """Settings by which a command finds the servers of the test."""
    url = settings.database
    return {
        "DATABASE_URL": f"postgres://{url.user}@/{url.database}?host={url.host}",
        "SECRET_KEY": SECRET,
        "BROKER_URL": settings.broker,
        "REDIS_URL": settings.redis,
    }


def assert_one_line(done: Done, code: int, *said: str) -> None:
    assert done.returncode == code, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    for words in said:
        assert words in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
