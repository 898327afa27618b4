import base64
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import letters
from letters import Address, Letter, as_json, parse, peek_message_id
from letters.mime import DEPTH_LIMIT, PART_LIMIT
from tests.letters.soundness import sound

MAIL = Path(__file__).parents[1] / "mail"
NAMES = sorted(path.stem for path in MAIL.glob("*.eml"))


def seen(letter: Letter) -> dict[str, Any]:
    told = as_json(letter)
    return {
        "subject": letter.subject,
        "from": asdict(letter.from_) if letter.from_ else None,
        "to": [asdict(address) for address in letter.to],
        "cc": [asdict(address) for address in letter.cc],
        "message_id": "made up" if letter.message_id.endswith("@missing.message-id") else letter.message_id,
        "in_reply_to": list(letter.in_reply_to),
        "references": list(letter.references),
        "date": letter.date.isoformat() if letter.date else None,
        "text": letter.text,
        "new_text": letter.new_text,
        "quoted": letter.quoted,
        "segments": [segment.kind for segment in letter.segments],
        "html": letter.html is not None,
        "attachments": [
            asdict(attachment) | {"content": base64.b64encode(attachment.content).decode()}
            for attachment in letter.attachments
        ],
        "attachment_names": [attachment.filename for attachment in letter.attachments],
        "kind": letter.kind,
        **{key: told[key] for key in ("bounce", "complaint", "forwarded_from")},
        "reasons": list(letter.reasons),
        "defects": list(letter.defects),
    }


@pytest.mark.parametrize("name", NAMES)
def test_mail_is_read_as_its_json_says(name: str) -> None:
    expected = json.loads((MAIL / f"{name}.json").read_text())
    read = seen(parse((MAIL / f"{name}.eml").read_bytes()))
    assert {key: read[key] for key in expected} == expected


PIECES = st.sampled_from(
    [
        b"From: a@b.example\r\n",
        b"From: =?utf-8?Q?=00?= <a@b>\r\n",
        b"To: (((,;:<\r\n",
        b"Date: Mon, 99 Foo 99999 99:99 +9999\r\n",
        b"Subject: =?utf-7?Q?+2AA-?= =?x?b?====?=\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: multipart/alternative; boundary*0*=%%'; boundary*1=x\r\n",
        b"Content-Type: text/html; charset=utf-16\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Type: text/plain; charset=zlib\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"Content-Disposition: attachment; filename*=x'y'%ff%\r\n",
        b"\r\n",
        b"\r",
        b"\n--b\r\n",
        b"\r\n--b--\r\n",
        b"<p><blockquote><li>x</p></td>",
        b"=3D=\r\n=ZZ",
        b"On 1 Jan 2026 a <a@b> wrote:\r\n> x\r\n",
        b"-- \r\n",
        b"\x1b$B",
        b"\x00\xff\xd8",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.binary(max_size=300), st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=25).map(b"".join))
)
def test_any_bytes_are_read(raw: bytes) -> None:
    sound(parse(raw))
    peek_message_id(raw)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(NAMES), st.data())
def test_damaged_mail_is_read(name: str, data: st.DataObject) -> None:
    raw = bytearray((MAIL / f"{name}.eml").read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=4))
        raw = raw or bytearray(b"\n")
    sound(parse(bytes(raw)))


@pytest.mark.parametrize("name", NAMES)
def test_listener_and_reader_find_the_same_message_id(name: str) -> None:
    raw = (MAIL / f"{name}.eml").read_bytes()
    read = parse(raw).message_id
    assert peek_message_id(raw) == (None if read.endswith("@missing.message-id") else read)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"Message-ID: <a@b>", "a@b"),
        (b"message-id:<a@b>", "a@b"),
        (b"Message-ID:\r\n\t<a@b>", "a@b"),
        (b"Message-ID: <a\r\n b@c>", "ab@c"),
        (b"Message-ID: a@b", "a@b"),
        (b"Message-ID: <a@b> <c@d>", "a@b"),
        (b"Message-ID: <>", None),
        (b"Message-ID:", None),
        (b"Message-ID: nonsense", None),
        (b"X-Message-ID: <a@b>", None),
        (b"Message-ID: <" + b"a" * 2000 + b"@b>", None),
    ],
)
def test_message_id_is_peeked_at(header: bytes, expected: str | None) -> None:
    raw = b"From: a@b.example\r\n" + header + b"\r\nSubject: x\r\n\r\nMessage-ID: <in@body>\r\n"
    assert peek_message_id(raw) == expected
    read = parse(raw).message_id
    assert read == expected if expected else read.endswith("@missing.message-id")


def test_mail_without_an_id_gets_the_same_one_by_every_route() -> None:
    raw = b"From: a@b.example\r\nSubject: x\r\n\r\nHello\r\n"
    detour = b"Received: from mx by relay\r\nX-Spam: no\r\n" + raw + b"\r\n"
    assert parse(raw).message_id == parse(detour).message_id
    assert parse(raw).message_id != parse(raw.replace(b"Hello", b"Bye")).message_id


