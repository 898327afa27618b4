"""Many phrases as one pattern."""

import re


def any_of(*phrases: str) -> re.Pattern[str]:
    """A pattern for any of the phrases, in any case; each may be a regular expression, and all of them are bounded."""
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.IGNORECASE)


def begins_with(*phrases: str) -> re.Pattern[str]:
    """The same for the beginning of a line, white space aside."""
    return re.compile(rf"\s{{0,40}}(?:{any_of(*phrases).pattern})", re.IGNORECASE)
