"""Bytes to text: declared charsets by all their names, damaged ones, undeclared ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.charset_names import candidates
from letters.charsets import decode

CZECH = "Dobrý den, žádám o řešení, ještě lepší přístup"
POLISH = "Zażółć gęślą jaźń, proszę o pomoc"
RUSSIAN = "Здравствуйте, лампа не работает, что мне делать?"


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("UTF-8", "utf-8"),
        ('"utf8"', "utf-8"),
        ("utf-8;", "utf-8"),
        ("ISO_8859-1:1987", "cp1252"),
        ("latin1", "cp1252"),
        ("8859-2", "iso8859-2"),
        ("iso-8859-8-i", "cp1255"),
        ("iso-8859-6-e", "iso8859-6"),
        ("windows-1250", "cp1250"),
        ("x-cp1251", "cp1251"),
        ("win1252", "cp1252"),
        ("ibm850", "cp850"),
        ("cp00858", "cp858"),
        ("850", "cp850"),
        ("cp-437", "cp437"),
        ("65001", "utf-8"),
        ("macintosh", "mac-roman"),
        ("MacRoman", "mac-roman"),
        ("x-mac-ce", "mac-latin2"),
        ("x-mac-japanese", "cp932"),
        ("ks_c_5601-1987", "cp949"),
        ("gb2312", "gb18030"),
        ("x-gbk", "gb18030"),
        ("hz-gb-2312", "hz"),
        ("big5", "cp950"),
        ("Shift_JIS", "cp932"),
        ("koi8-u", "koi8-u"),
        ("tis-620", "cp874"),
        ("unicode-1-1-utf-7", "utf-7"),
        ("cp50221", "iso-2022-jp"),
    ],
)
def test_charset_is_known_by_each_of_its_names(name: str, codec: str) -> None:
    assert candidates(name)[0] == codec


@pytest.mark.parametrize(
    "name",
    ["x-unknown", "unknown-8bit", "default", "x-user-defined", "zlib", "rot_13", "idna", "", "a" * 500, "\0utf-8"],
)
def test_name_that_is_no_charset_of_mail_counts_as_none(name: str) -> None:
    assert candidates(name) == ()
    assert decode("žluťoučký".encode(), name).text == "žluťoučký"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (CZECH, "cp1250"),
        (CZECH, "iso8859-2"),
        ("lepší", "cp1250"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859-2"),
        ("Köszönöm, hogy őrült tűz", "cp1250"),
        ("l'été où j'ai reçu la pièce", "cp1252"),
        ("Die Straße ist für Fußgänger", "cp1252"),
        ("smörgåsbord på önskan", "cp1252"),
        ("„Anführung“ – schön, 5 €", "cp1252"),
        ("São Paulo não coração", "cp1252"),
        ("Görüşmek üzere, teşekkürler ılık", "cp1254"),
        ("Ačiū už pagalbą, šį vakarą", "cp1257"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "iso8859-5"),
        (RUSSIAN, "cp866"),
        ("Δεν μπορώ να συνδεθώ στον λογαριασμό μου", "cp1253"),
        ("אני לא מצליח להתחבר לחשבון שלי", "cp1255"),
        ("لا أستطيع تسجيل الدخول إلى حسابي", "cp1256"),
        ("ไม่สามารถเข้าสู่ระบบได้", "cp874"),
        ("お世話になっております。ログインできません", "cp932"),
        ("お世話になっております。ログインできません", "euc_jp"),
        ("お世話になっております。", "iso2022_jp"),
        ("您好，我无法登录我的账户", "gb18030"),
        ("您好，我無法登入我的帳戶", "cp950"),
        ("안녕하세요. 로그인할 수 없습니다", "cp949"),
    ],
)
def test_undeclared_text_is_read_by_what_it_looks_like(text: str, codec: str) -> None:
    read = decode(text.encode(codec))
    assert read.text == text
    assert read.defect


@pytest.mark.parametrize("declared", ["us-ascii", "utf-8", "x-unknown", None])
def test_latin_bytes_under_any_wrong_name_stay_legible(declared: str | None) -> None:
    assert decode("naïve café".encode("cp1252"), declared).text == "naïve café"


def test_declared_charset_that_fits_wins_over_every_guess() -> None:
    assert decode(RUSSIAN.encode("cp1251"), "iso-8859-15").text != RUSSIAN
    assert decode(CZECH.encode("iso8859-2"), "iso-8859-2").defect is None


def test_few_bad_bytes_do_not_turn_utf_8_into_another_charset() -> None:
    read = decode("prosazuje ještě lepší přístup".encode() + b" \xff na\xeeve", "utf-8")
    assert read.text == "prosazuje ještě lepší přístup \ufffd na\ufffdve"
    assert read.defect


@pytest.mark.parametrize(
    ("codec", "text"), [("utf-8", "naïve €"), ("gb18030", "测试一下中文"), ("cp932", "テストです")]
)
def test_text_cut_inside_its_last_character_keeps_its_charset(codec: str, text: str) -> None:
    assert decode(text.encode(codec)[:-1], codec).text == text[:-1] + "\ufffd"


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_needs_no_byte_order_mark(codec: str) -> None:
    assert decode("Grüße".encode(codec), "utf-16").text == "Grüße"


def test_ascii_declared_as_utf_16_is_read_as_it_is() -> None:
    assert decode(b"plain words", "utf-16").text == "plain words"


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        (b"Fr+APY-sche", "utf-7", "Frösche"),
        (b"1+1=2, a+-b, +ZZZZ", "utf-7", "1+1=2, a+b, 斖"),
        (b"Entw&APw-rfe &- mehr", "utf-7-imap", "Entwürfe & mehr"),
        (b"\x1b$B\x2d\x21\x2d\x6a\x1b(B", "iso-2022-jp", "①㈱"),
        (b"\x1b(I123\x1b(B abc", "iso-2022-jp", "ｱｲｳ abc"),
        (b"\x1b$B$3\xff$s\x1b(B ok", "iso-2022-jp", "こ?ん ok"),
        (b"\x1b$)C\x0e>H3g\x0f!", "iso-2022-kr", "안녕!"),
        (b"\x0e>H3g\x0f!", "iso-2022-kr", "안녕!"),
        (b"~{VPND~} and ~~", "hz", "中文 and ~"),
        (b"\x93quoted\x94", "iso-8859-15", "“quoted”"),
        (b"\x8akoda \x9eena", "iso-8859-2", "Škoda žena"),
        (b"\xe4\xf8", "x-mac-roman", "‰¯"),
    ],
)
def test_charset_is_read_in_the_form_that_mail_has_it_in(data: bytes, declared: str, text: str) -> None:
    assert decode(data, declared).text == text


def test_terminal_colours_are_no_japanese() -> None:
    log = b"\x1b[31mred\x1b(B\x1b[m"
    assert decode(log, "us-ascii").text == log.decode()


@given(st.text(), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_text_comes_back_from_a_charset_that_holds_all_of_it(text: str, codec: str) -> None:
    wanted = text.replace("\0", "").removeprefix("\ufeff")
    assert decode(wanted.encode(codec), codec).text == wanted


@given(
    st.binary(),
    st.one_of(st.none(), st.text(max_size=20), st.sampled_from(["utf-7", "iso-2022-jp", "hz", "utf-16", "big5"])),
)
def test_any_bytes_are_text_of_some_kind(data: bytes, declared: str | None) -> None:
    text = decode(data, declared).text
    assert "\0" not in text
    text.encode()
