"""Advice on DNS for a mailbox: what is there, whether it is right, and what to publish."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from mailer import advice, published
from models import Mailbox
from settings import RelayUrl
from tests.api.conftest import Client
from tests.cast import Cast
from tests.ticketgate.resolver import Zone, resolver


@pytest.fixture
async def zone(cast: Cast) -> AsyncIterator[Zone]:
    """The world's DNS, empty at first; the desk is reached at desk.ours.com."""
    async with resolver() as found:
        cast.house.settings.__dict__ |= {"dns_server": found.listen, "public_url": "https://desk.ours.com"}
        await Mailbox.filter(id=cast.mailbox.id).update(address="support@ours.com")
        found.records["ours.com", "NS"] = ["ns.ours.com."]  # the domain exists
        yield found


async def advised(admin: Client, record: str) -> dict[str, Any]:
    answer = await admin.get("/api/mailboxes/1/dns/")
    assert answer.status_code == 200, answer.text
    return next(one for one in answer.json() if one["record"] == record)


async def test_a_domain_with_all_that_it_needs_needs_nothing(zone: Zone, admin: Client) -> None:
    zone.records["ours.com", "MX"] = ["20 b.ours.com.", "10 a.ours.com."]
    zone.txt("ours.com", "v=spf1 mx -all", "unrelated")
    zone.txt("_dmarc.ours.com", "v=DMARC1; p=reject")
    zone.txt("s1._domainkey.ours.com", "v=DKIM1; p=abc")
    zone.txt("_domainkey.ours.com", "o=-")
    found = (await admin.get("/api/mailboxes/1/dns")).json()
    assert [(one["record"], one["name"], one["type"], one["verdict"], one["publish"]) for one in found] == [
        ("MX", "ours.com", "MX", "ok", None),
        ("SPF", "ours.com", "TXT", "ok", None),
        ("DKIM", "_domainkey.ours.com", "TXT", "ok", None),
        ("DMARC", "_dmarc.ours.com", "TXT", "ok", None),
    ]
    assert [one["now"] for one in found] == [
        ["10 a.ours.com", "20 b.ours.com"],
        ["v=spf1 mx -all"],
        [],
        ["v=DMARC1; p=reject"],
    ]


async def test_what_is_missing_is_said_with_what_to_publish(cast: Cast, zone: Zone, admin: Client) -> None:
    cast.house.settings.__dict__["relay_url"] = RelayUrl.parse("smtp://user:secret@relay.ours.com:587")
    found = (await admin.get("/api/mailboxes/1/dns")).json()
    assert [(one["record"], one["verdict"], one["publish"]) for one in found] == [
        ("MX", "missing", "10 desk.ours.com."),
        ("SPF", "missing", "v=spf1 mx a:relay.ours.com ~all"),
        ("DKIM", "missing", None),
        ("DMARC", "missing", "v=DMARC1; p=none"),
    ]
    assert all(one["why"] for one in found)


@pytest.mark.parametrize(
    ("relay", "spf"),
    [
        (None, "v=spf1 mx ~all"),
        ("smtp://192.0.2.7", "v=spf1 mx ip4:192.0.2.7 ~all"),
        ("smtp://[2001:db8::7]:25", "v=spf1 mx ip6:2001:db8::7 ~all"),
        # What only this machine or its network knows, the world cannot look up.
        ("smtp://127.0.0.1:25", "v=spf1 mx ~all"),
        ("smtp://10.1.2.3", "v=spf1 mx ~all"),
        ("smtp://[fd00::7]", "v=spf1 mx ~all"),
        ("smtp://localhost:25", "v=spf1 mx ~all"),
        ("smtp://postfix:25", "v=spf1 mx ~all"),
    ],
)
async def test_the_relay_is_in_the_spf_record_to_publish(
    cast: Cast, zone: Zone, admin: Client, relay: str | None, spf: str
) -> None:
    cast.house.settings.__dict__["relay_url"] = RelayUrl.parse(relay) if relay else None
    assert (await advised(admin, "SPF"))["publish"] == spf


