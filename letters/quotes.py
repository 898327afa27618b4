"""Who speaks where in a text: new words, quoted mail, a forwarded mail, signature, disclaimer.

Nothing is cut away: the text is divided, and its segments in a row are the text again. In doubt words count as new,
since an answer that is hidden is worse than a quote that is shown.
"""

import re

from letters import phrases
from letters.letter import Segment, SegmentKind

INTRO_LINES = 4  # an intro line is wrapped over so many lines at most
INTRO_LIMIT = 500  # characters
SIGNATURE_LINES = 15  # a block under `-- ` that is longer is no signature
FIELD_LINES = 12  # lines in which the fields of a header block stand together
WRAPPED_AT = 60  # characters
LINES_READ = 20_000  # of a longer text the rest counts as one line
LINE_LIMIT = 1000  # characters of a line that are looked at
INTROS_TRIED = 2000  # in one text: each costs up to a millisecond
DIGIT = re.compile(r"\d")


def segments(text: str) -> tuple[Segment, ...]:
    """The text divided; line by line, neighbours of one kind joined."""
    *ended, rest = text.split("\n", LINES_READ)
    lines = [*(f"{line}\n" for line in ended), *([rest] if rest else [])]
    kinds = _kinds([line.strip()[:LINE_LIMIT] for line in lines])
    found: list[tuple[SegmentKind, list[str]]] = []
    for kind, line in zip(kinds, lines, strict=True):
        if found and found[-1][0] == kind:
            found[-1][1].append(line)
        else:
            found.append((kind, [line]))
    return tuple(Segment(kind, "".join(lines), "", 1.0) for kind, lines in found)


def new_words(divided: tuple[Segment, ...]) -> str:
    """What the author newly wrote, without the empty lines around it; all of the text where that leaves nothing."""
    new = "".join(segment.text for segment in divided if segment.kind == "new")
    return (new if new.strip() else "".join(segment.text for segment in divided)).strip()


def other_words(divided: tuple[Segment, ...]) -> str:
    """Everything that is not new."""
    return "".join(segment.text for segment in divided if segment.kind != "new")


