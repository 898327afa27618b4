"""URLs of servers: what is taken, as what, and what is refused."""

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import DatabaseUrl, RelayUrl
from settings.urls import check_blobs, check_broker, check_http, check_redis


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("postgres://db/desk", DatabaseUrl("db", database="desk")),
        ("postgresql://u:p%40ss@db:5433/desk", DatabaseUrl("db", 5433, "u", "p@ss", "desk")),
        ("postgres://", DatabaseUrl("localhost")),
        ("postgres://u@/desk?host=/run/postgresql", DatabaseUrl("/run/postgresql", user="u", database="desk")),
        ("postgres://%2Frun%2Fpostgresql/desk", DatabaseUrl("/run/postgresql", database="desk")),
        ("postgres://[::1]:5432/desk", DatabaseUrl("::1", database="desk")),
        ("postgres://db/desk?sslmode=require", DatabaseUrl("db", database="desk", ssl_mode="require")),
        (
            "postgres://db/desk?application_name=x",
            DatabaseUrl("db", database="desk", server_settings=(("application_name", "x"),)),
        ),
    ],
)
def test_database_urls_are_read_as_libpq_reads_them(text: str, wanted: DatabaseUrl) -> None:
    assert DatabaseUrl.parse(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["", "db/desk", "postgres:db", "mysql://db/desk", "postgres://db:port/desk", "postgres://db:70000/desk",
     "postgres://db/desk?sslmode=maybe", "postgres://db/desk?sslmod=require"],
)  # fmt: skip
def test_other_texts_are_no_database_urls(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        DatabaseUrl.parse(text)


@pytest.mark.parametrize(
    ("mode", "wanted"), [(None, None), ("disable", "disable"), ("prefer", "prefer"), ("require", "require")]
)
def test_the_driver_decides_on_encryption_that_proves_nobody(mode: str | None, wanted: str | None) -> None:
    assert DatabaseUrl("db", ssl_mode=mode).connect_arguments().get("ssl") == wanted


@pytest.mark.parametrize(("mode", "names"), [("verify-ca", False), ("verify-full", True)])
def test_a_proof_is_demanded_where_it_is_asked_for(mode: str, names: bool) -> None:
    context = DatabaseUrl("db", ssl_mode=mode).connect_arguments()["ssl"]
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, names)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("smtp://relay", RelayUrl("smtp", "relay", 25)),
        ("smtps://relay", RelayUrl("smtps", "relay", 465)),
        ("lmtp://relay", RelayUrl("lmtp", "relay", 24)),
        ("smtp://u:p%2Fss@relay:587?starttls=require", RelayUrl("smtp", "relay", 587, "u", "p/ss", "require")),
        ("smtp://relay:25?starttls=off", RelayUrl("smtp", "relay", 25, starttls="off")),
        ("smtp://[::1]:1025", RelayUrl("smtp", "::1", 1025)),
    ],
)
def test_relay_urls(text: str, wanted: RelayUrl) -> None:
    assert RelayUrl.parse(text) == wanted


@pytest.mark.parametrize(
    "text", ["", "relay:25", "http://relay", "smtp://", "smtp://:25", "smtp://relay:x", "smtp://relay?starttls=yes",
             "smtp://relay?tls=1"],
)  # fmt: skip
def test_other_texts_are_no_relay_urls(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        RelayUrl.parse(text)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (check_broker, ["redis://q/0", "rediss://q", "amqp://u:p@q//", "amqps://q", "redis+socket:///run/v"], ["q", "sqs://"]),
        (check_redis, ["redis://q/0", "rediss://q", "unix:///run/valkey.sock?db=1"], ["amqp://q", "redis:q"]),
        (check_http, ["http://desk", "https://desk.example.org:8443"], ["desk", "ftp://desk", "https://"]),
        (check_blobs, ["file:///var/blobs", "s3://bucket", "s3://bucket/pre/fix"], ["/var", "file://host/x", "file:", "s3://"]),
    ],
)  # fmt: skip
def test_urls_that_others_read(check: "type[str]", good: list[str], bad: list[str]) -> None:
    for text in good:
        assert check(text) == text
    for text in bad:
        with pytest.raises(ValueError, match=r"\w"):
            check(text)


@given(password=st.text(min_size=8, max_size=20).filter(lambda text: not text.isspace()))
def test_no_password_shows_in_a_repr(password: str) -> None:
    for url in (DatabaseUrl("db", 1, "u", password, "d"), RelayUrl("smtp", "relay", 25, "u", password)):
        assert password not in repr(url)
        assert password not in str(url)
