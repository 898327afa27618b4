"""What the desk refuses, and why. An edge says it in its own language: `api/problems.py` has the table.

DeskError
    NotFound        there is no such thing, or not for you
    Forbidden       your role may not
    Invalid         a value is not one we take; names its field
    Conflict        it does not go with what is there already
        Taken       a name or an address that somebody has
        Overtaken   somebody said something newer
        Stale       another version of a draft is there by now
    TooLarge        more bytes than we take
    Unproven        name and password, or a token, that prove nobody
    TooSoon         it was done just now, or often; says how long to wait
"""

from typing import Any


class DeskError(Exception):
    """The text is meant for the person who asked."""


class NotFound(DeskError):
    """There is no such thing, or the person who asks may not see it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no such {what}, or it is not yours to see.")


class Forbidden(DeskError):
    """The role of the person who asks does not allow it."""


class Invalid(DeskError):
    """A value that we do not take."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message = field, message


class Conflict(DeskError):
    """It does not go with what is there already."""


class Taken(Conflict):
    """Somebody has this name or address."""

    def __init__(self, field: str) -> None:
        super().__init__(f"This {field} is taken.")
        self.field = field


class Overtaken(Conflict):
    """Somebody said something that the writer has not seen; `message` is the id of the newest of it."""

    def __init__(self, message: int) -> None:
        super().__init__("Somebody said something here that you have not seen yet.")
        self.message = message


class Stale(Conflict):
    """The draft was changed, sent or thrown away elsewhere; `draft` is the one that is there now, if there is one."""

    def __init__(self, draft: dict[str, Any] | None) -> None:
        super().__init__(
            "This draft was changed elsewhere." if draft else "This draft was sent or thrown away elsewhere."
        )
        self.draft = draft


class TooLarge(DeskError):
    """More bytes than we take."""


class Unproven(DeskError):
    """Neither a name with its password nor a token proves who is asking."""


class TooSoon(DeskError):
    """It was done just now, or often; `wait` is in seconds."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


LARGEST_ID = 2**63 - 1  # of a bigint


def known_id(number: int, what: str) -> int:
    """The number, where a row can have it as its id. Raises NotFound."""
    if not 0 < number <= LARGEST_ID:
        raise NotFound(what)
    return number