class Page:
    """The stripped lines of a text, and what many questions need to know of all of them."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.end = len(lines)
        self.first = next((at for at, line in enumerate(lines) if line), self.end)  # that is not empty
        self.intros_left = INTROS_TRIED
        self.last_marked = max((at for at, line in enumerate(lines) if line.startswith(">")), default=-1)

    def joined(self, start: int, end: int) -> str:
        """Wrapped lines as one."""
        return " ".join(self.lines[start:end])


def _kinds(lines: list[str]) -> list[SegmentKind]:
    page = Page(lines)
    kinds: list[SegmentKind] = ["new"] * page.end
    at = 0
    while at < page.end:
        length, kind = _block(page, at)
        if kind != "new":
            kinds[at : at + length] = [kind] * length
        at += length
    _wrapped_quotes(lines, kinds)
    _empty_lines(lines, kinds)
    return kinds


def _block(page: Page, at: int) -> tuple[int, SegmentKind]:
    """How many lines from `at` belong together, and who speaks in them."""
    line = page.lines[at]
    if not line:
        return 1, "new"
    if line.startswith(">"):
        return _marked_lines(page, at), "quote"
    intro = _intro(page, at)
    if intro:
        return intro, "quote"
    if _opens_history(page, at):
        forwarded = phrases.FORWARD_MARK.fullmatch(line) or page.first == at
        return page.end - at, "forward" if forwarded else "quote"
    return _ending(page, at)


def _ending(page: Page, at: int) -> tuple[int, SegmentKind]:
    line = page.lines[at]
    if phrases.SENT_FROM.fullmatch(line):
        return 1, "signature"
    if phrases.SIGNATURE_MARK.fullmatch(line):
        return _signature(page, at), "signature"
    if phrases.DISCLAIMER.match(line) or _list_footer(page, at):
        return _until_history(page, at), "disclaimer"
    return 1, "new"


def _marked_lines(page: Page, at: int) -> int:
    end = at
    while end < page.end and page.lines[end].startswith(">"):
        end += 1
    return end - at


def _intro(page: Page, at: int) -> int:
    """`On … Ann wrote:`: the lines of it and the quote that it opens, 0 where none begins here."""
    if page.intros_left <= 0:
        return 0
    for end in range(at + 1, min(at + INTRO_LINES, page.end) + 1):
        last = page.lines[end - 1]
        if not last or (end > at + 1 and last.startswith(">") and not _closes_intro(last[1:])):
            return 0
        if not _closes_intro(last):
            continue
        page.intros_left -= 1
        if _is_intro(page.joined(at, end)):
            # A line above the intro may seem to belong to it, unless the date stands there.
            shorter = not DIGIT.search(page.lines[at]) and any(
                _is_intro(page.joined(n, end)) for n in range(at + 1, end)
            )
            return 0 if shorter else _behind_intro(page, at, end)
    return 0


def _closes_intro(line: str) -> bool:
    return line.rstrip("*_ ").endswith((":", "：", "wrote")) and len(line) <= INTRO_LIMIT


def _is_intro(text: str) -> bool:
    return len(text) <= INTRO_LIMIT and bool(phrases.INTRO.fullmatch(text))


def _behind_intro(page: Page, at: int, end: int) -> int:
    """The quote is the marked lines below; where none are marked, and something stands above, all that is left."""
    below = next((n for n in range(end, page.end) if page.lines[n]), page.end)
    if below == page.end:
        return end - at
    if page.lines[below].startswith(">"):
        return below - at + _marked_lines(page, below)
    if page.last_marked > below or page.first == at:
        return 0
    return page.end - at


def _opens_history(page: Page, at: int) -> bool:
    line = page.lines[at]
    if phrases.ORIGINAL_MARK.fullmatch(line) or phrases.FORWARD_MARK.fullmatch(line):
        return True
    return _header_block(page, at)


def _header_block(page: Page, at: int) -> bool:
    """`From: … Sent: … To: … Subject: …`, as Outlook puts above what it quotes, perhaps under a rule."""
    start = at
    if phrases.RULE.fullmatch(page.lines[at]):
        start = next((n for n in range(at + 1, min(at + 4, page.end)) if page.lines[n]), page.end)
    names: set[str] = set()
    for line in page.lines[start : start + FIELD_LINES]:
        field = phrases.FIELD.match(line)
        if not line or not (field or names):
            break
        if field and field.lastgroup:
            names.add(field.lastgroup)
    return len(names) >= 3 and "sender" in names and bool(names & {"date", "subject"})


def _signature(page: Page, at: int) -> int:
    """A long block below the mark is no signature; then only the mark itself is one."""
    length = _until_history(page, at, SIGNATURE_LINES)
    return length or 1


def _until_history(page: Page, at: int, limit: int | None = None) -> int:
    """How many lines from `at` up to the end, or to where quoted mail begins; 0 for more than `limit` with words."""
    words = 0
    for n in range(at + 1, page.end):
        line = page.lines[n]
        if line.startswith(">") or (line and (_intro(page, n) or _opens_history(page, n))):
            return n - at
        words += bool(line)
        if limit is not None and words > limit:
            return 0
    return page.end - at


def _list_footer(page: Page, at: int) -> bool:
    """What a mailing list puts under every mail: a long rule and a few lines about itself."""
    if page.end - at > 2 * SIGNATURE_LINES or not phrases.LIST_RULE.fullmatch(page.lines[at]):
        return False
    return any(phrases.LIST_FOOTER.search(line) for line in page.lines[at + 1 :])


def _wrapped_quotes(lines: list[str], kinds: list[SegmentKind]) -> None:
    """The end of a long quoted line that a mail program wrapped without a mark of its own."""
    for at in range(1, len(lines) - 1):
        above, line, below = lines[at - 1 : at + 2]
        if (
            line[:1].islower()
            and above.startswith(">")
            and below.startswith(">")
            and len(above) > WRAPPED_AT > len(line)
        ):
            kinds[at] = "quote"


def _empty_lines(lines: list[str], kinds: list[SegmentKind]) -> None:
    """Empty lines belong to what stands above them, at the top to what stands below."""
    last: SegmentKind = next((kind for kind, line in zip(kinds, lines, strict=True) if line), "new")
    for at, line in enumerate(lines):
        if line:
            last = kinds[at]
        else:
            kinds[at] = last
