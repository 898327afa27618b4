"""What a mail is about, as machines that write it again and again see it."""

import re

from letters.kinds.away import AUTOMATIC
from letters.subjects import strip_subject

NUMBERS = re.compile(r"[0-9]+")
SEPARATORS = " \t:：!;,-–—"
LONGEST_TOPIC = 200  # characters; more tells no two mails apart that a person would


def topic(subject: str) -> str:
    """The subject without `Re:`, `Automatic reply:` and the like, however deep they are stacked.

    Case, white space and the value of numbers do not count: a machine numbers its mails. Empty where nothing is left.
    """
    said = strip_subject(subject)
    while found := AUTOMATIC.match(said):
        said = strip_subject(said[found.end() :].lstrip(SEPARATORS))
    return " ".join(NUMBERS.sub("#", said).casefold().split())[:LONGEST_TOPIC]
