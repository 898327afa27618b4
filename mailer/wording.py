"""What our mails say: subject and sender are the outbox's, the words are the templates' beside this file."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from letters import Address
from models import Direction, LetterKind, Mailbox, Message, Status, TextFormat, User

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
            those of `of_message` of a message and of a notice; of a confirmation and of a reset
            `name` and `link`, with `another` where it is one more address of an account.
    """
    if status := facts.get("status"):
        facts["reopens"] = status != Status.ACTIVE
        facts["status"] = STATUS_WORDS[language][Status(status)]
    text, html = (_templates(end).get_template(f"{language}/{kind}.{end}").render(**facts) for end in ("txt", "html"))
    return Words(text, html)


def of_message(
    message: Message, author: User, mailbox: Mailbox, status: str | None = None, left_out: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The facts of a message's mail.

    Args:
        status: of the ticket, where it is new with this message.
        left_out: names of files that are too large to go with it.
    """
    name = signed(author)
    markdown = message.format is TextFormat.MARKDOWN and message.html is not None
    return {
        "text": message.text,
        "html": Markup(message.html) if markdown else None,  # noqa: S704 - made of Markdown that can say no HTML
        "author": name or mailbox.name or mailbox.address,
        "writer": f"{name} <{author.email}>" if name else author.email,
        "note": message.direction is Direction.INTERNAL,
        "stranger": message.stranger,
        "status": status,
        "left_out": left_out,
    }


def signed(author: User) -> str:
    """The name that the author of a mail goes by; empty for one whom only the mailbox's name hides."""
    return author.name or author.username or ""


def to_and_cc(copies: Sequence[tuple[Address, bool]]) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """Who stands in To and who in Cc, out of everybody who gets a copy and whether they are only copied."""
    all_copied = all(copied for _, copied in copies)  # whoever stood in To gets none
    to = tuple(address for address, copied in copies if not copied or all_copied)
    return to, tuple(address for address, _ in copies if address not in to)


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
