"""Header fields: encoded words, parameters, address lists, dates, as real mail writes them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.dates import read_date
from letters.mailboxes import read_mailboxes
from letters.parameters import read_parameters
from letters.words import decode_words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"=?utf-8?B?w7Y=?= x", "ö x"),
        (b"=?utf-8?B?w7Y", "ö"),
        (b"=?utf-8?B?w7Y=?", "ö"),
        (b"=?utf-8?Q?hello w=C3=B6rld now?= tail", "hello wörld now tail"),
        (b"=?utf-8?q?=c3=b6?=", "ö"),
        (b"=?utf-8?X?abc?= z", "=?utf-8?X?abc?= z"),
        (b"=?utf-8?B?w7bD?= =?utf-8?B?tg==?=", "öö"),
        (b"=?utf-8?B?w7bDtk?=\r\n =?utf-8?B?hlbGxv?=", "ööHello"),
        (b"=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"),
        (b"=?iso-8859-1*en?Q?caf=E9?=", "café"),
        (b"=?utf-8?Q?really??=", "really?"),
        (b"=??Q?caf=E9?=", "café"),
        (b"=?iso-8859-1?Q?J\xfcrgen?=", "Jürgen"),
        (b"=?utf-8?Q?100=?=", "100="),
        (b"=?utf-8?Q?a=00b?=\x00c", "abc"),
        ("Größe".encode(), "Größe"),
        (b"lep\x9a\xed", "lepší"),
        (b"=?utf-7?Q?Fr+APY-sche?=", "Frösche"),
        (b"=?iso-2022-jp?B?GyRCJDMkcw==?=", "こん"),
        (b"=?gb2312?B?xOO6ww==?=", "你好"),
    ],
)
def test_encoded_words_are_read_however_they_are_written(value: bytes, text: str) -> None:
    assert decode_words(value) == text


def test_raw_bytes_of_a_header_are_in_the_charset_of_the_text_below() -> None:
    assert decode_words("ěšč".encode("iso8859-2"), "iso-8859-2") == "ěšč"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b"attachment; filename=my file name.pdf", "my file name.pdf"),
        (b"attachment; filename=my file.pdf; size=3", "my file.pdf"),
        (b'attachment; filename="a;b.txt"', "a;b.txt"),
        (b'attachment; filename="my \\"best\\" file.pdf"', 'my "best" file.pdf'),
        (b'attachment; filename="my "best" file.pdf"; x=y', 'my "best" file.pdf'),
        (b'attachment; filename="open.pdf', "open.pdf"),
        (b'attachment; filename="Ann\\\'s.pdf"', "Ann's.pdf"),
        (b'attachment; filename*1="b.txt"; filename*0="a"', "ab.txt"),
        (b"attachment; filename*0*=utf-8''a%20; filename*1=b%20; filename*2*=%c3%a9", "a b%20é"),
        (b"attachment; filename*0*=utf-8''a; filename*2*=c", "ac"),
        (b"attachment; filename*=utf-8''x%20y.txt; filename=z", "x y.txt"),
        (b"attachment; filename*=''plain%20name", "plain name"),
        (b"attachment; filename*=%c3%b6.txt", "ö.txt"),
        (b"attachment; filename==?utf-8?B?w7Y=?= =?utf-8?B?w7Y=?=", "öö"),
        (b'attachment; filename="=?utf-8?Q?a_b.txt?="', "a b.txt"),
        (b'attachment; filename*0="=?utf-8?B?w7Y"; filename*1="=?=.txt"', "ö.txt"),
        (b'attachment filename="x.txt"', "x.txt"),
        (b'attachment; size=3 filename="x.txt"', "x.txt"),
        (b'attachment; filename="\xe4.png"', "ä.png"),
        (b'attachment;\r\n filename="a\r\n b.txt"', "a b.txt"),
        (b'attachment; FileName = "x.txt"', "x.txt"),
        (b"attachment; filename=x.txt (a comment)", "x.txt"),
    ],
)
def test_name_of_a_file_is_found_however_it_is_written(value: bytes, name: str) -> None:
    said, parameters = read_parameters(value)
    assert (said, parameters["filename"]) == ("attachment", name)


@pytest.mark.parametrize(
    ("value", "main", "charset"),
    [
        (b"text/plain charset=utf-8", "text/plain", "utf-8"),
        (b'text/html, charset="utf-8"', "text/html", "utf-8"),
        (b"TEXT/Plain (a comment); charset=us-ascii (Plain)", "text/plain", "us-ascii"),
        (b'"text/html"; charset:utf-8', "text/html", "utf-8"),
        (b"text/plain;;; charset = utf-8;", "text/plain", "utf-8"),
    ],
)
def test_content_type_is_read_however_it_is_written(value: bytes, main: str, charset: str) -> None:
    said, parameters = read_parameters(value)
    assert (said, parameters["charset"]) == (main, charset)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"Ann <a@B.Example>", [("Ann", "a@b.example")]),
        (b"a@b.example (Ann)", [("Ann", "a@b.example")]),
        (b"Team: a@b.example, B <c@d.example>;, undisclosed-recipients:;", [("", "a@b.example"), ("B", "c@d.example")]),
        (b'"O\'Neil, \\"Bob\\"" <bob@x.example>', [('O\'Neil, "Bob"', "bob@x.example")]),
        (b"Last, First <a@b.example>", [("Last, First", "a@b.example")]),
        (b'"quoted local"@g.example', [("", '"quoted local"@g.example')]),
        (b"<@r.example:h@i.example>", [("", "h@i.example")]),
        (b"=?utf-8?Q?A=2C_B?= <a@b.example>, <mailto:c@d.example>", [("A, B", "a@b.example"), ("", "c@d.example")]),
        (b'"=?utf-8?B?w7Y=?=" <a@b.example>', [("ö", "a@b.example")]),
        ("Jürgen <jürgen@bücher.example>".encode(), [("Jürgen", "jürgen@bücher.example")]),
        (b"junk, <>, @, a@b.example", [("", "a@b.example")]),
        (b'"never closed <a@b.example>, c@d.example', [("never closed", "a@b.example"), ("", "c@d.example")]),
        (b"a@b.example; c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
        (b"a@b.example,\r\n\tc@d.example,", [("", "a@b.example"), ("", "c@d.example")]),
    ],
)
def test_address_lists_are_read_as_real_mail_writes_them(value: bytes, expected: list[tuple[str, str]]) -> None:
    assert [(address.name, address.email) for address in read_mailboxes(value)] == expected


@pytest.mark.parametrize(
    "value",
    [
        b"Fri, 21 Nov 1997 09:55:06 -0600",
        b"Friday, 21-Nov-97 15:55:06 GMT",
        b"Fri Nov 21 15:55:06 1997",
        b"1997-11-21T09:55:06-06:00",
        b"1997-11-21 15:55:06",
        b"21 Nov 97 15:55:06",
        b"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600",
        b"Fri, 21 Nov 1997 09:55:06 -0600 (CST)",
        b"Fri, 21 Nov 1997 09:55:06 CST",
        b"Fri, 21 Nov 1997 16:55:06 MEZ",
        b"Fri, 21 Nov 1997 16:55:06 GMT+01:00",
        b"Fri, 21 Nov 1997 03:55:06 PM",
    ],
)
def test_date_is_read_in_each_of_its_forms(value: bytes) -> None:
    assert read_date(value) == datetime(1997, 11, 21, 15, 55, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [b"", b"junk", b"31 Feb 2020 10:00:00 +0000", b"Mon, 99 Foo 99999 99:99 +9999", b"2024-13-41T99:99", b"\xff\0"],
)
def test_junk_is_no_date(value: bytes) -> None:
    assert read_date(value) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_a_header_field(value: bytes) -> None:
    for text in (decode_words(value), *read_parameters(value)[1].values()):
        assert "\0" not in text
        text.encode()
    read_mailboxes(value)
    read_date(value)


@pytest.mark.parametrize(
    "unit",
    [
        b"=?utf-8?B?",
        b"=?u?Q?=ff?= ",
        b"(",
        b'"\\',
        b'a="x"y ',
        b";a=b",
        b"a,",
        b"<",
        b"a@b,",
        b" ",
        b"=?x?b?/w==?=,",
        b"\\",
    ],
)
def test_hostile_field_is_read(unit: bytes) -> None:
    value = unit * (300_000 // len(unit))
    assert isinstance(decode_words(value), str)
    assert len(read_mailboxes(value)) <= 5000
    read_parameters(b"text/plain;" + value)
    read_date(value)
