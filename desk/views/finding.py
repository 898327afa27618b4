"""Which tickets a search finds: what was typed (desk/queries.py), as conditions of SQL."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from desk.permissions import Verb, may
from desk.queries import Name, Operator, Query, Unclear, Word
from desk.views.rows import ATTACHED, DRAFTED, NOTED, UNREAD
from desk.views.sight import CALLER, STAFF, VISIBLE, Conditions, rows
from models import Mailbox, Status, User

MANY = 5000  # messages that have a word: more than that are not worth gathering
SAMPLE = 500  # of the newest messages, that tell of a word whether it is common
COMMON = 10  # of them: then they are not gathered

STATES = {"active": Status.ACTIVE, "frozen": Status.FROZEN, "closed": Status.CLOSED}
HAS = {
    "attachment": ATTACHED,
    "bounce": "EXISTS (SELECT FROM deliveries d WHERE d.ticket_id = t.id AND d.state IN ('bounced', 'failed'))",
    "note": NOTED,
    "draft": DRAFTED,
}


async def find(conditions: Conditions, by: User, query: Query, timezone: ZoneInfo) -> None:
    """Narrows to what a query finds.

    Raises:
        Unclear: an operator names nobody whom we know, or staff alone may use it.
    """
    if query == Query():
        conditions.add("false")
    if query.words:
        conditions.add(await _worded(conditions, by, query))
    for operator in query.operators:
        if operator.for_staff and not may(by, Verb.SEE_EVERY_TICKET):
            raise Unclear("staff alone find by this", operator.at)
        found = await _found_by(conditions, by, operator, timezone)
        conditions.add(f"NOT ({found})" if operator.negated else f"({found})")


def every(conditions: Conditions, words: tuple[Word, ...]) -> str:
    """The tsquery for all of the words."""
    return " && ".join(_tsquery(conditions, word) for word in words)


def some(conditions: Conditions, words: tuple[Word, ...]) -> str:
    """The tsquery for one of them at least."""
    return " || ".join(_tsquery(conditions, word) for word in words)


def having(words: str) -> str:
    """The condition that a message `m` has the words of a tsquery. Customers find staff by their name, as they see it:
    not by their address, nor by those that their mail program named.
    """
    names = "(SELECT ts_filter(author.search, '{a}') FROM users author WHERE author.id = m.author_id)"
    shown = f"(ts_filter(m.search, '{{a,c,d}}') || coalesce({names}, '')) @@ ({words})"
    of_customer = "EXISTS (SELECT FROM users author WHERE author.id = m.author_id AND author.role = 'customer')"
    return f"m.search @@ ({words}) AND ({STAFF} OR {of_customer} OR {shown})"


def _tsquery(conditions: Conditions, word: Word) -> str:
    value = conditions.value(word.text)
    return f"phraseto_tsquery('simple', folded({value}))" if word.phrase else f"search_query({value})"


async def _worded(conditions: Conditions, by: User, query: Query) -> str:
    found = await _said(conditions, by, lambda asked: having(every(asked, query.words)))
    if query.number is not None:
        return f"({found} OR t.id = {query.number})"
    if query.message_id is not None:
        named = f"m.rfc_message_id = {conditions.value(query.message_id)}"
        return f"({found} OR t.id IN (SELECT m.ticket_id FROM messages m WHERE {named} AND {VISIBLE}))"
    return found


async def _said(conditions: Conditions, by: User, asks: Callable[[Conditions], str], *, negated: bool = False) -> str:
    """The condition that a ticket has a message of which something holds."""
    return await _has(conditions, by, "messages", lambda asked: f"{asks(asked)} AND {VISIBLE}", negated=negated)


async def _has(
    conditions: Conditions, by: User, table: str, asks: Callable[[Conditions], str], *, negated: bool
) -> str:
    """The condition that a ticket has a row `m` of which something holds.

    What is true of few rows is looked up there first. What is true of many is asked of each ticket in turn, newest
    first: that page is full before long, and all its hits would be far too many to sort (MEASUREMENTS.md 7). So is what
    must not be.
    """
    newest = f"(SELECT * FROM {table} ORDER BY id DESC LIMIT {SAMPLE})"
    if not negated and len(await _tickets(by, newest, asks, COMMON)) < COMMON:
        few = await _tickets(by, table, asks, MANY)
        if len(few) < MANY:
            return f"t.id = ANY({conditions.value(few)}::bigint[])"
    return f"EXISTS (SELECT FROM {table} m WHERE {asks(conditions)} AND m.ticket_id = t.id OFFSET 0)"


async def _tickets(by: User, source: str, asks: Callable[[Conditions], str], limit: int) -> list[int]:
    """The tickets of rows of which something holds; of `limit` rows at most."""
    asked = Conditions()
    found = await rows(
        f"""SELECT m.ticket_id FROM {source} m
            WHERE {asks(asked)} AND {STAFF} IS NOT NULL AND {CALLER} > 0 LIMIT {limit}""",
        by,
        *asked.values,
    )
    return [row["ticket_id"] for row in found]


async def _found_by(conditions: Conditions, by: User, operator: Operator, timezone: ZoneInfo) -> str:
    if operator.name in COLUMNS:
        return COLUMNS[operator.name](conditions, operator.value)
    if operator.name in DAYS:
        midnight = datetime.combine(date.fromisoformat(operator.value), time.min, tzinfo=timezone)
        return f"t.updated_at {DAYS[operator.name]} {conditions.value(midnight)}"
    return await ASKED[operator.name](conditions, by, operator)


async def _written_by(conditions: Conditions, by: User, operator: Operator) -> str:
    def asks(asked: Conditions) -> str:
        return f"m.author_id IN ({_people(asked, operator.value)})"

    return await _said(conditions, by, asks, negated=operator.negated)


async def _in_subject(conditions: Conditions, by: User, operator: Operator) -> str:
    def asks(asked: Conditions) -> str:
        return f"ts_filter(m.search, '{{a}}') @@ ({every(asked, _words(operator.value))})"

    return await _said(conditions, by, asks, negated=operator.negated)


def _people(conditions: Conditions, value: str) -> str:
    """The ids of those whom a name or an address means; to customers, staff have names alone."""
    words = every(conditions, _words(value))
    shown = f"{STAFF} OR u.role = 'customer' OR u.id = {CALLER} OR ts_filter(u.search, '{{a}}') @@ ({words})"
    return f"SELECT u.id FROM users u WHERE u.search @@ ({words}) AND ({shown})"


async def _reaches(conditions: Conditions, by: User, operator: Operator) -> str:
    """The mailbox that a ticket was written to, or else whoever gets its mail."""
    boxes = await Mailbox.filter(address=operator.value.lower()).values_list("id", flat=True)
    if boxes:
        return f"t.mailbox_id = {conditions.value(boxes[0])}"

    def asks(asked: Conditions) -> str:
        return f"m.user_id IN ({_people(asked, operator.value)})"

    return await _has(conditions, by, "participants", asks, negated=operator.negated)


async def _assigned(conditions: Conditions, by: User, operator: Operator) -> str:
    if operator.value.lower() == "me":
        return f"t.assignee_id IS NOT DISTINCT FROM {CALLER}"
    if operator.value.lower() == "none":
        return "t.assignee_id IS NULL"
    asked = Conditions()
    found = await rows(f"{_people(asked, operator.value)} AND u.role <> 'customer'", by, *asked.values)
    if not found:
        raise Unclear("no member of staff is called so", operator.at)
    return f"coalesce(t.assignee_id = ANY({conditions.value([row['id'] for row in found])}::bigint[]), false)"


async def _in_mailbox(conditions: Conditions, by: User, operator: Operator) -> str:
    found = await rows(
        f"""SELECT id FROM mailboxes b WHERE {STAFF} IS NOT NULL AND {CALLER} > 0
            AND (b.address LIKE $3 OR lower(b.name) LIKE $3)""",
        by,
        operator.value.lower().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%",
    )
    if not found:
        raise Unclear("no mailbox is called so", operator.at)
    return f"t.mailbox_id = ANY({conditions.value([row['id'] for row in found])}::bigint[])"


def _words(value: str) -> tuple[Word, ...]:
    """The words of an operator's value: quotes keep them together, and each may lack its end."""
    return tuple(Word(word) for word in value.split())


COLUMNS: dict[Name, Callable[[Conditions, str], str]] = {
    Name.IS: lambda _, value: UNREAD if value == "unread" else f"t.status = '{STATES[value]}'",
    Name.HAS: lambda _, value: HAS[value],
    Name.TAG: lambda conditions, value: f"t.tags @> ARRAY[{conditions.value(value)}::text]",
    Name.PRIORITY: lambda conditions, value: f"t.priority = {conditions.value(value)}",
}
DAYS = {Name.BEFORE: "<", Name.AFTER: ">="}
ASKED: dict[Name, Callable[[Conditions, User, Operator], Awaitable[str]]] = {
    Name.FROM: _written_by,
    Name.TO: _reaches,
    Name.SUBJECT: _in_subject,
    Name.ASSIGNEE: _assigned,
    Name.MAILBOX: _in_mailbox,
}
