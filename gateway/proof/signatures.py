"""DKIM: which domains signed this mail (RFC 6376), and whether all of it is signed."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.proof.canonical import Ambiguous, Field, canonical_body, canonical_field, ensure_one_reading, header_of
from gateway.proof.domains import aligned, domain_of, plain
from gateway.proof.keys import TooWeak, is_genuine, read_key
from gateway.proof.names import Questions, TooMany, Unanswered
from gateway.proof.proof import Evidence, Result
from gateway.proof.tags import Unreadable, read_base64, read_number, read_tags

MOST_SIGNATURES = 5  # that are verified, those of the author's domain first
LONGEST_SIGNATURE = 16 * 1024  # bytes
CLOCKS_DIFFER = 300  # seconds
ONCE = {  # fields that may come only once (RFC 5322, 3.6, and RFC 2045)
    *("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references"),
    *("mime-version", "content-type", "content-transfer-encoding"),
}


class Failed(Exception):
    """The signature is read, and does not hold."""


@dataclass(frozen=True)
class Signature:
    """One DKIM-Signature field, checked for what needs neither mail nor key."""

    field: Field
    algorithm: str
    domain: str
    selector: str
    identity: str
    signed: tuple[str, ...]
    forms: tuple[str, str]
    body_hash: bytes
    value: bytes
    length: int | None
    made: int | None
    expires: int | None

    @classmethod
    def read(cls, field: Field) -> "Signature":
        """Raises Unreadable."""
        if len(field.raw) > LONGEST_SIGNATURE:
            raise Unreadable("it is too long")
        tags = read_tags(field.value)
        missing = [name for name in ("v", "a", "b", "bh", "d", "h", "s") if not tags.get(name)]
        if missing or tags["v"] != "1":
            raise Unreadable(f"it has no {missing[0]}=" if missing else "it is of another version")
        header, _, body = tags.get("c", "simple/simple").partition("/")
        forms = (header, body or "simple")
        domain, selector = plain(tags["d"]), plain(tags["s"])
        identity = domain_of(tags["i"]) if "i" in tags else domain
        if not domain or not selector or not {*forms} <= {"simple", "relaxed"}:
            raise Unreadable("its d=, s= or c= is none")
        if identity != domain and not identity.endswith(f".{domain}"):
            raise Unreadable("its i= is not below its d=")
        if "dns/txt" not in tags.get("q", "dns/txt").split(":"):
            raise Unreadable("its key is not in DNS")
        signed = tuple(name.strip().lower() for name in tags["h"].split(":"))
        if "from" not in signed:
            raise Unreadable("it does not sign From")
        numbers = {name: read_number(tags[name]) if name in tags else None for name in ("l", "t", "x")}
        return cls(
            field=field,
            algorithm=tags["a"],
            domain=domain,
            selector=selector,
            identity=identity,
            signed=signed,
            forms=forms,
            body_hash=read_base64(tags["bh"]),
            value=read_base64(tags["b"]),
            length=numbers["l"],
            made=numbers["t"],
            expires=numbers["x"],
        )


def judge_signatures(raw: bytes, author: str, at: datetime, questions: Questions) -> tuple[Evidence, ...]:
    """A finding for each signature, those of the author's domain first."""
    try:
        fields, body = header_of(raw)
        found = [field for field in fields if field.name == "dkim-signature"]
        if not found:
            return ()
        ensure_one_reading(raw, fields, body)
    except Ambiguous as error:
        signed = b"dkim-signature" in raw[: 64 * 1024].lower()
        return (Evidence("dkim", "permerror", reason=f"dkim: {error}"),) if signed else ()
    read, unread = _read_all(found)
    read.sort(key=lambda signature: not aligned(signature.domain, author, strict=False))
    mail = _Mail(fields, body)
    return (*(_judge(signature, mail, at, questions) for signature in read[:MOST_SIGNATURES]), *unread)


class _Mail:
    """What is signed; each form of the body is made once."""

    def __init__(self, fields: Sequence[Field], body: bytes) -> None:
        self.fields = fields
        self._body = body
        self._bodies: dict[str, bytes] = {}

    def body(self, form: str) -> bytes:
        if form not in self._bodies:
            self._bodies[form] = canonical_body(self._body, form)
        return self._bodies[form]