@pytest.mark.parametrize(
    ("record", "name", "values", "verdict", "why"),
    [
        ("SPF", "ours.com", ("v=spf1 mx +all",), "wrong", "anybody"),
        ("SPF", "ours.com", ("v=spf1 mx all",), "wrong", "anybody"),
        ("SPF", "ours.com", ("v=spf1 -all", "v=spf1 mx -all"), "wrong", "2 records"),
        ("SPF", "ours.com", ("v=spf10 mx",), "missing", "nothing says"),
        ("DMARC", "_dmarc.ours.com", ("v=DMARC1; p=none",), "ok", "can still use your name"),
        ("DMARC", "_dmarc.ours.com", ("v=DMARC1; p = Quarantine; pct=5",), "ok", "set aside"),
        ("DMARC", "_dmarc.ours.com", ("v=DMARC1; rua=mailto:x@ours.com",), "wrong", "no policy"),
        ("DMARC", "_dmarc.ours.com", ("v=DMARC1; sp=reject",), "wrong", "no policy"),
        ("DMARC", "_dmarc.ours.com", ("v=DMARC1; p=none", "v=DMARC1; p=reject"), "wrong", "2 records"),
    ],
)
async def test_records_are_judged(
    zone: Zone, admin: Client, record: str, name: str, values: tuple[str, ...], verdict: str, why: str
) -> None:
    zone.txt(name, *values)
    found = await advised(admin, record)
    assert (found["verdict"], why in found["why"]) == (verdict, True), found


async def test_an_spf_record_for_anybody_is_mended(zone: Zone, admin: Client) -> None:
    zone.txt("ours.com", "v=spf1 mx include:x.com +all")
    assert (await advised(admin, "SPF"))["publish"] == "v=spf1 mx include:x.com ~all"


async def test_mail_that_goes_to_no_place_is_told_apart(zone: Zone, admin: Client) -> None:
    zone.records["ours.com", "A"] = ["192.0.2.1"]
    assert "own address" in (await advised(admin, "MX"))["why"]
    zone.records["ours.com", "MX"] = ["0 ."]
    assert (await advised(admin, "MX"))["verdict"] == "wrong"
    zone.records.clear()
    found = await advised(admin, "MX")
    assert (found["verdict"], "does not exist" in found["why"]) == ("wrong", True)


async def test_the_policy_of_a_domain_above_counts(zone: Zone, admin: Client) -> None:
    await Mailbox.all().update(address="support@help.ours.com")
    zone.txt("_dmarc.ours.com", "v=DMARC1; p=reject")
    found = await advised(admin, "DMARC")
    assert (found["verdict"], found["name"]) == ("ok", "_dmarc.ours.com")


async def test_one_record_that_cannot_be_looked_up_spoils_no_other(
    zone: Zone, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "LIFETIME", 0.2)
    zone.records["ours.com", "MX"] = ["10 a.ours.com."]
    zone.broken, zone.silent = {"_dmarc.ours.com"}, {"_domainkey.ours.com"}
    found = {one["record"]: one["verdict"] for one in (await admin.get("/api/mailboxes/1/dns")).json()}
    assert found == {"MX": "ok", "SPF": "missing", "DKIM": "unknown", "DMARC": "unknown"}


async def test_looking_up_ends_however_long_a_name_is(
    zone: Zone, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advice, "PATIENCE", 0.2)
    zone.silent = {"ours.com"}
    assert (await advised(admin, "MX"))["verdict"] == "unknown"


async def test_a_domain_that_no_dns_can_know_is_not_asked_for(zone: Zone, admin: Client) -> None:
    await Mailbox.all().update(address="support@desk.example")
    found = (await admin.get("/api/mailboxes/1/dns")).json()
    assert {(one["verdict"], one["publish"]) for one in found} == {("unknown", None)}
    assert zone.asked == []


async def test_advice_is_for_admins(anyone: Client, carl: Client, ann: Client, admin: Client) -> None:
    assert [(await who.get("/api/mailboxes/1/dns")).status_code for who in (anyone, carl, ann)] == [401, 403, 403]
    assert (await admin.get("/api/mailboxes/99/dns")).status_code == 404
