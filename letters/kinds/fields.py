"""What header fields say, in the form that the judges ask for."""

from letters.letter import Kind
from letters.mime import Part
from letters.words import decode_words

Verdict = tuple[Kind, tuple[str, ...]] | None
NO = frozenset({"no", "none", "false", "0", ""})


def said(root: Part, name: str) -> str:
    """The first value of a field, decoded."""
    return decode_words(root.value(name)).strip()


def word(root: Part, name: str) -> str:
    """The first value of a field, decoded, in lower case."""
    return said(root, name).lower()


def title(name: str) -> str:
    """The name of a field as people write it."""
    return "-".join(part.capitalize() for part in name.split("-"))


def null_sender(root: Part) -> bool:
    """Whether the mail says that nobody wants an answer (RFC 5321, 4.5.5)."""
    return root.value("return-path").strip() == b"<>"
