"""A test mail through the relay, with every line that was said: what a person reads who set it up."""

import asyncio
import base64
import contextlib
import email.utils
import time
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPResponseException

from letters import Address, Draft, compose
from mailer.transport import Lmtp, MaildirFolder, NotTaken, Outgoing, arguments, hand_over
from settings import RelayUrl, Settings

PATIENCE = 20.0  # seconds for all of it: somebody looks at a page
LONGEST_LINE = 500  # characters
HIDDEN = "***"
SAID = {
    "en": ("Test mail", "This mail was sent to see whether mail leaves the desk. It did.\n"),
    "de": ("Testmail", "Diese Mail zeigt, dass Mails den Helpdesk verlassen.\n"),
}


@dataclass(frozen=True)
class Line:
    who: Literal["us", "them"]
    line: str


@dataclass(frozen=True)
class Trial:
    """What came of it. `code` and `answer`: the relay's last words, or what went wrong."""

    delivered: bool
    code: int | None
    answer: str
    seconds: float
    dialogue: list[Line] = field(default_factory=list)


async def try_relay(settings: Settings, *, sender: Address, to: str) -> Trial:
    """Sends a test mail now, over a connection of its own. Takes PATIENCE at most; never raises.

    Args:
        sender: the mailbox that it is from.
    """
    began = time.monotonic()
    url = settings.relay_url
    try:
        mail = _mail(settings, sender, to)
    except ValueError as error:
        return Trial(False, None, f"{to} cannot be written in a mail: {error}", 0.0)
    if url is None:
        return await _into_the_maildir(settings, mail, began)
    told = _Told(_secrets(url, sender))
    connection = _connection(url, told)
    delivered, code, answer = False, None, ""
    try:
        async with asyncio.timeout(PATIENCE):
            done = await _converse(connection, url, mail, told)
        delivered, code, answer = True, done.code, done.message
    except SMTPResponseException as error:
        code, answer = error.code, error.message
    except TimeoutError:
        answer = f"no answer within {PATIENCE:.0f} s"
    except (SMTPException, OSError, ValueError) as error:
        answer = str(error) or type(error).__name__
    finally:
        connection.close()
    return Trial(delivered, code, told.without_secrets(answer), round(time.monotonic() - began, 3), told.lines)


async def _into_the_maildir(settings: Settings, mail: Outgoing, began: float) -> Trial:
    try:
        answer = await MaildirFolder(settings.places.maildir).send(mail)
    except NotTaken as error:
        return Trial(False, None, error.text, round(time.monotonic() - began, 3))
    said = f"no relay is set: {answer.text} in the Maildir of the data directory"
    return Trial(True, None, said, round(time.monotonic() - began, 3))


async def _converse(connection: SMTP, url: RelayUrl, mail: Outgoing, told: "_Told") -> SMTPResponse:
    """Step by step what connecting does by itself for other mail, so that each step is told."""
    try:
        greeting = await connection.connect()
    except SMTPResponseException as error:
        told.them(error.code, error.message)
        raise
    told.them(greeting.code, greeting.message)
    await connection.ehlo()
    offered = connection.supports_extension("starttls")
    if url.scheme == "smtp" and (url.starttls == "require" or (url.starttls == "auto" and offered)):
        await connection.starttls()
        await connection.ehlo()
    if url.username is not None:
        await connection.login(url.username, url.password or "")
    answer = await hand_over(connection, mail)
    with contextlib.suppress(SMTPException, OSError):  # it has the mail, whatever becomes of the goodbye
        await connection.quit()
    return answer


class _Told:
    """The lines so far, without secrets."""

    def __init__(self, secrets: list[str]) -> None:
        self._secrets = secrets
        self.lines: list[Line] = []

    def us(self, line: str) -> None:
        self.lines.append(Line("us", self.without_secrets(line)))

    def them(self, code: int, message: str) -> None:
        parts = message.split("\n")
        for at, part in enumerate(parts):
            dash = "-" if at < len(parts) - 1 else " "
            self.lines.append(Line("them", self.without_secrets(f"{code}{dash}{part}")))

    def without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text[:LONGEST_LINE]


class _Telling(SMTP):
    """A connection that tells every line; of a log-in only that there was one."""

    told: _Told
    _logs_in = False

    async def execute_command(self, *args: bytes, **more: Any) -> SMTPResponse:
        self.told.us(self._shown(args))
        return await self._answered(super().execute_command(*args, **more))

    async def login(self, *args: Any, **more: Any) -> SMTPResponse:
        self._logs_in = True
        try:
            return await super().login(*args, **more)
        finally:
            self._logs_in = False

    async def starttls(self, *args: Any, **more: Any) -> SMTPResponse:
        self.told.us("STARTTLS")
        return await self._answered(super().starttls(*args, **more))

    async def data(self, message: str | bytes, **more: Any) -> SMTPResponse:
        self.told.us("DATA")
        self.told.us(f"(the mail: {len(message)} bytes)")
        return await self._answered(super().data(message, **more))

    def _shown(self, args: tuple[bytes, ...]) -> str:
        words = [word.decode("utf-8", "replace") for word in args]
        if not self._logs_in:
            return " ".join(words)
        return f"{' '.join(words[:2])} {HIDDEN}" if words[0].upper() == "AUTH" else HIDDEN

    async def _answered(self, asking: Awaitable[SMTPResponse]) -> SMTPResponse:
        try:
            answer = await asking
        except SMTPResponseException as error:
            self.told.them(error.code, error.message)
            raise
        self.told.them(answer.code, answer.message)
        return answer


class _TellingLmtp(Lmtp, _Telling):
    """The same over LMTP."""


def _connection(url: RelayUrl, told: _Told) -> SMTP:
    given = arguments(url) | {"start_tls": False, "username": None, "password": None, "timeout": PATIENCE}
    connection = (_TellingLmtp if url.scheme == "lmtp" else _Telling)(**given)
    connection.told = told
    return connection


def _secrets(url: RelayUrl, sender: Address) -> list[str]:
    """What must not be read: the password and the name, also as a relay would repeat them in base64."""
    name = None if url.username == sender.email else url.username  # that one stands in the mail anyway
    together = f"\0{url.username}\0{url.password}" if url.password else None  # AUTH PLAIN (RFC 4616)
    return [secret for one in (together, url.password, name) if one for secret in _forms(one)]


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield base64.b64encode(secret.encode()).decode()


def _mail(settings: Settings, sender: Address, to: str) -> Outgoing:
    """Raises ValueError where an address cannot be written on the wire."""
    subject, text = SAID[settings.language]
    draft = Draft(
        from_=sender,
        to=(Address("", to),),
        cc=(),
        subject=subject,
        message_id=email.utils.make_msgid("trial", domain=sender.email.rpartition("@")[2]).strip("<>"),
        in_reply_to=None,
        references=(),
        reply_to=sender.email,
        date=datetime.now(UTC),
        text=text,
        html=f"<p>{text.strip()}</p>",
        auto_submitted="auto-generated",
    )
    return Outgoing(compose(draft), sender.email, to)
