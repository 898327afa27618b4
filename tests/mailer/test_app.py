"""Celery and the nudge: what must hold whatever the broker does."""

import inspect
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mailer.app import DRAIN, TIDY, check_broker, make_app
from mailer.nudge import Nudge
from mailer.worker import add_tasks
from settings import Away, Settings, load
from tests.conftest import SECRET
from ticketgate.embedded import running


def waiting(settings: Settings) -> int:
    """How many tasks wait in the broker."""
    with make_app(settings).connection_for_write() as connection:
        count: int = connection.default_channel.queue_declare("ticketgate").message_count
        return count


def test_no_task_is_a_coroutine_function(surroundings: Settings) -> None:
    # Celery 5.7 would call it a success and never run it.
    app = make_app(surroundings)
    add_tasks(app, surroundings)
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert sorted(ours) == [DRAIN, TIDY]
    assert not any(inspect.iscoroutinefunction(task.run) for task in ours.values())


def test_the_scheduler_rings_for_the_tasks_that_the_worker_has(surroundings: Settings) -> None:
    assert [entry["task"] for entry in make_app(surroundings).conf.beat_schedule.values()] == [DRAIN, TIDY]


def test_a_nudge_reaches_the_broker(surroundings: Settings) -> None:
    Nudge(surroundings)()
    until(lambda: waiting(surroundings) == 1)


def test_many_nudges_are_few_tasks_and_the_last_one_counts(surroundings: Settings) -> None:
    nudge = Nudge(surroundings)
    for _ in range(500):
        nudge()
    until(lambda: not nudge.under_way)
    assert 1 <= waiting(surroundings) < 500


def test_a_broker_that_is_away_is_said_in_one_line(surroundings: Settings, tmp_path: Path) -> None:
    settings = load(_env_file=None, data_dir=tmp_path, database_url=surroundings.database, secret_key=SECRET)
    with pytest.raises(Away, match="no broker runs in"):
        check_broker(settings)


def test_a_frozen_broker_holds_nobody_up(tmp_path: Path) -> None:
    settings = load(_env_file=None, data_dir=tmp_path / "own")
    with running(settings.places, durable=False):
        [valkey] = [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if str(settings.places.valkey_socket).encode() in path.read_bytes()
        ]
        os.kill(valkey, signal.SIGSTOP)
        try:
            nudge = Nudge(settings)
            nudge()
            assert nudge.under_way, "the caller waited for the broker"
            until(lambda: not nudge.under_way)
        finally:
            os.kill(valkey, signal.SIGCONT)


def until(happened: Callable[[], bool]) -> None:
    """Waits for a condition of another thread; the test's own time limit ends it."""
    while not happened():
        threading.Event().wait(0.02)
