"""What lists, counters and searches cost at many tickets: `python -m benchmarks.queues [--tickets 100000]`.

Fills a PostgreSQL of its own with made-up tickets, closes it at the end, and prints the median of each question: from
the call of `desk/views` to its answer, as a member of staff asks it.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg

from desk import views
from desk.views import Queue, Sort, Wanted
from models import Priority, User
from models.schema import connected, migrate
from settings import Places, Settings, load
from ticketgate.embedded import running

ROUNDS = 15
LONGEST_FILLING = 1800.0  # seconds of a statement

# One ticket in five is active, half of those are assigned to ten people. Words are as common as in a language: the
# first of five thousand in every text, the last in a few.
FILL = [
    """INSERT INTO mailboxes (address, name, active, created_at)
        VALUES ('support@desk.example', 'Support', true, now()), ('billing@desk.example', 'Billing', true, now())""",
    """INSERT INTO users (username, email, name, role, proven, active, created_at)
        SELECT CASE WHEN n <= 10 THEN 'staff' || n END, 'person' || n || '@house' || n % 500 || '.example',
               'Person ' || n, CASE WHEN n <= 10 THEN 'agent' ELSE 'customer' END, true, true, now()
        FROM generate_series(1, 20000) n""",
    """INSERT INTO tickets (title, status, mailbox_id, requester_id, assignee_id, priority, tags, turn, waiting_since,
            created_at, updated_at, closed_at)
        SELECT 'About matter ' || n || ' word' || to_char(n % 4000, 'FM0000'), status, 1 + (n % 20 = 0)::int,
               11 + n % 19990,
               CASE WHEN n % 4 > 1 THEN 1 + n % 10 END, CASE WHEN n % 50 = 0 THEN 'urgent' ELSE 'normal' END,
               CASE WHEN n % 3 = 0 THEN ARRAY['tag' || n % 40] ELSE '{}'::text[] END,
               CASE WHEN n % 3 = 1 THEN 'them' ELSE 'us' END, at, at - interval '1 day', at,
               CASE WHEN status = 'CL' THEN at END
        FROM (SELECT n, now() - ($1::bigint - n) * interval '3 minutes' AS at,
                     CASE WHEN n % 10 IN (0, 5) THEN 'AC' WHEN n % 30 = 1 THEN 'FR' ELSE 'CL' END AS status
              FROM generate_series(1, $1::bigint) n) made""",
    """INSERT INTO participants (ticket_id, user_id, source, created_at)
        SELECT id, requester_id, 'requester', now() FROM tickets""",
    """INSERT INTO messages (ticket_id, opening, author_id, author_role, direction, via, stranger, text, rfc_message_id,
            "references", created_at)
        SELECT t.id, part = 0, CASE WHEN part = 1 THEN 1 + t.id % 10 ELSE t.requester_id END,
               CASE WHEN part = 1 THEN 'agent' ELSE 'customer' END,
               CASE WHEN part <> 1 THEN 'inbound' WHEN t.id % 20 = 0 THEN 'internal' ELSE 'outbound' END, 'api', false,
               (SELECT string_agg(to_char(floor(5000 * random() ^ 4 + 0 * (t.id + part + n)), '"word"FM0000'), ' ')
                FROM generate_series(1, 40) n) || ' unique' || t.id,
               t.id || '.' || part || '@made.example', '{}', t.created_at + part * interval '1 hour'
        FROM tickets t, generate_series(0, 2) part WHERE part < 2 OR t.id % 2 = 0""",
    """INSERT INTO attachments (message_id, filename, content_type, size, sha256, inline, blob)
        SELECT id, 'bill' || id || '.pdf', 'application/pdf', 1, '', false, '' FROM messages
        WHERE opening AND id % 5 = 0""",
    """INSERT INTO deliveries (ticket_id, message_id, kind, user_id, recipient, copied, subject, rfc_message_id,
            "references", state, attempts, due_at, trace, created_at)
        SELECT t.id, m.id, 'message', t.requester_id, 'x@y.example', false, '', m.rfc_message_id, '{}',
               CASE WHEN t.id % 300 = 0 THEN 'bounced' ELSE 'sent' END, 1, now(), '', now()
        FROM messages m JOIN tickets t ON t.id = m.ticket_id WHERE m.direction = 'outbound'""",
    """INSERT INTO read_marks (user_id, ticket_id, message_id, at)
        SELECT 1, ticket_id, max(id), now() FROM messages WHERE ticket_id % 2 = 0 GROUP BY ticket_id""",
]

SEARCHES = (
    "word0003", "word0700", "unique777", "word0900 word0007", '"word0001 word0002"', "w", "from:person500",
    "from:house7.example", "from:staff1", "subject:word0077", "subject:matter", "to:person700", "is:unread",
    "-is:unread", "has:attachment", "has:bounce", "has:note", "has:draft", "tag:tag3", "priority:urgent",
    "mailbox:billing", "assignee:me word0001", "before:2020-01-01", "-from:house7.example",
)  # fmt: skip


def main() -> None:
    """Fills and measures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queues", description=__doc__.split("\n\n")[0])
    parser.add_argument("--tickets", type=int, default=100_000)
    count = parser.parse_args().tickets
    with tempfile.TemporaryDirectory(prefix="ticketgate-queues-") as folder:
        settings = load(_env_file=None, data_dir=Path(folder))
        with running(Places(Path(folder)), durable=False):
            asyncio.run(_measure(settings, count))


async def _measure(settings: Settings, count: int) -> None:
    await migrate(settings)
    await fill(settings, count)
    async with connected(settings):
        by = await User.get(id=1)
        for name, ask in _questions(by).items():
            print(f"{name:34} {await _median(ask):7.1f} ms")


async def fill(settings: Settings, count: int) -> None:
    """Makes so many tickets in a database that is migrated and has no rows yet."""
    began = time.monotonic()
    connection = await asyncpg.connect(**settings.database.connect_arguments())
    try:
        for statement in FILL:
            await connection.execute(statement, *([count] if "$1" in statement else []), timeout=LONGEST_FILLING)
        await connection.execute("VACUUM ANALYZE", timeout=LONGEST_FILLING)
    finally:
        await connection.close()
    print(f"{count} tickets in {time.monotonic() - began:.0f} s")


def _questions(by: User) -> dict[str, Callable[[], Awaitable[Any]]]:
    """What is asked, by name."""

    def page(**wanted: Any) -> Callable[[], Awaitable[Any]]:
        return lambda: views.tickets(by, views.Display(str, str), Wanted(**wanted), limit=50, summary=True)

    asked = {"counters": lambda: views.queues(by), "all": page(), "all, oldest": page(sort=Sort.OLDEST)}
    for queue in Queue:
        asked |= {f"{queue}, {sort}": page(queue=queue, sort=sort) for sort in Sort}
    asked |= {f"search {query}": page(query=query) for query in SEARCHES}
    return asked | {
        "a tag": page(tag="tag7"),
        "urgent ones": page(priority=Priority.URGENT),
        "tags to choose from": lambda: views.tags(by, "tag"),
        "people to choose from": lambda: views.people(by, "person 12"),
    }


async def _median(ask: Callable[[], Awaitable[Any]]) -> float:
    """Milliseconds; the first call warms up."""
    await ask()
    taken = list[float]()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
