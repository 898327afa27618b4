"""The status code of a failure (RFC 3463): stated, found in what the other side said, or worked out from its words."""

import re

from letters.bounces.reasons import class_and_rest
from letters.bounces.wording import any_of
from letters.letter import BounceKind

ENHANCED = re.compile(r"(?<![\d.])([245]\.[0-7]\.\d{1,3})(?!\.?\d)")
_REPLY = r"(?<![\w.@/-])(?<![\d\]]:)[45][0-7]\d(?=[\s\-,:;<(\"'#.]|$)"
REPLY = re.compile(_REPLY)
ANSWER = re.compile(_REPLY + r"[\s\-#'\"(<:]{1,4}([45]\.[0-7]\.\d{1,3})(?!\.?\d)")

# The report only says that it gave up; the last answer says why.
GAVE_UP = frozenset({"4.4.7", "5.4.7"})
PERMANENT = any_of(
    r"permanent(?:ly)?\b|(?<!non-)fatal error|i've given up|will not be retried|unrecoverable|no further attempt",
    r"dauerhaft|définitive|permanente|постоянн",
)


def settle_status(stated: str, said: str) -> str | None:
    """The one code of a failure. `stated`: the Status field of a report, `said`: what the other side answered."""
    found = ENHANCED.search(stated)
    answers: list[str] = ANSWER.findall(said)
    if not found:
        codes = answers or [code for code in ENHANCED.findall(said) if code[0] != "2"]
        return codes[-1] if codes else _worked_out(said)
    status = found[1]
    if answers and (status in GAVE_UP or status[0] != answers[-1][0]):
        return answers[-1]
    if status.endswith(".0"):  # other or undefined: whatever is more exact and of the same class is better
        exact = [code for code in (answers or ENHANCED.findall(said)) if code[0] == status[0] and code[-2:] != ".0"]
        return exact[-1] if exact else status
    return status


def settle_kind(status: str | None, *, permanent: bool) -> BounceKind:
    """`hard` where the class says so, or, without a code, the words: in doubt a failure is temporary."""
    if status:
        return "hard" if status[0] == "5" else "soft"
    return "hard" if permanent else "soft"


def tells(said: str) -> bool:
    """Whether words give a reason: a code of either kind, or a phrase that is known."""
    return is_coded(said) or class_and_rest(said) is not None


def is_coded(said: str) -> bool:
    """Whether words hold a code of either kind."""
    return bool(ENHANCED.search(said) or REPLY.search(said))


def from_the_answer(said: str) -> str:
    """What was answered, without what the bounce says about it: from the first reply code on."""
    at = REPLY.search(said)
    return said[at.start() :] if at else said


def _worked_out(said: str) -> str | None:
    replies = REPLY.findall(said)
    known = class_and_rest(said)
    if known:
        return f"{replies[0][0] if replies else known[0]}.{known[1]}"
    return f"{replies[0][0]}.0.0" if replies else None
