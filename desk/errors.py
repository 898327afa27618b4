"""What the desk refuses, and why. An edge says it in its own language: `api/problems.py` has the table.

DeskError
    NotFound        there is no such thing, or not for you
    Forbidden       your role may not
    Invalid         a value is not one we take; names its field
    Conflict        it does not go with what is there already
        Taken       a name or an address that somebody has
    Unproven        name and password, or a token, that prove nobody
"""


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


class Unproven(DeskError):
    """Neither a name with its password nor a token proves who is asking."""


LARGEST_ID = 2**63 - 1  # of a bigint


def known_id(number: int, what: str) -> int:
    """The number, where a row can have it as its id. Raises NotFound."""
    if not 0 < number <= LARGEST_ID:
        raise NotFound(what)
    return number
