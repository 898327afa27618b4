"""What a header gives staff reason to look at twice."""

import pytest

from desk.flags import flags_of, known_as, pretends
from letters import Address, parse
from tests.cast import mail


@pytest.mark.parametrize(
    "name",
    [
        "boss@desk.example",
        "Boss <boss@desk.example>",
        "boss@desk.example (Boss)",
        "ＢＯＳＳ＠desk.example",
        "x@y.example",
    ],
)
def test_a_name_that_shows_another_address_pretends(name: str) -> None:
    assert pretends(Address(name, "eve@evil.example"))
    assert known_as(Address(name, "eve@evil.example")) == Address("", "eve@evil.example")


@pytest.mark.parametrize("name", ["", "Zoë Ünal", "zoe@people.example", "ZOE@People.Example", "Zoë @ home", "a@b"])
def test_a_name_that_is_no_other_address_does_not_pretend(name: str) -> None:
    assert not pretends(Address(name, "zoe@people.example"))
    assert known_as(Address(name, "zoe@people.example")).name == name


@pytest.mark.parametrize(
    ("headers", "flags"),
    [
        ({}, []),
        ({"Reply-To": "zoe@people.example"}, []),
        ({"Reply-To": "Zoe <ZOE@people.example>, eve@evil.example"}, []),
        ({"Reply-To": "eve@evil.example"}, ["reply_to_differs"]),
        ({"From": '"boss@desk.example" <eve@evil.example>'}, ["name_pretends"]),
        ({"From": "Zoe via Fans <fans@lists.example>", "List-Id": "<fans.lists.example>"}, ["from_rewritten"]),
        ({"From": "Zoe via Fans <fans@lists.example>"}, []),
        ({"From": "Fans <fans@lists.example>", "X-Original-From": "zoe@people.example"}, ["from_rewritten"]),
        ({"X-Original-From": "zoe@people.example"}, []),
    ],
)
def test_flags(headers: dict[str, str], flags: list[str]) -> None:
    letter = parse(mail("zoe@people.example", **headers))
    assert letter.from_ is not None
    assert flags_of(letter, letter.from_) == flags


def test_a_list_is_known_by_its_own_name_and_not_by_one_of_its_members() -> None:
    kept = known_as(Address("Zoe via Fans", "fans@lists.example"), rewritten=True)
    assert kept == Address("Fans", "fans@lists.example")
