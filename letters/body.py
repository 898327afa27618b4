"""What a tree of parts shows: text, HTML, and every other leaf as an attachment."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from letters import charsets
from letters.containers import unwrap_all, without_uuencoded
from letters.enriched import read_enriched, read_richtext
from letters.flowed import unwrap_flowed
from letters.invitations import read_invitation
from letters.leaves import Leaf, attachments_of, leaf_of
from letters.letter import Attachment
from letters.mime import Part
from letters.parameters import read_parameters
from letters.transfer import decode_transfer

HTML = frozenset({"text/html", "application/xhtml+xml"})
# Texts that people read as they are, and those whose words have to be taken out of the markup.
PLAIN: dict[str, Callable[[str], str]] = {
    "text/plain": str,
    "text/markdown": str,
    "text/x-markdown": str,
    "text/x-web-markdown": str,
    "text/enriched": read_enriched,
    "text/richtext": read_richtext,
}
# Texts for machines. Any other text that is a whole mail is shown (RFC 2046, 4.1.4).
FOR_MACHINES = re.compile(
    r"text/(?:calendar|directory|vcard|x-vcard|x-amp-html|watch-html|css|csv|.*xml|rtf|javascript|rfc822-headers"
    r"|x-(?:patch|diff|python|c|java|php|sh|log|gcal.*)|tab-separated-values|vnd\..*)"
)
KEPT_CLOSED = {
    "application/pkcs7-mime": "signed or encrypted as a whole (S/MIME), kept as an attachment",
    "application/x-pkcs7-mime": "signed or encrypted as a whole (S/MIME), kept as an attachment",
    "message/external-body": "a part that lies elsewhere (message/external-body), kept as it is",
    "message/partial": "a piece of a longer mail (message/partial), kept as an attachment",
    "multipart/encrypted": "encrypted, its parts kept as attachments",
}
BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ", re.MULTILINE)
# Scripts that write without spaces count by their signs: each form breaks their lines where it likes.
WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+")
ADDRESS = re.compile(r"\([a-z]+:[^)\s]*\)|https?:\S+")  # plain forms often leave them out
FEW_WORDS = 6
TAGS_OF_NO_WORDS = 40  # characters of HTML
HTML_READ = 8 * 1024 * 1024  # characters whose words are taken out
LINE_ENDS = re.compile(r"\r\n|\r")


@dataclass(slots=True)
class Shown:
    """One running text in the forms that the mail has it in."""

    plain: str | None
    html: str | None

    def text(self) -> str:
        """The plain form; the words of the HTML where there is none, and both where it lacks most of them.

        Newsletters have no more in the plain form than "your program shows no HTML", and some programs another text.
        """
        if self.html is None:
            return self.plain or ""
        if not (self.plain and self.plain.strip()):
            return _words_of(self.html)
        if len(self.html) < TAGS_OF_NO_WORDS:
            return self.plain
        rich = _words_of(self.html)
        return f"{self.plain.rstrip()}\n\n{rich}" if _lacks_most(self.plain, rich) else self.plain


def _lacks_most(plain: str, rich: str) -> bool:
    """Whether the plain form has less than a third of the words that the rich one has."""
    words = set(WORD.findall(ADDRESS.sub(" ", rich)))
    return len(words) >= FEW_WORDS and len(words & set(WORD.findall(plain))) < len(words) / 3


@dataclass(slots=True)
class Body:
    """What was found so far: running texts, other leaves, what was odd."""

    shown: list[Shown] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)

    def add(self, other: "Body") -> None:
        """Appends what another part showed."""
        self.shown += other.shown
        self.leaves += other.leaves
        self.defects += other.defects


@dataclass(frozen=True, slots=True)
class Content:
    """The body of a mail as a reader meets it."""

    text: str
    html: str | None
    attachments: tuple[Attachment, ...]
    defects: tuple[str, ...]


def read_body(root: Part, hint: str | None = None) -> Content:
    """Text, HTML and attachments of a whole mail. Every leaf is in one of the three.

    `hint`: the charset to try for names whose bytes declare none.
    """
    body = _read(root, hint, first=True) if root.parts else _read_leaf(root, hint, first=True, alone=True)
    texts = _texts(body)
    unwrapped = unwrap_all(body.leaves, has_text=bool(texts))
    body.leaves, body.defects = unwrapped.leaves, body.defects + unwrapped.defects
    if unwrapped.plain or unwrapped.html:
        body.shown.append(Shown(unwrapped.plain or None, unwrapped.html or None))
        texts = _texts(body)
    html = "\n".join(shown.html for shown in body.shown if shown.html) or None
    texts = texts or _invitations(body)
    text = "".join(text if at == len(texts) else text.rstrip("\n") + "\n" for at, text in enumerate(texts, 1))
    return Content(text, html, attachments_of(body.leaves, html), tuple(dict.fromkeys(body.defects)))


def _texts(body: Body) -> list[str]:
    return [text for text in (shown.text() for shown in body.shown) if text.strip()]


def _invitations(body: Body) -> list[str]:
    """The words for a mail that is nothing but a calendar."""
    calendar = next((leaf for leaf in body.leaves if leaf.content_type == "text/calendar"), None)
    if calendar is None:
        return []
    text = charsets.decode(calendar.content, calendar.charset).text
    summary = read_invitation(LINE_ENDS.sub("\n", text))
    return [summary] if summary else []


def _read(part: Part, hint: str | None, *, first: bool) -> Body:
    """`first`: nothing has been shown yet, so a text here is the mail's own, even if its type carries a name."""
    if not part.parts:
        return _read_leaf(part, hint, first=first)
    if part.content_type == "multipart/alternative":
        return _read_alternative(part, hint, first=first)
    body = Body(defects=_closed(part))
    for below in part.parts:
        body.add(_read(below, hint, first=first and not body.shown and not body.leaves))
    if part.content_type == "multipart/encrypted" and body.leaves and not body.leaves[-1].filename:
        body.leaves[-1].filename = "encrypted.asc"
    return body


