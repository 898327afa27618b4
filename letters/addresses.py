"""Addresses, Message-IDs and subjects of ours: what we write into a mail and how we know it again.

Writer and reader stand side by side. A token is base32 in lower case, since local parts get case-folded on the way, of

    kind and version (1 byte) ‖ ids (varints) ‖ first 16 bytes of HMAC-SHA256(key, kind ‖ ids)

so it cannot be guessed, and a token of one kind is never taken for another. Readers take several keys (the newest
first, while a key is being replaced), compare in constant time and never raise.
"""

import base64
import binascii
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Keys = bytes | Sequence[bytes]

# High nibble: version 1; low nibble: what it is for.
REPLY, RETURN_PATH, MESSAGE_ID, NOTE_REPLY = b"\x11", b"\x12", b"\x13", b"\x14"
MAC_BYTES = 16
LOCAL_PART_LIMIT = 64  # octets, RFC 5321, 4.5.3.1.1
ADDRESS_LIMIT = 254
ID_LIMIT = 2**64  # exclusive: ten bytes as a varint
SHORTEST_TOKEN, LONGEST_TOKEN = 29, 60  # characters: one small id, two of 64 bits

SIGNED_ADDRESSES = ((REPLY, 2), (NOTE_REPLY, 2), (RETURN_PATH, 1))  # and how many ids their tokens hold

NO_REPLY = re.compile(
    r"(?:.+[._-])?(?:no|not|do[._-]?not|don'?t|never)[._-]?reply(?:[._+=-].*)?"
    r"|(?:mailer-daemon|postmaster|nobody|bounces?)(?:[._+=-].*)?"
)
TOKEN_LIKE = re.compile(rf"[a-z2-7]{{{SHORTEST_TOKEN},}}")
NONCE = re.compile(r"[a-z0-9-]{1,64}")
OUR_MESSAGE_ID = re.compile(r"t(?P<ticket>\d{1,20})\.(?P<nonce>[a-z0-9-]{1,64})\.(?P<mac>[a-z2-7]{26})@(?P<domain>.+)")
ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\U0010ffff]+")
LABEL = re.compile(r"[A-Za-z0-9\u0080-\U0010ffff](?:[A-Za-z0-9\u0080-\U0010ffff-]{0,61}[A-Za-z0-9\u0080-\U0010ffff])?")


@dataclass(frozen=True, slots=True)
class ReplyAddress:
    """Whom a signed reply address was made for, and in which ticket. `note`: what is said there stays among staff."""

    ticket: int
    person: int
    note: bool = False


def is_address(text: str) -> bool:
    """Whether `text` is a bare address that a person or mailbox may have: dot-atom local part, a host name after it.

    Letters beyond ASCII are allowed on both sides (RFC 6531); quoted local parts and address literals are not.
    """
    local, at, domain = text.partition("@")
    if not at or len(text) > ADDRESS_LIMIT or any(unicodedata.category(sign)[0] in "CZ" for sign in text):
        return False
    if len(local.encode()) > LOCAL_PART_LIMIT:
        return False
    return all(map(ATOM.fullmatch, local.split("."))) and all(map(_is_label, domain.split(".")))


def is_no_reply(address: str) -> bool:
    """Whether nobody reads at the address, by its local part: `no-reply@`, `mailer-daemon@`, `bounces+x@`."""
    return bool(NO_REPLY.fullmatch(address.rpartition("@")[0].lower()))


def split_detail(address: str) -> tuple[str, str | None]:
    """`Support+Sales@Desk.example` -> (`support@desk.example`, `Sales`); the detail is None where there is none."""
    local, at, domain = address.rpartition("@")
    base, plus, detail = local.partition("+")
    if not base or not plus:
        return address.lower(), None
    return f"{base}{at}{domain}".lower(), detail


def write_reply_address(key: bytes, mailbox: str, ticket: int, person: int, *, note: bool = False) -> str:
    """The address at which `person` answers in `ticket`: `support+<token>@desk.example`; with `note` to a note.

    Where the local part would pass 64 octets it becomes `t+<token>`: whoever receives mail asks `read_reply_address`
    before the list of mailboxes. Raises ValueError for ids below 0 or beyond 64 bits, and a mailbox without domain.
    """
    return _write_address(key, NOTE_REPLY if note else REPLY, mailbox, ticket, person)


def read_reply_address(keys: Keys, address: str) -> ReplyAddress | None:
    """What `write_reply_address` wrote under one of `keys`, else None.

    The token is found in any case, after any separator and without one: lists drop the `+`, forwarders wrap the
    address in their own (`SRS0=…`). The domain is not looked at: that is for whoever takes the mail in.
    """
    for kind in (REPLY, NOTE_REPLY):
        ids = _read_address(keys, kind, address, 2)
        if ids:
            ticket, person = ids
            return ReplyAddress(ticket, person, note=kind == NOTE_REPLY)
    return None


def resembles_ours(text: str) -> bool:
    """Whether an address or a bare Message-ID has the form of one that we sign: then it is ours, or a forgery."""
    if OUR_MESSAGE_ID.fullmatch(_without_brackets(text)):
        return True
    local = _local_part(text)
    return any(_ids_of(token, kind, count) for kind, count in SIGNED_ADDRESSES for token in _candidates(local, kind))


def write_return_path(key: bytes, mailbox: str, delivery: int) -> str:
    """The envelope sender of one delivery, so that a bounce says by its recipient which mail came back."""
    return _write_address(key, RETURN_PATH, mailbox, delivery)


