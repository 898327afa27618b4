"""Tags: the words that staff sort tickets by. Lower case, trimmed, each once, in order."""

from collections.abc import Iterable

from desk.errors import Invalid

LONGEST_TAG = 50  # characters
MOST_TAGS = 20  # of a ticket


def tidy(tags: Iterable[str]) -> list[str]:
    """The tags as a ticket keeps them.

    Raises:
        Invalid: one is empty or too long, or they are too many; its field is `tags`.
    """
    kept = sorted({tidy_one(tag) for tag in tags})
    if len(kept) > MOST_TAGS:
        raise Invalid("tags", f"at most {MOST_TAGS}")
    return kept


def tidy_one(tag: str) -> str:
    """One tag as a ticket keeps it. Raises Invalid."""
    kept = " ".join(tag.lower().split())
    if not 0 < len(kept) <= LONGEST_TAG or not kept.isprintable():
        raise Invalid("tags", f"each has 1 to {LONGEST_TAG} characters")
    return kept