def _read_alternative(part: Part, hint: str | None, *, first: bool) -> Body:
    """The plain form and the HTML form of one text (RFC 2046, 5.1.4); of several HTML forms the last, the richest."""
    body = Body()
    plain: list[str] = []
    html: str | None = None
    for below in part.parts:
        found = _read(below, hint, first=first)
        rich = [shown.html for shown in found.shown if shown.html]
        if rich:
            html = "\n".join(rich)
        if not rich or any(shown.plain for shown in found.shown):
            plain.append("\n".join(shown.text() for shown in found.shown))
        body.leaves += found.leaves
        body.defects += found.defects
    best = next((text for text in plain if text.strip()), None)
    if best is not None or html is not None:
        body.shown.append(Shown(best, html))
    return body


def _read_leaf(part: Part, hint: str | None, *, first: bool, alone: bool = False) -> Body:
    body = Body(defects=_closed(part))
    disposition, parameters = read_parameters(part.value("content-disposition"))
    named = "filename" in parameters or (not first and "name" in part.parameters)
    is_text = disposition != "attachment" and _is_text(part.content_type, alone=first and alone and not named)
    encoding, _ = read_parameters(part.value("content-transfer-encoding"))
    content, defect = decode_transfer(bytes(part.body), encoding, text=is_text)
    body.defects += [defect] if defect else []
    if not is_text or named:
        body.leaves.append(leaf_of(part, content, hint))
    if is_text and (first or not named):  # a first text sent as a file is both: shown, and there to be kept
        _show(body, part, content)
    return body


def _closed(part: Part) -> list[str]:
    said = KEPT_CLOSED.get(part.content_type)
    return [said] if said else []


def _is_text(content_type: str, *, alone: bool) -> bool:
    if content_type in PLAIN or content_type in HTML:
        return True
    return alone and content_type.startswith("text/") and not FOR_MACHINES.fullmatch(content_type)


def _show(body: Body, part: Part, content: bytes) -> None:
    is_html = part.content_type in HTML
    if not is_html and BEGIN.search(content):
        content, files = without_uuencoded(content)
        body.leaves += files
    decoded = charsets.decode(content, part.parameters.get("charset"))
    body.defects += [decoded.defect] if decoded.defect else []
    text = LINE_ENDS.sub("\n", decoded.text)
    if is_html:
        if len(text) > HTML_READ:
            body.defects.append(f"HTML of more than {HTML_READ} characters: the words after that are in the HTML alone")
        body.shown.append(Shown(None, text))
        return
    text = PLAIN.get(part.content_type, str)(text)
    if part.parameters.get("format", "").strip().lower() == "flowed":
        text = unwrap_flowed(text, delete_space=part.parameters.get("delsp", "").strip().lower() == "yes")
    body.shown.append(Shown(text, None))


def _words_of(html: str) -> str:
    from letters.html import html_to_text  # noqa: PLC0415 - its parser takes 25 ms to load, and the listener needs none

    return html_to_text(html[:HTML_READ])
