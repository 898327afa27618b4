"""Every setting: its name, type, default and why it is there."""

import hmac
import os
import re
from collections.abc import Callable
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from settings.errors import BadSetting
from settings.listen import Listen
from settings.places import Places
from settings.urls import DatabaseUrl, RelayUrl, check_blobs, check_broker, check_http, check_redis
from settings.values import Networks, Rate

PREFIX = "TICKETGATE_"
SHORTEST_SECRET = 16  # characters
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*/=?^_`{|}~-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def _parsed(parse: Callable[[str], Any]) -> BeforeValidator:
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


def _address(text: str) -> str:
    if not ADDRESS.fullmatch(text):
        raise ValueError(f"wants an e-mail address, like support@example.org, not {text!r}")
    return text.lower()


def _readable(text: str) -> Path:
    path = Path(text)
    if not os.access(path, os.R_OK) or path.is_dir():
        raise ValueError(f"names a file that cannot be read: {text!r}")
    return path


def _secrets(text: str) -> tuple[SecretStr, ...]:
    secrets = [word.strip() for word in text.split(",") if word.strip()]
    if any(len(secret) < SHORTEST_SECRET for secret in secrets):
        raise ValueError(f"wants secrets of at least {SHORTEST_SECRET} characters, separated by commas")
    return tuple(map(SecretStr, secrets))


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"wants a time zone like Europe/Berlin, not {text!r}") from None
    return text


def parse_dns_server(text: str) -> Listen:
    """A resolver: `host`, `host:port`. Raises ValueError."""
    host = text.strip("[]") if text.count(":") > 1 else text
    try:
        return Listen(str(ip_address(host)), 53)
    except ValueError:
        pass
    found = Listen.parse(text)
    try:
        ip_address(found.host)
    except ValueError:
        raise ValueError(f"wants the resolver's IP address, like 127.0.0.1:53, not {text!r}") from None
    return found


def _listen_or_off(text: str) -> Listen | None:
    return None if text == "off" else Listen.parse(text)


Tcp = Annotated[Listen, _parsed(Listen.parse)]
TcpOrUnix = Annotated[Listen, _parsed(lambda text: Listen.parse(text, unix=True))]
Address = Annotated[str, _parsed(_address)]
PemFile = Annotated[Path, _parsed(_readable)]


class Settings(BaseSettings):
    """What the surroundings say, checked and frozen. Secrets do not show in its repr."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        enable_decoding=False,  # values are plain text; our own readers know their forms
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
    )

    data_dir: Path = Field(Path("data"), description="Embedded servers, blobs, the generated secret and the Maildir.")
    database_url: Annotated[DatabaseUrl, _parsed(DatabaseUrl.parse)] | None = Field(
        None,
        description="Your own PostgreSQL, `postgres://user:password@host:port/database?sslmode=…`; the embedded one of "
        "the data directory where unset.",
    )
    broker_url: Annotated[SecretStr, _parsed(lambda text: SecretStr(check_broker(text)))] | None = Field(
        None,
        description="Celery's broker, `redis://…`, `rediss://…`, `amqp://…` or `amqps://…`; the embedded Valkey where "
        "unset.",
    )
    redis_url: Annotated[SecretStr, _parsed(lambda text: SecretStr(check_redis(text)))] | None = Field(
        None,
        description="Rate limits and live events; the broker where that is Redis, else the embedded Valkey.",
    )
    blob_url: Annotated[str, _parsed(check_blobs)] | None = Field(
        None,
        description="Where raw mail and attachments rest: `file:///folder` or `s3://bucket/prefix`; a folder of the "
        "data directory where unset.",
    )
    smtp_listen: Tcp = Field(Listen("127.0.0.1", 2525), description="Where mail comes in by SMTP.")
    lmtp_listen: TcpOrUnix | None = Field(
        None, description="Where mail comes in by LMTP: `host:port` or `unix:/path`; off where unset."
    )
    http_listen: Tcp = Field(Listen("127.0.0.1", 8000), description="REST and its pages.")
    public_url: Annotated[str, _parsed(check_http)] | None = Field(
        None, description="How the outside reaches us: links in mail. From the HTTP address where unset."
    )
    support_address: Address = Field("support@localhost", description="The first mailbox, made at the first start.")
    relay_url: Annotated[RelayUrl, _parsed(RelayUrl.parse)] | None = Field(
        None,
        description="The mail server that takes what we send, `smtp://[user:password@]host:port`, with "
        "`?starttls=require` or `off` instead of `auto`, `smtps://…` or `lmtp://…`; a Maildir in the data directory "
        "where unset.",
    )
    secret_key: SecretStr | None = Field(
        None,
        min_length=SHORTEST_SECRET,
        description="Signs tokens and reply addresses; the same on every machine. Generated into the data directory "
        "where unset, and must be given where TICKETGATE_DATABASE_URL is.",
    )
    secret_key_previous: Annotated[tuple[SecretStr, ...], _parsed(_secrets)] = Field(
        (),
        description="Secrets that TICKETGATE_SECRET_KEY had before, separated by commas: what they signed in mails "
        "that are out already (reply addresses, return paths, Message-IDs) is still known as ours. Nothing is signed "
        "with them, and log-ins of before end.",
    )
    registration: Literal["open", "off"] = Field("open", description="`off`: accounts are made by admins only.")
    admin_username: str = Field("admin", min_length=1, description="The first admin, made when there is none.")
    admin_email: Address | None = Field(
        None, description="Its address; `admin@` the support address's domain if unset."
    )
    admin_password: SecretStr | None = Field(
        None, min_length=8, description="Its password; generated and printed once where unset."
    )
    max_message_size: int = Field(26_214_400, ge=1024, description="Bytes; announced in SIZE.")
    tls_cert: PemFile | None = Field(None, description="Certificate chain (PEM) for STARTTLS on the listener.")
    tls_key: PemFile | None = Field(None, description="Its private key (PEM).")
    require_tls: bool = Field(False, description="The listener takes mail after STARTTLS only.")
    login_rate: Annotated[Rate | None, _parsed(Rate.parse)] = Field(
        Rate(10, 60), description="Log-ins tried per address and per account; `off` lifts it."
    )
    sender_rate: Annotated[Rate | None, _parsed(Rate.parse)] = Field(
        Rate(60, 3600),
        description="New tickets per sender; past it mail is kept and held back, and gets no automatic answer. "
        "`off` lifts it, and the breakers that hold a flood of replies (docs/decisions/machines.md).",
    )
    autoreply_rate: Annotated[Rate | None, _parsed(Rate.parse)] = Field(
        Rate(5, 3600),
        description="Automatic answers per recipient, at most; `off` lifts it, and the guard against an address that "
        "answers each of our mails at once.",
    )
    trusted_proxies: Annotated[Networks, _parsed(Networks.parse)] = Field(
        Networks(), description="Networks whose X-Forwarded-For is believed."
    )
    trusted_relays: Annotated[Networks, _parsed(Networks.parse)] = Field(
        Networks(), description="Networks whose Authentication-Results are believed."
    )
    authserv_id: str | None = Field(None, description="The name by which those relays sign their results.")
    dns_server: Annotated[Listen, _parsed(parse_dns_server)] | None = Field(
        None, description="host[:port] of the resolver for SPF, DKIM and DMARC; the system's where unset."
    )
    metrics_listen: Annotated[Listen | None, _parsed(_listen_or_off)] = Field(
        None, description="Prometheus metrics of this process; `ticketgate up` gathers all its roles there."
    )
    log_format: Literal["console", "json"] = Field("console", description="Of the lines on standard error.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What is less than that is not written down."
    )
    language: Literal["en", "de"] = Field("en", description="Of our mails.")
    timezone: Annotated[str, _parsed(_timezone)] = Field(
        "UTC", description="Of our mails and of what is counted by day."
    )
    reopen_days: int = Field(30, ge=0, description="A reply to a ticket closed longer ago opens a new, linked one.")

    @model_validator(mode="after")
    def _belongs_together(self) -> "Settings":
        if self.database_url and not self.secret_key:
            raise ValueError(
                "TICKETGATE_SECRET_KEY must be given where TICKETGATE_DATABASE_URL is: the same on every machine"
            )
        if bool(self.tls_cert) != bool(self.tls_key):
            raise ValueError("TICKETGATE_TLS_CERT and TICKETGATE_TLS_KEY go together: give both or none")
        if self.require_tls and not self.tls_cert:
            raise ValueError("TICKETGATE_REQUIRE_TLS needs TICKETGATE_TLS_CERT and TICKETGATE_TLS_KEY")
        return self

    @cached_property
    def places(self) -> Places:
        return Places(self.data_dir.absolute())

    @cached_property
    def database(self) -> DatabaseUrl:
        """Where the database is: the one given, or the embedded one of the data directory."""
        return self.database_url or DatabaseUrl(host=str(self.places.sockets), user="ticketgate", database="ticketgate")

    @property
    def broker(self) -> str:
        if self.broker_url:
            return self.broker_url.get_secret_value()
        return f"redis+socket://{self.places.valkey_socket}?virtual_host=0"

    @property
    def redis(self) -> str:
        """Where rate limits and live events live, as the redis client reads it."""
        if self.redis_url:
            return self.redis_url.get_secret_value()
        if self.broker_url and self.broker.startswith(("redis://", "rediss://")):
            return self.broker
        return f"unix://{self.places.valkey_socket}?db=0"

    @property
    def embeds_postgres(self) -> bool:
        return self.database_url is None

    @property
    def embeds_valkey(self) -> bool:
        return self.broker_url is None or (self.redis_url is None and not self.broker.startswith("redis"))

    @property
    def blobs(self) -> str:
        """`file:///folder` or `s3://bucket/prefix`."""
        return self.blob_url or f"file://{self.places.blobs}"

    @cached_property
    def secret(self) -> bytes:
        """What tokens and reply addresses are signed with. Raises OSError where the data directory is closed."""
        return (self.secret_key.get_secret_value() if self.secret_key else self.places.secret_key()).encode()

    @cached_property
    def reply_key(self) -> bytes:
        """Signs reply addresses, return paths and Message-IDs. Raises OSError as `secret` does."""
        return _reply_key(self.secret)

    @cached_property
    def reply_keys(self) -> tuple[bytes, ...]:
        """What reply addresses and the like are known by: `reply_key`, then those of the secrets before."""
        before = (_reply_key(secret.get_secret_value().encode()) for secret in self.secret_key_previous)
        return (self.reply_key, *before)

    @property
    def public(self) -> str:
        """The URL under which people reach us, without a final slash."""
        if self.public_url:
            return self.public_url
        host = self.http_listen.reachable_host
        return f"http://[{host}]:{self.http_listen.port}" if ":" in host else f"http://{host}:{self.http_listen.port}"

    @property
    def first_admin_email(self) -> str:
        return self.admin_email or "admin@" + self.support_address.rpartition("@")[2]


def _reply_key(secret: bytes) -> bytes:
    return hmac.new(secret, b"ticketgate reply address", "sha256").digest()


def load(**given: Any) -> Settings:
    """The settings of this process. Arguments win over the environment, which wins over `.env`.

    Raises:
        BadSetting: one line that names each setting that is wrong and says what it wants.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        raise BadSetting("; ".join(_line(found["loc"], found["msg"]) for found in error.errors())) from None


def _line(location: tuple[int | str, ...], message: str) -> str:
    said = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if not location:
        return said
    return f"{PREFIX}{str(location[0]).upper()}: {said[:1].lower()}{said[1:]}"
