"""Text out of HTML: words, links, lists, tables and quotes as a reader would see them, no scripts and styles."""

import re
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

NODE_LIMIT = 300_000
NESTING_LIMIT = 100  # levels; deeper is read as a tree only while levels x tags stay below the next figure
TREE_COST_LIMIT = 2_000_000  # lexbor takes time in the square of the depth: 300,000 unclosed <div> are minutes

SKIPPED = frozenset({"head", "script", "style", "title", "template", "svg", "math", "iframe", "object", "-comment"})
PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "table", "blockquote", "hr"})
BLOCKS = PARAGRAPHS | frozenset(
    [
        "address",
        "article",
        "aside",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "html",
        "li",
        "main",
        "nav",
        "section",
        "summary",
        "tbody",
        "tfoot",
        "thead",
        "tr",
    ]
)
CELLS = frozenset({"td", "th"})

TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "p",
        "li",
        "td",
        "th",
        "tr",
        "dd",
        "dt",
        "option",
        "source",
        "wbr",
    ]
)
HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
INVISIBLE_BLOCK = re.compile(
    r"<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL | re.IGNORECASE
)
BLOCK_TAG = re.compile(r"</?(?:p|div|br|tr|li|h[1-6]|table|blockquote|ul|ol|hr|pre)\b[^<>]*>", re.IGNORECASE)
ANY_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
WHITE = re.compile(r"[ \t\r\n\f]+")
LINK = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)


def html_to_text(html: str) -> str:
    """What a reader sees of `html`; quotes get `> ` in front, links read `[words](address)`."""
    if _too_deep(html):
        return _flat_text(html)
    root = LexborHTMLParser(html).root
    writer = Writer()
    return writer.text() if root is None or _walk(root, writer) else _flat_text(html)


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
        collapsed = WHITE.sub(" ", text)
        if collapsed == " " or not collapsed:
            self.space = self.space or bool(collapsed and self.line)
            return
        if (self.space or collapsed[0] == " ") and self.line:
            self.line.append(" ")
        self.line.append(collapsed.strip(" "))
        self.space = collapsed[-1] == " "

    def gap(self) -> None:
        """Adds the gap between two cells."""
        if self.line:
            self.line.append("\t")
        self.space = False

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


def _walk(root: LexborNode, writer: Writer) -> bool:
    """Document order without recursion: a mail may nest as deep as it likes. False where it has too many nodes."""
    node: LexborNode | None = root
    for _ in range(NODE_LIMIT):
        if node is None:
            return True
        if _enter(node, writer):
            below = node.child
            if below is not None:
                node = below
                continue
            _close(node.tag or "", writer)
        node = _next(node, writer)
    return False


def _next(node: LexborNode | None, writer: Writer) -> LexborNode | None:
    """The node after this one and all below it; what ends on the way there is closed."""
    while node is not None and node.next is None:
        node = node.parent
        if node is not None:
            _close(node.tag or "", writer)
    return node.next if node is not None else None


def _enter(node: LexborNode, writer: Writer) -> bool:
    """Writes what stands before a node's children; False where they are not to be shown."""
    tag = node.tag or ""
    if tag == "-text":
        writer.words(node.text(deep=False))
        return False
    if tag in SKIPPED:
        return False
    if tag == "br":
        writer.end_line(empty=True)
        return False
    if _hidden(node):
        return False
    _open(tag, node, writer)
    return True


def _open(tag: str, node: LexborNode, writer: Writer) -> None:
    if tag in PARAGRAPHS:
        writer.end_paragraph()
    elif tag in BLOCKS:
        writer.end_line()
    match tag:
        case "a":
            writer.open_link((node.attributes.get("href") or "").strip())
        case "img":
            writer.words(node.attributes.get("alt") or "")
        case "blockquote":
            writer.quotes += 1
        case "pre":
            writer.preformatted += 1
        case "ul" | "ol":
            writer.lists.append(1 if tag == "ol" else None)
        case "li":
            writer.item()
        case _ if tag in CELLS:
            writer.gap()


def _close(tag: str, writer: Writer) -> None:
    match tag:
        case "a":
            writer.close_link()
        case "blockquote":
            writer.close_quote()
        case "pre":
            writer.end_line()
            writer.preformatted = max(0, writer.preformatted - 1)
        case "ul" | "ol":
            writer.end_line()
            del writer.lists[-1:]
    if tag in PARAGRAPHS:
        writer.end_paragraph()
    elif tag in BLOCKS:
        writer.end_line()


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return "hidden" in attributes or bool(HIDDEN.search(attributes.get("style") or ""))


def _too_deep(html: str) -> bool:
    if html.count("<") < NESTING_LIMIT:
        return False
    depth = deepest = tags = 0
    for closing, name in TAG.findall(html):
        tags += 1
        if name.lower() not in VOID:
            depth = max(0, depth - 1) if closing else depth + 1
            deepest = max(deepest, depth)
    return deepest > NESTING_LIMIT and deepest * tags > TREE_COST_LIMIT


def _flat_text(html: str) -> str:
    """The words without the tree, for HTML that no tree does justice to in bearable time."""
    text = BLOCK_TAG.sub("\n", INVISIBLE_BLOCK.sub(" ", html))
    lines = (WHITE.sub(" ", line).strip() for line in unescape(ANY_TAG.sub(" ", text)).split("\n"))
    return "\n".join(line for line in lines if line)
