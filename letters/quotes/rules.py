"""Who speaks in which line, told by the words alone: intros, header blocks, marks, signatures, footers."""

from dataclasses import dataclass

from letters.letter import SegmentKind
from letters.quotes.fields import read_block
from letters.quotes.footers import is_added, is_heading, is_legal, is_list_footer, is_warning
from letters.quotes.history import History
from letters.quotes.intros import Intro, closes_intro, is_intro
from letters.quotes.marks import RULE, mark_of_history
from letters.quotes.mobile import is_mobile_footer
from letters.quotes.page import Page
from letters.quotes.signoffs import BLOCK_LINES, NAME, below_delimiter, goes_on, is_delimiter, read_signature

PARAGRAPHS_TRIED = 2000  # in one text
WRAPPED_AT = 60  # characters
PARAGRAPH_LINES = 60


@dataclass(frozen=True, slots=True)
class Label:
    """Who speaks in a line that is not new, and how that is known."""

    kind: SegmentKind
    rule: str
    confidence: float


Labels = list[Label | None]


def label_lines(page: Page, *, forwarding: bool) -> Labels:
    """A label for each line, None where it is new. `forwarding`: the subject says that this mail passes on another."""
    return Reader(page, forwarding=forwarding).read()


class Reader:
    """Walks down the lines once; what is found is written into `labels`."""

    def __init__(self, page: Page, *, forwarding: bool) -> None:
        self.page = page
        self.lines = page.lines
        self.forwarding = forwarding
        self.labels: Labels = [None] * page.end
        self.history = History(page, forwarding=forwarding)
        self.paragraphs_left = PARAGRAPHS_TRIED
        self.footer = -1  # the line of a phone's footer
        self.passed_on = False  # the text is a mail with its header

    def read(self) -> Labels:
        at = 0
        while at < self.page.end:
            at += self._step(at)
        self._signatures()
        self._below_the_footer()
        self._wrapped_quotes()
        if self.passed_on:
            passed_on = Label("forward", "below a header block at the very top", 0.7)
            self.labels = [label or passed_on for label in self.labels]
        return self.labels

    def _step(self, at: int) -> int:
        """Labels what begins at `at`; says how many lines that were."""
        line = self.lines[at]
        if not line:
            return 1
        if self.page.marked(at):
            kind: SegmentKind = "forward" if mark_of_history(self.lines, at) == "forward" else "quote"
            return self._mark(at, self._marked_lines(at), kind, "lines marked with >", 0.95)
        intro = self.history.intros.get(at)
        if intro:
            length = self._behind(intro)
            if length:
                return length
        opened = self.history.opens(at)
        if opened and at == self.page.first and not self.forwarding and not mark_of_history(self.lines, at):
            return self._own_header(at)
        if opened:
            return self._mark(at, self.page.end - at, *opened)
        return self._ending(at)

    def _mark(self, at: int, length: int, kind: SegmentKind, rule: str, confidence: float) -> int:
        self.labels[at : at + length] = [Label(kind, rule, confidence)] * length
        self.history.met = self.history.met or kind in {"quote", "forward"}
        return length

    def _marked_lines(self, at: int) -> int:
        end = at
        while end < self.page.end and self.page.marked(end):
            end += 1
        return end - at

    def _behind(self, intro: Intro) -> int:
        """The quote is the marked lines below; where none are marked, and something stands above, all that is left."""
        below = self.page.next_words(intro.end)
        at = intro.start
        if below == self.page.end:
            certain = intro.certain and at > self.page.first
            return self._mark(at, self.page.end - at, "quote", "an intro line", 0.7) if certain else 0
        if self.page.marked(below):
            length = below - at + self._marked_lines(below)
            return self._mark(at, length, "quote", "an intro line above lines marked with >", 0.95)
        if self.lines[below].startswith("|"):
            return self._mark(
                at, below - at + self._barred_lines(below), "quote", "an intro line above lines marked with |", 0.9
            )
        if at == self.page.first:
            forwarded = self.forwarding and intro.certain
            return (
                self._mark(at, self.page.end - at, "forward", "an intro line, and a subject that says so", 0.7)
                if forwarded
                else 0
            )
        if not intro.certain or not self._all_history(below):
            return 0
        kind: SegmentKind = "forward" if self.forwarding and not self.history.met else "quote"
        return self._mark(at, self.page.end - at, kind, "an intro line", 0.8)

    def _barred_lines(self, at: int) -> int:
        end = at
        while end < self.page.end and self.lines[end].startswith("|"):
            end += 1
        return end - at

    def _all_history(self, at: int) -> bool:
        """Whether nothing below is an answer between marked lines: the first of them begin an older mail."""
        if self.page.last_marked < at:
            return True
        first = next(n for n in range(at, self.page.end) if self.page.marked(n))
        words = self.lines[first].lstrip("> ")
        if closes_intro(words) and is_intro(words):
            return True
        return any(
            at <= start < first and intro.end <= first and self.page.next_words(intro.end) == first
            for start, intro in self.history.intros.items()
        )

    def _own_header(self, at: int) -> int:
        """A mail that begins with the header of a mail, and no word about it: what follows is divided like a text."""
        block = read_block(self.lines, at + 1 if RULE.fullmatch(self.lines[at]) else at)
        self.passed_on = True
        return self._mark(at, block.end - at if block else 1, "forward", "a header block at the very top", 0.7)

    def _ending(self, at: int) -> int:
        """Signatures with a delimiter, footers, notices: each reaches down to where quoted mail begins."""
        line = self.lines[at]
        if is_mobile_footer(line):
            self.footer = at
            top = at - 1 if self._name_above(at) else at
            return self._mark(top, at + 1 - top, "signature", "what a mail program puts below", 0.9) - (at - top)
        if is_delimiter(line):
            return self._signature(at)
        if is_list_footer(self.lines, at):
            return self._mark(at, self._until_history(at), "disclaimer", "the footer of a mailing list", 0.9)
        starts = at == self.page.first or not self.lines[at - 1] or self.labels[at - 1] is not None
        return self._paragraph(at) if starts else 1

    def _name_above(self, at: int) -> bool:
        """A name alone between an empty line and `via mobile`."""
        return (
            at - 1 > self.page.first
            and not self.lines[at - 2]
            and bool(NAME.fullmatch(self.lines[at - 1]))
            and len(self.lines[at - 1]) < 40
        )

    def _paragraph(self, at: int) -> int:
        end = at
        while end < min(at + PARAGRAPH_LINES, self.page.end) and self.lines[end] and not self.page.marked(end):
            end += 1
        text = " ".join(self.lines[at:end])
        if self.paragraphs_left <= 0:
            return 1
        self.paragraphs_left -= 1
        if is_warning(text):
            return self._mark(at, end - at, "disclaimer", "a warning of a mail gateway", 0.9)
        if is_added(text):
            return self._mark(at, end - at, "disclaimer", "what a mail server puts below", 0.8)
        if at > self.page.first and (is_legal(text) or (is_heading(text) and self._legal_below(end))):
            return self._mark(at, self._until_history(at), "disclaimer", "a legal notice", 0.8)
        return 1

    def _legal_below(self, at: int) -> bool:
        start = self.page.next_words(at)
        return is_legal(" ".join(self.lines[start : start + PARAGRAPH_LINES]))

    def _signature(self, at: int) -> int:
        """A long block below the delimiter is no signature; then only the delimiter itself is one."""
        length = self._until_history(at, BLOCK_LINES)
        listed = any(self.lines[n].startswith(("-- ", "--\t")) for n in range(at + 1, min(at + 3, self.page.end)))
        below = self.lines[at + 1 : at + length]
        if at not in self.page.delimiters and goes_on(below):
            return 1
        plain = self.lines[at].startswith(("--", "__"))
        if listed or not (plain or below_delimiter(below)):
            return 1
        return self._mark(at, length or 1, "signature", "a delimiter", 0.9 if length else 0.5)

    def _until_history(self, at: int, limit: int | None = None) -> int:
        """How many lines from `at` to where quoted mail begins, or the end; 0 for more than `limit` with words."""
        words = 0
        for n in range(at + 1, self.page.end):
            if self.page.marked(n) or (self.lines[n] and (n in self.history.intros or self.history.opens(n))):
                return n - at
            words += bool(self.lines[n])
            if limit is not None and words > limit:
                return 0
        return self.page.end - at

    def _signatures(self) -> None:
        """At the end of the newly written words above the first history, and of those at the very end."""
        runs = self._new_runs()
        for start, end in {runs[0], runs[-1]} if runs else ():
            found = read_signature(self.lines, start, end)
            if found:
                self._mark(found.start, end - found.start, "signature", found.rule, found.confidence)

    def _new_runs(self) -> list[tuple[int, int]]:
        """Runs of lines without a label, from their first line with words."""
        runs: list[tuple[int, int]] = []
        start = None
        for at in range(self.page.end + 1):
            if at < self.page.end and self.labels[at] is None:
                start = at if start is None and self.lines[at] else start
            elif start is not None:
                runs.append((start, at))
                start = None
        return runs

    def _below_the_footer(self) -> None:
        """Who answers above a phone's footer does not go on below it: an old mail stands there, bare of any mark."""
        if (
            self.footer < 0
            or self.history.met
            or not any(
                label is None and line for label, line in zip(self.labels[: self.footer], self.lines, strict=False)
            )
        ):
            return
        alone = not self.lines[self.footer - 1] and self.footer + 1 < self.page.end and not self.lines[self.footer + 1]
        if alone:
            for at in range(self.footer + 1, self.page.end):
                self.labels[at] = self.labels[at] or Label("quote", "below what a phone puts at the end", 0.4)

    def _wrapped_quotes(self) -> None:
        """The end of a long quoted line that a mail program wrapped without a mark of its own."""
        for at in range(1, self.page.end - 1):
            above, line, below = self.lines[at - 1 : at + 2]
            if (
                line[:1].islower()
                and above.startswith(">")
                and below.startswith(">")
                and len(above) > WRAPPED_AT > len(line)
            ):
                self.labels[at] = Label("quote", "the end of a marked line", 0.7)
