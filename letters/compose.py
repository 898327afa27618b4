"""Writing a mail: a `Draft` in, the bytes that go over the wire out.

Everything is 7-bit: what a header cannot say in ASCII goes into encoded words (RFC 2047), bodies into quoted-printable
or base64. The same draft gives the same bytes, so a repeat after a lost connection is the same mail.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Literal
from urllib.parse import quote

from letters.addresses import ascii_domain
from letters.letter import Address, Attachment

LINE_LIMIT = 76
WORD_LIMIT = 900  # characters of a word that may stand unfolded; a line may have 998 (RFC 5322, 2.1.1)
REFERENCES_LIMIT = 1500  # characters: some relays refuse header blocks beyond 4096
LATEST_REFERENCES = 20
HEADER = 64 * 1024  # bytes that a header with fifty people in it, and the words round a message, do not reach
PART_HEADER = 512

UNSAFE = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
PLAIN_TEXT = re.compile(r"[!-~]+(?: [!-~]+)*")
ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?: [A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*")
DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*")
QUOTED_LOCAL = re.compile(r'"(?:[ !#-\[\]-~]|\\[ -~])*"')
HOST = re.compile(r"[A-Za-z0-9._-]+|\[[A-Za-z0-9.:]+\]")
Q_PLAIN = re.compile(r"[A-Za-z0-9!*+/-]")  # in a display name no other sign is safe (RFC 2047, 5)
IDENT = re.compile(r"[!-;=?-~]+")
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
PLAIN_NAME = re.compile(r"[A-Za-z0-9._ -]{1,60}")


AutoSubmitted = Literal["auto-replied", "auto-generated"]


@dataclass(frozen=True)
class Draft:
    """A mail to be written. Ids are bare; `references` oldest first; `date` aware.

    `auto_submitted`: no person wrote it, in the words of RFC 3834, section 5: it answers a mail, or it does not.
    """

    from_: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    message_id: str
    in_reply_to: str | None
    references: tuple[str, ...]
    reply_to: str
    date: datetime
    text: str
    html: str
    auto_submitted: AutoSubmitted | None
    attachments: tuple[Attachment, ...] = ()


def compose(draft: Draft) -> bytes:
    """The mail as it goes over the wire, CRLF and 7-bit; the dots of SMTP are for whoever sends it.

    Domains beyond ASCII are written as A-labels (`xn--…`); control characters in names and subject become spaces. The
    text comes back as it was, its line ends as CRLF. Ids that no header can carry are left out of References.

    Raises:
        ValueError: an address cannot be written (a local part beyond ASCII needs SMTPUTF8), our own id has signs that
            no Message-ID has, or the date is naive.
    """
    kind, body = _body(draft)
    fields = [*_fields(draft), *kind]
    return "".join(f"{field}\r\n" for field in fields).encode("ascii") + b"\r\n" + body


def weight(text: str, html: str, files: Iterable[tuple[str, int]]) -> int:
    """How many bytes a mail has at most, before it is written.

    Args:
        files: name and size in bytes of each attachment.
    """
    body = len(_text_part("plain", text)) + len(_text_part("html", html))
    attached = (-(-size // 57) * (LINE_LIMIT + 2) + 4 * len(name.encode()) + PART_HEADER for name, size in files)
    return HEADER + body + sum(attached)


def write_references(references: tuple[str, ...], parent: str | None) -> str:
    """References of a reply: the first id, which is the thread's, and the latest, as many as relays bear.

    The parent stands last, and is kept with the first whatever their lengths (RFC 5322, 3.6.4).
    """
    ids = [ident for ident in dict.fromkeys(references) if IDENT.fullmatch(ident) and len(ident) <= WORD_LIMIT]
    if parent and IDENT.fullmatch(parent) and len(parent) <= WORD_LIMIT:
        ids = [*(ident for ident in ids if ident != parent), parent]
    if len(ids) < 3:
        return " ".join(f"<{ident}>" for ident in ids)
    kept = [ids[-1]]
    room = REFERENCES_LIMIT - len(ids[0]) - len(ids[-1]) - 5  # brackets of both and the space between
    for ident in reversed(ids[1:-1]):
        room -= len(ident) + 3
        if room < 0 or len(kept) == LATEST_REFERENCES:
            break
        kept.append(ident)
    return " ".join(f"<{ident}>" for ident in (ids[0], *reversed(kept)))


def _fields(draft: Draft) -> list[str]:
    if draft.date.tzinfo is None:
        raise ValueError("the date of a mail needs a zone")
    fields = [
        _mailboxes("From", (draft.from_,)),
        _mailboxes("To", draft.to) if draft.to else "To: undisclosed-recipients:;",
        _text("Subject", draft.subject),
        f"Date: {format_datetime(draft.date)}",
        f"Message-ID: <{_ident(draft.message_id)}>",
        "MIME-Version: 1.0",
    ]
    if draft.cc:
        fields.append(_mailboxes("Cc", draft.cc))
    if draft.reply_to:
        fields.append(f"Reply-To: {_addr_spec(draft.reply_to)}")
    references = write_references(draft.references, draft.in_reply_to)
    if draft.in_reply_to and IDENT.fullmatch(draft.in_reply_to) and len(draft.in_reply_to) <= WORD_LIMIT:
        fields.append(f"In-Reply-To: <{draft.in_reply_to}>")
    if references:
        fields.append(_folded(f"References: {references}"))
    if draft.auto_submitted:
        fields += [f"Auto-Submitted: {draft.auto_submitted}", "X-Auto-Response-Suppress: All"]
    return fields


def _ident(ident: str) -> str:
    if not IDENT.fullmatch(ident) or len(ident) > WORD_LIMIT:
        raise ValueError(f"{ident!r} is no Message-ID")
    return ident


def _text(name: str, text: str) -> str:
    text = UNSAFE.sub(" ", text).strip()
    if not text:
        return f"{name}:"
    plain = PLAIN_TEXT.fullmatch(text) and "=?" not in text and max(map(len, text.split())) <= LINE_LIMIT
    return _folded(f"{name}: {text}") if plain else _folded(f"{name}: {_encoded_words(text, len(name) + 2)}")


def _mailboxes(name: str, mailboxes: tuple[Address, ...]) -> str:
    return f"{name}: " + ",\r\n ".join(_mailbox(mailbox) for mailbox in mailboxes)


def _mailbox(mailbox: Address) -> str:
    name, email = " ".join(UNSAFE.sub(" ", mailbox.name).split()), _addr_spec(mailbox.email)
    if not name:
        return email
    if len(name) <= LINE_LIMIT and ATOMS.fullmatch(name) and "=?" not in name:
        phrase = name
    elif len(name) <= LINE_LIMIT and name.isascii() and "=?" not in name:
        phrase = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    else:
        phrase = _encoded_words(name, 0).replace(" ", "\r\n ")
    return f"{phrase}\r\n <{email}>" if len(phrase) + len(email) > LINE_LIMIT else f"{phrase} <{email}>"


def _addr_spec(email: str) -> str:
    local, at, domain = email.rpartition("@")
    host = ascii_domain(domain) if at else ""
    if not HOST.fullmatch(host) or not local.isascii() or len(email) > WORD_LIMIT or UNSAFE.search(local):
        raise ValueError(f"{email!r} cannot be written into a header")
    if DOT_ATOM.fullmatch(local) or QUOTED_LOCAL.fullmatch(local):
        return f"{local}@{host}"
    escaped = local.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"@{host}'


def _encoded_words(text: str, used: int) -> str:
    """`text` as a row of encoded words of at most 75 characters, none split inside a character (RFC 2047, 5)."""
    single = "=?utf-8?q?" + "".join(_q_letter(sign) for sign in text) + "?="
    if len(single) + used < LINE_LIMIT and len(single) < len(text.encode()) * 4 / 3 + len("=?utf-8?b??="):
        return single
    room = (LINE_LIMIT - 1 - max(used, 1) - len("=?utf-8?b??=")) // 4 * 3  # bytes that fit, as base64
    words, chunk = [], b""
    for sign in text:
        data = sign.encode()
        if len(chunk) + len(data) > room:
            words.append(chunk)
            chunk, room = b"", (LINE_LIMIT - 2 - len("=?utf-8?b??=")) // 4 * 3
        chunk += data
    words.append(chunk)
    return " ".join(f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in words)


def _q_letter(sign: str) -> str:
    if sign == " ":
        return "_"
    if Q_PLAIN.fullmatch(sign):
        return sign
    return "".join(f"={byte:02X}" for byte in sign.encode())


def _folded(field: str) -> str:
    """Lines of at most 76 characters where the spaces allow it (RFC 5322, 2.2.3)."""
    lines, line = [], ""
    for word in field.split(" "):
        if line.strip() and not line.endswith(":") and len(line) + 1 + len(word) > LINE_LIMIT:
            lines.append(line)
            line = f" {word}"
        else:
            line = f"{line} {word}" if line else word
    return "\r\n".join([*lines, line])


def _body(draft: Draft) -> tuple[list[str], bytes]:
    """Fields that describe the body, and the body."""
    text, html = _text_part("plain", draft.text), _text_part("html", draft.html)
    kind, body = _multipart("alternative", [text, html], draft.message_id)
    if not draft.attachments:
        return kind, body
    alternative = _part(kind, body)
    return _multipart("mixed", [alternative, *map(_attachment_part, draft.attachments)], draft.message_id)


def _multipart(subtype: str, parts: list[bytes], seed: str) -> tuple[list[str], bytes]:
    # `=_` never stands in quoted-printable or base64, so no body holds the boundary (RFC 2045, 6.7).
    boundary = "=_" + hashlib.sha256(f"{subtype} {seed}".encode()).hexdigest()[:32]
    delimiter = f"--{boundary}\r\n".encode()
    body = b"".join(delimiter + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
    return [f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"'], body


def _part(fields: list[str], body: bytes) -> bytes:
    return "".join(f"{field}\r\n" for field in fields).encode("ascii") + b"\r\n" + body


def _text_part(subtype: str, text: str) -> bytes:
    data = text.replace("\r\n", "\n").encode("utf-8", "replace")
    foreign = sum(byte > 0x7F for byte in data)
    if foreign * 4 > len(data):
        encoding, body = "base64", _base64(data.replace(b"\n", b"\r\n"))
    else:
        encoding, body = "quoted-printable", _quoted_printable(data)
    return _part([f"Content-Type: text/{subtype}; charset=utf-8", f"Content-Transfer-Encoding: {encoding}"], body)


def _quoted_printable(data: bytes) -> bytes:
    """RFC 2045, 6.7. `From ` is hidden from programs that write mbox files, a lone dot from careless relays."""
    lines = (binascii.b2a_qp(line, istext=False).replace(b"\n", b"\r\n") for line in data.split(b"\n"))
    return b"\r\n".join(b"=46rom " + line[5:] if line.startswith(b"From ") else line for line in lines)


def _base64(data: bytes) -> bytes:
    return binascii.b2a_base64(data, newline=False) if len(data) <= 57 else _wrapped(base64.b64encode(data))


def _wrapped(letters: bytes) -> bytes:
    return b"\r\n".join(letters[at : at + LINE_LIMIT] for at in range(0, len(letters), LINE_LIMIT))


def _attachment_part(attachment: Attachment) -> bytes:
    kind = attachment.content_type.lower()
    if not MEDIA_TYPE.fullmatch(kind) or kind.startswith(("multipart/", "message/")):  # these may not be base64
        kind = "application/octet-stream"
    disposition = "inline" if attachment.inline else "attachment"
    fields = [
        f"Content-Type: {kind}",
        "Content-Transfer-Encoding: base64",
        f"Content-Disposition: {disposition}{_filename(attachment.filename)}",
    ]
    if attachment.content_id and IDENT.fullmatch(attachment.content_id) and len(attachment.content_id) <= WORD_LIMIT:
        fields.append(f"Content-ID: <{attachment.content_id}>")
    return _part(fields, _base64(attachment.content))


def _filename(name: str) -> str:
    """The parameter `filename`; in sections of RFC 2231 where it is long or not plain."""
    name = UNSAFE.sub(" ", name).strip()
    if PLAIN_NAME.fullmatch(name):
        return f';\r\n filename="{name}"'
    encoded = re.findall(r"(?:%..|[^%]){1,18}", "utf-8''" + quote(name, safe="-._~"))
    if len(encoded) <= 3:
        return f";\r\n filename*={''.join(encoded)}"
    return "".join(f";\r\n filename*{at}*={section}" for at, section in enumerate(encoded))
