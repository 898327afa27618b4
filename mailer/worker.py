"""The worker role: Celery's worker, with our runtime in each of its processes."""

import asyncio
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging, worker_process_init, worker_process_shutdown

from mailer.app import DRAIN, TIDY, check_broker, make_app
from mailer.runtime import Runtime
from models import schema
from settings import Settings


def run(settings: Settings, *, processes: int = 1) -> int:
    """Works until SIGTERM or SIGINT; answers the exit code.

    Raises:
        Away: the database or the broker does not answer at the start.
    """
    asyncio.run(schema.check(settings))
    check_broker(settings)
    app = make_app(settings)
    add_tasks(app, settings)
    setup_logging.connect(keep_our_logging, weak=False)
    # Celery warns of root because of pickled tasks; ours is JSON and carries no data.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    worker = app.Worker(
        pool="prefork",
        concurrency=processes,
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def add_tasks(app: Celery, settings: Settings) -> None:
    """Adds the two tasks, and the runtime that each worker process begins and ends with."""
    runtimes: list[Runtime] = []

    @app.task(name=DRAIN)
    def drain() -> None:
        """Empties the outbox: every delivery that is due."""
        runtimes[0].ring()

    @app.task(name=TIDY)
    def tidy() -> None:
        """Removes files that wait for no message any more."""
        runtimes[0].tidy()

    def begin(**_: Any) -> None:
        runtimes.append(Runtime(settings))
        runtimes[0].start()

    def end(**_: Any) -> None:
        for runtime in runtimes:
            runtime.stop()

    worker_process_init.connect(begin, weak=False)
    worker_process_shutdown.connect(end, weak=False)


def keep_our_logging(**_: Any) -> None:
    """Connected to Celery's signal, it keeps Celery from setting up logging of its own."""
