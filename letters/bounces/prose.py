"""Bounces in words: whom a mail did not reach and why, as the mail systems without reports say it."""

import re
from dataclasses import dataclass
from functools import cached_property

from letters.bounces import marks
from letters.bounces.returned import LINE_LIMIT, TEXT_LIMIT, own_words
from letters.bounces.status import PERMANENT, REPLY, from_the_answer, is_coded, settle_status, tells
from letters.bounces.told import ADDRESS, Told, read_told

LINES_READ = 1500
PARAGRAPH_LINES = 12
DIAGNOSTIC_LIMIT = 500  # characters
RECIPIENT_LIMIT = 500

TRANSCRIPT = re.compile(r"(?:<<<\s*)?[45]\d\d[ -]")
# Lines of a report that stands in the text; it is read elsewhere.
REPORT_FIELD = re.compile(
    r"(?:(?:x-actual|final|original)-recipient|(?:remote|reporting|received-from)-mta|action|status|arrival-date"
    r"|last-attempt-date|x-[\w-]{1,40})\s*:",
    re.IGNORECASE,
)
HOUSE = re.compile(
    r"(?:postmaster|mailer-daemon|abuse|support|helpdesk|admin(?:istrator)?|hostmaster|no-?reply)@", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A recipient and why the mail did not reach it, on one line; empty where the bounce does not tell."""

    email: str
    diagnostic: str


class Prose:
    """The own words of a bounce, and what is asked of them for each recipient."""

    def __init__(self, text: str) -> None:
        self.words = own_words(text)
        lines = [line.strip()[:LINE_LIMIT] for line in self.words.split("\n", LINES_READ)[:LINES_READ]]
        self.lines = ["" if REPORT_FIELD.match(line) else line for line in lines]

    @cached_property
    def delayed(self) -> bool:
        """Whether the mail system says that it still tries."""
        return bool(marks.DELAYED.search(self.words))

    @cached_property
    def arrived(self) -> bool:
        """Whether the mail system says that the mail did arrive."""
        return bool(marks.ARRIVED.search(self.words)) and not self.failed

    @cached_property
    def failed(self) -> bool:
        """Whether the mail system says that the mail did not arrive."""
        return bool(marks.FAILED.search(self.words))

    @cached_property
    def permanent(self) -> bool:
        """Whether the mail system says that it will not try again."""
        return bool(PERMANENT.search(self.words[:TEXT_LIMIT]))

    def failures(self, ours: set[str]) -> list[Failure]:
        """Whom the mail did not reach. `ours`: addresses that are likely of the sender, in lower case."""
        return [Failure(one.email, self._beside(one)) for one in _surest(self.told, ours)]

    def diagnostic(self, email: str) -> str:
        """What is said of one recipient that is known from elsewhere."""
        own = self._told_surely.get(email.lower())
        return self._beside(own) if own else self._naming(email)

    @cached_property
    def told(self) -> list[Told]:
        """The lines that name recipients."""
        return read_told(self.lines)

    @cached_property
    def _told_surely(self) -> dict[str, Told]:
        return {one.email.lower(): one for one in reversed(self.told) if one.sure > 1}

    @cached_property
    def _listed(self) -> set[int]:
        """The lines at which the reason of another recipient begins."""
        sure = max((one.sure for one in self.told), default=0)
        return {one.line for one in self.told if one.sure == sure}

    @cached_property
    def _named(self) -> dict[str, list[int]]:
        """Where each address stands in a line that gives a reason."""
        named: dict[str, list[int]] = {}
        for at, line in enumerate(self.lines):
            if "@" in line and tells(line):
                for address in ADDRESS.findall(line):
                    named.setdefault(address.lower(), []).append(at)
        return named

    @cached_property
    def _shared(self) -> str:
        """The reason that goes for all recipients: one with a code, else one that says more than that it failed."""
        paragraphs = [text for text in _paragraphs(self.lines) if tells(text) and not marks.ECHOED_FIELD.match(text)]
        coded = [text for text in paragraphs if REPLY.search(text)]
        exact = [text for text in paragraphs if not (marks.FAILED.search(text) or marks.DELAYED.search(text))]
        return _short(next(iter(coded or exact or paragraphs), ""))

    @cached_property
    def _only_answer(self) -> str:
        """An answer with a code of some use, where there is but one recipient that it can be about."""
        useful = is_coded(self._shared) and not str(settle_status("", self._shared)).endswith(".0.0")
        return self._shared if useful and len(self._told_surely) == 1 else ""

    def _beside(self, one: Told) -> str:
        """The reason beside or below the recipient, else where the recipient is named again."""
        text = " ".join(self._answer(one.line, one.rest)).strip()
        if tells(text) and (is_coded(text) or not self._only_answer):
            return _short(text)
        return self._naming(one.email) or _short(text)

    def _naming(self, email: str) -> str:
        lines = self._named.get(email.lower(), [])
        at = next((n for n in lines if REPLY.search(self.lines[n])), lines[0] if lines else None)
        if at is not None and self._only_answer and not is_coded(self.lines[at]):
            return self._only_answer
        return self._shared if at is None else _short(" ".join(self._answer(at, self.lines[at])))

    def _answer(self, at: int, rest: str) -> list[str]:
        """A reason and the lines it goes on in. In a transcript each line is an answer of its own."""
        found = [rest]
        if not TRANSCRIPT.match(self.lines[at]):
            for n in range(at + 1, min(at + 1 + PARAGRAPH_LINES, len(self.lines))):
                if not self.lines[n] or n in self._listed:
                    break
                found.append(self.lines[n])
        return found


def _surest(told: list[Told], ours: set[str]) -> list[Told]:
    """Of those told most surely each once; senders and postmasters only where nobody else is named."""
    strangers = [one for one in told if one.email.lower() not in ours and not HOUSE.match(one.email)]
    some = strangers or told
    sure = max((one.sure for one in some), default=0)
    best = {one.email.lower(): one for one in reversed(some) if one.sure == sure}
    return list(reversed(best.values()))[:RECIPIENT_LIMIT]


def _paragraphs(lines: list[str]) -> list[str]:
    found: list[list[str]] = [[]]
    for line in lines:
        if line:
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [" ".join(paragraph) for paragraph in found]


def _short(text: str) -> str:
    """On one line, from the other side's answer on where there is one."""
    return " ".join(from_the_answer(text).split())[:DIAGNOSTIC_LIMIT]
