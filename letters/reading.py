"""A raw mail, read: `parse` takes any bytes and never raises."""

import hashlib
from datetime import UTC, datetime
from email.utils import mktime_tz, parsedate_tz

from letters.body import read_body
from letters.identity import bare_id, bare_ids, made_up_id
from letters.kinds import kind_of
from letters.letter import Address, Letter
from letters.mailboxes import read_mailboxes
from letters.mime import Part, split
from letters.quotes import new_words, other_words, segments
from letters.words import decode_words


def parse(raw: bytes) -> Letter:
    """What a mail says, whatever its bytes; what was odd about it is in `defects`."""
    root, tree_defects = split(raw)
    content = read_body(root)
    divided = segments(content.text)
    content_hash = hash_of(bytes(root.body))
    message_id = next(filter(None, map(bare_id, root.values("message-id"))), None)
    kind, reasons = kind_of(root)
    hint = root.parameters.get("charset") or _first_charset(root)
    from_ = _mailboxes(root, "from", hint)
    return Letter(
        subject=decode_words(root.value("subject"), hint).strip(),
        from_=from_[0] if from_ else None,
        sender=next(iter(_mailboxes(root, "sender", hint)), None),
        reply_to=_mailboxes(root, "reply-to", hint),
        to=_mailboxes(root, "to", hint),
        cc=_mailboxes(root, "cc", hint),
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
        bounce=None,
        complaint=None,
        forwarded=None,
        defects=(*tree_defects, *content.defects, *(() if message_id else ("no Message-ID that can be used",))),
        content_hash=content_hash,
    )


def hash_of(body: bytes) -> bytes:
    """SHA-256 of a body as sent, deaf to the form of its line ends and to white space at its end."""
    return hashlib.sha256(body.replace(b"\r\n", b"\n").rstrip()).digest()


def read_date(value: bytes) -> datetime | None:
    """A Date field in UTC, None where it is missing or no date. A time without a zone is taken for UTC."""
    try:
        parsed = parsedate_tz(decode_words(value))
        return datetime.fromtimestamp(mktime_tz(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError, TypeError, IndexError):  # the library trips over its own reading
        return None


def _mailboxes(root: Part, name: str, hint: str | None) -> tuple[Address, ...]:
    """The mailboxes of all fields of that name: some programs write one field each."""
    found = (mailbox for value in root.values(name) for mailbox in read_mailboxes(value, hint))
    return tuple(dict.fromkeys(found))


def _ids(root: Part, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ident for value in root.values(name) for ident in bare_ids(value)))


def _first_charset(part: Part) -> str | None:
    """The charset of the first text, a hint for raw 8-bit headers."""
    for below in part.parts:
        found = below.parameters.get("charset") or _first_charset(below)
        if found:
            return found
    return None
