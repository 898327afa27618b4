"""Moves what a demo made into the past, each row with the step that made it, and gives its senders their standing.

This writes rows as nothing else in Ticketgate does, and only those of the demo: a desk gets its mail over weeks, and
the domains of the demo cannot publish what would prove their mail.
"""

import json

from gateway.proof.proof import Proof
from models.schema import open_connection
from settings import Settings
from ticketgate.demo.script import Standing
from ticketgate.demo.stage import Posted, Stamp

# Of each table that has a ticket's rows: its times, the first of which says when the row was made.
TIMES = {
    "messages": ("created_at",),
    "events": ("created_at",),
    "participants": ("created_at",),
    "deliveries": ("created_at", "due_at", "tried_at", "sent_at", "bounced_at"),
    "suppressions": ("created_at",),
    "inbound": ("received_at", "due_at"),
}
# Of a ticket each time has a step of its own.
TICKET_TIMES = ("created_at", "updated_at", "waiting_since", "closed_at")

REMEMBER = """
    CREATE TEMPORARY TABLE demo_steps (ticket bigint, began timestamptz, planned timestamptz) ON COMMIT DROP"""

# Mail that is on no ticket, as what is held.
ALONE = """
    UPDATE inbound SET received_at = $2 WHERE rfc_message_id = $1 AND ticket_id IS NULL"""
SHOWN = """
    UPDATE messages SET email = email || jsonb_build_object('authentication', $2::text::jsonb)
    WHERE rfc_message_id = $1 AND via = 'email'"""


async def move_back(settings: Settings, stamps: list[Stamp], mails: list[Posted]) -> None:
    """In one transaction. Raises Away."""
    connection = await open_connection(settings)
    try:
        async with connection.transaction():
            await connection.execute(REMEMBER)
            steps = [(stamp.ticket, stamp.began, stamp.planned) for stamp in stamps]
            await connection.executemany("INSERT INTO demo_steps VALUES ($1, $2, $3)", steps)
            await connection.execute("CREATE INDEX ON demo_steps (ticket, began)")
            for statement in _statements():
                await connection.execute(statement)
            await connection.executemany(ALONE, [(mail.message_id, mail.planned) for mail in mails])
            await connection.executemany(SHOWN, [(mail.message_id, json.dumps(_shown(mail))) for mail in mails])
    finally:
        await connection.close()


def _statements() -> list[str]:
    moves = [_move(table, columns, columns[0], "ticket_id") for table, columns in TIMES.items()]
    return [*moves, _move("tickets", TICKET_TIMES, None, "id")]


def _move(table: str, columns: tuple[str, ...], made: str | None, ticket: str) -> str:
    """Moves the times of each row as far as the one that says when it was made, or each by itself."""
    moved = (
        f"{column} = {column} - coalesce({_distance(table, made or column, ticket)}, interval '0')"
        for column in columns
    )
    return f"UPDATE {table} SET {', '.join(moved)} WHERE {ticket} IN (SELECT ticket FROM demo_steps)"  # noqa: S608 - names of our own


def _distance(table: str, moment: str, ticket: str) -> str:
    """How far a moment on a ticket moves: as far as the last step that began before it."""
    return f"""(
        SELECT step.began - step.planned FROM demo_steps step
        WHERE step.ticket = {table}.{ticket} AND step.began <= {table}.{moment} ORDER BY step.began DESC LIMIT 1)"""  # noqa: S608 - as above


def _shown(mail: Posted) -> dict[str, object]:
    match mail.standing:
        case Standing.PROVEN:
            proof = Proof(
                mail.domain,
                "pass",
                mail.domain,
                "pass",
                mail.domain,
                "mail",
                dmarc="pass",
                policy="quarantine",
                proven=True,
            )
        case Standing.UNPROVEN:
            proof = Proof(mail.domain, spf="softfail", spf_domain=mail.domain)
        case Standing.REJECTED:
            proof = Proof(mail.domain, spf="fail", spf_domain=mail.domain, dmarc="fail", policy="reject")
    return proof.as_json()
