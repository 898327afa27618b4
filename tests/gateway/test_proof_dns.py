"""SPF, and what DNS does to all three: few questions, little time, and an error is never a pass."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import dns.name
import pytest

from gateway.proof import resolver
from gateway.proof.names import MOST_QUESTIONS, Names, Questions, TooMany, Unanswered
from gateway.proof.signatures import judge_signatures
from settings import Listen
from tests.gateway.proving import ELSEWHERE, HERE, World, mail, world

LONG = 60  # seconds, to take the clock out of a test


@pytest.fixture
async def firm() -> AsyncIterator[World]:
    async with world() as made:
        made.domain("firm.example", dmarc="p=reject")
        yield made


async def spf(firm: World, record: str, peer: str = HERE, **more: str) -> str:
    firm.zone.txt("firm.example", record)
    return (await firm.prove(mail(), peer=peer, **more)).spf


@pytest.mark.parametrize(
    ("record", "peer", "result"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", HERE, "pass"),
        ("v=spf1 ip4:192.0.2.0/24 -all", ELSEWHERE, "fail"),
        ("v=spf1 ip4:192.0.2.0/24 ~all", ELSEWHERE, "softfail"),
        ("v=spf1 ip4:192.0.2.0/24 ?all", ELSEWHERE, "neutral"),
        ("v=spf1 ip4:192.0.2.0/24", ELSEWHERE, "neutral"),
        ("v=spf1 ip4:192.0.2.0/24 -all", "::ffff:192.0.2.1", "pass"),
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::25", "pass"),
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db9::25", "fail"),
        ("v=spf1 ip6:fe80::/10 -all", "fe80::1%eth0", "pass"),
        ("v=spf1 ip4:127.0.0.0/8 -all", "127.0.0.1", "pass"),
        ("v=spf1 -all", "127.0.0.1", "fail"),
        ("v=spf1 a -all", HERE, "pass"),
        ("v=spf1 mx -all", HERE, "pass"),
        ("v=spf1 exists:%{ir}.%{v}.%{l}.who.firm.example -all", HERE, "pass"),
        ("v=spf1 include:_spf.firm.example -all", HERE, "pass"),
        ("v=spf1 redirect=_spf.firm.example", HERE, "pass"),
        ("v=spf1 ptr -all", HERE, "pass"),
        ("v=spf1 include:firm.example -all", HERE, "permerror"),
        ("v=spf1 include:loop.example -all", HERE, "permerror"),
        ("v=spf1 redirect=loop.example", HERE, "permerror"),
        ("v=spf1 include:nothing.example -all", HERE, "permerror"),
        ("v=spf1 " + " ".join(f"exists:a{n}.firm.example" for n in range(11)) + " -all", HERE, "permerror"),
        ("v=spf1 a:no1.example a:no2.example a:no3.example -all", HERE, "permerror"),
        ("v=spf1 nonsense -all", HERE, "permerror"),
        ("v=spf1 ip4:999.1.1.1 -all", HERE, "permerror"),
        ("v=spf1 exists:%{d99999999999999999999}.x.example -all", HERE, "fail"),
        ("v=spf10 -all", HERE, "none"),
        ("v=spf1 -all " + "x" * 9000, HERE, "none"),
    ],
)
async def test_what_spf_says(firm: World, record: str, peer: str, result: str) -> None:
    firm.zone.records |= {
        ("firm.example", "MX"): ["10 firm.example."],
        ("1.2.0.192.in-addr.ann.who.firm.example", "A"): ["127.0.0.2"],
        ("1.2.0.192.in-addr.arpa", "PTR"): ["firm.example."],
    } | {(f"a{number}.firm.example", "AAAA"): ["::1"] for number in range(11)}
    firm.zone.txt("_spf.firm.example", "v=spf1 ip4:192.0.2.1 -all")
    firm.zone.txt("loop.example", "v=spf1 include:loop2.example redirect=loop2.example")
    firm.zone.txt("loop2.example", "v=spf1 include:loop.example redirect=loop.example")
    assert await spf(firm, record, peer) == result


async def test_two_spf_records_are_permerror(firm: World) -> None:
    firm.zone.txt("firm.example", "v=spf1 +all", "v=spf1 -all")
    assert (await firm.prove(mail())).spf == "permerror"


async def test_a_bounce_is_judged_by_the_name_of_its_server(firm: World) -> None:
    firm.domain("mx.firm.example")
    proof = await firm.prove(mail(), sender="")
    assert (proof.spf, proof.spf_domain, proof.proven) == ("pass", "mx.firm.example", True)
    assert (await firm.prove(mail(), sender="", helo="[192.0.2.1]")).spf == "none"


async def test_spf_is_asked_for_the_envelope_and_not_for_the_from(firm: World) -> None:
    firm.domain("evil.example", spf="v=spf1 +all")
    proof = await firm.prove(mail(), peer=ELSEWHERE, sender="ann@evil.example")
    assert (proof.spf, proof.spf_domain, proof.dmarc) == ("pass", "evil.example", "fail")


async def test_a_peer_without_an_address_is_not_judged(firm: World) -> None:
    assert (await firm.prove(mail(), peer="")).spf == "none"


async def test_lmtp_is_not_judged_by_spf_and_its_signatures_are(firm: World) -> None:
    proof = await firm.prove(firm.signed(mail()), peer=ELSEWHERE, protocol="lmtp")
    assert (proof.spf, proof.dkim, proof.dmarc, proof.proven) == ("none", "pass", "pass", True)


async def test_a_server_failure_is_temperror_and_never_a_pass(firm: World) -> None:
    firm.zone.broken = {"firm.example"}
    proof = await firm.prove(mail())
    assert (proof.spf, proof.dmarc, proof.proven, proof.rejects) == ("temperror", "temperror", False, False)
    firm.zone.broken = {"s1._domainkey.firm.example"}
    proof = await firm.prove(firm.signed(mail()), peer=ELSEWHERE)
    assert (proof.spf, proof.dkim, proof.dmarc, proof.proven) == ("fail", "temperror", "temperror", False)


async def test_silence_is_temperror(firm: World) -> None:
    firm.zone.silent = {"firm.example"}
    proof = await firm.prove(mail())
    assert (proof.spf, proof.dmarc, proof.proven) == ("temperror", "temperror", False)


async def test_without_the_policy_only_the_very_same_domain_is_surely_aligned(firm: World) -> None:
    firm.zone.broken = {"_dmarc.firm.example"}
    proof = await firm.prove(firm.signed(mail()), peer=ELSEWHERE)
    assert (proof.dmarc, proof.proven) == ("temperror", True)
    proof = await firm.prove(firm.signed(mail(), "mail.firm.example"), peer=ELSEWHERE)
    assert (proof.dmarc, proof.proven) == ("temperror", False)


async def test_trouble_with_a_domain_that_is_not_the_authors_leaves_nothing_open(firm: World) -> None:
    firm.zone.broken = {"evil.example", "s1._domainkey.evil.example"}
    proof = await firm.prove(firm.signed(mail(), "evil.example"), peer=ELSEWHERE, sender="x@evil.example")
    assert (proof.spf, proof.dkim, proof.dmarc, proof.rejects) == ("temperror", "temperror", "fail", True)


async def test_trouble_with_spf_does_not_spoil_a_signature(firm: World) -> None:
    firm.zone.silent = {"firm.example"}
    proof = await firm.prove(firm.signed(mail()))
    assert (proof.spf, proof.dkim, proof.dmarc, proof.proven) == ("temperror", "pass", "pass", True)


async def test_answers_are_kept_and_their_absence_is_not(firm: World) -> None:
    await firm.prove(mail())
    asked = len(firm.zone.asked)
    await firm.prove(mail())
    assert len(firm.zone.asked) == asked
    await firm.prove(mail("ann@new.example"), "ann@new.example")
    firm.domain("new.example")
    assert (await firm.prove(mail("ann@new.example"), "ann@new.example")).spf == "pass"


async def test_a_mail_has_its_share_of_questions_and_no_more(firm: World) -> None:
    """Ten names in the record, each with ten mail servers, each with an address: a hundred questions."""
    firm.zone.txt("firm.example", "v=spf1 " + " ".join(f"mx:m{n}.example" for n in range(10)) + " -all")
    for number in range(10):
        servers = [f"s{server}.m{number}.example" for server in range(10)]
        firm.zone.records[f"m{number}.example", "MX"] = [f"10 {server}." for server in servers]
        firm.zone.records |= {(server, "A"): [ELSEWHERE] for server in servers}
    assert (await firm.prove(mail())).spf == "permerror"
    assert len(firm.zone.asked) <= MOST_QUESTIONS


def test_when_the_time_is_over_nothing_is_asked_any_more() -> None:
    with pytest.raises(Unanswered, match="no time left"):
        Questions(Names(None), patience=0).texts("firm.example")
    with pytest.raises(TooMany):
        Questions(Names(None), most=0, patience=LONG).texts("firm.example")


def test_a_resolver_that_is_not_there_answers_nothing() -> None:
    with pytest.raises(Unanswered):
        Names(Listen("127.0.0.1", 9)).ask(dns.name.from_text("firm.example"), "TXT", 0.1)


# -- a resolver that is away


async def ask(names: Names, name: str) -> bool:
    """Whether DNS answers."""
    try:
        await asyncio.to_thread(names.ask, dns.name.from_text(name), "TXT", 0.05)
    except Unanswered:
        return False
    return True


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "ONE_TRY", 0.05)


@pytest.mark.usefixtures("hasty")
async def test_a_resolver_that_is_away_is_not_asked_by_every_mail(firm: World) -> None:
    firm.zone.deaf = True
    names = Names(firm.zone.listen)
    for number in range(resolver.SILENCES):
        assert not await ask(names, f"{number}.example")
    heard = firm.zone.heard
    for number in range(20):
        assert not await ask(names, f"more{number}.example")
    now = datetime.now(UTC)
    proof = await asyncio.to_thread(judge_signatures, firm.signed(mail()), "firm.example", now, Questions(names))
    assert [found.result for found in proof] == ["temperror"]
    assert firm.zone.heard == heard


@pytest.mark.usefixtures("hasty")
async def test_a_resolver_that_is_back_is_found_again(firm: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "AWAY_FOR", 0)
    firm.zone.deaf = True
    names = Names(firm.zone.listen)
    for number in range(2 * resolver.SILENCES):
        assert not await ask(names, f"{number}.example")
    firm.zone.deaf = False
    assert await ask(names, "firm.example")


@pytest.mark.usefixtures("hasty")
async def test_what_was_learned_before_holds_while_the_resolver_is_away(firm: World) -> None:
    names = Names(firm.zone.listen)
    assert await ask(names, "firm.example")
    firm.zone.deaf = True
    for number in range(resolver.SILENCES):
        assert not await ask(names, f"{number}.example")
    assert await asyncio.to_thread(Questions(names).texts, "firm.example")


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("trouble", ["silent", "broken"])
async def test_no_strangers_names_make_the_resolver_seem_away(firm: World, trouble: str) -> None:
    bad = {f"{number}.evil.example" for number in range(3 * resolver.SILENCES)}
    setattr(firm.zone, trouble, bad)
    names = Names(firm.zone.listen)
    for name in bad:
        assert not await ask(names, name)
    assert await ask(names, "firm.example")


def test_what_dns_cannot_name_has_no_records() -> None:
    questions = Questions(Names(None), patience=0)
    assert questions.texts("a..b") == questions.texts("x" * 64 + ".example") == ()
