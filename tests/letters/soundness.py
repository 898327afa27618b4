"""What holds of every letter, whatever the bytes it was read from."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from letters import Letter, as_json


def sound(letter: Letter) -> None:
    """Raises AssertionError where a letter breaks what all letters keep."""
    assert "".join(segment.text for segment in letter.segments) == letter.text
    assert letter.new_text.strip() == letter.new_text
    assert bool(letter.new_text) == bool(letter.text.strip())
    assert all(0 <= segment.confidence <= 1 for segment in letter.segments)
    assert "\r" not in letter.text
    assert letter.message_id
    assert letter.date is None or letter.date.utcoffset() == timedelta(0)
    assert len(letter.content_hash) == 32
    for text in texts_of(letter):
        assert "\0" not in text
        text.encode()  # no lone surrogate
    for line in (letter.subject, letter.message_id, *(attachment.filename for attachment in letter.attachments)):
        assert "\n" not in line
    for attachment in letter.attachments:
        assert attachment.filename
        assert "/" not in attachment.filename
    json.dumps(as_json(letter))


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a letter, however deep it lies."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from texts_of(item)
    elif is_dataclass(value) and not isinstance(value, (type, datetime)):
        for field in fields(value):
            yield from texts_of(getattr(value, field.name))
