"""Authentication-Results by the grammar of RFC 8601, and nothing that breaks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.authentication import Finding, Results, read_results


def read(text: str) -> Results:
    found = read_results(text.encode())
    assert found is not None
    return found


def test_a_field_says_who_checked_what_and_found_what() -> None:
    found = read(
        " mx.desk.example 1;\r\n\tspf=pass (sender is (really) ok; dmarc=fail) smtp.mailfrom=ann@firm.example;"
        '\r\n\tDKIM/1 = Pass reason = "good; signature" header.d=firm.example header.b="a b";'
        " iprev=fail policy.iprev=::1"
    )
    assert found.authserv_id == "mx.desk.example"
    assert found.findings == (
        Finding("spf", "pass", "", (("smtp", "mailfrom", "ann@firm.example"),)),
        Finding("dkim", "pass", "good; signature", (("header", "d", "firm.example"), ("header", "b", "a b"))),
        Finding("iprev", "fail", "", (("policy", "iprev", "::1"),)),
    )
    assert found.findings[1].value("header", "d") == "firm.example"
    assert found.findings[1].value("header", "s") == ""


@pytest.mark.parametrize(
    "text", ["mx.example; none", "mx.example 1; none", "mx.example;none (nothing to check)", "mx.example"]
)
def test_none_says_that_nothing_was_checked(text: str) -> None:
    assert read(text) == Results("mx.example", ())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x; spf=pass smtp.mailfrom=a/b@c.example", "a/b@c.example"),
        ('x; spf=pass smtp.mailfrom="a b"@c.example', "a b@c.example"),
        ('x; spf=pass smtp.mailfrom="a\\"; dmarc=pass"@c.example', 'a"; dmarc=pass@c.example'),
        ("x; spf=pass smtp.mailfrom=@c.example;", "@c.example"),
        ("x; spf=pass action=none smtp.mailfrom=c.example", "c.example"),
        ("x; spf=pass smtp(it).mailfrom=c", ""),
        ("x; spf=pass smtp.mailfrom (it) = (is) c.example", "c.example"),
        ("x; spf=pass (a) smtp.mailfrom=ab==", "ab=="),
    ],
)
def test_values_are_words_quotes_and_addresses(text: str, value: str) -> None:
    found = read_results(text.encode())
    assert (found.findings[0].value("smtp", "mailfrom") if found else "") == value


def test_the_name_of_the_server_may_be_quoted() -> None:
    assert read('"mx.example" (ours); none').authserv_id == "mx.example"


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "; spf=pass",
        "spf=pass",
        "mx.example 2; spf=pass",
        "mx.example spf=pass",
        "mx.example; spf",
        "mx.example; spf=",
        "mx.example; =pass",
        "mx.example; spf/2=pass",
        "mx.example; spf=pass none",
        "mx.example; none; spf=pass",
        "mx.example; spf=pass smtp.mailfrom",
        "mx.example; spf=pass smtp.mailfrom=",
        "mx.example; spf=pass smtp.mailfrom==x",
        "mx.example; spf=pass (never closed",
        "mx.example; spf=pass )",
        'mx.example; spf=pass reason="never closed',
        'mx.example; "spf"=pass',
        'mx.example; spf="pass"',
        "x" * 70_000,
    ],
)
def test_what_breaks_the_grammar_says_nothing(text: str) -> None:
    assert read_results(text.encode()) is None


def test_a_result_inside_a_comment_or_a_quote_is_none() -> None:
    found = read('mx.example (; dmarc=pass); spf=fail reason="x; dmarc=pass" (; dmarc=pass) smtp.helo="; dmarc=pass"')
    assert [finding.method for finding in found.findings] == ["spf"]


@given(st.binary(max_size=200) | st.text('ab.;=/"()\\ 1@\r\n\t', max_size=60).map(str.encode))
def test_no_bytes_make_it_raise(value: bytes) -> None:
    found = read_results(value)
    assert found is None or isinstance(found.authserv_id, str)


def test_a_long_field_takes_no_longer_than_it_is_long() -> None:
    for piece in ("(", '"', "\\", "a;", "=", " ("):
        read_results(("x; " + piece * 20_000).encode())
