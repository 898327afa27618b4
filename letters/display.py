"""HTML of strangers, fit to be shown in a frame of ours: it acts on nothing, leaves its box nowhere, asks nobody.

Stored HTML stays as it was received; this is done each time it is shown, so that a better cleaner repairs history.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from html import escape
from urllib.parse import unquote

import nh3

from letters.hostile import is_hostile

SHOWN_LIMIT = 2 * 1024 * 1024  # characters; the raw mail has the rest

TAGS = nh3.ALLOWED_TAGS | {"font"}
ATTRIBUTES = deepcopy(nh3.ALLOWED_ATTRIBUTES) | {"*": {"style", "dir", "lang", "align"}}
for _tag in TAGS - {"a"}:  # a link's title is ours: it says where the link leads
    ATTRIBUTES[_tag] = ATTRIBUTES.get(_tag, set()) | {"title"}
for _tag, _names in {
    "img": {"border", "hspace", "vspace"},
    "font": {"color", "face", "size"},
    "table": {"bgcolor", "border", "cellpadding", "cellspacing", "width"},
    "tr": {"bgcolor", "valign"},
    "td": {"bgcolor", "height", "nowrap", "valign", "width"},
    "th": {"bgcolor", "height", "nowrap", "valign", "width"},
}.items():
    ATTRIBUTES[_tag] = ATTRIBUTES.get(_tag, set()) | _names
SCHEMES = frozenset({"http", "https", "mailto", "tel", "cid", "data"})

# How text looks. Nothing that moves, covers, hides, fetches or floats out of the letter.
PROPERTIES = re.compile(
    r"color|background-color|direction|unicode-bidi|line-height|vertical-align|white-space|width|height|max-width"
    r"|min-width|table-layout|text-(?:align|decoration(?:-line)?|transform|indent)|word-(?:break|spacing|wrap)"
    r"|overflow-wrap|letter-spacing|font(?:-(?:family|size|style|variant|weight))?|padding(?:-[a-z]+)?|margin(?:-[a-z]+)?"
    r"|border(?:-[a-z]+){0,2}|list-style-type"
)
VALUE = re.compile(r"(?:[\w\s#%.,+]|\((?=[\d\s.,%]+\))|(?<=[\d%])\)|(?<=\w)-|\"[\w\s,-]*\"|'[\w\s,-]*')+", re.ASCII)
PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp)[;,]", re.IGNORECASE)
REMOTE = re.compile(r"https?:|//", re.IGNORECASE)
NO_LINK = re.compile(r"(?:data|cid):", re.IGNORECASE)

# What text cannot say, in HTML that was cleaned. Quotes are left out: they were shown when they were new.
QUOTE = re.compile(r"<blockquote\b.*</blockquote>", re.DOTALL)
CELL = re.compile(r"<t[dh]\b")
IMAGE = re.compile(r"<img\b[^>]*")
DOT = re.compile(r"""(?<![-\w])(?:width|height)(?:="|:)[012](?:px)?[";]""")  # that counts who opened the mail
PAPER = re.compile(r"""\bbg(?:color)?="|background-color:""")
WHITE = re.compile(
    r"""\b(?:bgcolor="|background-color:) ?(?:#fff(?:fff)?|white|transparent|rgb\(255, ?255, ?255\))[";]""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ShownHtml:
    """HTML that can stand in a page, and how many pictures of other hosts were left out of it."""

    html: str
    held_back: int


def show_html(html: str, *, files: Mapping[str, str] | None = None, remote_images: bool = False) -> ShownHtml:
    """The HTML without scripts, handlers, forms, and styles that leave their box; what is left can be put into a page.

    Args:
        files: Content-ID (without angle brackets) -> address of the file, for `cid:` pictures.
        remote_images: show pictures of other hosts too; their hosts learn who reads the mail, and when.
    """
    html = html[:SHOWN_LIMIT]
    if is_hostile(html):
        return ShownHtml(f"<pre>{escape(_words_of(html))}</pre>", 0)
    attributes = _Attributes(files or {}, remote_images=remote_images)
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=attributes.filter,
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank", "title": ""}},
    )
    return ShownHtml(cleaned, attributes.held_back)


def says_more_than_text(cleaned: str) -> bool:
    """Whether HTML out of `show_html` has what its text lacks: a table, a picture, paper of another colour."""
    new = QUOTE.sub("", cleaned)
    if len(CELL.findall(new)) > 1 or len(PAPER.findall(new)) > len(WHITE.findall(new)):
        return True
    return any(not DOT.search(image) for image in IMAGE.findall(new))


def _words_of(html: str) -> str:
    from letters.html import html_to_text  # noqa: PLC0415 - its parser takes 25 ms to load, and the listener needs none

    return html_to_text(html)


class _Attributes:
    """What nh3 asks about each attribute that it would keep."""

    def __init__(self, files: Mapping[str, str], *, remote_images: bool) -> None:
        self._files = files
        self._remote_images = remote_images
        self._leads_to: str | None = None
        self.held_back = 0

    def filter(self, tag: str, attribute: str, value: str) -> str | None:
        """The value to show, None for none. A link's own attributes come first, then those that we set."""
        if tag == "a" and attribute in {"href", "title"}:
            return self._link(attribute, value)
        if attribute == "style":
            return _style(value) or None
        if attribute == "src" and tag == "img":
            return self._picture(value.strip())
        return None if attribute == "cite" and NO_LINK.match(value.strip()) else value

    def _link(self, attribute: str, value: str) -> str | None:
        """Where it leads, for its address and then for its title."""
        if attribute == "title":
            leads_to, self._leads_to = self._leads_to, None
            return leads_to
        self._leads_to = None if NO_LINK.match(value.strip()) else value
        return self._leads_to

    def _picture(self, address: str) -> str | None:
        if address[:4].lower() == "cid:":
            return self._files.get(address[4:]) or self._files.get(unquote(address[4:]))
        if PICTURE.match(address):
            return address
        if not REMOTE.match(address) or self._remote_images:
            return address if REMOTE.match(address) else None
        self.held_back += 1
        return None


def _style(text: str) -> str:
    """The declarations that only say how text looks."""
    kept = []
    for declaration in text.split(";"):
        name, _, value = declaration.partition(":")
        if PROPERTIES.fullmatch(name.strip().lower()) and VALUE.fullmatch(value.strip()):
            kept.append(f"{name.strip().lower()}:{value.strip()}")
    return ";".join(kept)
