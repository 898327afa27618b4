"""Files that are not parts of their own: uuencoded in a text, or wrapped in a winmail.dat."""

from dataclasses import dataclass, field

from letters import tnef
from letters.leaves import Leaf, bare, name_by_subject, safe_filename, type_by_name
from letters.mime import MEDIA_TYPE
from letters.rtf import COMPRESSED_LIMIT
from letters.uuencode import uuencoded_files
from letters.words import decode_words


@dataclass(slots=True)
class Unwrapped:
    """What came out of the containers of a mail."""

    leaves: list[Leaf] = field(default_factory=list)
    plain: str = ""
    html: str = ""
    defects: list[str] = field(default_factory=list)
    rtf_left: int = COMPRESSED_LIMIT  # bytes of compressed RTF that may still be read


def without_uuencoded(text: bytes) -> tuple[bytes, list[Leaf]]:
    """A text without the uuencoded files in it, and the files."""
    kept: list[bytes] = []
    leaves: list[Leaf] = []
    position = 0
    for file in uuencoded_files(text):
        kept.append(text[position : file.start])
        position = file.end
        name = decode_words(file.name)
        leaves.append(Leaf(name, type_by_name(name), file.content))
    return b"".join([*kept, text[position:]]), leaves


def unwrap_all(leaves: list[Leaf], *, has_text: bool) -> Unwrapped:
    """The leaves with the content of each container in its place. `has_text`: the mail has words of its own.

    A container that cannot be read, or holds nothing, stays.
    """
    out = Unwrapped()
    for leaf in leaves:
        wrapped = _wrapped(leaf)
        if wrapped is None:
            out.leaves.append(leaf)
            continue
        leaves_before = len(out.leaves)
        _unwrap(out, wrapped)
        plain, html = ("", "") if has_text or out.plain or out.html else _text(out, wrapped)
        out.plain, out.html = out.plain or plain, out.html or html
        if len(out.leaves) == leaves_before and not (plain or html or (has_text and _holds_text(wrapped))):
            out.leaves.append(leaf)
            out.defects.append("winmail.dat in which nothing was found, kept as it is")
        else:
            out.defects.append("winmail.dat opened, what was in it stands in its place")
    return out


def _wrapped(leaf: Leaf) -> tnef.Wrapped | None:
    if tnef.is_container(safe_filename(leaf.filename), leaf.content_type, leaf.content):
        return tnef.unwrap(leaf.content)
    return None


def _holds_text(wrapped: tnef.Wrapped) -> bool:
    return bool(wrapped.plain.strip() or wrapped.html.strip() or wrapped.rtf)


def _unwrap(out: Unwrapped, wrapped: tnef.Wrapped) -> None:
    for file in wrapped.files:
        if file.inner:
            _unwrap_inner(out, file, file.inner)
        elif file.content or file.name:
            kind = file.content_type if MEDIA_TYPE.fullmatch(file.content_type) else type_by_name(file.name)
            out.leaves.append(Leaf(file.name, kind, file.content, bare(file.content_id) or None))


def _unwrap_inner(out: Unwrapped, file: tnef.File, inner: tnef.Wrapped) -> None:
    """A mail inside: its text as a file named by its subject, and its own files."""
    plain, html = _text(out, inner)
    name = name_by_subject(inner.subject or file.name, ".txt" if plain.strip() else ".html")
    if plain.strip():
        out.leaves.append(Leaf(name, "text/plain", plain.encode(), charset="utf-8"))
    elif html.strip():
        out.leaves.append(Leaf(name, "text/html", html.encode(), charset="utf-8"))
    elif not inner.files:
        out.leaves.append(Leaf(name_by_subject(file.name, ".dat"), "application/ms-tnef", file.content))
    _unwrap(out, inner)


def _text(out: Unwrapped, wrapped: tnef.Wrapped) -> tuple[str, str]:
    if not (wrapped.plain.strip() or wrapped.html.strip()):
        out.rtf_left -= len(wrapped.rtf)
        if out.rtf_left < 0:
            return "", ""
    return wrapped.text()
