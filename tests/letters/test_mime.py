"""The tree of parts and what is made of its leaves: damage, encodings, limits."""

import base64
import binascii
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters import parse
from letters.flowed import unwrap_flowed
from letters.invitations import read_invitation
from letters.transfer import decode_quoted, decode_transfer
from letters.uuencode import decode_uuencoded, uuencoded_files
from tests.letters.soundness import sound

HEADER = b"From: ann@x.example\r\nMessage-ID: <1@x.example>\r\n"
SIZE = 200_000  # bytes of a hostile mail


def uuencoded(content: bytes) -> bytes:
    lines = (binascii.b2a_uu(content[at : at + 45], backtick=True) for at in range(0, len(content), 45))
    return b"".join(lines) + b"`\n"


@given(st.binary(max_size=500))
def test_transfer_encodings_give_back_what_was_encoded(content: bytes) -> None:
    assert decode_transfer(base64.encodebytes(content), "Base64", text=False) == (content, None)
    assert decode_transfer(binascii.b2a_qp(content, istext=False), "quoted-printable", text=False) == (content, None)
    assert decode_uuencoded(b"begin 644 x\n" + uuencoded(content) + b"end\n") == content


@given(st.binary(max_size=300), st.sampled_from(["base64", "quoted-printable", "x-uuencode", "uue", "7bit", "x-junk"]))
def test_any_bytes_are_some_transfer_encoding(data: bytes, encoding: str) -> None:
    assert isinstance(decode_transfer(data, encoding, text=True)[0], bytes)


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (b"SGVsbG8", b"Hello"),
        (b"SGVsbG8=\r\nIHdvcmxk\r\n", b"Hello world"),
        (b"SGV\x00sbG8\r\n!!", b"Hello"),
        (b"SGVsbG8gd29ybGQ=A", b"Hello world"),
    ],
)
def test_broken_base64_is_read_as_far_as_it_goes(data: bytes, content: bytes) -> None:
    assert decode_transfer(data, "base64", text=False)[0] == content


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (b"a=3db=3Dc", b"a=b=c"),
        (b"soft=\r\nbreak", b"softbreak"),
        (b"soft= \t\r\nbreak", b"softbreak"),
        (b"soft=\rbreak\rmore", b"softbreak\rmore"),
        (b"end=", b"end"),
        (b"=ZZ =G1 =", b"=ZZ =G1 "),
        (b"1==2 ===3D", b"1==2 ==="),
    ],
)
def test_quoted_printable_keeps_what_it_cannot_read(data: bytes, content: bytes) -> None:
    assert decode_quoted(data) == content


def test_file_in_a_text_may_lack_its_end_and_its_trailing_spaces() -> None:
    content = bytes(40) + b"x" * 5
    block = b"begin 644 x.bin\n" + binascii.b2a_uu(content).rstrip(b" \n") + b"\nand words\n"
    found = list(uuencoded_files(b"above\n" + block))
    assert [(file.name, file.content) for file in found] == [(b"x.bin", content)]
    assert (b"above\n" + block)[found[0].end :] == b"and words\n"


def test_file_in_a_text_may_be_in_base64() -> None:
    block = b"begin-base64 644 x.txt\n" + base64.encodebytes(b"Hello world") + b"====\nbelow"
    assert [file.content for file in uuencoded_files(block)] == [b"Hello world"]


@pytest.mark.parametrize(
    ("text", "unwrapped"),
    [
        ("a \nb\nc", "a b\nc"),
        ("> a \n> b\n", "> a b\n"),
        ("> a \nb\n", "> a \nb\n"),
        (" > no quote \nof mine", "> no quote of mine"),
        (">> a \n> b", ">> a \n> b"),
        ("-- \nAnn", "-- \nAnn"),
        ("a \n-- \nAnn", "a \n-- \nAnn"),
        ("", ""),
        ("a ", "a "),
    ],
)
def test_flowed_lines_become_paragraphs(text: str, unwrapped: str) -> None:
    assert unwrap_flowed(text) == unwrapped


@given(st.text(st.sampled_from("> a-\n")))
def test_unwrapping_loses_no_word(text: str) -> None:
    assert [sign for sign in unwrap_flowed(text) if sign in "a-"] == [sign for sign in text if sign in "a-"]


