"""Where a bounce's own words end and the mail that it returns begins."""

from letters.bounces import marks

TEXT_LIMIT = 64 * 1024  # characters of a bounce that are read
LINE_LIMIT = 1000  # characters of a line that are looked at
FIELDS_OF_A_COPY = 3  # header lines in a row that make a returned mail of what follows


def own_words(text: str) -> str:
    """What the mail system itself says."""
    return "\n".join(_split(text)[0])


def returned_words(text: str) -> str:
    """The copy of the mail that came back, from its first header field on; empty where the text has none."""
    lines = _split(text)[1]
    start = next((at for at, line in enumerate(lines) if line[:1].isalpha() and marks.ANY_FIELD.match(line)), None)
    return "" if start is None else "\n".join(lines[start:])


def _split(text: str) -> tuple[list[str], list[str]]:
    lines = text[:TEXT_LIMIT].split("\n")
    for at, line in enumerate(lines):
        if at and "@" not in line and marks.COPY.match(line[:LINE_LIMIT]):
            return lines[:at], lines[at + 1 :]
        if marks.RETURNED_FIELD.match(line) and _is_header(lines[at : at + FIELDS_OF_A_COPY]):
            return lines[:at], lines[at:]
    return lines, []


def _is_header(lines: list[str]) -> bool:
    return len(lines) == FIELDS_OF_A_COPY and all(marks.ANY_FIELD.match(line) for line in lines)
