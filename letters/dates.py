"""The Date field (RFC 5322, 3.3 and 4.3), and what real mail writes instead."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

from letters.words import decode_words

DATE_LIMIT = 200  # characters

# Beside the zones of RFC 5322, which the library knows: what programs write that name their own.
ZONES = {
    "BST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "MEZ": 1, "MESZ": 2, "WET": 0, "WEST": 1, "EET": 2, "EEST": 3,
    "MSK": 3, "IST": 5.5, "SGT": 8, "HKT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "ACST": 9.5, "NZST": 12,
    "NZDT": 13, "AKST": -9, "AKDT": -8, "HST": -10, "NST": -3.5, "BRT": -3, "SAST": 2,
}  # fmt: skip
COMMENT = re.compile(r"\([^()]*\)")
OFFSET = re.compile(r"(?:\b(?:GMT|UTC|UT)\s*)?([+-])(\d{1,2}):?(\d\d)?\s*$")
ZONE_NAME = re.compile(r"([A-Z]{2,5})\s*$")
HALF_OF_DAY = re.compile(r"\b(\d{1,2})(:\d\d(?::\d\d)?)\s*([AaPp])\.?[Mm]\b\.?")
ISO_8601 = re.compile(r"\s*\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?\s*(?:Z|[+-]\d\d:?\d\d)?)?")

SPACES_IN_TIME = re.compile(r"(?<=\d)\s*:\s*(?=\d\d)")
SPACE_BEFORE_ZONE = re.compile(r"(?<=:\d\d)\s+(?=[Z+-])")


def read_date(value: bytes) -> datetime | None:
    """A Date field in UTC, None where it is missing or no date. A time without a zone is taken for UTC."""
    text = COMMENT.sub(" ", decode_words(value[: DATE_LIMIT * 4])[:DATE_LIMIT]).strip()
    try:
        iso = ISO_8601.match(text)
        return _iso(iso[0]) if iso else _written_out(text)
    except (ValueError, OverflowError, TypeError, IndexError):  # the library trips over its own reading
        return None


def _iso(text: str) -> datetime:
    found = datetime.fromisoformat(SPACE_BEFORE_ZONE.sub("", text.strip().replace(",", ".")))
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _written_out(text: str) -> datetime | None:
    text = SPACES_IN_TIME.sub(":", text)
    text = HALF_OF_DAY.sub(lambda time: f"{int(time[1]) % 12 + (12 if time[3] in 'Pp' else 0)}{time[2]}", text)
    offset, text = _zone(text)
    parsed = parsedate_tz(text)
    if not parsed:
        return None
    year, month, day, hour, minute, second = parsed[:6]
    if 100 <= year < 1000:  # RFC 5322, 4.3
        year += 1900
    leap = 1 if second == 60 else 0
    moment = datetime(year, month, day, hour, minute, second - leap, tzinfo=UTC) + timedelta(seconds=leap)
    zone = offset if offset is not None else timedelta(seconds=parsed[9] or 0)
    return moment - zone


def _zone(text: str) -> tuple[timedelta | None, str]:
    """The offset at the end of a date in a form that the library does not know, and the date without it."""
    name = ZONE_NAME.search(text)
    if name and name[1] in ZONES:
        return timedelta(hours=ZONES[name[1]]), text[: name.start()]
    offset = OFFSET.search(text)
    if offset and ":" in text[: offset.start()]:
        hours, minutes = int(offset[2]), int(offset[3] or 0)
        if hours < 24 and minutes < 60:
            size = timedelta(hours=hours, minutes=minutes)
            return (size if offset[1] == "+" else -size), text[: offset.start()]
    return None, text
