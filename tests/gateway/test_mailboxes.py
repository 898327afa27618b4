"""Whose mail is taken: the view of the mailboxes, and what happens where it does not know."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.mailboxes import CannotTell, Mailboxes
from letters.addresses import Keys, write_reply_address, write_return_path
from settings import DatabaseUrl, Settings
from tests.gateway.listening import MAILBOX, one_mailbox, query
from tests.gateway.private_postgres import PrivatePostgres

KEY = b"k" * 32
TABLE = "CREATE TABLE mailboxes (address text UNIQUE, active boolean NOT NULL DEFAULT true)"


@asynccontextmanager
async def opened(url: DatabaseUrl, patience: float = 5.0, keys: Keys = KEY) -> AsyncIterator[Mailboxes]:
    mailboxes = Mailboxes(url, keys, patience=patience)
    await mailboxes.open()
    try:
        yield mailboxes
    finally:
        await mailboxes.close()


async def add(url: DatabaseUrl, address: str) -> None:
    """Without an announcement, as if that were still under way."""
    await query(url, "INSERT INTO mailboxes (address, name, active, created_at) VALUES ($1, 'x', true, now())", address)


async def test_addresses_of_the_desk(surroundings: Settings) -> None:
    await one_mailbox(surroundings.database)
    async with opened(surroundings.database) as mailboxes:
        for address in (MAILBOX, MAILBOX.upper(), "support+x@desk.test", "Support+@desk.test", "support+a+b@desk.test"):
            assert await mailboxes.accepts(address), address
        for address in (
            "x@desk.test",
            "support@x.test",
            "support",
            "@desk.test",
            "+x@desk.test",
            "",
            "<>",
            "a@support@desk.test",
        ):
            assert not await mailboxes.accepts(address), address


async def test_signed_addresses_are_taken_at_a_domain_of_ours_only(surroundings: Settings) -> None:
    await one_mailbox(surroundings.database)
    async with opened(surroundings.database) as mailboxes:
        for address in signed(KEY, "anything@desk.test"):
            assert await mailboxes.accepts(address)
            assert await mailboxes.accepts(address.upper())
            assert await mailboxes.accepts(address.partition("+")[2]), "lists drop the plus"
        for address in (*signed(KEY, "anything@elsewhere.test"), *signed(b"another key", "anything@desk.test")):
            assert not await mailboxes.accepts(address)


async def test_what_a_former_key_signed_is_taken_too(surroundings: Settings) -> None:
    await one_mailbox(surroundings.database)
    async with opened(surroundings.database, keys=(b"this year's key", KEY)) as mailboxes:
        for key in (KEY, b"this year's key"):
            for address in signed(key, "anything@desk.test"):
                assert await mailboxes.accepts(address)
        for address in signed(b"another key", "anything@desk.test"):
            assert not await mailboxes.accepts(address)


def signed(key: bytes, mailbox: str) -> tuple[str, str]:
    return write_reply_address(key, mailbox, 7, 8), write_return_path(key, mailbox, 9)


async def test_a_mailbox_made_a_moment_ago_is_known(surroundings: Settings) -> None:
    await one_mailbox(surroundings.database)
    async with opened(surroundings.database) as mailboxes:
        assert not await mailboxes.accepts("billing@new.test")
        await add(surroundings.database, "billing@new.test")
        answers = await asyncio.gather(*(mailboxes.accepts(f"billing+{number}@new.test") for number in range(20)))
        assert all(answers)


async def test_a_mailbox_that_was_closed_is_forgotten_when_that_is_announced(surroundings: Settings) -> None:
    await one_mailbox(surroundings.database)
    async with opened(surroundings.database) as mailboxes:
        assert await mailboxes.accepts(MAILBOX)
        await query(surroundings.database, "UPDATE mailboxes SET active = false")
        await query(surroundings.database, "SELECT pg_notify('ticketgate_mailboxes', '')")
        async with asyncio.timeout(20):
            while await mailboxes.accepts(MAILBOX):
                await asyncio.sleep(0.005)


async def test_a_session_that_goes_away_in_its_question_disturbs_nobody(surroundings: Settings) -> None:
    await one_mailbox(surroundings.database)
    async with opened(surroundings.database) as mailboxes:
        asking = [asyncio.create_task(mailboxes.accepts("nobody@desk.test")) for _ in range(10)]
        await asyncio.sleep(0)
        for task in asking[::2]:
            task.cancel()
        ends = await asyncio.gather(*asking, return_exceptions=True)
        assert ends[1::2] == [False] * 5


async def test_known_mailboxes_are_taken_while_the_database_is_away_and_others_put_off(tmp_path: Path) -> None:
    async with PrivatePostgres(tmp_path) as postgres:
        await query(postgres.url, TABLE)
        await query(postgres.url, "INSERT INTO mailboxes VALUES ($1)", MAILBOX)
        async with opened(postgres.url) as mailboxes:
            postgres.stop()
            assert await mailboxes.accepts("support+x@desk.test")
            with pytest.raises(CannotTell):
                await mailboxes.accepts("new@desk.test")
            await postgres.start()
            await query(postgres.url, "INSERT INTO mailboxes VALUES ('new@desk.test')")
            assert await known_sometime(mailboxes, "new@desk.test")


async def test_a_frozen_database_cannot_tell(tmp_path: Path) -> None:
    async with PrivatePostgres(tmp_path) as postgres:
        await query(postgres.url, TABLE)
        await query(postgres.url, "INSERT INTO mailboxes VALUES ($1)", MAILBOX)
        async with opened(postgres.url, patience=2.0) as mailboxes:
            with postgres.frozen():
                assert await mailboxes.accepts(MAILBOX)
                with pytest.raises(CannotTell):
                    await mailboxes.accepts("nobody@desk.test")
            assert not await known_sometime(mailboxes, "nobody@desk.test")


async def known_sometime(mailboxes: Mailboxes, address: str) -> bool:
    """As a sender does: again and again while it is put off."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await mailboxes.accepts(address)
            except CannotTell:
                await asyncio.sleep(0.005)


async def test_a_view_that_is_closed_at_once_leaves_no_connection(surroundings: Settings) -> None:
    await one_mailbox(surroundings.database)
    mailboxes = Mailboxes(surroundings.database, KEY)
    await mailboxes.open()
    await mailboxes.close()  # before its watcher ever ran
    del mailboxes
    gc.collect()  # asyncpg complains of a connection that is thrown away open, and the suite fails by that