def read_return_path(keys: Keys, address: str) -> int | None:
    """The delivery that `write_return_path` wrote under one of `keys`, else None."""
    ids = _read_address(keys, RETURN_PATH, address, 1)
    return ids[0] if ids else None


def write_message_id(key: bytes, domain: str, ticket: int, nonce: str) -> str:
    """A bare Message-ID of ours: `t<ticket>.<nonce>.<mac>@domain`.

    Raises ValueError where the nonce is not 1 to 64 of `a-z0-9-`, or the domain cannot be written in ASCII.
    """
    if not NONCE.fullmatch(nonce):
        raise ValueError(f"a nonce is 1 to 64 of a-z, 0-9 and -, not {nonce!r}")
    host = ascii_domain(domain)
    return f"t{ticket}.{nonce}.{_message_id_mac(key, ticket, nonce, host)}@{host}"


def read_message_id(keys: Keys, message_id: str) -> int | None:
    """The ticket of a Message-ID that `write_message_id` made under one of `keys`, else None.

    Angle brackets, white space around it and a changed case do no harm.
    """
    found = OUR_MESSAGE_ID.fullmatch(_without_brackets(message_id))
    if not found or int(found["ticket"]) >= ID_LIMIT or str(int(found["ticket"])) != found["ticket"]:
        return None
    ticket, given = int(found["ticket"]), found["mac"].encode()
    for key in _all(keys):
        mac = _message_id_mac(key, ticket, found["nonce"], found["domain"])
        if hmac.compare_digest(mac.encode(), given):
            return ticket
    return None


def ascii_domain(domain: str) -> str:
    """A domain in lower case as it goes over the wire (`bücher.example` -> `xn--bcher-kva.example`).

    Raises ValueError where that cannot be.
    """
    if domain.isascii():
        return domain.lower()
    return domain.lower().encode("idna").decode("ascii")  # UnicodeError is a ValueError


def _is_label(label: str) -> bool:
    return bool(LABEL.fullmatch(label)) and all(
        sign.isascii() or unicodedata.category(sign)[0] in "LMN" for sign in label
    )


def _write_address(key: bytes, kind: bytes, mailbox: str, *ids: int) -> str:
    local, at, domain = mailbox.rpartition("@")
    if not local or not at or not domain:
        raise ValueError(f"{mailbox!r} is no address of a mailbox")
    token = _token(key, kind + b"".join(map(_varint, ids)))
    signed = f"{local}+{token}"
    if len(signed.encode()) > LOCAL_PART_LIMIT:
        signed = f"t+{token}"
    return f"{signed}@{domain}"


def _read_address(keys: Keys, kind: bytes, address: str, count: int) -> tuple[int, ...] | None:
    for token in _candidates(_local_part(address), kind):
        ids = _read_token(keys, kind, token, count)
        if ids:
            return ids
    return None


def _local_part(address: str) -> str:
    return address.strip().strip("<>").rpartition("@")[0][-4 * LOCAL_PART_LIMIT :].lower()


def _without_brackets(message_id: str) -> str:
    return message_id.strip().strip("<>").strip().lower()


def _candidates(local: str, kind: bytes) -> Iterator[str]:
    """What may be a token: the ends of every long run of base32 letters that begin with the letter of this kind."""
    first = base64.b32encode(kind)[:1].decode().lower()
    for run in reversed(TOKEN_LIKE.findall(local)):
        for start in range(max(0, len(run) - LONGEST_TOKEN), len(run) - SHORTEST_TOKEN + 1):
            if run[start] == first:
                yield run[start:]


def _read_token(keys: Keys, kind: bytes, token: str, count: int) -> tuple[int, ...] | None:
    ids = _ids_of(token, kind, count)
    if ids is None:
        return None
    # The whole token is compared, so spare bits of its last letter and a varint of needless length are forgeries too.
    genuine = [_token(key, kind + b"".join(map(_varint, ids))) for key in _all(keys)]
    matches = [hmac.compare_digest(one.encode(), token.encode()) for one in genuine]
    return ids if any(matches) else None


def _ids_of(token: str, kind: bytes, count: int) -> tuple[int, ...] | None:
    """The ids that a token says it is for, signed or not."""
    data = _from_base32(token)
    if data is None or not data.startswith(kind):
        return None
    ids = _read_varints(data[1:-MAC_BYTES])
    return ids if ids is not None and len(ids) == count else None


def _token(key: bytes, signed: bytes) -> str:
    return _base32(signed + _mac(key, signed))


def _message_id_mac(key: bytes, ticket: int, nonce: str, host: str) -> str:
    return _base32(_mac(key, MESSAGE_ID + _varint(ticket) + f"{nonce}@{host}".encode(errors="replace")))


def _mac(key: bytes, signed: bytes) -> bytes:
    return hmac.digest(key, b"ticketgate" + signed, hashlib.sha256)[:MAC_BYTES]


def _all(keys: Keys) -> Sequence[bytes]:
    return (keys,) if isinstance(keys, bytes) else keys


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def _from_base32(token: str) -> bytes | None:
    try:
        return base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except binascii.Error:  # a length that no bytes have
        return None


def _varint(number: int) -> bytes:
    if not 0 <= number < ID_LIMIT:
        raise ValueError(f"an id lies between 0 and 2**64, not at {number}")
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varints(data: bytes) -> tuple[int, ...] | None:
    numbers, number, shift = [], 0, 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number)
            number, shift = 0, 0
    return None if shift or any(number >= ID_LIMIT for number in numbers) else tuple(numbers)