def _read_all(found: Sequence[Field]) -> tuple[list[Signature], list[Evidence]]:
    read: list[Signature] = []
    unread: list[Evidence] = []
    for field in found[: 4 * MOST_SIGNATURES]:
        try:
            read.append(Signature.read(field))
        except Unreadable as error:
            unread.append(Evidence("dkim", "permerror", reason=f"dkim: a signature cannot be read: {error}"))
    return read, unread


def _judge(signature: Signature, mail: _Mail, at: datetime, questions: Questions) -> Evidence:
    result: Result
    try:
        _verify(signature, mail, at, questions)
        result, why = "pass", ""
    except Failed as error:
        result, why = "fail", f": {error}"
    except TooWeak as error:
        result, why = "policy", f": {error}"
    except (Unreadable, TooMany) as error:
        result, why = "permerror", f": {error}"
    except Unanswered as error:
        result, why = "temperror", f": {error}"
    reason = f"dkim: {result} for {signature.domain}{why}"
    return Evidence("dkim", result, signature.domain, signature.selector, reason, frozenset(signature.signed))


def _verify(signature: Signature, mail: _Mail, at: datetime, questions: Questions) -> None:
    """Raises Failed, TooWeak, Unreadable, Unanswered and TooMany. What needs no question comes first."""
    now = at.timestamp()
    if signature.made is not None and signature.made > now + CLOCKS_DIFFER:
        raise Failed("it is of the future")
    if signature.expires is not None and signature.expires < max(now - CLOCKS_DIFFER, signature.made or 0):
        raise Failed("it has expired")
    algorithm, _, digest = signature.algorithm.partition("-")
    if digest != "sha256" or algorithm not in {"rsa", "ed25519"}:
        raise TooWeak("its algorithm is not one of today (RFC 8301)")
    _check_cover(signature, mail)
    # RFC 6376, 3.6.2.2: of several records any may be tried. More than one is none that anybody can rely on.
    records = questions.texts(f"{signature.selector}._domainkey.{signature.domain}")
    if len(records) != 1:
        raise Unreadable("there is no key" if not records else "there is more than one key")
    key = read_key(records[0], algorithm, subdomain=signature.identity != signature.domain)
    if not is_genuine(key, signature.value, _signed_header(signature, mail.fields)):
        raise Failed("it does not fit the header")


def _check_cover(signature: Signature, mail: _Mail) -> None:
    """Raises Failed where the body is another one, TooWeak where a part of the mail is not signed."""
    body = mail.body(signature.forms[1])
    length = len(body) if signature.length is None else signature.length
    if not hmac.compare_digest(hashlib.sha256(body[:length]).digest(), signature.body_hash) or length > len(body):
        raise Failed("it does not fit the body")
    if length < len(body):
        raise TooWeak("it does not sign the whole body")  # RFC 6376, 8.2: anybody may have written the rest
    present, listed = Counter(field.name for field in mail.fields), Counter(signature.signed)
    # RFC 6376, 8.15: fields are signed from the bottom, and shown from the top.
    added = sorted(name for name in ONCE & set(listed) if present[name] > listed[name])
    if added:
        raise TooWeak(f"there is more than one {added[0]} field")


def _signed_header(signature: Signature, fields: Sequence[Field]) -> bytes:
    """The bytes that are signed: the fields from the bottom, then the signature itself without its value."""
    waiting: dict[str, list[Field]] = {}
    for field in fields:
        waiting.setdefault(field.name, []).append(field)
    picked = [waiting[name].pop() for name in signature.signed if waiting.get(name)]
    form = signature.forms[0]
    own = canonical_field(_without_value(signature.field), form).removesuffix(b"\r\n")
    return b"".join([*(canonical_field(field, form) for field in picked), own])


def _without_value(field: Field) -> Field:
    name, colon, value = field.raw.partition(b":")
    tags = value.split(b";")
    kept = [tag[: tag.find(b"=") + 1] if tag.partition(b"=")[0].strip() == b"b" else tag for tag in tags]
    return Field(field.name, name + colon + b";".join(kept))
