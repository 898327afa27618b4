"""Addresses to listen on, rates, networks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import Listen, Networks, Rate
from settings.model import parse_dns_server

NAMES = st.from_regex(r"[a-z0-9][a-z0-9.-]{0,20}", fullmatch=True)
ADDRESSES = st.ip_addresses().map(str)


@given(host=NAMES | ADDRESSES, port=st.integers(1, 65535))
def test_what_is_listened_on_is_written_as_it_is_read(host: str, port: int) -> None:
    listen = Listen(host, port)
    assert Listen.parse(str(listen)) == listen


@pytest.mark.parametrize(
    ("text", "wanted"),
    [(":25", Listen("0.0.0.0", 25)), ("[::]:25", Listen("::", 25)), ("localhost:25", Listen("localhost", 25))],
)
def test_every_address_of_the_machine_can_be_meant(text: str, wanted: Listen) -> None:
    assert Listen.parse(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["", "25", "host", "host:", "host:0", "host:65536", "host:-1", "::1:25", "a b:25", "host:25 ", "unix:/run/x"],
)
def test_other_texts_are_nothing_to_listen_on(text: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        Listen.parse(text)


def test_a_socket_has_an_absolute_path_that_fits_its_address() -> None:
    assert Listen.parse("unix:/run/lmtp", unix=True) == Listen(path="/run/lmtp")
    for text in ("unix:run/lmtp", "unix:", "unix:/" + "x" * 107):
        with pytest.raises(ValueError, match=r"unix:/path|107 bytes"):
            Listen.parse(text, unix=True)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("127.0.0.1", Listen("127.0.0.1", 53)),
        ("127.0.0.1:5353", Listen("127.0.0.1", 5353)),
        ("::1", Listen("::1", 53)),
        ("[::1]", Listen("::1", 53)),
        ("[::1]:5353", Listen("::1", 5353)),
    ],
)
def test_a_resolver_is_an_address(text: str, wanted: Listen) -> None:
    assert parse_dns_server(text) == wanted


@given(amount=st.integers(1, 10**8), unit=st.sampled_from(["second", "minute", "hour", "day"]))
def test_a_rate_is_written_as_it_is_read(amount: int, unit: str) -> None:
    rate = Rate.parse(f"{amount}/{unit}")
    assert rate is not None
    assert (rate.amount, str(rate)) == (amount, f"{amount}/{unit}")


def test_off_lifts_a_limit() -> None:
    assert Rate.parse("off") is None
    assert Rate.parse(" 10 / Minute ") == Rate(10, 60)


@pytest.mark.parametrize(
    "text", ["", "10", "/minute", "0/hour", "-1/hour", "1.5/hour", "10/fortnight", "10/hours", "on"]
)
def test_other_texts_are_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match="like 10/minute, or off"):
        Rate.parse(text)


@pytest.mark.parametrize(
    ("text", "address", "inside"),
    [
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", "::ffff:10.1.2.3", True),
        ("10.0.0.7/8, 192.0.2.1", "192.0.2.1", True),
        ("10.0.0.0/8 2001:db8::/32", "2001:db8::1", True),
        ("2001:db8::/32", "10.1.2.3", False),
        ("0.0.0.0/0", "::1", False),
        ("::ffff:10.1.2.3", "::ffff:10.1.2.3", True),
        ("", "10.1.2.3", False),
        ("10.0.0.0/8", "not an address", False),
        ("10.0.0.0/8", "", False),
    ],
)
def test_an_address_is_in_a_network_or_not(text: str, address: str, inside: bool) -> None:
    assert (address in Networks.parse(text)) is inside


@given(network=st.lists(st.ip_addresses().map(str)))
def test_networks_are_written_as_they_are_read(network: list[str]) -> None:
    read = Networks.parse(", ".join(network))
    assert Networks.parse(str(read)) == read
    assert all(address in read for address in network)


@pytest.mark.parametrize("text", ["nonsense", "10.0.0.0/33", "10.0.0.0/8;192.0.2.1"])
def test_other_texts_are_no_networks(text: str) -> None:
    with pytest.raises(ValueError, match="networks like"):
        Networks.parse(text)
