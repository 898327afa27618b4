"""What a try has found."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    OK = "ok"
    NOTE = "note"  # worth knowing, and nothing is broken
    WRONG = "wrong"  # somebody must mend it


@dataclass(frozen=True)
class Finding:
    """A mark, and one line for a person."""

    mark: Mark
    said: str


def ok(said: str) -> Finding:
    return Finding(Mark.OK, said)


def note(said: str) -> Finding:
    return Finding(Mark.NOTE, said)


def wrong(said: str) -> Finding:
    return Finding(Mark.WRONG, said)


def why(error: BaseException) -> str:
    """The first line of what an error says, without what stands around it."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
