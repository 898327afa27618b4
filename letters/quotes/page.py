"""A text as lines, and what many questions need to know of all of them."""

from letters.letter import SegmentKind

LINES_READ = 20_000  # of a longer text the rest counts as one line
LINE_LIMIT = 1000  # characters of a line that are looked at


class Page:
    """The stripped lines of a text. `known`: who speaks in a line, where the mail program's own marks say it.

    `delimiters`: the lines that are `-- ` to the letter (RFC 3676, 4.3); people draw all others for other ends, too.
    """

    def __init__(self, lines: list[str], known: dict[int, SegmentKind], delimiters: frozenset[int]) -> None:
        self.lines = lines
        self.delimiters = delimiters
        self.known = known
        self.end = len(lines)
        self.first = next((at for at, line in enumerate(lines) if line), self.end)  # that is not empty
        self.marks_count = not _only_prompts(lines)
        self.last_marked = max((at for at in range(self.end) if self.marked(at)), default=-1)

    def marked(self, at: int) -> bool:
        """Whether the line is marked as quoted."""
        return (self.marks_count and self.lines[at].startswith(">")) or self.known.get(at) == "quote"

    def next_words(self, at: int) -> int:
        """The first line from `at` on that is not empty; the end where there is none."""
        return next((n for n in range(at, self.end) if self.lines[n]), self.end)


def lines_of(text: str) -> list[str]:
    """The lines with their ends; in a row they are the text."""
    *ended, rest = text.split("\n", LINES_READ)
    return [*(f"{line}\n" for line in ended), *([rest] if rest else [])]


def _only_prompts(lines: list[str]) -> bool:
    """`>>> print(1)` is Python speaking, unless something is quoted less deep."""
    marked = [line for line in lines if line.startswith(">")]
    return bool(marked) and all(line.startswith((">>> ", ">>>\t")) or line == ">>>" for line in marked)
