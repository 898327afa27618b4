"""The marks that mail programs leave in their HTML around a quote, a signature, a forwarded mail.

The words of the marked nodes are found again in the text, be it the plain form beside the HTML or made from it. Where
the two forms do not go together, the marks are ignored.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from letters.hostile import is_hostile
from letters.quotes.alignment import side_by_side, words_by_line, words_of
from letters.quotes.rules import Label

Extent = Literal["node", "rest"]  # what is marked: the node, or it and all that follows in the document
HTML_READ = 2_000_000  # characters
NODES_READ = 100_000
MARKS_READ = 300
FIELDS_WITHIN = 600  # characters
SIGNATURE_WORDS = 120  # of a longer one a part may well have been typed into it
UNSEEN = frozenset({"style", "script", "title", "head", "template", "textarea", "select"})


@dataclass(frozen=True, slots=True)
class Mark:
    """What a node says that matches `selector`."""

    selector: str
    label: Label
    extent: Extent = "node"


def _quote(client: str, *selectors: str, extent: Extent = "node", confidence: float = 0.95) -> Mark:
    return Mark(", ".join(selectors), Label("quote", f"the mark of {client} around a quote", confidence), extent)


def _signature(client: str, *selectors: str) -> Mark:
    return Mark(", ".join(selectors), Label("signature", f"the mark of {client} around a signature", 0.9))


MARKS: tuple[Mark, ...] = (
    _quote(
        "Gmail",
        "blockquote.gmail_quote",
        "div.gmail_attr:has(+ blockquote)",
        "div.gmail_attr:has(+ br + blockquote)",
        "div.gmail_extra > blockquote",
        "div.gmail_quote > blockquote",
    ),
    _signature("Gmail", ".gmail_signature", "[data-smartmail=gmail_signature]"),
    _quote(
        "Outlook",
        "#OLK_SRC_BODY_SECTION",
        "#mail-editor-reference-message-container",
        "div.OutlookMessageHeader",
        extent="rest",
    ),
    _quote(
        "Outlook",
        "#divRplyFwdMsg",
        "#x_divRplyFwdMsg",
        "#appendonsend",
        "hr#stopSpelling",
        "hr#x_stopSpelling",
        "#reply-intro",
        extent="rest",
    ),
    _quote(
        "Outlook",
        "div[style*='border-top:solid #E1E1E1 1.0pt' i]",
        "div[style*='border-top:solid #B5C4DF 1.0pt' i]",
        extent="rest",
    ),
    _quote(
        "Outlook",
        "div[style*='border-top: solid #E1E1E1 1.0pt' i]",
        "div[style*='border-top: solid #B5C4DF 1.0pt' i]",
        extent="rest",
    ),
    _quote(
        "Windows Mail",
        "div[style*='border-top: 1pt solid rgb(225, 225, 225)' i]",
        "div[style*='border-top-color: rgb(229, 229, 229)' i]",
        extent="rest",
    ),
    _signature("Outlook", "#ms-outlook-mobile-signature", "#Signature", "#signature", "#x_Signature"),
    _quote("Apple Mail", "blockquote[type=cite]"),
    _signature(
        "Apple Mail", "#AppleMailSignature", ".AppleMailSignature", "#AppleMailSignatureV2", "#apple-mail-signature"
    ),
    _quote("Thunderbird", ".moz-cite-prefix", "blockquote[cite]"),
    _signature("Thunderbird", ".moz-signature", "pre.moz-signature"),
    Mark(".moz-forward-container", Label("forward", "the mark of Thunderbird around a forwarded mail", 0.9)),
    _quote("Yahoo", ".yahoo_quoted", "[id^=yahoo_quoted]", "[class*='yahoo_quoted']"),
    _signature("Yahoo", "[id^=yahooMailSignature]", "#ymail_android_signature", "[class$='signature'][class^='ydp']"),
    _quote("Proton", ".protonmail_quote"),
    _signature("Proton", ".protonmail_signature_block"),
    _quote("Zimbra", "[data-marker='__QUOTED_TEXT__']", "[data-marker='__HEADERS__']", "hr#zwchr", extent="rest"),
    _signature("Zimbra", "[data-marker^='__SIG_']"),
    _quote("Zoho", ".zmail_extra", "[id^='Zm-_Id'] blockquote"),
    _quote("Newton", ".cm_quote", "#cm_replymail_content_wrapper", ".cloudmagic-quote", ".CM_QUOTE"),
    _quote("Front", ".front-blockquote", "blockquote[type=cite].front-blockquote"),
    _quote("Spark", "[name=messageReplySection]", "[name=messageBodySection] ~ blockquote"),
    _signature("Spark", "[name=messageSignatureSection]"),
    _quote("Airmail", "#AirmailOn", ".airmail_on", "blockquote.clean_bq"),
    _signature("Airmail", "[id^=bloop_sign]", ".bloop_sign"),
    _quote("Superhuman", ".sh-quoted-content"),
    _signature("Superhuman", ".sh-signature"),
    _quote("a phone", "div.quoted_text", ".elided-text", "#quoted_header", "#qt-quote"),
    _quote("Mail.ru", "[id^='cite_'] blockquote", "blockquote[id^='mail-app-auto-quote']", "#mail-app-auto-quote"),
    _signature("Mail.ru", "[data-signature-widget=container]", "[data-signature-widget]"),
    _quote("Yandex", "blockquote.yandex_quote", "[data-type=yandex-quote]"),
    _quote(
        "QQ Mail",
        "#isReplyContent",
        "[name=isReplyContent]",
        "#isForwardContent",
        "blockquote#isReplyContent",
        "#origbody",
    ),
    _signature("QQ Mail", "sign[signid]", "#spnEditorSign", "#spnEditorSign_app", "[id^=ntes-pcmail-signature]"),
    _quote("NetEase Mail", "#isReplyContent", "[id^=divNeteaseMailCard] ~ blockquote", "[name^=netease_mail_footer]"),
    _quote("Hey", ".trix-content blockquote", "details.quoted-content"),
    _quote(
        "a help desk",
        ".freshdesk_quote",
        ".zd-comment-quoted",
        ".helpscout-quote",
        ".hs_reply",
        ".intercom-quoted",
        ".email-quote",
    ),
    _quote(
        "the sender",
        "blockquote[class*=quote i]",
        "div[class=quote i]",
        "div.quoted-text",
        "div.mail-quote",
        confidence=0.8,
    ),
)
SELECTORS = ", ".join(mark.selector for mark in MARKS)
TRACES = re.compile(
    r"quote|cite|signature|gmail_|OLK_SRC|divRplyFwdMsg|appendonsend|stopSpelling|OutlookMessageHeader"
    r"|reply-?intro|border-top(?:-color)?:"
    r"|mail-editor-reference|moz-|__HEADERS__|__SIG_|zwchr|zmail|messageReplySection|messageSignatureSection"
    r"|AirmailOn|clean_bq|bloop_sign"
    r"|elided|isReplyContent|isForwardContent|origbody|spnEditorSign|signid|hs_reply|CM_QUOTE|cm_replymail"
    r"|trix-content|quoted",
    re.IGNORECASE,
)


def marked_lines(lines: Sequence[str], html: str) -> dict[int, Label]:
    """The lines whose words lie in marked nodes of `html`; none where words and lines do not go together."""
    if len(html) > HTML_READ or not TRACES.search(html) or is_hostile(html):
        return {}
    root = LexborHTMLParser(html).root
    words: list[str] = []
    labels: list[Label | None] = []
    for text, label in _labelled(root) if root is not None else ():
        found = words_of(text)
        words += found
        labels += [label] * len(found)
    if not any(labels):
        return {}
    here, line_of = words_by_line(lines)
    pairs = side_by_side(here, words)
    return _by_line(line_of, {at: labels[there] for at, there in pairs.items()}) if pairs else {}


def _by_line(line_of: list[int], label_at: dict[int, Label | None]) -> dict[int, Label]:
    """A line is what all its words are; one of which a part is new is new."""
    found: dict[int, Label | None] = {}
    for at, label in label_at.items():
        line = line_of[at]
        found[line] = label if found.get(line, label) is label else None
    return {line: label for line, label in found.items() if label is not None}


def _labelled(root: LexborNode) -> Iterator[tuple[str, Label | None]]:
    """The texts of the document in order, each with what its marks say; a quote holds all that lies in it."""
    inside, begins = _marks(root)
    rest: Label | None = None
    for count, node in enumerate(root.traverse(include_text=True)):
        if count > NODES_READ:
            return
        rest = rest or begins.get(node.mem_id)
        if node.tag == "-text" and not (node.parent is not None and node.parent.tag in UNSEEN):
            yield node.text(deep=False), inside.get(node.mem_id) or rest


def _marks(root: LexborNode) -> tuple[dict[int, Label], dict[int, Label]]:
    """The label of each text in a marked node, and the nodes with which a marked rest begins."""
    inside: dict[int, Label] = {}
    begins: dict[int, Label] = {}
    for node in root.css(SELECTORS)[:MARKS_READ]:
        if node.mem_id in inside or len(inside) > NODES_READ:
            continue
        mark = next(mark for mark in MARKS if node.css_matches(mark.selector))
        if not _holds(mark, node):
            continue
        if mark.extent == "rest":
            begins[node.mem_id] = mark.label
            continue
        for below in node.traverse(include_text=True):
            inside.setdefault(below.mem_id, mark.label)
    return inside, begins


def _holds(mark: Mark, node: LexborNode) -> bool:
    """Whether the node is what its mark says: people type into signatures, and draw lines that look like Outlook's."""
    if mark.label.kind == "signature":
        return len(words_of(node.text(separator=" "))) <= SIGNATURE_WORDS
    if "border-top" in mark.selector:
        return node.text()[:FIELDS_WITHIN].count(":") + node.text()[:FIELDS_WITHIN].count("：") >= 3
    return True
