"""Where quoted or forwarded mail begins: at intros, marks and header blocks."""

from letters.letter import SegmentKind
from letters.quotes.fields import read_block
from letters.quotes.intros import Intro, closes_intro, read_intro
from letters.quotes.marks import RULE, mark_of_history
from letters.quotes.page import Page

INTROS_TRIED = 2000  # in one text: each costs up to a millisecond
BLOCKS_TRIED = 2000
RULE_LINES = 3  # empty lines and rules that may stand between a rule and the header block below it


class History:
    """Answers for each line whether an older mail begins there; `forwarding`: the subject says one is passed on."""

    def __init__(self, page: Page, *, forwarding: bool) -> None:
        self.page = page
        self.lines = page.lines
        self.forwarding = forwarding
        self.met = False  # something quoted stands above
        self.blocks_left = BLOCKS_TRIED
        self.intros = self._find_intros()

    def opens(self, at: int) -> tuple[SegmentKind, str, float] | None:
        """What a mark or a header block at this line says of all that follows."""
        mark = mark_of_history(self.lines, at)
        if mark == "forward":
            return "forward", "a line that says a forwarded mail follows", 0.9
        passing_on = self.forwarding and not self.met
        if mark:
            return ("forward" if passing_on else "quote"), "a line that says the original mail follows", 0.9
        if self._header_block(at):
            return ("forward" if passing_on or at == self.page.first else "quote"), "a header block of a mail", 0.9
        return None

    def _find_intros(self) -> dict[int, Intro]:
        """Every intro, by its first line."""
        found: dict[int, Intro] = {}
        floor = tried = 0
        for at, line in enumerate(self.lines):
            if not closes_intro(line) or (line.startswith(">") and self.page.marked(at) and not at):
                continue
            tried += 1
            intro = read_intro(self.lines, at, floor) if tried <= INTROS_TRIED else None
            if intro:
                found[intro.start] = intro
                floor = intro.end
        return found

    def _header_block(self, at: int) -> bool:
        """`From: … Sent: … Subject: …`, as Outlook puts above what it quotes, perhaps under a rule."""
        line = self.lines[at]
        start = at
        if RULE.fullmatch(line):
            start = next(
                (n for n in range(at + 1, min(at + 1 + RULE_LINES, self.page.end)) if self.lines[n]), self.page.end
            )
        elif ":" not in line and "：" not in line:
            return False
        if start >= self.page.end or self.blocks_left <= 0:
            return False
        block = read_block(self.lines, start)
        self.blocks_left -= block is not None
        return block is not None and block.evident
