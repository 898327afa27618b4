"""What all queries of what people see share: who asks, what is theirs to see, and how a person or a moment is shown."""

from dataclasses import dataclass, field
from typing import Any

from tortoise import connections

from desk.permissions import Verb, may
from models import User

Json = dict[str, Any]

# $1: may see every ticket, and with it what staff alone see; $2: who asks.
STAFF, CALLER = "$1::boolean", "$2::bigint"
# To customers a message that may still be taken back was not said yet.
VISIBLE = f"({STAFF} OR (m.direction <> 'internal' AND m.held_until IS NULL))"


@dataclass
class Conditions:
    """What a query asks of its tickets `t`, and the values that it names."""

    parts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def value(self, value: Any) -> str:
        """The placeholder of a value. `$1` and `$2` are who asks."""
        self.values.append(value)
        return f"${len(self.values) + 2}"

    def add(self, condition: str) -> None:
        self.parts.append(condition)

    @property
    def sql(self) -> str:
        return " AND ".join(["true", *self.parts])


def moment(column: str) -> str:
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def person(alias: str, *more: str) -> str:
    """A person of the ticket; to customers staff write from the mailbox's address."""
    shown = f"{STAFF} OR {alias}.role = 'customer' OR {alias}.id = {CALLER}"
    name = f"coalesce(nullif({alias}.name, ''), {alias}.username, split_part({alias}.email, '@', 1))"
    fields = [f"'id', {alias}.id", f"'name', {name}"]
    fields.append(f"'email', CASE WHEN {shown} THEN {alias}.email ELSE box.address END")
    return f"json_build_object({', '.join([*fields, *more])})"


def own(by: User) -> str:
    """The condition that `t` is a ticket of the caller's; nothing for staff, who see all."""
    return "true" if may(by, Verb.SEE_EVERY_TICKET) else f"t.requester_id = {CALLER}"


async def rows(sql: str, by: User, *values: Any) -> list[Json]:
    """Rows of a query; `$1` and `$2` are who asks, `$3` and so on the values."""
    arguments = [may(by, Verb.SEE_EVERY_TICKET), by.id, *values]
    found = await connections.get("default").execute_query_dict(sql, arguments)
    return [dict(row) for row in found]


async def seen(by: User, select: str, where: str, ident: int) -> list[Json]:
    """Rows of messages that the caller may see."""
    return await rows(
        f"""{select} JOIN tickets t ON t.id = m.ticket_id
            WHERE {where} AND {VISIBLE} AND ({STAFF} OR t.requester_id = {CALLER})""",
        by,
        ident,
    )
