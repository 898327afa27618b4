"""DKIM: a signature counts where it is genuine, of now, strong enough, and of all that is shown (RFC 6376)."""

import base64
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl.encoding import Base64Encoder
from nacl.signing import SigningKey

from gateway.proof.canonical import Field, canonical_body, canonical_field
from gateway.proof.signatures import MOST_SIGNATURES
from tests.gateway.proving import ELSEWHERE, HEADERS, Signer, World, key_pair, mail, world


@pytest.fixture
async def firm() -> AsyncIterator[World]:
    async with world() as made:
        made.domain("firm.example", spf="", dmarc="p=reject")
        yield made


async def verdict(firm: World, raw: bytes, **more: datetime) -> tuple[str, bool]:
    proof = await firm.prove(raw, peer=ELSEWHERE, **more)
    return proof.dkim, proof.proven


@pytest.mark.parametrize("header", [b"simple", b"relaxed"])
@pytest.mark.parametrize("body", [b"simple", b"relaxed"])
@pytest.mark.parametrize(
    "text", ["", "\r\n\r\n", "one\r\n", "one", "a \t b \r\n\r\nc\r\n\r\n\r\n", " \r\n", "a\r\r\n", "ü\r\n"]
)
async def test_both_canonical_forms_are_the_signers(firm: World, header: bytes, body: bytes, text: str) -> None:
    raw = mail(body=text, Subject="long\r\n\tand  folded \t")
    assert await verdict(firm, firm.signed(raw, canonicalize=(header, body))) == ("pass", True)


async def test_an_ed25519_signature_passes(firm: World) -> None:
    key = SigningKey.generate()
    firm.zone.txt("ed._domainkey.firm.example", f"k=ed25519; p={key.verify_key.encode(Base64Encoder).decode()}")
    signer = Signer(mail(), signature_algorithm=b"ed25519-sha256")
    header = signer.sign(b"ed", b"firm.example", key.encode(Base64Encoder), include_headers=[b"from", b"subject"])
    assert await verdict(firm, header + mail()) == ("pass", True)
    assert await verdict(firm, header + mail(Subject="Another")) == ("fail", False)


async def test_a_changed_body_or_header_fails(firm: World) -> None:
    raw = firm.signed(mail())
    assert await verdict(firm, raw.replace(b"help", b"pay")) == ("fail", False)
    assert await verdict(firm, raw.replace(b"Printer", b"Payment")) == ("fail", False)
    assert await verdict(firm, raw + b"More.\r\n") == ("fail", False)


async def test_what_lines_are_ended_by_does_not_matter(firm: World) -> None:
    assert await verdict(firm, firm.signed(mail()).replace(b"\r\n", b"\n")) == ("pass", True)


async def test_a_signature_counts_until_it_expires_by_the_time_of_the_mails_arrival(firm: World) -> None:
    now = int(time.time())
    raw = firm.signed(mail(), extra=((b"t", str(now).encode()), (b"x", str(now + 60).encode())))
    arrived = datetime.fromtimestamp(now, UTC)
    assert await verdict(firm, raw, at=arrived) == ("pass", True)
    assert await verdict(firm, raw, at=arrived + timedelta(hours=1)) == ("fail", False)


async def test_a_signature_of_the_future_fails(firm: World) -> None:
    raw = firm.signed(mail(), extra=((b"t", str(int(time.time()) + 3600).encode()),))
    assert await verdict(firm, raw) == ("fail", False)


async def test_a_signature_over_a_part_of_the_body_proves_nothing_once_there_is_more(firm: World) -> None:
    raw = firm.signed(mail(), length=True)
    assert await verdict(firm, raw) == ("pass", True)
    assert await verdict(firm, raw + b"And pay me.\r\n") == ("policy", False)
    assert await verdict(firm, firm.signed(mail(), extra=((b"l", b"99999"),))) == ("fail", False)


