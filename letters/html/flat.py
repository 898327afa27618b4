"""HTML of which no tree is built: too deep, or of too many nodes, for the time that a mail is worth."""

import re
from html import unescape

INVISIBLE_BLOCK = re.compile(
    r"<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL | re.IGNORECASE
)
BLOCK_TAG = re.compile(r"</?(?:p|div|br|tr|li|h[1-6]|table|blockquote|ul|ol|hr|pre)\b[^<>]*>", re.IGNORECASE)
ANY_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
WHITE = re.compile(r"[ \t\r\n\f]+")


def flat_text(html: str) -> str:
    """The words without the tree, for HTML that no tree does justice to in bearable time."""
    text = BLOCK_TAG.sub("\n", INVISIBLE_BLOCK.sub(" ", html))
    lines = (WHITE.sub(" ", line).strip() for line in unescape(ANY_TAG.sub(" ", text)).split("\n"))
    return "\n".join(line for line in lines if line)
