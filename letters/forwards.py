"""A mail that was passed on: who first wrote it, about what, and its text.

A suggestion, never a fact: anybody can write such a header block, and programs leave half of it out.
"""

import re
from collections.abc import Sequence

from letters.body import read_body
from letters.letter import Address, Attachment, Forwarded, Segment
from letters.mailboxes import read_mailboxes
from letters.mime import split
from letters.quotes.fields import ADDRESS, MARKS, Block, read_block
from letters.quotes.intros import INTRO_LINES, closes_intro, read_intro
from letters.quotes.marks import RULE, mark_of_history
from letters.quotes.page import LINE_LIMIT
from letters.words import decode_words

PREFIX = re.compile(
    r"\s*(?:\[[^\]]{1,40}\]\s*){0,2}(?:fwd?|wg|tr|rv|enc|i|vb|vl|vid|pd|doorst|doorgest|ilt|i̇lt|fs|yml|trs|πρθ"
    r"|пересл?|fwd?\s?\[\d+\]|tov(?:ábbítás)?"
    r"|weitergeleitet|forwarded|reenviado|encaminhad[oa]|inoltrato|doorgestuurd|转发|轉寄|轉發|転送|전달|הועבר"
    r"|إعادة توجيه)\s*[:：]",
    re.IGNORECASE,
)
NORDIC = re.compile(r"\s*vs\s*:", re.IGNORECASE)  # a forward in Danish and Norwegian, a reply in Finnish
NORDIC_FIELD = re.compile(r"^[>*\s]{0,6}Fra\s?:", re.MULTILINE)
LINK = re.compile(r"\[([^\[\]]{0,200})\]\((?:mailto:)?([^()\s]{1,300})\)")
MAILTO = re.compile(r"(?<=\w)<mailto:[^<>]{0,300}>|mailto:", re.IGNORECASE)  # `a@b<mailto:a@b>` says it twice
SPEAKER = re.compile(r"[\"„“«'”]?([^\W\d][^,:;<>\"„“”«»\[\]()]{0,80}?)[\"”“»']?\s*[<\[(]+$")
LEAD = 12  # lines between a mark and the header block below it
PREFIXED = 0.8  # of the lines with words must be marked with > for the mark to be the program's


def is_forward(subject: str, text: str = "") -> bool:
    """Whether a subject says `Fwd:`, in the language of whatever program; `Re: Fwd:` is a reply."""
    return bool(PREFIX.match(subject)) or bool(NORDIC.match(subject) and NORDIC_FIELD.search(text))


def read_forwarded(subject: str, divided: Sequence[Segment], attachments: Sequence[Attachment]) -> Forwarded | None:
    """The mail inside a mail: forwarded in its text, or as an attachment where the mail plainly passes it on."""
    kinds = [segment.kind for segment in divided]
    if "forward" in kinds:
        start = kinds.index("forward")
        return _in_text(subject, "".join(segment.text for segment in divided[start:]))
    mails = [attachment.content for attachment in attachments if attachment.content_type == "message/rfc822"]
    alone = len(mails) == 1 and not any(segment.kind == "new" and segment.text.strip() for segment in divided)
    return _attached(mails[0]) if mails and (alone or is_forward(subject)) else None


def _in_text(subject: str, text: str) -> Forwarded | None:
    lines = _unmarked(text.split("\n"))
    at = _header(lines)
    block = read_block([line[:LINE_LIMIT].strip() for line in lines], at)
    if block and "sender" in block.values:
        return Forwarded(_sender(block), _subject(block, subject), _rest(lines, block.end))
    return _introduced(subject, lines)


def _unmarked(lines: list[str]) -> list[str]:
    """The lines without the `> ` in front, where all that follows the mark has it (Apple Mail, MailMate)."""
    words = [line for line in lines if line.strip()]
    marked = sum(line.startswith(">") for line in words)
    if not words or marked < PREFIXED * (len(words) - 2) or not marked:
        return lines
    return [line[1:].removeprefix(" ") if line.startswith(">") else line for line in lines]


def _header(lines: list[str]) -> int:
    """The first line that is neither empty nor a rule nor a mark."""
    for at, line in enumerate(lines[:LEAD]):
        stripped = line[:LINE_LIMIT].strip()
        if (
            stripped
            and not RULE.fullmatch(stripped)
            and not mark_of_history([row.strip() for row in lines[: at + 3]], at)
        ):
            return at
    return 0


def _sender(block: Block) -> Address | None:
    return read_address(block.values["sender"])


def read_address(value: str) -> Address | None:
    """The first mailbox of a field as programs print it: `X <a@b>`, `X [mailto:a@b]`, `[X](mailto:a@b)`, `a@b`."""
    plain = MAILTO.sub("", LINK.sub(_printed, MARKS.sub("", value)))
    found = ADDRESS.search(plain)
    if not found:
        return None
    local, _, domain = found[0].strip("'.*_").rpartition("@")
    name = plain[: found.start()].strip(" \t\xa0<[(\"'„“”«»*_,")
    return Address("" if "@" in name else name, f"{local}@{domain.lower()}")


def _printed(link: re.Match[str]) -> str:
    return link[2] if "@" in link[1] else f"{link[1]} <{link[2]}>"


def _subject(block: Block, subject: str) -> str:
    return block.values.get("subject") or _without_prefix(subject)


def _without_prefix(subject: str) -> str:
    found = PREFIX.match(subject) or NORDIC.match(subject)
    return subject[found.end() :].strip() if found else subject


def _rest(lines: list[str], start: int) -> str:
    return "\n".join(lines[start:]).strip()


def _introduced(subject: str, lines: list[str]) -> Forwarded | None:
    """`On … "Ann" <a@b> wrote:` above what is passed on, as Outlook for Mac writes."""
    first = _header(lines)
    for last in range(first, min(first + INTRO_LINES, len(lines))):
        line = lines[last].strip()
        intro = read_intro([row.strip() for row in lines[: last + 1]], last, first) if closes_intro(line) else None
        if intro:
            text = " ".join(lines[intro.start : intro.end])
            return Forwarded(_speaker(text), _without_prefix(subject), _rest(_unmarked(lines[intro.end :]), 0))
    return None


def _speaker(text: str) -> Address | None:
    plain = MAILTO.sub("", LINK.sub(_printed, MARKS.sub("", text)))
    found = ADDRESS.search(plain)
    if not found:
        return None
    name = SPEAKER.search(plain[: found.start()])
    local, _, domain = found[0].rpartition("@")
    return Address(name[1].strip() if name else "", f"{local}@{domain.lower()}")


def _attached(raw: bytes) -> Forwarded:
    root, _ = split(raw)
    senders = read_mailboxes(root.value("from"))
    subject = decode_words(root.value("subject")).strip()
    return Forwarded(senders[0] if senders else None, subject, read_body(root).text.strip())
