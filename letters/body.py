"""What a tree of parts shows: text, HTML, and every other leaf as an attachment."""

import binascii
import re
from dataclasses import dataclass, field

from letters import charsets
from letters.letter import Attachment
from letters.mime import Part, split_header
from letters.parameters import read_parameters
from letters.words import decode_base64, decode_words

TEXTS = frozenset({"text/plain", "text/html"})
EXTENSIONS = {
    "application/pdf": ".pdf",
    "application/pgp-signature": ".asc",
    "application/zip": ".zip",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "message/delivery-status": ".txt",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/rfc822-headers": ".txt",
}
FILENAME_LIMIT = 200  # characters
CONTROL = re.compile("[\x00-\x1f\x7f]")
LINE_ENDS = re.compile(r"\r\n|\r")
REFERENCE = re.compile(r"cid:([^\"'\s>)]+)", re.IGNORECASE)


@dataclass(slots=True)
class Leaf:
    """An attachment before it is known whether the HTML shows it."""

    filename: str
    content_type: str
    content: bytes
    content_id: str | None


@dataclass(slots=True)
class Shown:
    """One running text in the forms that the mail has it in."""

    plain: str | None
    html: str | None

    def text(self) -> str:
        """The plain form, read from the HTML where there is none or a blank one."""
        if self.html is not None and not (self.plain and self.plain.strip()):
            return _words_of(self.html)
        return self.plain or ""


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


def read_body(root: Part) -> Content:
    """Text, HTML and attachments of a whole mail. Every leaf is in one of the three."""
    body = _read(root, first=True)
    html = "\n".join(shown.html for shown in body.shown if shown.html) or None
    referenced = {_bare(reference) for reference in REFERENCE.findall(html or "")}
    attachments = tuple(
        Attachment(leaf.filename, leaf.content_type, leaf.content, leaf.content_id in referenced, leaf.content_id)
        for leaf in _named(body.leaves)
    )
    texts = [text for text in (shown.text() for shown in body.shown) if text.strip()]
    text = "".join(text if at == len(texts) else text.rstrip("\n") + "\n" for at, text in enumerate(texts, 1))
    return Content(text, html, attachments, tuple(dict.fromkeys(body.defects)))


def _read(part: Part, *, first: bool) -> Body:
    """`first`: nothing has been shown yet, so a text here is the mail's own, even if its type carries a name."""
    if not part.parts:
        return _read_leaf(part, first=first)
    if part.content_type == "multipart/alternative":
        return _read_alternative(part, first=first)
    body = Body()
    for below in part.parts:
        body.add(_read(below, first=first and not body.shown and not body.leaves))
    return body


def _read_alternative(part: Part, *, first: bool) -> Body:
    """The plain form and the HTML form of one text (RFC 2046, 5.1.4); of several HTML forms the last, the richest."""
    body = Body()
    plain: list[str] = []
    html: str | None = None
    for below in part.parts:
        found = _read(below, first=first)
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


def _read_leaf(part: Part, *, first: bool) -> Body:
    body = Body()
    content = _content(part, body.defects)
    disposition, parameters = read_parameters(part.value("content-disposition"))
    named = "filename" in parameters or (not first and "name" in part.parameters)
    is_text = part.content_type in TEXTS and disposition != "attachment"
    if not is_text or named:
        body.leaves.append(Leaf(_filename(part), part.content_type, content, _content_id(part)))
    if is_text and (first or not named):  # a first text sent as a file is both: shown, and there to be kept
        decoded = charsets.decode(content, part.parameters.get("charset"))
        body.defects += [decoded.defect] if decoded.defect else []
        text = LINE_ENDS.sub("\n", decoded.text)
        body.shown.append(Shown(None, text) if part.content_type == "text/html" else Shown(text, None))
    return body


def _content(part: Part, defects: list[str]) -> bytes:
    """The bytes of a leaf out of their transfer encoding (RFC 2045, 6)."""
    data = bytes(part.body)
    encoding = read_parameters(part.value("content-transfer-encoding"))[0].strip("\"'")
    if encoding == "base64" and _is_prose(data):
        defects.append("text that is no base64 declared as such, read as it is")
        return data
    if encoding == "base64":
        content, sound = decode_base64(data)
        if not sound:
            defects.append("base64 with foreign characters or an odd length, read as far as it goes")
        return content
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    return data


def _is_prose(data: bytes) -> bool:
    """Lines of several words each: base64 has no spaces inside a line."""
    lines = [line.strip() for line in data[:4096].splitlines()]
    return sum(b" " in line for line in lines) > sum(bool(line) for line in lines) / 2


def _words_of(html: str) -> str:
    from letters.html import html_to_text  # noqa: PLC0415 - its parser takes 25 ms to load, and the listener needs none

    return html_to_text(html)


def _filename(part: Part) -> str:
    """The name that the sender gave, without any path; empty where there is none."""
    _, disposition = read_parameters(part.value("content-disposition"))
    given = disposition.get("filename") or part.parameters.get("name")
    if not given:
        given = _subject(part) if part.content_type == "message/rfc822" else ""
    name = CONTROL.sub("", re.split(r"[/\\]", given)[-1]).strip()
    return name if len(name) <= FILENAME_LIMIT else name[: FILENAME_LIMIT - 10] + name[-10:]


def _subject(part: Part) -> str:
    fields, _ = split_header(part.body)
    subject = next((decode_words(value) for name, value in fields if name == "subject"), "")
    words = re.sub(r'[<>:"/\\|?*]+', " ", subject).split()
    return f"{' '.join(words)[:100]}.eml" if words else ""


def _content_id(part: Part) -> str | None:
    return _bare(decode_words(part.value("content-id"))) or None


def _bare(ident: str) -> str:
    return ident.strip().strip("<>").strip()


def _named(leaves: list[Leaf]) -> list[Leaf]:
    """The leaves, each with a name."""
    for at, leaf in enumerate(leaves, 1):
        leaf.filename = leaf.filename or f"attachment-{at}{EXTENSIONS.get(leaf.content_type, '.bin')}"
    return leaves
