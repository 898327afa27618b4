"""DMARC and what follows: whose mail is proven, and what its domain asks for (RFC 7489)."""

from collections.abc import AsyncIterator

import pytest

from gateway.proof import Session, prove
from gateway.proof.domains import aligned, organizational, plain
from tests.gateway.proving import ELSEWHERE, HERE, World, mail, world


@pytest.fixture
async def firm() -> AsyncIterator[World]:
    async with world() as made:
        made.domain("firm.example", dmarc="p=reject")
        yield made


async def test_a_mail_signed_by_its_own_domain_is_proven(firm: World) -> None:
    proof = await firm.prove(firm.signed(mail()), peer=ELSEWHERE, sender="bounces@list.example")
    assert (proof.dkim, proof.dmarc, proof.proven) == ("pass", "pass", True)
    assert (proof.dkim_domain, proof.dkim_selector, proof.author_domain) == ("firm.example", "s1", "firm.example")


async def test_a_mail_from_its_domains_own_server_is_proven(firm: World) -> None:
    proof = await firm.prove(mail())
    assert (proof.spf, proof.dkim, proof.dmarc, proof.proven) == ("pass", "none", "pass", True)


async def test_a_forged_from_fails_and_its_domain_asks_to_reject_it(firm: World) -> None:
    proof = await firm.prove(mail(), peer=ELSEWHERE)
    assert (proof.spf, proof.dmarc, proof.policy, proof.rejects, proof.proven) == (
        "fail", "fail", "reject", True, False,
    )  # fmt: skip


async def test_the_passes_of_another_domain_prove_nothing(firm: World) -> None:
    firm.domain("evil.example", spf=f"v=spf1 ip4:{ELSEWHERE} -all")
    raw = firm.signed(mail(), "evil.example")
    proof = await firm.prove(raw, peer=ELSEWHERE, sender="me@evil.example")
    assert (proof.spf, proof.dkim, proof.dmarc, proof.proven) == ("pass", "pass", "fail", False)


@pytest.mark.parametrize(
    "lookalike", ["firrn.example", "firm.example.evil.example", "xn--fim-7na.example", "irm.example"]
)
async def test_a_look_alike_domain_is_another_domain(firm: World, lookalike: str) -> None:
    firm.domain(lookalike)
    proof = await firm.prove(firm.signed(mail(), lookalike), sender=f"ann@{lookalike}")
    assert (proof.spf, proof.dkim, proof.dmarc, proof.proven) == ("pass", "pass", "fail", False)


async def test_a_mail_sent_on_to_another_recipient_still_proves_its_author(firm: World) -> None:
    """DKIM signs no envelope. Whom the mail was for is the business of the signed reply address."""
    raw = firm.signed(mail(To="somebody@else.example"))
    proof = await firm.prove(raw, peer=ELSEWHERE, sender="thief@evil.example")
    assert proof.proven


@pytest.mark.parametrize(
    ("dmarc", "signer", "proven"),
    [
        ("p=reject", "mail.firm.example", True),
        ("p=reject; adkim=r", "mail.firm.example", True),
        ("p=reject; adkim=s", "mail.firm.example", False),
        ("p=reject; adkim=s", "firm.example", True),
    ],
)
async def test_a_subdomain_is_aligned_unless_the_domain_says_strict(dmarc: str, signer: str, proven: bool) -> None:
    async with world() as made:
        made.domain("firm.example", dmarc=dmarc)
        proof = await made.prove(made.signed(mail(), signer), peer=ELSEWHERE)
        assert (proof.dkim, proof.proven, proof.dmarc) == ("pass", proven, "pass" if proven else "fail")


@pytest.mark.parametrize(("dmarc", "proven"), [("p=none", True), ("p=none; aspf=s", False)])
async def test_an_envelope_of_a_subdomain_is_aligned_unless_the_domain_says_strict(dmarc: str, proven: bool) -> None:
    async with world() as made:
        made.domain("firm.example", dmarc=dmarc)
        made.domain("bounces.firm.example")
        proof = await made.prove(mail(), sender="x@bounces.firm.example")
        assert (proof.spf, proof.spf_domain, proof.proven) == ("pass", "bounces.firm.example", proven)