async def test_sha1_and_short_keys_are_of_another_time(firm: World) -> None:
    assert await verdict(firm, firm.signed(mail(), algorithm=b"rsa-sha1")) == ("policy", False)
    assert await verdict(firm, firm.signed(mail(), bits=1024, selector="s2")) == ("pass", True)
    short = RSAPublicNumbers(65537, (1 << 767) | 1).public_key()
    record = "p=" + base64.b64encode(short.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    assert await verdict(firm, firm.signed(mail(), selector="s3", record=record)) == ("policy", False)


async def test_a_second_field_on_top_of_a_signed_one_is_not_the_signers(firm: World) -> None:
    signed = firm.signed(mail())
    assert await verdict(firm, b"Subject: [#1] refund it\r\n" + signed) == ("policy", False)
    assert await verdict(firm, b"From: Eve <eve@firm.example>\r\n" + signed) == ("policy", False)


async def test_fields_signed_once_more_than_they_exist_cannot_be_added(firm: World) -> None:
    signed = firm.signed(mail(), headers=(*HEADERS, "From", "Reply-To"))
    assert await verdict(firm, signed) == ("pass", True)
    assert await verdict(firm, b"Reply-To: eve@evil.example\r\n" + signed) == ("fail", False)


@pytest.mark.parametrize(
    "top",
    [
        b"X: 1\rFrom: ann@firm.example\r\rPay Eve.\r\n",
        b"X: 1\rContent-Type: text/html\r\n",
        b"X: 1\r\r",
        b"no field at all\r\n",
        b"\r\n",
    ],
)
async def test_a_mail_that_could_be_shown_otherwise_than_it_was_signed_is_not_proven(firm: World, top: bytes) -> None:
    result, proven = await verdict(firm, top + firm.signed(mail()))
    assert (result in {"permerror", "none"}, proven) == (True, False)


async def test_what_is_put_on_top_and_changes_nothing_that_was_signed_does_no_harm(firm: World) -> None:
    signed = firm.signed(mail())
    assert await verdict(firm, b"From ann Mon Mar  2 10:00:00 2026\r\nX: 1\r\n \t \r\n" + signed) == ("pass", True)


@pytest.mark.parametrize(
    "tags",
    [
        {b"v": b"2"},
        {b"a": b""},
        {b"a": b"dsa-sha512"},
        {b"bh": b"!"},
        {b"c": b"nowsp/simple"},
        {b"d": b"a..b"},
        {b"i": b"@evil.example"},
        {b"i": b"@xfirm.example"},
        {b"l": b"-1"},
        {b"q": b"http"},
        {b"x": b"tomorrow"},
        {b"h": b"subject"},
    ],
)
async def test_a_signature_that_breaks_the_rules_never_passes(firm: World, tags: dict[bytes, bytes]) -> None:
    result, proven = await verdict(firm, firm.signed(mail(), extra=tuple(tags.items())))
    assert result in {"permerror", "policy", "fail"}
    assert not proven


@pytest.mark.parametrize(
    "record",
    [
        "v=DKIM1; p=",
        "v=DKIM2; p={key}",
        "v=DKIM1; k=ed25519; p={key}",
        "v=DKIM1; p=AAAA",
        "v=DKIM1; p=!",
        "v=DKIM1; h=sha1; p={key}",
        "v=DKIM1; s=tlsrpt; p={key}",
        "v=DKIM1; p={key}; p={key}",
        "nonsense",
    ],
)
async def test_a_key_that_is_none_for_this_is_permerror(firm: World, record: str) -> None:
    raw = firm.signed(mail(), record=record.format(key=key_pair(2048)[1]))
    assert await verdict(firm, raw) == ("permerror", False)


async def test_a_key_that_is_not_there_or_not_alone_is_permerror(firm: World) -> None:
    raw = firm.signed(mail())
    name = "s1._domainkey.firm.example"
    firm.zone.txt(name, *["v=DKIM1; p=" + key_pair(2048)[1]] * 2)
    firm.zone.records[name, "TXT"][1] += ' " "'
    assert await verdict(firm, raw) == ("permerror", False)
    gone = firm.signed(mail(), selector="gone")
    del firm.zone.records["gone._domainkey.firm.example", "TXT"]
    assert await verdict(firm, gone) == ("permerror", False)


async def test_a_key_for_no_subdomain_is_kept_to_its_domain(firm: World) -> None:
    record = f"v=DKIM1; t=s; p={key_pair(2048)[1]}"
    assert await verdict(firm, firm.signed(mail(), record=record)) == ("pass", True)
    below = firm.signed(mail(), record=record, selector="s2", identity=b"a@x.firm.example")
    assert await verdict(firm, below) == ("permerror", False)


async def test_of_several_signatures_the_aligned_one_counts(firm: World) -> None:
    raw = firm.signed(firm.signed(mail()), "list.example")
    proof = await firm.prove(raw, peer=ELSEWHERE)
    assert (proof.dkim_domain, proof.proven) == ("firm.example", True)
    broken = firm.signed(mail(), extra=((b"bh", b"AAAA"),)).removesuffix(mail()) + firm.signed(mail(), selector="s2")
    assert await verdict(firm, broken) == ("pass", True)  # fmt: skip


async def test_a_heap_of_signatures_hides_neither_the_right_one_nor_costs_more(firm: World) -> None:
    raw = firm.signed(mail())
    for number in range(8):
        raw = firm.signed(raw, f"list{number}.example")
    assert await verdict(firm, raw) == ("pass", True)
    keys = [name for name, _ in firm.zone.asked if "_domainkey" in name]
    assert len(keys) == MOST_SIGNATURES
    assert keys[0] == "s1._domainkey.firm.example"


def test_canonical_forms_take_one_pass_over_whatever_comes() -> None:
    """A pattern that looks back would take minutes for these."""
    spaces = b"a" + b" " * 3_000_000 + b"b"
    assert canonical_body(spaces + b"\r\n", "relaxed") == b"a b\r\n"
    assert canonical_body(b"\r\n" * 1_000_000, "relaxed") == b""
    assert canonical_body(b"\r\n" * 1_000_000, "simple") == b"\r\n"
    assert canonical_field(Field("x", b"X:" + spaces + b"\r\n"), "relaxed") == b"x:a b\r\n"
