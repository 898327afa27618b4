"""Where a mail goes when it leaves: the relay, or a Maildir as long as none is set."""

import asyncio
import mailbox
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPResponseException

from settings import RelayUrl, Settings

CONNECTIONS = 8  # kept open to the relay by each worker process
TIMEOUT = 60.0  # seconds for one command; RFC 5321, 4.5.3.2 asks for minutes, our leases for less
FRESH = 1.0  # seconds for which an idle connection needs no proof that it lives
KEPT_IDLE = 30.0  # seconds after which a relay may well have closed it


@dataclass(frozen=True)
class Outgoing:
    """One copy: its bytes as they go over the wire, and its envelope."""

    content: bytes
    sender: str
    recipient: str


@dataclass(frozen=True)
class Answer:
    """What the relay said when it took the mail."""

    code: int
    text: str


class NotTaken(Exception):
    """The mail was not taken. `final`: it never will be; else it is worth another try."""

    def __init__(self, text: str, *, code: int | None = None, final: bool = False) -> None:
        super().__init__(text)
        self.text, self.code, self.final = text, code, final


class Transport(Protocol):
    async def send(self, mail: Outgoing) -> Answer:
        """Hands one mail over. Raises NotTaken."""

    async def close(self) -> None: ...


def transport(settings: Settings) -> Transport:
    """The relay of the settings, or the Maildir."""
    return Relay(settings.relay_url) if settings.relay_url else MaildirFolder(settings.places.maildir)


class Relay:
    """A mail server, spoken to over a few kept-open connections. At most CONNECTIONS mails at once."""

    def __init__(self, url: RelayUrl) -> None:
        self._url = url
        self._slots = asyncio.Semaphore(CONNECTIONS)
        self._idle: list[tuple[float, SMTP]] = []

    async def send(self, mail: Outgoing) -> Answer:
        async with self._slots:
            connection = await self._connection()
            try:
                answer = await hand_over(connection, mail)
            except SMTPResponseException as error:
                await self._keep_or_close(connection, reset=True)
                raise NotTaken(error.message, code=error.code, final=500 <= error.code < 600) from None
            except (SMTPException, OSError, TimeoutError) as error:
                connection.close()
                raise NotTaken(f"the relay fell silent ({_said(error)})") from None
            except BaseException:
                connection.close()
                raise
            await self._keep_or_close(connection)
            return Answer(answer.code, answer.message)

    async def check(self) -> str:
        """Greets the relay, with TLS and log-in as for a mail, and says goodbye; nothing is sent.

        Answers what was done, in a few words. Raises NotTaken.
        """
        connection = await self._connection()
        try:
            await connection.noop()  # says EHLO where neither TLS nor log-in asked for it
            encrypted = connection.get_transport_info("sslcontext") is not None
            await connection.quit()
        except (SMTPException, OSError, TimeoutError) as error:
            raise NotTaken(f"the relay {self._url} takes nothing ({_said(error)})") from None
        finally:
            connection.close()
        return f"{'TLS' if encrypted else 'no TLS'}, {'logged in' if self._url.username else 'no log-in'}"

    async def close(self) -> None:
        for _, connection in self._idle:
            connection.close()
        self._idle.clear()

    async def _connection(self) -> SMTP:
        while self._idle:
            since, connection = self._idle.pop()
            idle = time.monotonic() - since
            if connection.is_connected and (idle < FRESH or (idle < KEPT_IDLE and await _alive(connection))):
                return connection
            connection.close()
        connection = (Lmtp if self._url.scheme == "lmtp" else SMTP)(**arguments(self._url))
        try:
            await connection.connect()
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            # Also a 5xx: what is said before a mail is named is about us and the relay, and a person can mend it.
            connection.close()
            code = error.code if isinstance(error, SMTPResponseException) else None
            raise NotTaken(f"the relay {self._url} cannot be reached ({_said(error)})", code=code) from None
        return connection

    async def _keep_or_close(self, connection: SMTP, *, reset: bool = False) -> None:
        try:
            if reset:
                await connection.rset()
        except (SMTPException, OSError, TimeoutError):
            connection.close()
            return
        self._idle.append((time.monotonic(), connection))


def arguments(url: RelayUrl) -> dict[str, Any]:
    """How a connection is opened as the URL says."""
    return {
        "hostname": url.host,
        "port": url.port,
        "username": url.username,
        "password": url.password,
        "timeout": TIMEOUT,
        "use_tls": url.scheme == "smtps",
        "start_tls": {"auto": None, "require": True, "off": False}[url.starttls] if url.scheme == "smtp" else False,
        # Encryption by chance (RFC 7435) proves nobody; only where TLS is asked for does the certificate count.
        "tls_context": _unproven() if url.scheme == "smtp" and url.starttls == "auto" else None,
    }


class MaildirFolder:
    """A Maildir that stands in for a relay; each mail says in Delivered-To whose copy it is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, mail: Outgoing) -> Answer:
        try:
            name = await asyncio.to_thread(self._add, mail)
        except OSError as error:
            raise NotTaken(f"the Maildir {self._folder} takes nothing ({error.strerror})") from None
        return Answer(250, f"kept as {name}")

    async def close(self) -> None:
        """Nothing is kept open."""

    def _add(self, mail: Outgoing) -> str:
        trace = f"Return-Path: <{mail.sender}>\r\nDelivered-To: {mail.recipient}\r\n".encode()
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        # Maildir keeps lines with the system's line ends.
        return mailbox.Maildir(self._folder).add((trace + mail.content).replace(b"\r\n", b"\n"))


class Lmtp(SMTP):
    """LMTP says LHLO where SMTP says EHLO (RFC 2033, 4.1); with one recipient a mail, all else is alike."""

    async def execute_command(self, *args: bytes, **more: Any) -> SMTPResponse:
        if args[:1] == (b"EHLO",):
            args = (b"LHLO", *args[1:])
        return await super().execute_command(*args, **more)


async def hand_over(connection: SMTP, mail: Outgoing) -> SMTPResponse:
    """One mail over an open connection. Raises SMTPException, OSError and TimeoutError."""
    options = []
    if connection.supports_extension("size"):
        options.append(f"size={len(mail.content)}")
    if not (mail.sender + mail.recipient).isascii():
        options.append("SMTPUTF8")
    encoding = "utf-8" if "SMTPUTF8" in options else "ascii"
    await connection.mail(mail.sender, options=options, encoding=encoding)
    await connection.rcpt(mail.recipient, encoding=encoding)
    return await connection.data(mail.content)


async def _alive(connection: SMTP) -> bool:
    """Whether the relay still answers on a connection that lay idle; else the mail's own MAIL would find out."""
    try:
        await connection.noop(timeout=5)
    except (SMTPException, OSError, TimeoutError):
        return False
    return True


def _unproven() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _said(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
