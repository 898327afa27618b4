"""Markdown as HTML for a mail: what the text says and nothing else. No HTML of its own, no pictures, no odd links."""

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST = 128 * 1024  # characters: a second's work at worst, and the time grows with the length
LINK = re.compile(r"(?:https?://|mailto:)[^\x00-\x20]+", re.IGNORECASE)
# Mail programs bring no styles of their own for these.
STYLES = {
    "blockquote_open": "margin:0 0 0 4px;padding-left:12px;border-left:2px solid #8884",
    "table_open": "border-collapse:collapse",
    "th_open": "border:1px solid #8884;padding:4px 8px",
    "td_open": "border:1px solid #8884;padding:4px 8px",
}


def markdown_to_html(text: str) -> str:
    """The text as HTML that can stand in any page: CommonMark with tables and strikethrough, each line kept.

    What is longer than LONGEST comes back as it was typed. Links lead to http, https and mailto alone; a picture is
    shown as a link to it.
    """
    if len(text) > LONGEST:
        return f'<div style="white-space:pre-wrap">{escape(text)}</div>'
    renderer = _renderer()
    tokens = renderer.parse(text)
    for token in tokens:
        _dress(token)
    html: str = renderer.renderer.render(tokens, renderer.options, {})
    return html


@cache
def _renderer() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415 - it takes 30 ms to load, and who reads mail needs none

    renderer = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False, "typographer": False})
    renderer.enable(["table", "strikethrough"]).disable(["image", "html_block", "html_inline"])
    renderer.validateLink = _is_link  # type: ignore[method-assign]  # the documented way to say which links are taken
    return renderer


def _is_link(url: str) -> bool:
    return LINK.fullmatch(url.strip()) is not None


def _dress(token: "Token") -> None:
    if token.type in STYLES:
        aligned = f"{token.attrs['style']};" if "style" in token.attrs else ""
        token.attrSet("style", f"{aligned}{STYLES[token.type]}")
