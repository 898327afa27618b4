"""A raw mail, read: `parse` takes any bytes and never raises."""

import hashlib

from letters.body import read_body
from letters.bounces import read_bounce, read_complaint
from letters.dates import read_date
from letters.forwards import is_forward, read_forwarded
from letters.identity import bare_id, bare_ids, made_up_id
from letters.kinds import kind_of
from letters.letter import Address, Letter
from letters.mailboxes import read_mailboxes
from letters.mime import Part, split
from letters.quotes import divide, new_words, other_words
from letters.words import decode_words

REPORTS = frozenset({"bounce", "feedback_report", "read_receipt"})  # the mail inside is one that came back
NOTED_RECIPIENTS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to")
FROM_BEFORE = ("x-original-from", "x-original-sender")  # Google Groups and others that rewrite From for DMARC


def parse(raw: bytes) -> Letter:
    """What a mail says, whatever its bytes; what was odd about it is in `defects`."""
    root, tree_defects = split(raw)
    hint = root.parameters.get("charset") or _first_charset(root)
    content = read_body(root, hint)
    content_hash = hash_of(bytes(root.body))
    message_id = next(filter(None, map(bare_id, root.values("message-id"))), None)
    kind, reasons = kind_of(root, content.text)
    from_ = _mailboxes(root, "from", hint)
    subject = decode_words(root.value("subject"), hint).strip()
    divided = divide(content.text, content.html, forwarding=is_forward(subject, content.text))
    return Letter(
        subject=subject,
        from_=from_[0] if from_ else None,
        sender=next(iter(_mailboxes(root, "sender", hint)), None),
        reply_to=_mailboxes(root, "reply-to", hint),
        to=_mailboxes(root, "to", hint),
        cc=_mailboxes(root, "cc", hint),
        delivered_to=_noted_recipients(root),
        original_from=next((found for name in FROM_BEFORE for found in _mailboxes(root, name, hint)), None),
        message_id=message_id or made_up_id(*map(root.value, ("date", "from", "subject")), content_hash),
        in_reply_to=_ids(root, "in-reply-to"),
        references=_ids(root, "references"),
        date=read_date(root.value("date")),
        text=content.text,
        segments=divided,
        new_text=new_words(divided),
        quoted=other_words(divided),
        html=content.html,
        attachments=content.attachments,
        kind=kind,
        reasons=reasons,
        bounce=read_bounce(root, content.text) if kind == "bounce" else None,
        complaint=read_complaint(root, content.text) if kind == "feedback_report" else None,
        forwarded=read_forwarded(subject, divided, content.attachments) if kind not in REPORTS else None,
        defects=(*tree_defects, *content.defects, *_field_defects(root, message_id)),
        content_hash=content_hash,
    )


def hash_of(body: bytes) -> bytes:
    """SHA-256 of a body as sent, deaf to the form of its line ends and to white space at its end."""
    return hashlib.sha256(body.replace(b"\r\n", b"\n").rstrip()).digest()


def _mailboxes(root: Part, name: str, hint: str | None) -> tuple[Address, ...]:
    """The mailboxes of all fields of that name: some programs write one field each."""
    found = (mailbox for value in root.values(name) for mailbox in read_mailboxes(value, hint))
    return tuple(dict.fromkeys(found))


def _noted_recipients(root: Part) -> tuple[str, ...]:
    found = (mailbox.email for name in NOTED_RECIPIENTS for mailbox in _mailboxes(root, name, None))
    return tuple(dict.fromkeys(found))


def _ids(root: Part, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ident for value in root.values(name) for ident in bare_ids(value)))


def _field_defects(root: Part, message_id: str | None) -> tuple[str, ...]:
    """What is odd about the fields of the header."""
    date = root.value("date")
    found = {
        "no Message-ID that can be used": message_id is None,
        "a Date that cannot be read": bool(date.strip()) and read_date(date) is None,
        "several From fields, the first taken": len(root.values("from")) > 1,
        "several Subject fields, the first taken": len(root.values("subject")) > 1,
        "several Message-ID fields, the first that can be used taken": len(root.values("message-id")) > 1,
    }
    return tuple(defect for defect, holds in found.items() if holds)


def _first_charset(part: Part) -> str | None:
    """The charset of the first text, a hint for raw 8-bit headers."""
    for below in part.parts:
        found = below.parameters.get("charset") or _first_charset(below)
        if found:
            return found
    return None