async def test_without_a_dmarc_record_there_is_no_verdict_and_alignment_still_proves() -> None:
    async with world() as made:
        made.domain("firm.example")
        proof = await made.prove(made.signed(mail(), "mail.firm.example"), peer=ELSEWHERE)
        assert (proof.dmarc, proof.policy, proof.proven, proof.rejects) == ("none", "none", True, False)
        proof = await made.prove(mail(), peer=ELSEWHERE)
        assert (proof.dmarc, proof.proven, proof.rejects) == ("none", False, False)


async def test_nothing_known_of_a_domain_is_no_verdict() -> None:
    async with world() as made:
        proof = await made.prove(mail())
        assert (proof.spf, proof.dkim, proof.dmarc, proof.proven) == ("none", "none", "none", False)


@pytest.mark.parametrize(
    ("dmarc", "policy"),
    [
        ("p=none", "none"),
        ("p=quarantine", "quarantine"),
        ("P=reject", "none"),  # names of tags are case-sensitive, so this one has no policy
        ("p=REJECT", "reject"),
        ("p=reject; pct=0", "quarantine"),
        ("p=quarantine; pct=0", "none"),
        ("p=reject; pct=100", "reject"),
        ("p=reject; pct=lots", "reject"),
        ("p=reject; t=y", "quarantine"),
        ("rua=mailto:a@firm.example", "none"),
    ],
)
async def test_what_a_domain_asks_for(dmarc: str, policy: str) -> None:
    async with world() as made:
        made.domain("firm.example", dmarc=dmarc)
        proof = await made.prove(mail(), peer=ELSEWHERE)
        assert (proof.policy, proof.rejects) == (policy, policy == "reject")


@pytest.mark.parametrize(
    ("dmarc", "policy"),
    [("p=reject", "reject"), ("p=reject; sp=none", "none"), ("p=none; sp=reject", "reject"),
     ("p=none; sp=none; np=reject", "none")],
)  # fmt: skip
async def test_a_subdomain_without_a_record_has_what_its_domain_says(dmarc: str, policy: str) -> None:
    async with world() as made:
        made.domain("firm.example", dmarc=dmarc)
        made.domain("shop.firm.example", spf="")
        proof = await made.prove(mail("ann@shop.firm.example"), "ann@shop.firm.example", peer=ELSEWHERE)
        assert (proof.dmarc, proof.policy) == ("fail", policy)


async def test_a_subdomain_that_does_not_exist_may_be_asked_to_be_rejected() -> None:
    async with world() as made:
        made.domain("firm.example", dmarc="p=none; np=reject")
        proof = await made.prove(mail("ann@ghost.firm.example"), "ann@ghost.firm.example", peer=ELSEWHERE)
        assert proof.rejects


async def test_a_record_of_its_own_comes_before_the_domains() -> None:
    async with world() as made:
        made.domain("firm.example", dmarc="p=reject")
        made.domain("shop.firm.example", spf="", dmarc="p=none; sp=reject")
        proof = await made.prove(mail("ann@shop.firm.example"), "ann@shop.firm.example", peer=ELSEWHERE)
        assert (proof.dmarc, proof.policy) == ("fail", "none")


@pytest.mark.parametrize(
    "record", ["v=DMARC1; p=", "v=DMARC1; p=perhaps", "v=DMARC1; nonsense", "v=DMARC1; p=none; p=none"]
)
async def test_a_record_that_cannot_be_read_is_permerror_and_rejects_nothing(record: str) -> None:
    async with world() as made:
        made.domain("firm.example")
        made.zone.txt("_dmarc.firm.example", record)
        proof = await made.prove(mail(), peer=ELSEWHERE)
        assert (proof.dmarc, proof.rejects, proof.proven) == ("permerror", False, False)


async def test_texts_beside_the_record_are_not_read() -> None:
    async with world() as made:
        made.domain("firm.example")
        made.zone.txt("_dmarc.firm.example", "site-verification=1", "v=DMARC10; p=none", "v=DMARC1;p=reject")
        assert (await made.prove(mail(), peer=ELSEWHERE)).rejects


