"""What of a file a browser may show beside a mail, by what it claims to be and by what its bytes say.

A picture, a PDF and plain text only: whatever could act on a page, as HTML and SVG do, is for saving.
"""

from pathlib import PurePath
from typing import Literal

from letters.charsets import decode

Preview = Literal["image", "pdf", "text"]

IMAGES = {"image/png", "image/jpeg", "image/jpg", "image/pjpeg", "image/gif", "image/webp", "image/avif"}
TEXTS = {"application/json", "application/x-yaml", "application/x-ndjson"}
NOT_AS_TEXT = {"text/html", "text/xml", "text/javascript"}
SAYS_NOTHING = {"", "application/octet-stream", "application/x-download", "binary/octet-stream"}
BY_ENDING: dict[str, Preview] = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"), "image"),
    ".pdf": "pdf",
    **dict.fromkeys((".txt", ".log", ".csv", ".tsv", ".md", ".json", ".yaml", ".yml", ".ini", ".conf"), "text"),
}
MARKS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")  # of UTF-16 and UTF-32
SAMPLE = 64 * 1024  # bytes that a charset is told by


def preview_of(content_type: str, filename: str) -> Preview | None:
    """As what a file could be shown, going by what the mail says of it; None: not at all."""
    claimed = content_type.lower()
    if claimed in SAYS_NOTHING:
        return BY_ENDING.get(PurePath(filename.lower()).suffix)
    if claimed in IMAGES:
        return "image"
    if claimed == "application/pdf":
        return "pdf"
    return "text" if claimed in TEXTS or (claimed.startswith("text/") and claimed not in NOT_AS_TEXT) else None


def show_file(content: bytes, content_type: str, filename: str) -> tuple[str, bytes] | None:
    """The media type and the bytes that a browser may show; None where the bytes are not what the mail says.

    Text of any charset becomes UTF-8.
    """
    match preview_of(content_type, filename):
        case "image":
            found = _image_type(content)
            return (found, content) if found else None
        case "pdf":
            return ("application/pdf", content) if content.startswith(b"%PDF-") else None
        case "text":
            text = _utf_8(content)
            return None if text is None else ("text/plain; charset=utf-8", text)
        case _:
            return None


def _image_type(content: bytes) -> str | None:
    for mark, found in MARKS.items():
        if content.startswith(mark):
            return found
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return "image/avif" if content[4:12] in {b"ftypavif", b"ftypavis"} else None


def _utf_8(content: bytes) -> bytes | None:
    """None where it is no text."""
    if b"\0" in content[:SAMPLE] and not content.startswith(WIDE_MARKS):
        return None
    try:
        content.decode()
    except UnicodeDecodeError:
        charset = decode(content[:SAMPLE]).charset
    else:
        return content
    try:
        return content.decode(charset, "replace").encode()
    except LookupError:  # one that Python has no reader for
        return decode(content).text.encode()
