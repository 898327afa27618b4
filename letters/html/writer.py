"""Lines of text as the nodes of an HTML document fill them."""

import re

WHITE = re.compile(r"[ \t\r\n\f]+")
TABS = re.compile(r"[ \xa0]*\t[\t \xa0]*")
PADDING = re.compile("[\u00ad\u200b\u200c\u034f\u2007\ufeff]")  # what newsletters fill their preview with
SOFT_HYPHEN = "\u00ad"
LINK = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)


class Writer:
    """Gathers lines: white space collapses, blocks start lines, paragraphs leave one line empty."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quotes = 0
        self.preformatted = 0
        self.lists: list[int | None] = []  # the next number of each open list, None where it has bullets
        self.links: list[tuple[str, int]] = []  # address, and where in the line its words began
        self.space = False
        self.rows: list[bool] = []  # of each open row, whether its cells go on one line
        self.layouts = 0  # open tables that only place things
        self.bullet = False  # the line holds nothing but the mark of a list's item

    def words(self, text: str) -> None:
        """Adds running text."""
        if self.preformatted:
            first, *more = text.replace("\r\n", "\n").split("\n")
            self.line.append(first)
            for line in more:
                self.end_line(empty=True)
                self.line.append(line)
            return
        collapsed = WHITE.sub(" ", text.replace(SOFT_HYPHEN, ""))
        if collapsed == " " or not collapsed:
            self.space = self.space or bool(collapsed and self.line)
            return
        if (self.space or collapsed[0] == " ") and self.line:
            self.line.append(" ")
        self.line.append(collapsed.strip(" "))
        self.space = collapsed[-1] == " "

    def gap(self) -> None:
        """Adds the gap between two cells."""
        if self.line and not self.bullet:
            self.line.append("\t")
        self.space = False

    def end_block(self, *, paragraph: bool) -> None:
        """Ends what a block ends: in a row whose cells go on one line nothing but a word."""
        if self.rows and self.rows[-1]:
            self.space = bool(self.line) and self.line[-1] != "\t"
        elif paragraph:
            self.end_paragraph()
        else:
            self.end_line()

    def item(self) -> None:
        """Begins an item of the innermost list."""
        number = self.lists[-1] if self.lists else None
        self.line.append("  " * (len(self.lists) - 1) + ("- " if number is None else f"{number}. "))
        self.bullet = True
        if number is not None:
            self.lists[-1] = number + 1

    def end_line(self, *, empty: bool = False) -> None:
        """Ends the line; an empty one is written only where `empty` says so."""
        if self._only_bullet() and not empty:
            return
        text = "".join(self.line).rstrip()
        if self.layouts:
            text = TABS.sub("\t", text).lstrip("\t")
        if not text.isascii() and not PADDING.sub("", text).strip():
            text = ""
        if text or empty:
            self.lines.append(("> " * self.quotes + text).rstrip())
        self.line, self.space, self.bullet = [], False, False
        self.links = [(address, 0) for address, _ in self.links]

    def end_paragraph(self) -> None:
        """Ends the line and leaves one empty below it."""
        if self._only_bullet():
            return
        self.end_line()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append((">" + " >" * (self.quotes - 1)) if self.quotes else "")

    def close_quote(self) -> None:
        """Ends the innermost quote, without marked lines that are empty at its end."""
        self.end_line()
        while self.lines and self.lines[-1] and not self.lines[-1].strip("> "):
            self.lines.pop()
        self.quotes = max(0, self.quotes - 1)
        self.end_paragraph()

    def open_link(self, address: str) -> None:
        self.links.append((address, len(self.line)))

    def close_link(self) -> None:
        address, start = self.links.pop() if self.links else ("", 0)
        words = "".join(self.line[start:]).strip()
        bare = re.sub(r"^(?:mailto|tel):|/$", "", address)
        if not words or not LINK.match(address) or words.rstrip("/").endswith(re.sub(r"^https?://", "", bare)):
            return
        gap = " " if self.line[start].startswith(" ") else ""
        self.line[start:] = [f"{gap}[{words}]({address})"]

    def text(self) -> str:
        """All of it, one line end after each line but the last."""
        self.end_line()
        return "\n".join(self.lines).strip("\n")

    def _only_bullet(self) -> bool:
        return self.bullet and len(self.line) == 1  # `<li><p>`: the words are still to come