def test_content_hash_is_of_the_body_alone() -> None:
    one = parse(b"From: a@b.example\r\nSubject: x\r\n\r\nHello\r\n")
    other = parse(b"Received: from mx\r\nFrom: a@b.example\r\nSubject: x\r\n\r\nHello\r\n\r\n")
    third = parse(b"From: a@b.example\r\nSubject: x\r\n\r\nHello!\r\n")
    assert one.content_hash == other.content_hash != third.content_hash
    assert len(one.content_hash) == 32


def nested(levels: int, heart: bytes) -> bytes:
    opening = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(levels)
    )
    closing = b"".join(b"\r\n--b%d--\r\n" % level for level in reversed(range(levels)))
    return opening + b"Content-Type: text/plain\r\n\r\n" + heart + closing


def test_what_lies_too_deep_becomes_one_attachment() -> None:
    letter = parse(nested(DEPTH_LIMIT, b"the heart"))
    assert (letter.text, letter.attachments) == ("the heart", ())
    letter = parse(nested(DEPTH_LIMIT + 150, b"the heart"))
    assert letter.text == ""
    assert b"the heart" in letter.attachments[0].content
    assert any("nested deeper" in defect for defect in letter.defects)


def test_too_many_parts_end_in_one_that_holds_the_rest() -> None:
    part = b"--b\r\nContent-Type: application/pdf\r\n\r\n%d\r\n"
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"".join(part % n for n in range(PART_LIMIT + 500))
    letter = parse(raw + b"--b--\r\n")
    assert len(letter.attachments) == PART_LIMIT + 1
    assert b"1499" in letter.attachments[-1].content
    assert any("more than" in defect for defect in letter.defects)


@pytest.mark.parametrize(
    "body",
    [b"<div>" * 300_000, b"<b>" * 300_000, b"<a" * 300_000, b"<!--" * 100_000, b"<table><tr><td>" * 50_000],
    ids=["div", "b", "half a tag", "comments", "tables"],
)
def test_html_that_never_closes_is_still_read(body: bytes) -> None:
    letter = parse(b"Content-Type: text/html\r\n\r\n<p>before</p>" + body + b" after")
    assert letter.text.startswith("before")


@pytest.mark.parametrize("raw", [b"\xff\xe9\n" * 5000, b"no header\n\nand no end\n", b"\xe9" * 99, b"a: b\n\xff\n\nc"])
def test_bytes_without_a_header_are_all_text(raw: bytes) -> None:
    body = raw.removeprefix(b"a: b\n")
    assert parse(raw).text == body.decode("cp1252")


@pytest.mark.parametrize("field", [b"Subject : Lamp", b"SUBJECT:Lamp", b"Subject:\r\n Lamp", b" lost\r\nSubject: Lamp"])
def test_subject_is_found_however_its_field_is_written(field: bytes) -> None:
    letter = parse(field + b"\r\nFrom: a@b.example\r\n\r\nHello")
    assert (letter.subject, letter.text) == ("Lamp", "Hello")
    assert letter.from_ is not None


def test_html_in_cyrillic_without_declaration_is_guessed() -> None:
    words = "Здравствуйте, у меня не работает лампа, что мне делать?"
    for codec in ("koi8-r", "cp1251"):
        letter = parse(b"Subject: x\r\n\r\n" + words.encode(codec))
        assert letter.text == words
        assert letter.defects


def test_text_of_bytes_that_fit_nothing_keeps_what_it_can() -> None:
    letter = parse(b"Content-Type: text/plain; charset=utf-8\r\n\r\nna\xefve caf\xe9 \x81\r\n")
    assert letter.text == "naïve café \ufffd\n"
    assert any("with losses" in defect for defect in letter.defects)


def test_every_name_of_the_package_is_there_and_sorted() -> None:
    assert letters.__all__ == sorted(letters.__all__)
    assert all(hasattr(letters, name) for name in letters.__all__)


def test_the_recipients_that_servers_noted_and_the_from_before_a_list_rewrote_it() -> None:
    raw = (
        b"Delivered-To: a@desk.example\r\nX-Original-To: B@Desk.example\r\nDelivered-To: c@desk.example\r\n"
        b"Envelope-To: a@desk.example\r\nX-Original-From: =?utf-8?q?Zo=C3=AB?= <zoe@people.example>\r\n"
        b"From: Zoe via Fans <fans@lists.example>\r\nTo: x@y.example\r\n\r\nHello\r\n"
    )
    letter = parse(raw)
    assert letter.delivered_to == ("a@desk.example", "c@desk.example", "B@desk.example")
    assert letter.original_from == Address("Zoë", "zoe@people.example")
    assert parse(b"From: zoe@people.example\r\n\r\nHello\r\n").original_from is None