@pytest.mark.parametrize(
    "calendar", ["", "BEGIN:VCALENDAR", "BEGIN:VEVENT\nEND:VEVENT", "x" * 1000, "END:VEVENT\n" * 99]
)
def test_calendar_without_event_has_no_words(calendar: str) -> None:
    assert read_invitation(calendar) == ""


def test_cancelled_day_names_what_and_when() -> None:
    calendar = "BEGIN:VCALENDAR\nMETHOD:CANCEL\nBEGIN:VEVENT\nSUMMARY:Visit\nDTSTART;VALUE=DATE:20260504\nEND:VEVENT\n"
    assert read_invitation(calendar) == "Cancelled: Visit\nWhen: 2026-05-04\n"


@pytest.mark.parametrize(
    ("content_type", "text", "names"),
    [
        (b"text/x-unknown", "Hello", []),
        (b"text/markdown", "Hello", []),
        (b"text/csv", "", ["attachment-1.csv"]),
        (b"text/x-vcard", "", ["attachment-1.vcf"]),
        (b"message/partial; id=x; number=1", "", ["attachment-1.txt"]),
        (b'application/pdf; name="../../etc/x\x00.pdf"', "", ["x.pdf"]),
        (b"junk", "Hello", []),
        (b"text", "Hello", []),
    ],
)
def test_leaf_is_text_or_attachment_by_its_type(content_type: bytes, text: str, names: list[str]) -> None:
    letter = parse(HEADER + b"Content-Type: " + content_type + b"\r\n\r\nHello")
    assert (letter.text, [attachment.filename for attachment in letter.attachments]) == (text, names)


def test_words_of_an_attached_mail_are_not_the_mails_own() -> None:
    letter = parse(
        HEADER + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nOwn words\r\n--b\r\n"
        b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nInner words\r\n--b--\r\n"
    )
    assert letter.text == "Own words"
    assert letter.attachments[0].content == b"Subject: inner\r\n\r\nInner words"


def test_no_zero_of_a_header_field_comes_through() -> None:
    letter = parse(b"Auto-Submitted:\0auto-replied\r\nSubject: a\0b\r\nMessage-ID: <a\0b@x.example>\r\n\r\nHello")
    assert (letter.subject, letter.message_id, letter.kind) == ("ab", "ab@x.example", "auto_reply")
    sound(letter)


def filled(unit: bytes) -> bytes:
    return unit * (SIZE // len(unit))


HOSTILE: dict[str, Callable[[], bytes]] = {
    "delimiters": lambda: b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + filled(b"\n--b"),
    "other delimiters": lambda: (
        b"Content-Type: multipart/mixed; boundary=z\r\n\r\n" + filled(b"\n--b\nContent-Type: x")
    ),
    "angle brackets": lambda: b"Content-Type: text/html\r\n\r\n" + filled(b"<"),
    "header lines": lambda: filled(b"a: b\r\n"),
    "folds": lambda: b"Subject: x\r\n" + filled(b" y\r\n"),
    "encoded words": lambda: b"Subject: " + filled(b"=?utf-8?B?"),
    "parentheses": lambda: b"From: " + filled(b"("),
    "commas": lambda: b"To: " + filled(b"a,"),
    "parameters": lambda: b"Content-Type: text/plain" + filled(b";a=b"),
    "padding": lambda: b"Content-Transfer-Encoding: base64\r\n\r\n" + filled(b"A="),
    "begin lines": lambda: b"\r\n" + filled(b"begin 644 x\n"),
    "empty files": lambda: b"\r\n" + filled(b"begin 644 x\n`\nend\n"),
    "mails in mails": lambda: filled(b"Content-Type: message/rfc822\n\n"),
    "escapes": lambda: b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + filled(b"\x1b$B"),
    "shifts": lambda: b"Content-Type: text/plain; charset=utf-7\r\n\r\n" + filled(b"+A-"),
    "spaces": lambda: b"\r\n" + filled(b" "),
    "carriage returns": lambda: b"\r\n" + filled(b"\r"),
    "zeros": lambda: filled(b"\0"),
    "equals": lambda: b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + filled(b"="),
    "flowed": lambda: b"Content-Type: text/plain; format=flowed\r\n\r\n" + filled(b"> a \n"),
    "calendar": lambda: b"Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\n" + filled(b'A;a="b"'),
    "noise": lambda: b"\r\n" + random.Random(1).randbytes(SIZE),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_is_read(name: str) -> None:
    sound(parse(HOSTILE[name]()))
    sound(parse(HEADER + HOSTILE[name]()))
