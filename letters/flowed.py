"""format=flowed (RFC 3676): lines that a mail program broke are put together to the paragraphs that were written."""

from collections.abc import Iterator

SIGNATURE_MARK = "-- "


def unwrap_flowed(text: str, *, delete_space: bool = False) -> str:
    """The text with flowed lines joined and space-stuffing undone; quoted paragraphs keep their marks.

    `delete_space`: DelSp=yes, the space at a line's end is not part of the text.
    """
    ended = text.endswith("\n")
    paragraphs = "\n".join(_paragraphs(text.removesuffix("\n").split("\n"), delete_space=delete_space))
    return paragraphs + "\n" if ended else paragraphs


def _paragraphs(lines: list[str], *, delete_space: bool) -> Iterator[str]:
    pieces: list[str] = []
    depth_before = 0
    for line in lines:
        depth, content = _unquoted(line)
        flows = content.endswith(" ") and content != SIGNATURE_MARK
        if pieces and (depth != depth_before or content == SIGNATURE_MARK):  # 4.5: quote depths do not mix
            yield _joined(depth_before, pieces)
            pieces = []
        pieces.append(content[:-1] if flows and delete_space else content)
        depth_before = depth
        if not flows:
            yield _joined(depth, pieces)
            pieces = []
    if pieces:
        yield _joined(depth_before, pieces)


def _unquoted(line: str) -> tuple[int, str]:
    """How deep a line is quoted, and the line without marks and without the space that was stuffed in (4.4)."""
    content = line.lstrip(">")
    return len(line) - len(content), content.removeprefix(" ")


def _joined(depth: int, pieces: list[str]) -> str:
    content = "".join(pieces)
    return f"{'>' * depth} {content}" if depth else content
