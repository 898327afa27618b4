"""HTML that would cost a tree builder seconds to minutes: told by counting, before any tree is built.

Parsers of HTML take time in the square of the depth (300,000 unclosed <div> are five minutes), of the attributes of one
tag, and some of a run of `&`. Each count here is an upper bound for whatever a parser would see: a closing tag lowers
the depth only of its own name, and where a quoted value holds a `<`, nothing that closes is believed.
"""

import re
from collections import Counter

FEW_TAGS = 15_000  # as deep as that costs under half a second
MOST_TAGS = 300_000
MOST_BRACKETS = 1_000_000  # `<`, whether a tag begins there or not
DEPTH_TIMES_TAGS = 20_000_000
MOST_ATTRIBUTES = 10_000  # of one tag
MOST_REFERENCES = 200_000  # `&`, in the whole page

OPENING = re.compile(r"<[a-zA-Z]")
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# What hides tags from a parser: comments, and elements whose content is no markup.
NO_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|title|textarea|xmp|iframe|noembed|noframes|noscript|plaintext)\b.*?(?:</\1|\Z)",
    re.DOTALL | re.IGNORECASE,
)
TAG_IN_A_VALUE = re.compile(r"""=\s*(?:"[^"<]*<|'[^'<]*<|<)""")
ANGLE_IN_A_VALUE = re.compile(r"""=\s*(?:"[^"<>]*[<>]|'[^'<>]*[<>]|<)""")
# A name has to stand before the sign: `="a b` are two attributes.
QUOTED_VALUE = re.compile(r"""(?<=[^\s/>='"])\s*=\s*(?:"[^"]*"|'[^']*')""")
TEXT = re.compile(r">[^<>\"'=]*(?=<)")
SEPARATOR = re.compile(r"[\s/\"'][^\s/\"'=<>]")  # where an attribute may begin
# Without content, or closed by the next of their kind: they nest no deeper than the elements around them.
NOT_COUNTED = frozenset(
    [
        *(
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
            "param",
            "source",
            "track",
            "wbr",
        ),
        *("dd", "dt", "li", "option", "p", "rp", "rt", "tbody", "td", "tfoot", "th", "thead", "tr"),
    ]
)


def is_hostile(html: str) -> bool:
    """Whether a tree of `html` would cost more than about a second."""
    runs = html.count("&") > MOST_REFERENCES or html.count("<") > MOST_BRACKETS
    return runs or _too_many_attributes(html) or _too_deep(html)


def _too_many_attributes(html: str) -> bool:
    if len(html) < 2 * MOST_ATTRIBUTES:
        return False
    if ANGLE_IN_A_VALUE.search(html):  # where a tag ends cannot be told: as if all were one
        return len(SEPARATOR.findall(TEXT.sub(">", html))) > MOST_ATTRIBUTES
    pieces = OPENING.split(html)[1:]
    tags = (piece.partition(">")[0] for piece in pieces if len(piece) > 2 * MOST_ATTRIBUTES)
    return any(len(SEPARATOR.findall(QUOTED_VALUE.sub(" ", tag))) > MOST_ATTRIBUTES for tag in tags)


def _too_deep(html: str) -> bool:
    tags = len(OPENING.findall(html)) if html.count("<") > FEW_TAGS else 0
    if tags <= FEW_TAGS:
        return False
    if tags > MOST_TAGS:
        return True
    believable = not TAG_IN_A_VALUE.search(html)
    open_now: Counter[str] = Counter()
    depth = deepest = 0
    for closing, written in TAG.findall(NO_MARKUP.sub(" ", html)):
        name = written.lower()
        if closing:
            if believable and open_now[name]:
                open_now[name] -= 1
                depth -= 1
        elif name not in NOT_COUNTED:
            open_now[name] += 1
            depth += 1
            deepest = max(deepest, depth)
    return deepest * tags > DEPTH_TIMES_TAGS