@pytest.mark.parametrize(
    "raw",
    [
        mail("ann@firm.example, bob@firm.example"),
        mail("Team: ann@firm.example, ann@other.example;"),
        b"From: me@evil.example\r\n" + mail(),
        mail() .replace(b"\r\nTo:", b"\r\nFrom : me@evil.example\r\nTo:"),
        b"X: 1\rFrom: me@evil.example\r\n" + mail(),
        mail("me@evil.example"),
        mail("nobody"),
        b"Subject: hi\r\n\r\nNo From at all.",
        b"",
    ],
)  # fmt: skip
async def test_several_authors_or_none_are_never_proven(firm: World, raw: bytes) -> None:
    signed = firm.signed(raw) if raw.startswith(b"From: Ann") else raw
    proof = await firm.prove(signed)
    assert (proof.dmarc, proof.proven, proof.rejects) == ("permerror", False, False)


async def test_a_domain_in_its_own_letters_is_the_one_that_dns_knows() -> None:
    async with world() as made:
        made.domain("xn--bcher-kva.example", dmarc="p=reject")
        raw = made.signed(mail("Ann <ann@bücher.example>"), "xn--bcher-kva.example")
        proof = await made.prove(raw, "ann@bücher.example", sender="ann@bücher.example")
        assert (proof.spf, proof.author_domain, proof.dmarc, proof.proven) == (
            "pass", "xn--bcher-kva.example", "pass", True,
        )  # fmt: skip


async def test_the_json_has_the_three_verdicts_and_what_they_are_about(firm: World) -> None:
    said = (await firm.prove(firm.signed(mail()), peer=ELSEWHERE)).as_json()
    assert {name: said[name] for name in ("spf", "dkim", "dmarc")} == {"spf": "fail", "dkim": "pass", "dmarc": "pass"}
    assert said["domains"] == {"author": "firm.example", "spf": "firm.example", "dkim": "firm.example"}
    assert (said["policy"], said["proven"], said["rejects"], said["judged_by"]) == ("reject", True, False, "")
    assert any("spf: fail" in reason for reason in said["reasons"])


@pytest.mark.parametrize(
    ("one", "other", "strict", "same"),
    [
        ("a.firm.example", "b.firm.example", False, True),
        ("firm.co.uk", "other.co.uk", False, False),
        ("a.firm.co.uk", "firm.co.uk", False, True),
        ("ann.github.io", "bob.github.io", False, False),
        ("co.uk", "co.uk", False, True),
        ("localhost", "localhost", True, True),
        ("", "", False, False),
    ],
)
def test_domains_belong_together_below_a_public_suffix(one: str, other: str, strict: bool, same: bool) -> None:
    assert aligned(one, other, strict=strict) is same


@pytest.mark.parametrize(
    "text", ["", "a..b", "-\ud800", "x" * 64 + ".example", "[192.0.2.1]", "a b.c", "a." * 127 + "b"]
)
def test_what_is_no_domain_is_none(text: str) -> None:
    assert plain(text) == ""


def test_a_domain_is_written_as_dns_knows_it() -> None:
    assert plain(" Bücher.Example. ") == "xn--bcher-kva.example"
    assert organizational("a.b.c.d.firm.example") == "firm.example"


async def test_no_bytes_make_it_raise(firm: World) -> None:
    odd = (
        b"\0" * 100,
        b"\r\n" * 50,
        b"From:" + b"(" * 5000,
        b"DKIM-Signature: " + b";" * 9000 + b"\r\n" + mail(),
        b"dkim-signature:\r\n" + mail(),
        b"From: ann@firm.example\xff",
    )
    sessions = (("", "", ""), ("no address", "\0@\0", "\ud800"), (HERE, "@", "[::1]"), ("::", "a@b@c", " "))
    for raw in odd:
        for peer, sender, helo in sessions:
            proof = await prove(raw, "ann@firm.example", Session(peer, helo, sender), firm.settings)
            assert not proof.proven
