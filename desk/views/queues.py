"""The queues of a desk: which tickets stand in each, and how many."""

from enum import StrEnum

from desk.permissions import Verb, require
from desk.views.sight import CALLER, STAFF, Json, rows
from models import Turn, User

CAP = 9999  # what is counted at most: a number that nobody reads to the end


class Queue(StrEnum):
    MINE = "mine"
    UNASSIGNED = "unassigned"
    ACTIVE = "active"
    FROZEN = "frozen"
    CLOSED = "closed"


STANDS_IN = {
    Queue.MINE: f"t.assignee_id = {CALLER} AND t.status = 'AC'",
    Queue.UNASSIGNED: "t.assignee_id IS NULL AND t.status = 'AC'",
    Queue.ACTIVE: "t.status = 'AC'",
    Queue.FROZEN: "t.status = 'FR'",
    Queue.CLOSED: "t.status = 'CL'",
}
COUNTED = (Queue.MINE, Queue.UNASSIGNED, Queue.ACTIVE, Queue.FROZEN)


def _count(source: str) -> str:
    return f"(SELECT count(*) FROM (SELECT FROM {source} LIMIT {CAP}) counted)"


def _turn(queue: Queue, turn: Turn) -> str:
    return f"{_count(f'tickets t WHERE {STANDS_IN[queue]} AND t.turn = {turn.value!r}')} AS {queue}_{turn}"


COUNTS = ", ".join(
    [*(_turn(queue, turn) for queue in COUNTED for turn in Turn), _count("inbound WHERE state = 'held'") + " AS held"]
)


async def queues(by: User) -> Json:
    """How many tickets stand in each queue, by whose turn it is, and how many mails are held; each number at most CAP.

    Raises:
        Forbidden: as it says.
    """
    require(by, Verb.SEE_EVERY_TICKET)
    found = (await rows(f"SELECT {COUNTS} WHERE {STAFF} AND {CALLER} > 0", by))[0]
    counted = {str(queue): _of(found[f"{queue}_us"], found[f"{queue}_them"]) for queue in COUNTED}
    return counted | {"held": {"all": found["held"]}, "capped_at": CAP}


def _of(us: int, them: int) -> Json:
    return {"all": min(us + them, CAP), "us": us, "them": them}
