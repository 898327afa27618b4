"""Who may do what: one table of verbs and roles. Whose ticket it is, is asked after that."""

from enum import StrEnum

from desk.errors import Forbidden, NotFound
from models import Role, Ticket, User


class Verb(StrEnum):
    """What a person may do, as a support agent would say it."""

    OPEN_TICKETS = "open tickets"
    WRITE_MESSAGES = "write messages"
    SEE_EVERY_TICKET = "see every ticket"
    WRITE_NOTES = "write notes"
    WRITE_FIRST = "write to customers first"
    CHANGE_TICKETS = "change tickets"
    SEE_RECIPIENTS = "see who would get a mail"
    ASK_WHY = "ask why a mail is where it is"
    READ_RAW_MAIL = "read raw mail"
    READ_JOURNAL = "read the journal"
    MOVE_JOURNAL = "replay or discard mail"
    MANAGE_SUPPRESSIONS = "see and lift suppressions"
    GET_NOTICES = "get notices of tickets"
    SEE_HEALTH = "see how mail flows"
    MANAGE_OUTBOX = "see and retry mail on its way"
    MANAGE_BREAKERS = "see and resume what is held back"
    TEST_RELAY = "send a test mail to themselves"
    TEST_RELAY_ELSEWHERE = "send a test mail to others"
    MANAGE_ADDRESSES = "manage people's addresses"
    MANAGE_USERS = "manage users"
    MANAGE_MAILBOXES = "manage mailboxes"


CUSTOMER = frozenset({Verb.OPEN_TICKETS, Verb.WRITE_MESSAGES})
AGENT = CUSTOMER | {
    Verb.SEE_EVERY_TICKET,
    Verb.WRITE_NOTES,
    Verb.WRITE_FIRST,
    Verb.CHANGE_TICKETS,
    Verb.SEE_RECIPIENTS,
    Verb.ASK_WHY,
    Verb.READ_RAW_MAIL,
    Verb.READ_JOURNAL,
    Verb.MOVE_JOURNAL,
    Verb.MANAGE_SUPPRESSIONS,
    Verb.GET_NOTICES,
    Verb.SEE_HEALTH,
    Verb.MANAGE_OUTBOX,
    Verb.MANAGE_BREAKERS,
    Verb.TEST_RELAY,
    Verb.MANAGE_ADDRESSES,
}
ADMIN = AGENT | {Verb.MANAGE_USERS, Verb.MANAGE_MAILBOXES, Verb.TEST_RELAY_ELSEWHERE}
MAY = {Role.CUSTOMER: CUSTOMER, Role.AGENT: AGENT, Role.ADMIN: ADMIN}


def may(person: User, verb: Verb) -> bool:
    return verb in MAY[person.role]


def require(person: User, verb: Verb) -> None:
    """Raises Forbidden where the person's role does not allow the verb."""
    if not may(person, verb):
        raise Forbidden(f"A {person.role} may not {verb}.")


def require_sight(person: User, ticket: Ticket) -> None:
    """Raises NotFound where the ticket is not the person's to see, as if there were none."""
    if ticket.requester_id != person.id and not may(person, Verb.SEE_EVERY_TICKET):
        raise NotFound("ticket")
