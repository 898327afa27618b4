"""The database's figures, and the ledger: it finds out when a mail that was to hear 250 is no more."""

import asyncio
from pathlib import Path

import pytest

from gateway.journal import Journal, NotKept
from settings import DatabaseUrl, Settings
from tests.conftest import empty_tables
from tests.gateway.listening import query
from tests.gateway.test_journal import mail, opened
from ticketgate.figures import Figures, FiguresCollector, look

TERMINATE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%ticketgate_inbound%' "
    "AND pid <> pg_backend_pid() AND datname = current_database()"
)


async def kept(journal: Journal, number: int) -> bool:
    try:
        await journal.keep(mail(number))
    except NotKept:
        return False
    return True


async def test_an_empty_desk_is_balanced(surroundings: Settings) -> None:
    await empty_tables(surroundings.database)
    figures = await look(surroundings.database)
    assert figures == Figures(0, {}, {}, 0.0)
    assert figures.balanced


async def test_every_mail_that_is_kept_is_counted_once_whatever_happens_to_its_neighbours(
    surroundings: Settings,
) -> None:
    """Several listeners, batches that are rolled back and tried one by one, and connections that are lost."""
    url = surroundings.database
    await empty_tables(url)
    await query(url, "ALTER TABLE inbound ADD CONSTRAINT good CHECK (envelope_from NOT LIKE '%7@people.test')")
    journals = [await opened(url) for _ in range(3)]
    try:
        ends = await asyncio.gather(
            *(kept(journals[number % 3], number) for number in range(300)), query(url, TERMINATE)
        )
    finally:
        await query(url, "ALTER TABLE inbound DROP CONSTRAINT good")
        for journal in journals:
            await journal.close()
    figures = await look(url)
    assert ends[:300].count(True) == 270
    # A connection that is lost between commit and answer leaves a mail twice: in the rows and in the ledger.
    assert figures.journal["accepted"] == figures.accepted >= 270
    assert figures.balanced


@pytest.mark.parametrize("state", ["processed", "ignored", "held", "quarantined"])
async def test_a_mail_is_counted_in_whatever_state_it_is(surroundings: Settings, state: str) -> None:
    await with_mails(surroundings.database, 3)
    await query(surroundings.database, "UPDATE inbound SET state = $1 WHERE id = 2", state)
    figures = await look(surroundings.database)
    assert figures.journal == {"accepted": 2, state: 1}
    assert figures.balanced


@pytest.mark.parametrize("harm", ["DELETE FROM inbound WHERE id = 2", "TRUNCATE inbound CASCADE"])
async def test_a_mail_that_vanished_is_missed(surroundings: Settings, harm: str) -> None:
    await with_mails(surroundings.database, 3)
    await query(surroundings.database, harm)
    figures = await look(surroundings.database)
    assert figures.accepted == 3
    assert not figures.balanced


async def test_a_mail_that_the_database_swallows_is_missed(surroundings: Settings) -> None:
    """Somebody's trigger that drops rows: the client hears 250, and the ledger alone knows."""
    url = surroundings.database
    await empty_tables(url)
    await query(
        url,
        "CREATE OR REPLACE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
    )
    await query(url, "CREATE TRIGGER swallow BEFORE INSERT ON inbound FOR EACH ROW EXECUTE FUNCTION swallow()")
    try:
        await with_mails(url, 2)
    finally:
        await query(url, "DROP FUNCTION swallow CASCADE")
    figures = await look(url)
    assert (figures.accepted, figures.journal) == (2, {})
    assert not figures.balanced


async def test_the_oldest_waiting_mail_has_an_age(surroundings: Settings) -> None:
    await with_mails(surroundings.database, 3)
    await query(
        surroundings.database,
        "UPDATE inbound SET received_at = now() - id * interval '1 hour', "
        "state = CASE WHEN id = 1 THEN 'processed' ELSE 'accepted' END",
    )
    assert 7200 <= (await look(surroundings.database)).oldest < 7300


async def test_gauges_are_those_of_the_database_and_none_without_it(surroundings: Settings, tmp_path: Path) -> None:
    await with_mails(surroundings.database, 2)
    there = await asyncio.to_thread(gauges, surroundings.database)
    assert there["ticketgate_mail_waiting", ""] == 2
    assert there["ticketgate_journal_entries", "accepted"] == 2
    assert there["ticketgate_journal_entries", "held"] == 0
    assert there["ticketgate_deliveries", "sent"] == 0
    assert there["ticketgate_ledger_balanced", ""] == 1
    nowhere = DatabaseUrl(host=str(tmp_path), user="nobody", database="none")
    assert await asyncio.to_thread(gauges, nowhere) == {}


async def with_mails(url: DatabaseUrl, number: int) -> None:
    await empty_tables(url)
    journal = await opened(url)
    for one in range(number):
        await journal.keep(mail(one))
    await journal.close()


def gauges(url: DatabaseUrl) -> dict[tuple[str, str], float]:
    """By name and state."""
    found = FiguresCollector(url).collect()
    return {(one.name, one.labels.get("state", "")): one.value for metric in found for one in metric.samples}
