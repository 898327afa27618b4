"""Whose Authentication-Results are believed: a trusted relay's, where only it can have written them (RFC 8601)."""

from collections.abc import AsyncIterator

import pytest

from tests.gateway.proving import ELSEWHERE, HERE, World, mail, world

RELAY = "203.0.113.5"
OURS = b"Received: from mx.firm.example by mx.desk.example; Mon, 2 Mar 2026 10:00:01 +0000\r\n"
THEIRS = b"Received: from laptop by mx.firm.example; Mon, 2 Mar 2026 10:00:00 +0000\r\n"
PASS = b"Authentication-Results: mx.desk.example; dmarc=pass header.from=firm.example\r\n"
FAIL = b"Authentication-Results: mx.desk.example; dmarc=fail header.from=firm.example\r\n"


@pytest.fixture
async def firm() -> AsyncIterator[World]:
    async with world() as made:
        made.domain("firm.example", dmarc="p=reject")
        made.trusting("203.0.113.0/24")
        yield made


async def test_a_trusted_relays_word_stands(firm: World) -> None:
    results = (
        b"Authentication-Results: mx.desk.example;\r\n\tspf=pass smtp.mailfrom=ann@firm.example;\r\n"
        b"\tdkim=pass (2048-bit key) header.d=firm.example header.s=s1 header.b=ab/c+d==;\r\n"
        b"\tdmarc=pass (p=reject) header.from=firm.example\r\n"
    )
    proof = await firm.prove(results + OURS + mail(), peer=RELAY)
    assert (proof.spf, proof.dkim, proof.dmarc, proof.proven) == ("pass", "pass", "pass", True)
    assert (proof.spf_domain, proof.dkim_domain, proof.dkim_selector) == ("firm.example", "firm.example", "s1")
    assert proof.judged_by == "mx.desk.example"
    assert firm.zone.asked == []


async def test_a_relay_that_saw_a_forgery_is_believed_too(firm: World) -> None:
    proof = await firm.prove(FAIL + OURS + firm.signed(mail()), peer=RELAY)
    assert (proof.dmarc, proof.proven, proof.rejects) == ("fail", False, True)


@pytest.mark.parametrize("peer", [ELSEWHERE, HERE, "", "127.0.0.1", "::1"])
async def test_nobody_else_is_believed(firm: World, peer: str) -> None:
    firm.zone.txt("firm.example", "v=spf1 -all")
    proof = await firm.prove(PASS + OURS + mail(), peer=peer)
    assert (proof.proven, proof.judged_by, proof.rejects) == (False, "", True)


async def test_nobody_is_believed_without_a_name_to_believe(firm: World) -> None:
    firm.trusting("203.0.113.0/24", None)
    assert not (await firm.prove(PASS + mail(), peer=RELAY)).proven


@pytest.mark.parametrize(
    "name", ["mx.firm.example", "mx.desk.example.evil.example", "desk.example", "xmx.desk.example"]
)
async def test_results_of_another_name_are_not_the_relays(firm: World, name: str) -> None:
    proof = await firm.prove(PASS.replace(b"mx.desk.example", name.encode()) + OURS + mail(), peer=RELAY)
    assert (proof.proven, proof.judged_by) == (False, "")


@pytest.mark.parametrize(
    ("header", "proven"),
    [
        (PASS + OURS + THEIRS, True),
        (OURS + PASS + THEIRS, True),
        (b"Delivered-To: support\r\n" + PASS.replace(b"mx.desk", b"MX.Desk") + OURS, True),
        (OURS + THEIRS + PASS, False),
        (FAIL + PASS + OURS, False),
        (PASS + FAIL + OURS, False),
        (FAIL + OURS + PASS, False),
        (PASS + OURS + FAIL, True),
        (OURS + FAIL + PASS, False),
        (OURS + PASS.replace(b"mx.desk", b"mx.firm") + THEIRS, False),
        (PASS.replace(b"firm.example", b"evil.example") + OURS, False),
        (b"Authentication-Results: mx.desk.example; none\r\n" + OURS + PASS, False),
        (b"Authentication-Results: mx.desk.example; dmarc=\r\n" + PASS + OURS, False),
        (b"X: 1\r" + PASS + OURS, False),
    ],
)
async def test_only_what_the_relay_itself_wrote_counts(firm: World, header: bytes, proven: bool) -> None:
    assert (await firm.prove(header + mail(), peer=RELAY)).proven is proven


async def test_results_above_the_relays_received_belong_together(firm: World) -> None:
    spf = b"Authentication-Results: mx.desk.example; spf=pass smtp.mailfrom=x@evil.example\r\n"
    dkim = b"Authentication-Results: mx.desk.example; dkim=pass header.d=firm.example\r\n"
    proof = await firm.prove(spf + dkim + OURS + mail(), peer=RELAY)
    assert (proof.spf, proof.dkim, proof.dmarc, proof.proven) == ("pass", "pass", "pass", True)


async def test_what_the_relay_does_not_say_is_judged_here_but_for_spf(firm: World) -> None:
    spf = b"Authentication-Results: mx.desk.example; spf=fail smtp.mailfrom=x@evil.example\r\n"
    proof = await firm.prove(spf + OURS + firm.signed(mail()), peer=RELAY)
    assert (proof.spf, proof.dkim, proof.dmarc, proof.proven) == ("fail", "pass", "pass", True)


@pytest.mark.parametrize(
    ("said", "proven"),
    [
        (b"dkim=pass header.d=mail.firm.example", True),
        (b"dkim=pass header.i=@firm.example", True),
        (b"dkim=pass header.d=evil.example", False),
        (b"dkim=pass", False),
        (b"dkim=fail header.d=firm.example", False),
        (b"spf=pass smtp.mailfrom=firm.example", True),
        (b"spf=pass smtp.mailfrom=firm.example; spf=fail smtp.mailfrom=firm.example", False),
        (b"spf=pass smtp.mailfrom=evil.example", False),
        (b"spf=pass smtp.rcptto=firm.example", False),
        (b"auth=pass smtp.auth=ann@firm.example", False),
        (b"dkim=excellent header.d=firm.example", False),
    ],
)
async def test_a_relay_without_dmarc_gives_findings_that_have_to_be_aligned(
    firm: World, said: bytes, proven: bool
) -> None:
    raw = b"Authentication-Results: mx.desk.example; " + said + b"\r\n" + OURS + mail()
    assert (await firm.prove(raw, peer=RELAY)).proven is proven


async def test_a_relays_address_is_not_judged_by_spf(firm: World) -> None:
    proof = await firm.prove(OURS + mail(), peer=RELAY)
    assert (proof.spf, proof.dkim, proof.dmarc, proof.judged_by) == ("none", "none", "fail", "")
    proof = await firm.prove(OURS + firm.signed(mail()), peer=RELAY)
    assert (proof.spf, proof.dmarc, proof.proven) == ("none", "pass", True)


async def test_a_relay_may_come_by_lmtp(firm: World) -> None:
    assert (await firm.prove(PASS + OURS + mail(), peer=RELAY, protocol="lmtp")).proven


async def test_a_relay_that_read_another_author_proves_nothing(firm: World) -> None:
    proof = await firm.prove(PASS + OURS + b"From: me@evil.example\r\n" + mail(), peer=RELAY)
    assert (proof.dmarc, proof.proven) == ("permerror", False)
