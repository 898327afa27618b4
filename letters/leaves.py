"""The leaves of a mail that are not its text: what they are called, and whether the HTML shows them."""

import re
from dataclasses import dataclass
from mimetypes import MimeTypes
from urllib.parse import unquote

from letters.charsets import clean
from letters.letter import Attachment
from letters.mime import Part, split_header
from letters.parameters import read_parameters
from letters.words import decode_words

EXTENSIONS = {
    "application/ms-tnef": ".dat",
    "application/pdf": ".pdf",
    "application/rtf": ".rtf",
    "application/zip": ".zip",
    "audio/mpeg": ".mp3",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "message/feedback-report": ".txt",
    "message/global": ".eml",
    "message/news": ".eml",
    "message/partial": ".txt",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/css": ".css",
    "text/csv": ".csv",
    "text/directory": ".vcf",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/rfc822-headers": ".txt",
    "text/rtf": ".rtf",
    "text/vcard": ".vcf",
    "text/watch-html": ".html",
    "text/x-amp-html": ".html",
    "text/x-vcard": ".vcf",
    "text/xml": ".xml",
}
# Parts that mail programs know by their type and that come without a name.
USUAL_NAMES = {
    "application/pgp-encrypted": "version.asc",
    "application/pgp-keys": "key.asc",
    "application/pgp-signature": "signature.asc",
    "application/pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-signature": "smime.p7s",
}
MAILS = frozenset({"message/rfc822", "message/global", "message/news"})
FILENAME_LIMIT = 200  # characters
SUBJECT_LIMIT = 100
REFERENCES_LIMIT = 100_000
CONTROL = re.compile("[\x00-\x1f\x7f]")
NOT_IN_FILENAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
LOOKS_LIKE_A_NAME = re.compile(r"[^/\\\r\n]{1,150}\.[A-Za-z0-9]{1,5}")
REFERENCE = re.compile(r"cid:([^\"'\s>)<]{1,500})", re.IGNORECASE)
SOURCE = re.compile(r"(?:src|background|data|poster|href)\s*=\s*[\"']?([^\"'\s>]{1,2000})", re.IGNORECASE)
TYPES = MimeTypes()  # Python's own table: the machine's would make one mail two things on two machines


@dataclass(slots=True)
class Leaf:
    """An attachment before it is known whether the HTML shows it."""

    filename: str
    content_type: str
    content: bytes
    content_id: str | None = None
    location: str = ""
    charset: str | None = None


def leaf_of(part: Part, content: bytes, hint: str | None) -> Leaf:
    """A part of the tree as a leaf; `content` is out of its transfer encoding."""
    return Leaf(
        filename=_filename(part, content, hint),
        content_type=part.content_type,
        content=content,
        content_id=bare(decode_words(part.value("content-id"))) or None,
        location=decode_words(part.value("content-location")).strip().strip('"<>'),
        charset=part.parameters.get("charset"),
    )


def attachments_of(leaves: list[Leaf], html: str | None) -> tuple[Attachment, ...]:
    """The leaves with a name each, and whether the HTML refers to them."""
    shown = _references(html or "", locations=any(leaf.location for leaf in leaves))
    return tuple(
        Attachment(
            filename=safe_filename(leaf.filename) or f"attachment-{at}{EXTENSIONS.get(leaf.content_type, '.bin')}",
            content_type=leaf.content_type,
            content=leaf.content,
            inline=leaf.content_id in shown or (bool(leaf.location) and leaf.location in shown),
            content_id=leaf.content_id,
        )
        for at, leaf in enumerate(leaves, 1)
    )


def type_by_name(filename: str) -> str:
    """The media type that a file's name speaks for."""
    return TYPES.guess_type(filename)[0] or "application/octet-stream"


def safe_filename(given: str) -> str:
    """A name without path, controls and what PostgreSQL cannot keep, of bearable length."""
    name = CONTROL.sub("", clean(re.split(r"[/\\]", given)[-1])).strip()
    return name if len(name) <= FILENAME_LIMIT else name[: FILENAME_LIMIT - 10] + name[-10:]


def name_by_subject(subject: str, extension: str) -> str:
    """A file name made of a subject; empty where there is none."""
    words = NOT_IN_FILENAMES.sub(" ", subject).split()
    return f"{' '.join(words)[:SUBJECT_LIMIT].strip(' .')}{extension}" if words else ""


def bare(ident: str) -> str:
    """A Content-ID without white space and angle brackets."""
    return CONTROL.sub("", ident).strip().strip("<>").strip()


def _filename(part: Part, content: bytes, hint: str | None) -> str:
    """The name that the sender gave, else one that the part's type, description, place or subject suggests."""
    _, disposition = read_parameters(part.value("content-disposition"), hint)
    given, other = disposition.get("filename", ""), part.parameters.get("name", "")
    if not safe_filename(given) or ("\ufffd" in given and other and "\ufffd" not in other):
        given = other or given
    if safe_filename(given):
        return given
    if part.content_type in MAILS:
        return _subject_of(content)
    described = decode_words(part.value("content-description"), hint).strip()
    located = unquote(decode_words(part.value("content-location")).split("?")[0]).rpartition("/")[2]
    suggested = next(filter(LOOKS_LIKE_A_NAME.fullmatch, (described, located)), "")
    return suggested or USUAL_NAMES.get(part.content_type, "")


def _subject_of(mail: bytes) -> str:
    fields, _ = split_header(memoryview(mail))
    subject = next((decode_words(value) for name, value in fields if name == "subject"), "")
    return name_by_subject(subject, ".eml")


def _references(html: str, *, locations: bool) -> set[str]:
    """The ids, and where a leaf has a Content-Location the addresses, that the HTML shows (RFC 2392, RFC 2557)."""
    found = _some(REFERENCE, html)
    if locations:
        found |= _some(SOURCE, html)
    return {form for reference in found for form in (bare(reference), bare(unquote(reference)))}


def _some(pattern: re.Pattern[str], html: str) -> set[str]:
    return {found[1] for found, _ in zip(pattern.finditer(html), range(REFERENCES_LIMIT), strict=False)}
