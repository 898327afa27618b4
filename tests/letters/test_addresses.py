import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from letters import (
    ReplyAddress,
    is_address,
    is_no_reply,
    read_message_id,
    read_reply_address,
    read_return_path,
    resembles_ours,
    split_detail,
    write_message_id,
    write_reply_address,
    write_return_path,
)

KEY = b"k" * 32
OTHER = b"o" * 32
MAILBOX = "support@desk.example"
IDS = st.one_of(st.integers(0, 300), st.integers(0, 2**64 - 1))
BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
EXAMPLES = settings(max_examples=150, deadline=None)


def token(address: str) -> str:
    return address.partition("@")[0].rpartition("+")[2]


@EXAMPLES
@given(IDS, IDS)
def test_reply_address_is_read_back(ticket: int, person: int) -> None:
    address = write_reply_address(KEY, MAILBOX, ticket, person)
    assert is_address(address)
    assert len(address.partition("@")[0]) <= 64
    assert address == address.lower()
    for form in (address, address.upper(), f"<{address}>", address.replace("+", ""), address.replace("+", ".")):
        assert read_reply_address(KEY, form) == ReplyAddress(ticket, person)


@EXAMPLES
@given(IDS, IDS)
def test_reply_address_for_a_note_says_so_in_every_form(ticket: int, person: int) -> None:
    address = write_reply_address(KEY, MAILBOX, ticket, person, note=True)
    for form in (address, address.upper(), address.replace("+", "")):
        assert read_reply_address(KEY, form) == ReplyAddress(ticket, person, note=True)
    assert resembles_ours(address)
    assert read_reply_address(OTHER, address) is None


@EXAMPLES
@given(IDS)
def test_return_path_is_read_back(delivery: int) -> None:
    address = write_return_path(KEY, MAILBOX, delivery)
    for form in (address, address.upper(), f"bounces-{token(address)}@relay.example"):
        assert read_return_path(KEY, form) == delivery


@EXAMPLES
@given(IDS, IDS, st.data())
def test_changed_token_reads_as_nothing(ticket: int, person: int, data: st.DataObject) -> None:
    address = write_reply_address(KEY, MAILBOX, ticket, person)
    local, _, domain = address.partition("@")
    at = data.draw(st.integers(len(local) - len(token(address)), len(local) - 1))
    letter = data.draw(st.sampled_from(BASE32 + "01-_"))
    assume(letter != local[at])
    assert read_reply_address(KEY, f"{local[:at]}{letter}{local[at + 1 :]}@{domain}") is None


@EXAMPLES
@given(IDS, IDS)
def test_no_kind_of_token_is_taken_for_another(one: int, other: int) -> None:
    for note in (False, True):
        assert read_return_path(KEY, write_reply_address(KEY, MAILBOX, one, other, note=note)) is None
    assert read_reply_address(KEY, write_return_path(KEY, MAILBOX, one)) is None


@EXAMPLES
@given(st.text(max_size=100))
def test_any_text_is_refused_without_raising(text: str) -> None:
    for form in (text, f"{text}@desk.example", f"{BASE32}{text}@x"):
        assert read_reply_address(KEY, form) is None
        assert read_return_path(KEY, form) is None
        assert read_message_id(KEY, form) is None


def test_old_key_is_still_read_while_a_new_one_writes() -> None:
    address = write_reply_address(KEY, MAILBOX, 42, 7)
    assert read_reply_address([OTHER, KEY], address) == ReplyAddress(42, 7)
    assert read_reply_address(OTHER, address) is None
    assert read_reply_address([], address) is None
    assert read_message_id([OTHER, KEY], write_message_id(KEY, "desk.example", 42, "n")) == 42


@pytest.mark.parametrize(
    "wrapped",
    [
        "SRS0=HHH=TT=desk.example=support+{}@relay.example",
        "support={}@desk.example",
        "support-{}@desk.example",
        "{}@desk.example",
    ],
)
def test_token_is_found_however_the_address_was_rewritten(wrapped: str) -> None:
    signed = token(write_reply_address(KEY, MAILBOX, 42, 7))
    assert read_reply_address(KEY, wrapped.format(signed)) == ReplyAddress(42, 7)


def test_long_mailbox_gets_a_short_reply_address() -> None:
    address = write_reply_address(KEY, "a" * 40 + "@desk.example", 42, 7)
    assert address.startswith("t+")
    assert read_reply_address(KEY, address) == ReplyAddress(42, 7)


