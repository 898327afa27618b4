"""URLs of servers, parsed in one place: asyncpg and Tortoise each read `?sslmode=` in a way of their own."""

import ssl
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
SERVER_SETTINGS = {"application_name", "options", "search_path"}


@dataclass(frozen=True)
class DatabaseUrl:
    """A PostgreSQL database; `host` is the directory of its Unix socket where it begins with a slash."""

    host: str
    port: int = 5432
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    ssl_mode: str | None = None
    ssl_root: str | None = None
    server_settings: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> "DatabaseUrl":
        """Reads `postgres://user:password@host:port/database?sslmode=…`, as libpq takes it.

        Raises:
            ValueError: with a sentence that says what is wanted.
        """
        url = _split(text, {"postgres", "postgresql"}, "postgres://user:password@host:port/database")
        asked = dict(parse_qsl(url.query))
        mode = asked.pop("sslmode", None)
        if mode is not None and mode not in SSL_MODES:
            raise ValueError(f"knows the sslmodes {', '.join(sorted(SSL_MODES))}, not {mode!r}")
        host = asked.pop("host", None) or unquote(url.hostname or "") or "localhost"
        root = asked.pop("sslrootcert", None)
        unknown = set(asked) - SERVER_SETTINGS
        if unknown:
            raise ValueError(f"does not know the parameter {min(unknown)!r}")
        return cls(
            host=host,
            port=url.port or 5432,
            user=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            database=unquote(url.path.lstrip("/")) or None,
            ssl_mode=mode,
            ssl_root=root,
            server_settings=tuple(sorted(asked.items())),
        )

    def connect_arguments(self) -> dict[str, Any]:
        """Keyword arguments of `asyncpg.connect`, and of Tortoise's asyncpg backend."""
        arguments: dict[str, Any] = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "database": self.database,
            "server_settings": dict(self.server_settings),
            "timeout": 10,
        }
        if self.ssl_mode:
            arguments["ssl"] = self._ssl()
        return arguments

    def _ssl(self) -> ssl.SSLContext | str:
        assert self.ssl_mode is not None
        if not self.ssl_mode.startswith("verify-"):
            return self.ssl_mode
        context = ssl.create_default_context(cafile=self.ssl_root)
        context.check_hostname = self.ssl_mode == "verify-full"
        return context

    def __str__(self) -> str:
        where = f"{self.host}/" if self.host.startswith("/") else f"{self.host}:{self.port}/"
        return f"postgres://{where}{self.database or ''}"


@dataclass(frozen=True)
class RelayUrl:
    """The mail server that takes our outgoing mail."""

    scheme: Literal["smtp", "smtps", "lmtp"]
    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    starttls: Literal["auto", "require", "off"] = "auto"

    @classmethod
    def parse(cls, text: str) -> "RelayUrl":
        """Reads `smtp://[user:pass@]host:port[?starttls=auto|require|off]`, `smtps://…` or `lmtp://…`.

        Raises:
            ValueError: with a sentence that says what is wanted.
        """
        url = _split(text, {"smtp", "smtps", "lmtp"}, "smtp://[user:password@]host:port")
        asked = dict(parse_qsl(url.query))
        starttls = asked.pop("starttls", "auto")
        if starttls not in ("auto", "require", "off"):
            raise ValueError(f"knows starttls=auto, require and off, not {starttls!r}")
        if asked:
            raise ValueError(f"does not know the parameter {min(asked)!r}")
        if not url.hostname:
            raise ValueError("names no host; it looks like smtp://[user:password@]host:port")
        return cls(
            scheme=url.scheme,  # type: ignore[arg-type]  # _split has looked
            host=url.hostname,
            port=url.port or {"smtp": 25, "smtps": 465, "lmtp": 24}[url.scheme],
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            starttls=starttls,  # type: ignore[arg-type]  # looked at above
        )

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


def check_broker(text: str) -> str:
    """Answers the URL as it is, where Celery has a transport for it. Raises ValueError."""
    _split(
        text,
        {"redis", "rediss", "redis+socket", "amqp", "amqps"},
        "redis://host:port/0 or amqp://user:password@host//",
    )
    return text


def check_redis(text: str) -> str:
    """Answers the URL as it is, where the redis client reads it. Raises ValueError."""
    _split(text, {"redis", "rediss", "unix"}, "redis://host:port/0")
    return text


def check_http(text: str) -> str:
    """Answers the URL without its final slash. Raises ValueError."""
    url = _split(text, {"http", "https"}, "https://desk.example.org")
    if not url.hostname:
        raise ValueError("names no host; it looks like https://desk.example.org")
    return text.rstrip("/")


def check_blobs(text: str) -> str:
    """Answers the URL as it is, where it names a folder or a bucket. Raises ValueError."""
    url = _split(text, {"file", "s3"}, "file:///var/lib/ticketgate/blobs or s3://bucket/prefix")
    if url.scheme == "file" and (url.netloc or not url.path.startswith("/")):
        raise ValueError(f"wants file:///an/absolute/folder, not {text!r}")
    if url.scheme == "s3" and not url.netloc:
        raise ValueError(f"names no bucket: {text!r}")
    return text.rstrip("/")


def _split(text: str, schemes: set[str], example: str) -> SplitResult:
    """Raises ValueError where the text is no URL of one of the schemes; never repeats a password."""
    try:
        url = urlsplit(text)
        _ = url.port  # out of range: ValueError
    except ValueError:  # whose text may repeat a piece of a password
        raise ValueError(f"is no URL like {example}; in a password, / : @ are written %2F %3A %40") from None
    if url.scheme not in schemes or "://" not in text:
        raise ValueError(f"wants a URL like {example}")
    return url
