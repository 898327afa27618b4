"""Settings as a person gives them: all of the contract's, checked in one line, secrets kept to themselves."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import BadSetting, Listen, Places, Settings, load

CONTRACT = set(
    """
DATA_DIR DATABASE_URL BROKER_URL REDIS_URL BLOB_URL SMTP_LISTEN LMTP_LISTEN HTTP_LISTEN PUBLIC_URL SUPPORT_ADDRESS
RELAY_URL SECRET_KEY REGISTRATION TRUSTED_PROXIES LANGUAGE TIMEZONE METRICS_LISTEN ADMIN_USERNAME ADMIN_EMAIL
ADMIN_PASSWORD MAX_MESSAGE_SIZE TLS_CERT TLS_KEY REQUIRE_TLS LOGIN_RATE SENDER_RATE AUTOREPLY_RATE REOPEN_DAYS
DNS_SERVER TRUSTED_RELAYS AUTHSERV_ID
""".lower().split()
)
BAD = [
    ("SMTP_LISTEN", "nonsense"),
    ("SMTP_LISTEN", "127.0.0.1:99999"),
    ("SMTP_LISTEN", "unix:/run/smtp"),
    ("HTTP_LISTEN", "127.0.0.1"),
    ("LMTP_LISTEN", "x"),
    ("LMTP_LISTEN", "unix:relative"),
    ("METRICS_LISTEN", "9000"),
    ("MAX_MESSAGE_SIZE", "many"),
    ("MAX_MESSAGE_SIZE", "-1"),
    ("LOGIN_RATE", "10 a fortnight"),
    ("SENDER_RATE", "x"),
    ("AUTOREPLY_RATE", "5/eon"),
    ("REOPEN_DAYS", "soon"),
    ("REOPEN_DAYS", "-1"),
    ("RELAY_URL", "gopher://x"),
    ("DATABASE_URL", "mysql://x/y"),
    ("BROKER_URL", "x"),
    ("REDIS_URL", "amqp://x"),
    ("BLOB_URL", "ftp://x"),
    ("PUBLIC_URL", "x"),
    ("TRUSTED_RELAYS", "not a network"),
    ("TRUSTED_PROXIES", "10.0.0.0/33"),
    ("SUPPORT_ADDRESS", "no address"),
    ("ADMIN_EMAIL", "nobody@"),
    ("ADMIN_PASSWORD", "short"),
    ("SECRET_KEY", "too short"),
    ("SECRET_KEY_PREVIOUS", "the secret of last year, too short"),
    ("REGISTRATION", "closed"),
    ("REQUIRE_TLS", "perhaps"),
    ("TLS_CERT", "/no/such/file"),
    ("DNS_SERVER", "dns.example"),
    ("LANGUAGE", "tlh"),
    ("TIMEZONE", "Mars/Olympus"),
]
SECRET = "s3cr3t"


def test_every_setting_of_the_contract_exists() -> None:
    assert set(Settings.model_fields) >= CONTRACT


def test_nothing_has_to_be_set() -> None:
    settings = load(_env_file=None)
    assert (str(settings.smtp_listen), str(settings.http_listen)) == ("127.0.0.1:2525", "127.0.0.1:8000")
    assert (settings.support_address, settings.max_message_size) == ("support@localhost", 26_214_400)
    assert (str(settings.login_rate), str(settings.sender_rate), str(settings.autoreply_rate)) == (
        "10/minute", "60/hour", "5/hour",
    )  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_one_line_that_names_its_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"TICKETGATE_{name}", value)
    with pytest.raises(BadSetting) as caught:
        load(_env_file=None)
    assert str(caught.value).startswith(f"TICKETGATE_{name}: ")
    assert "\n" not in str(caught.value)


@given(name=st.sampled_from(sorted(Settings.model_fields)), value=st.text(max_size=60) | st.from_regex(r"[a-z]+://.*"))
def test_whatever_a_value_is_it_is_taken_or_refused_in_one_line_that_names_a_variable(name: str, value: str) -> None:
    try:
        load(_env_file=None, **{name: value})
    except BadSetting as error:
        refused = str(error)
    else:
        return
    assert "TICKETGATE_" in refused
    assert len(refused.splitlines()) == 1


def test_former_secrets_know_what_they_signed_and_sign_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKETGATE_SECRET_KEY", "the secret of last year")
    before = load(_env_file=None)
    monkeypatch.setenv("TICKETGATE_SECRET_KEY_PREVIOUS", "the secret of last year , the one before that,")
    monkeypatch.setenv("TICKETGATE_SECRET_KEY", "the secret of this year")
    after = load(_env_file=None)
    assert before.reply_keys == (before.reply_key,)
    assert after.reply_keys[:2] == (after.reply_key, before.reply_key)
    assert (len(after.reply_keys), after.reply_key != before.reply_key) == (3, True)
    assert "last year" not in repr(after)


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKETGATE_SMTP_LISTEN", "x")
    monkeypatch.setenv("TICKETGATE_REOPEN_DAYS", "x")
    with pytest.raises(BadSetting, match=r"TICKETGATE_SMTP_LISTEN: .*; TICKETGATE_REOPEN_DAYS: "):
        load(_env_file=None)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"database_url": "postgres://db/desk"}, "TICKETGATE_SECRET_KEY must be given"),
        ({"tls_cert": __file__}, "TICKETGATE_TLS_CERT and TICKETGATE_TLS_KEY go together"),
        ({"require_tls": "true"}, "TICKETGATE_REQUIRE_TLS needs TICKETGATE_TLS_CERT"),
    ],
)
def test_settings_that_need_each_other_say_so(values: dict[str, str], said: str) -> None:
    with pytest.raises(BadSetting, match=said):
        load(_env_file=None, **values)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", "postgres://desk:{}@db/desk"),
        ("database_url", "postgres://desk:{}@db:port/desk"),
        ("database_url", "postgres://desk:{}/x@db/desk"),
        ("database_url", "postgres://desk:{}@db/desk?nonsense=1"),
        ("database_url", "mysql://desk:{}@db/desk"),
        ("broker_url", "redis://:{}@queue/0"),
        ("broker_url", "amqp://desk:{}@queue:port//"),
        ("broker_url", "http://desk:{}@queue"),
        ("redis_url", "rediss://:{}@queue/0"),
        ("redis_url", "redis://:{}@[queue/0"),
        ("relay_url", "smtp://desk:{}@relay:587"),
        ("relay_url", "smtp://desk:{}@"),
        ("relay_url", "smtp://desk:{}@relay:587000"),
        ("relay_url", "smtp://desk:{}@relay?starttls=perhaps"),
        ("relay_url", "desk:{}@relay"),
        ("public_url", "https://desk:{}@"),
        ("secret_key", "{}"),
        ("secret_key", "{} and more of it"),
        ("admin_password", "{}"),
        ("admin_password", "{} and more of it"),
    ],
)
def test_no_secret_shows_in_a_line_or_a_repr(name: str, value: str) -> None:
    given_ = {"secret_key": "a key of sixteen and more"} | {name: value.format(SECRET)}
    try:
        shown = repr(load(_env_file=None, **given_))
    except BadSetting as error:
        shown = str(error)
    assert SECRET not in shown


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text(
        "TICKETGATE_SMTP_LISTEN=127.0.0.1:1111\nTICKETGATE_HTTP_LISTEN='127.0.0.1:2222'\nOTHERS=are none of ours\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TICKETGATE_HTTP_LISTEN", "127.0.0.1:3333")
    settings = load()
    assert (settings.smtp_listen.port, settings.http_listen.port) == (1111, 3333)
    assert load(http_listen=Listen("127.0.0.1", 4444)).http_listen.port == 4444


def test_an_empty_value_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKETGATE_RELAY_URL", "")
    monkeypatch.setenv("TICKETGATE_SMTP_LISTEN", "")
    settings = load(_env_file=None)
    assert (settings.relay_url, str(settings.smtp_listen)) == (None, "127.0.0.1:2525")


@pytest.mark.parametrize(
    ("broker", "redis", "found", "embeds"),
    [
        (None, None, "unix:", True),
        ("redis://queue:6379/1", None, "redis://queue:6379/1", False),
        ("amqp://queue//", None, "unix:", True),
        ("amqp://queue//", "redis://limits/2", "redis://limits/2", False),
        ("redis://queue/1", "redis://limits/2", "redis://limits/2", False),
    ],
)
def test_limits_and_events_live_at_the_broker_where_that_is_redis(
    broker: str | None, redis: str | None, found: str, embeds: bool
) -> None:
    settings = load(_env_file=None, broker_url=broker, redis_url=redis)
    assert settings.redis.startswith(found)
    assert settings.embeds_valkey is embeds


def test_the_public_url_comes_from_the_http_address_and_is_one_that_can_be_followed() -> None:
    assert load(_env_file=None, http_listen="0.0.0.0:80").public == "http://127.0.0.1:80"
    assert load(_env_file=None, http_listen="[::]:80").public == "http://[::1]:80"
    assert load(_env_file=None, public_url="https://desk.example.org/").public == "https://desk.example.org"


def test_processes_that_need_the_secret_at_once_agree_on_one_that_only_its_owner_reads(tmp_path: Path) -> None:
    places = Places(tmp_path / "data")
    asked = (
        f"from settings import Places; from pathlib import Path; print(Places(Path({str(places.root)!r})).secret_key())"
    )

    def ask(_: int) -> str:
        done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
        return done.stdout

    with ThreadPoolExecutor(6) as pool:
        (secret,) = set(pool.map(ask, range(6)))
    assert len(secret.strip()) >= 32
    assert places.secret.stat().st_mode & 0o777 == 0o600
    assert list(places.root.iterdir()) == [places.secret]


def test_keys_are_made_of_the_secret_and_differ_from_it() -> None:
    one, other = (load(_env_file=None, secret_key=f"number {number} of the secrets") for number in range(2))
    assert one.reply_key != other.reply_key
    assert one.reply_key != one.secret
