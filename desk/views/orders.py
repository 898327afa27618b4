"""The orders of a list of tickets, and where in one a page begins: by keys, so that none is missed or shown twice."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from desk.errors import LARGEST_ID
from desk.views.sight import Conditions

LATEST = 2**53  # microseconds since 1970: PostgreSQL's interval takes no more


class Sort(StrEnum):
    ACTIVITY = "activity"  # newest first
    WAITING = "waiting"  # our turn before theirs, each with the customer first who has waited longest
    OLDEST = "oldest"  # the oldest ticket first


@dataclass(frozen=True)
class Order:
    """One order.

    Attributes:
        by: for ORDER BY.
        place: the text that says where a ticket is in it: numbers with hyphens between.
        after: the condition for what comes after a place, from placeholders of its numbers.
    """

    by: str
    place: str
    numbers: int
    after: Callable[..., str]


def _micros(column: str) -> str:
    return f"(extract(epoch FROM {column}) * 1000000)::bigint"


def _instant(micros: str) -> str:
    return f"'epoch'::timestamptz + {micros}::bigint * interval '1 microsecond'"


ORDERS = {
    Sort.ACTIVITY: Order(
        by="t.updated_at DESC, t.id DESC",
        place=f"{_micros('t.updated_at')} || '-' || t.id",
        numbers=2,
        after=lambda at, ident: f"(t.updated_at, t.id) < ({_instant(at)}, {ident}::bigint)",
    ),
    Sort.WAITING: Order(
        by="(t.turn = 'them'), t.waiting_since, t.id",
        place=f"(t.turn = 'them')::int || '-' || {_micros('t.waiting_since')} || '-' || t.id",
        numbers=3,
        after=lambda theirs, at, ident: (
            f"((t.turn = 'them'), t.waiting_since, t.id) > ({theirs}::bigint <> 0, {_instant(at)}, {ident}::bigint)"
        ),
    ),
    Sort.OLDEST: Order(by="t.id", place="t.id::text", numbers=1, after=lambda ident: f"t.id > {ident}::bigint"),
}


def begin_after(conditions: Conditions, order: Order, text: str | None) -> None:
    """Leaves out what comes before a place. One that cannot be read, or is of another order, begins anew."""
    numbers = _numbers(text or "")
    if len(numbers) == order.numbers and all(number < LATEST for number in numbers[:-1]):
        conditions.add(order.after(*[conditions.value(number) for number in numbers]))


def _numbers(text: str) -> list[Any]:
    parts = text.split("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts):
        return []
    return [number for number in map(int, parts) if number <= LARGEST_ID]
