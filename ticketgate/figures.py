"""What the database knows of the desk's health, asked when somebody looks, as gauges of Prometheus."""

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterator

import asyncpg
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from models import DeliveryState, InboundState
from models.ledger import DUTY, LOOK, Figures
from settings import DatabaseUrl

log = logging.getLogger(__name__)

PATIENCE = 8.0  # seconds: Prometheus itself waits for ten
FRESH = 1.0  # seconds for which an answer serves again, at least


async def look(database: DatabaseUrl) -> Figures:
    """Asks the database. Raises what asyncpg raises, or TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        connection = await asyncpg.connect(**database.connect_arguments())
        try:
            await connection.execute(f"SET statement_timeout = {PATIENCE * 1000:.0f}")
            row = await connection.fetchrow(LOOK)
        finally:
            connection.terminate()
    assert row is not None
    return Figures(row["accepted"], json.loads(row["journal"]), json.loads(row["deliveries"]), row["oldest"] or 0.0)


class FiguresCollector(Collector):
    """The figures as gauges. While the database does not answer there are none: an old figure would be a lie."""

    def __init__(self, database: DatabaseUrl) -> None:
        self._database = database
        self._one = threading.Lock()
        self._figures: Figures | None = None
        self._until = 0.0

    def collect(self) -> Iterator[Metric]:
        with self._one:
            figures = self._look()
        if figures:
            yield from _gauges(figures)

    def _look(self) -> Figures | None:
        began = time.monotonic()
        if began < self._until:
            return self._figures
        try:
            self._figures = asyncio.run(look(self._database))
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("metrics: the database does not answer: %s", type(error).__name__)
            self._figures = None
        took = time.monotonic() - began
        self._until = time.monotonic() + max(FRESH, DUTY * took)
        return self._figures


def _gauges(figures: Figures) -> Iterator[Metric]:
    waiting = figures.journal.get(InboundState.ACCEPTED, 0)
    yield GaugeMetricFamily("ticketgate_mail_waiting", "Mails that the intake has not read yet.", waiting)
    yield GaugeMetricFamily(
        "ticketgate_mail_oldest_waiting_seconds", "How long the oldest of them has waited; 0 without.", figures.oldest
    )
    yield _by_state(
        "ticketgate_journal_entries", "Entries of the journal; `accepted` ones wait.", InboundState, figures.journal
    )
    yield _by_state("ticketgate_deliveries", "Copies of outgoing mail.", DeliveryState, figures.deliveries)
    yield GaugeMetricFamily("ticketgate_ledger_accepted", "Mails that ever were to hear 250.", figures.accepted)
    yield GaugeMetricFamily(
        "ticketgate_ledger_balanced",
        "1 if accepted = processed + ignored + held + quarantined + waiting; 0: a mail is missing.",
        int(figures.balanced),
    )


def _by_state(
    name: str, about: str, states: type[InboundState] | type[DeliveryState], counted: dict[str, int]
) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, about, labels=["state"])
    for state in states:
        gauge.add_metric([state.value], counted.get(state.value, 0))
    return gauge