@pytest.mark.parametrize(("mailbox", "ticket"), [("nobody", 1), ("@desk.example", 1), (MAILBOX, -1), (MAILBOX, 2**64)])
def test_reply_address_that_cannot_be_is_refused(mailbox: str, ticket: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        write_reply_address(KEY, mailbox, ticket, 1)


NONCES = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=64)


@EXAMPLES
@given(IDS, NONCES, st.data())
def test_message_id_is_read_back_and_forgeries_are_not(ticket: int, nonce: str, data: st.DataObject) -> None:
    ident = write_message_id(KEY, "desk.example", ticket, nonce)
    for form in (ident, f" <{ident}>\r\n", ident.upper()):
        assert read_message_id(KEY, form) == ticket
    at = data.draw(st.integers(0, len(ident) - 1))
    sign = data.draw(st.sampled_from(string.ascii_lowercase + string.digits + ".@-+"))
    assume(sign != ident[at])
    assert read_message_id(KEY, ident[:at] + sign + ident[at + 1 :]) is None


def test_message_id_has_its_documented_form() -> None:
    ident = write_message_id(KEY, "Bücher.example", 42, "abc")
    assert ident.startswith("t42.abc.")
    assert ident.endswith("@xn--bcher-kva.example")
    assert len(ident.split(".")[2].split("@")[0]) == 26  # 128 bits
    with pytest.raises(ValueError, match="nonce"):
        write_message_id(KEY, "desk.example", 42, "a b")


@pytest.mark.parametrize(
    ("address", "base", "detail"),
    [
        ("Support+Sales@Desk.example", "support@desk.example", "Sales"),
        ("support@desk.example", "support@desk.example", None),
        ("support+a+b@desk.example", "support@desk.example", "a+b"),
        ("support+@desk.example", "support@desk.example", ""),
        ("+x@desk.example", "+x@desk.example", None),
        ("nobody", "nobody", None),
    ],
)
def test_detail_is_split_off(address: str, base: str, detail: str | None) -> None:
    assert split_detail(address) == (base, detail)


@pytest.mark.parametrize(
    "text",
    [
        "a@localhost",
        "first.last+tag@desk.example",
        "o'neil@desk.example",
        "jörg@bücher.example",
        "a@ประเทศไทย.ไทย",
        "1@2",
    ],
)
def test_address_is_one(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "@",
            "a",
            "a@",
            "@b",
            "a@b@c",
            "a b@c",
            "a@b c",
            ".a@b",
            "a.@b",
            "a..b@c",
            '"a"@b',
            "a@-b",
            "a@b-",
            "a@b..c",
        ),
        *("a@b.", "<a@b>", "a@[127.0.0.1]", "a@b\r\nBcc: c@d", "a\0@b", "a@b_c", "a,b@c", "a\u2028@b", "a\ud800@b"),
        *("a" * 65 + "@b", "a@" + "b" * 64, "a@" + "b." * 130 + "c", "a@b\u00ad"),
    ],
)
def test_text_that_is_no_address_is_refused(text: str) -> None:
    assert not is_address(text)


@EXAMPLES
@given(IDS, IDS)
def test_what_has_our_form_is_told_whoever_signed_it(ticket: int, person: int) -> None:
    written = (
        write_reply_address(OTHER, MAILBOX, ticket, person),
        write_return_path(OTHER, MAILBOX, ticket),
        write_message_id(OTHER, "desk.example", ticket, "abc"),
    )
    for text in written:
        assert resembles_ours(text)
        assert resembles_ours(text.upper())


@pytest.mark.parametrize(
    "text", [MAILBOX, "support+sales@desk.example", f"support+{'c' * 40}@desk.example", "t5.abc@desk.example", "", "@"]
)
def test_what_has_not_our_form_is_nobodys_forgery(text: str) -> None:
    assert not resembles_ours(text)


@pytest.mark.parametrize(
    "local",
    [
        "no-reply",
        "noreply",
        "NoReply",
        "do-not-reply",
        "donotreply",
        "do_not_reply",
        "news.no-reply",
        "noreply+7",
        "postmaster",
        "MAILER-DAEMON",
        "bounces",
        "bounces+zoe=people.example",
        "nobody",
    ],
)
def test_where_nobody_reads(local: str) -> None:
    assert is_no_reply(f"{local}@shop.example")


@pytest.mark.parametrize("local", ["reply", "nora.reply", "norah", "bouncer", "postmasters", "zoe", "noreplyist"])
def test_where_somebody_reads(local: str) -> None:
    assert not is_no_reply(f"{local}@shop.example")
