"""Text out of HTML: words, links, lists, tables and quotes as a reader would see them, no scripts and styles."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from letters.hostile import is_hostile
from letters.html.flat import flat_text
from letters.html.writer import Writer

NODE_LIMIT = 300_000
CELL_LIMIT = 400  # characters of a row whose cells go on one line

SKIPPED = frozenset({"head", "script", "style", "title", "template", "iframe", "-comment"})
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
        "optgroup",
        "option",
        "section",
        "summary",
        "tbody",
        "tfoot",
        "thead",
        "tr",
    ]
)
CELLS = frozenset({"td", "th"})

INDENT = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)", re.IGNORECASE)  # Gmail moves paragraphs to the right so
BORDER = re.compile(r"border-left(?:-width)?\s*:(?!\s*(?:none|0))", re.IGNORECASE)
SPREADS = "br, table, ul, ol, pre, hr, blockquote, p + p, div + div"  # what makes a cell more than one line
SHOWN_INPUTS = frozenset({"text", "submit", "button", "reset", "email", "tel", "url", "number", "date", "search"})
HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


def html_to_text(html: str) -> str:
    """What a reader sees of `html`; quotes get `> ` in front, links read `[words](address)`."""
    if is_hostile(html):
        return flat_text(html)
    root = LexborHTMLParser(html).root
    writer = Writer()
    return writer.text() if root is None or _walk(root, writer) else flat_text(html)


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
            _close(node, writer)
        node = _next(node, writer)
    return False


def _next(node: LexborNode | None, writer: Writer) -> LexborNode | None:
    """The node after this one and all below it; what ends on the way there is closed."""
    while node is not None and node.next is None:
        node = node.parent
        if node is not None:
            _close(node, writer)
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
    if tag in BLOCKS:
        writer.end_block(paragraph=tag in PARAGRAPHS)
    match tag:
        case "a":
            writer.open_link((node.attributes.get("href") or "").strip())
        case "img" | "area":
            writer.words(node.attributes.get("alt") or "")
        case "input":
            writer.words(_shown_value(node))
        case "q":
            writer.words('"')
        case "blockquote":
            writer.quotes += _is_quote(node)
        case "pre" | "textarea":
            writer.preformatted += 1
        case "ul" | "ol":
            writer.lists.append(_first_number(node) if tag == "ol" else None)
        case "li":
            writer.item()
        case "table":
            writer.layouts += _is_layout(node)
        case "tr":
            writer.rows.append(_on_one_line(node))
        case "td" | "th":
            writer.gap()


def _close(node: LexborNode, writer: Writer) -> None:
    tag = node.tag or ""
    match tag:
        case "a":
            writer.close_link()
        case "q":
            writer.words('"')
        case "blockquote" if _is_quote(node):
            writer.close_quote()
        case "pre" | "textarea":
            writer.end_line()
            writer.preformatted = max(0, writer.preformatted - 1)
        case "ul" | "ol":
            writer.end_line()
            del writer.lists[-1:]
        case "tr":
            del writer.rows[-1:]
    if tag in BLOCKS:
        writer.end_block(paragraph=tag in PARAGRAPHS)
    if tag == "table":
        writer.layouts -= _is_layout(node)


def _shown_value(node: LexborNode) -> str:
    attributes = node.attributes
    shown = (attributes.get("type") or "text").lower() in SHOWN_INPUTS
    return f" {attributes.get('value') or attributes.get('placeholder') or ''} " if shown else ""


def _is_quote(node: LexborNode) -> bool:
    """A blockquote without a border that should have one only moves its words to the right."""
    style = node.attributes.get("style") or ""
    return "cite" in node.attributes or not INDENT.search(style) or bool(BORDER.search(style))


def _first_number(node: LexborNode) -> int:
    start = node.attributes.get("start") or ""
    return int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1


def _is_layout(node: LexborNode) -> bool:
    return (node.attributes.get("role") or "").lower() in {"presentation", "none"}


def _on_one_line(row: LexborNode) -> bool:
    """Whether a row is one of a table of data: several short cells, each of one line."""
    cells = sum(child.tag in CELLS for child in row.iter())
    return cells > 1 and len(row.text()) <= CELL_LIMIT and row.css_first(SPREADS) is None


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return "hidden" in attributes or bool(HIDDEN.search(attributes.get("style") or ""))
