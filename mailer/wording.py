"""What our mails say: subject and sender are the outbox's, the words are the templates' beside this file."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from models import LetterKind, Status

STATUS_WORDS = {
    "en": {Status.ACTIVE: "active again", Status.FROZEN: "frozen", Status.CLOSED: "closed"},
    "de": {Status.ACTIVE: "wieder aktiv", Status.FROZEN: "eingefroren", Status.CLOSED: "geschlossen"},
}


@dataclass(frozen=True)
class Words:
    text: str
    html: str


def word(language: str, kind: LetterKind, **facts: Any) -> Words:
    """Text and HTML of a mail.

    Args:
        facts: of a ticket's mail `ticket`, `title` and `reader`, with `text` and `author` of a message, or `status`;
            of a confirmation `name` and `link`.
    """
    if status := facts.get("status"):
        facts["status"] = STATUS_WORDS[language][Status(status)]
    text, html = (_templates(end).get_template(f"{language}/{kind}.{end}").render(**facts) for end in ("txt", "html"))
    return Words(text, html)


@cache
def _templates(end: str) -> Environment:
    return Environment(
        loader=PackageLoader("mailer"),
        autoescape=end == "html",  # noqa: S701 - the other end is plain text, where `&amp;` would be shown
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
