"""Subjects: the tag of a ticket in them, and the prefixes that mail programs pile up in front.

Tags of ours look like `[#42]`. A tag proves nothing: whoever threads by it asks whether the sender takes part.
"""

import re

TAG = re.compile(r"\[#(\d{1,18})\]")
PREFIXES = (
    "re|fwd?|aw|wg|antw|antwort|sv|vs|vb|vl|tr|rép|rv|res|enc|rif|odp|ynt|ilt|doorst|atb|bls"
    "|回复|回覆|答复|答覆|转发|轉寄|轉發|返信|転送|回信|отв|ответ|пер|σχετ|απ|πρθ"
)
PREFIX = re.compile(rf"\s*(?:{PREFIXES})\s*(?:\[\d{{1,3}}\]|\(\d{{1,3}}\)|\^\d{{1,3}})?\s*[:：]\s*", re.IGNORECASE)


def subject_tag(ticket: int) -> str:
    """`[#42]`."""
    return f"[#{ticket}]"


def find_subject_tag(subject: str) -> int | None:
    """The ticket that the subject's last tag names (ours stands at the end), else None."""
    tags = TAG.findall(subject)
    return int(tags[-1]) if tags else None


def strip_subject(subject: str) -> str:
    """The subject that a conversation shares: without `Re:`, `Fwd:`, `AW:` … in front, and without tags."""
    return _without_prefixes(TAG.sub(" ", subject))


def reply_subject(subject: str, ticket: int) -> str:
    """`Re: <subject> [#42]`, whatever prefixes and tag of this ticket `subject` already has.

    Tags of another number stay: another desk may thread by them.
    """
    base = _without_prefixes(subject.replace(subject_tag(ticket), " "))
    return " ".join(f"Re: {base} {subject_tag(ticket)}".split())


def first_subject(subject: str, ticket: int) -> str:
    """`<subject> [#42]`: of the mail that begins a conversation."""
    return " ".join(f"{subject.replace(subject_tag(ticket), ' ')} {subject_tag(ticket)}".split())


def _without_prefixes(subject: str) -> str:
    subject = " ".join(subject.split())
    while found := PREFIX.match(subject):
        subject = subject[found.end() :]
    return subject
