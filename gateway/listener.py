"""The process that takes mail in: SMTP and LMTP on one side, mailboxes and journal on the other."""
# ruff: noqa: N802 - aiosmtpd finds its hooks by the names of the commands, as the wire spells them

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack

import asyncpg
from aiosmtpd.smtp import Envelope

from gateway import replies
from gateway.journal import Journal, NotKept, ReceivedMail, storable
from gateway.mailboxes import CannotTell, Mailboxes
from gateway.paths import NULL
from gateway.protocol import LmtpSession, SmtpSession
from gateway.sessions import Sessions, TurnedAway
from letters.identity import peek_message_id
from settings import Away, BadSetting, Settings
from watch import counts, trace

log = logging.getLogger(__name__)

BACKLOG = 512
MOST_RECIPIENTS = 1000  # of one mail; RFC 5321, 4.5.3.1.8 asks for 100
LAST_MAILS = 4.0  # seconds that a DATA which is under way has to end after `stop`


async def serve(settings: Settings, smtp: list[socket.socket], lmtp: list[socket.socket], stop: asyncio.Event) -> None:
    """Takes mail in on these bound sockets until `stop` is set; closes them.

    Raises:
        Away: the database does not answer at the start.
        BadSetting: certificate or key cannot be used.
    """
    tls = tls_context(settings)
    mailboxes = Mailboxes(settings.database, settings.reply_keys)
    journal = Journal(settings.database)
    sessions = Sessions()
    doorman = Doorman(mailboxes, journal)
    async with AsyncExitStack() as at_the_end:
        await _open(mailboxes, settings)
        at_the_end.push_async_callback(mailboxes.close)
        journal.open()
        at_the_end.push_async_callback(journal.close)
        at_the_end.push_async_callback(sessions.close, LAST_MAILS)
        for kind, sockets in ((SmtpSession, smtp), (LmtpSession, lmtp)):
            for listening in sockets:
                server = await _listen(listening, _sessions(kind, doorman, sessions, settings, tls))
                at_the_end.callback(server.close)
                log.info("taking mail in by %s on %s", kind.kind.upper(), _name(listening))
        await stop.wait()
        log.info("taking no more mail in")


async def check(settings: Settings) -> None:
    """Raises what `serve` would raise at its start: Away or BadSetting."""
    tls_context(settings)
    mailboxes = Mailboxes(settings.database, settings.reply_keys)
    await _open(mailboxes, settings)
    await mailboxes.close()


class Doorman:
    """Answers RCPT and DATA, in the hooks that aiosmtpd calls."""

    def __init__(self, mailboxes: Mailboxes, journal: Journal) -> None:
        self._mailboxes = mailboxes
        self._journal = journal

    def __dir__(self) -> Iterable[str]:
        """The hooks. aiosmtpd looks through all names of its handler at every connection."""
        return ("handle_RCPT", "handle_DATA")

    async def handle_RCPT(
        self, server: SmtpSession, session: object, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return replies.TOO_MANY_RECIPIENTS
        try:
            ours = await self._mailboxes.accepts(address)
        except CannotTell as error:
            log.warning("recipient from %s put off: %s", server.peer, error)
            return replies.TROUBLE
        if not ours:
            log.info("recipient from %s refused: no such mailbox at %s", server.peer, _domain(address))
            return replies.UNKNOWN_RECIPIENT
        envelope.rcpt_tos.append(address)
        return replies.RECIPIENT_OK

    async def handle_DATA(self, server: SmtpSession, session: object, envelope: Envelope) -> str:
        with trace.bound(trace.mint()):
            return await self._keep(server, received(server, envelope))

    async def _keep(self, server: SmtpSession, mail: ReceivedMail) -> str:
        try:
            await self._journal.keep(mail)
        except NotKept as error:
            log.warning("mail from %s put off, %d bytes: %s", server.peer, len(mail.raw), error)
            return replies.TROUBLE
        counts.received.labels(server.kind).inc()
        log.info(
            "mail from %s kept: sender at %s, %d recipients, %d bytes",
            server.peer or "a local socket",
            _domain(mail.envelope_from),
            len(mail.envelope_to),
            len(mail.raw),
        )
        return replies.KEPT


def received(server: SmtpSession, envelope: Envelope) -> ReceivedMail:
    """What the session has taken in. The bytes are those of the wire; nothing is put before them."""
    raw = envelope.original_content or b""
    return ReceivedMail(
        envelope_from="" if envelope.mail_from in {None, NULL} else str(envelope.mail_from),
        envelope_to=tuple(envelope.rcpt_tos),
        raw=raw,
        peer=server.peer,
        helo=server.helo,
        tls=server.encrypted,
        protocol=server.kind,
        rfc_message_id=_message_id(raw),
        trace=trace.current(),
    )


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """The certificate for STARTTLS. Raises BadSetting where it cannot be used."""
    if not settings.tls_cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # Without a password OpenSSL would ask the terminal for that of an encrypted key.
        context.load_cert_chain(settings.tls_cert, settings.tls_key, password="")
    except (OSError, ssl.SSLError, ValueError) as error:
        raise BadSetting(
            f"TICKETGATE_TLS_CERT and TICKETGATE_TLS_KEY: {settings.tls_cert} and {settings.tls_key} "
            f"are no certificate and its unencrypted key in PEM ({error})"
        ) from None
    return context


async def _open(mailboxes: Mailboxes, settings: Settings) -> None:
    try:
        await mailboxes.open()
    except asyncpg.UndefinedTableError:
        raise Away(f"the database at {settings.database} has no tables yet: run `ticketgate migrate`") from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if settings.embeds_postgres:
            where = settings.places.root
            mend = "start `ticketgate up` there, or set TICKETGATE_DATABASE_URL"
            raise Away(f"no database runs in {where}: {mend}") from None
        said = str(error).partition("\n")[0] or type(error).__name__
        raise Away(f"no database answers at {settings.database}: {said}") from None


def _sessions(
    kind: type[SmtpSession], doorman: Doorman, sessions: Sessions, settings: Settings, tls: ssl.SSLContext | None
) -> Callable[[], asyncio.Protocol]:
    hostname = socket.gethostname()

    def session() -> asyncio.Protocol:
        if sessions.full:
            log.warning("too many connections, one turned away")
            return TurnedAway()
        return kind(
            doorman,
            sessions,
            hostname=hostname,
            size_limit=settings.max_message_size,
            tls=tls,
            require_tls=settings.require_tls and kind is SmtpSession,  # LMTP is the last step inside one's own house
        )

    return session


async def _listen(listening: socket.socket, session: Callable[[], asyncio.Protocol]) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    if listening.family == socket.AF_UNIX:
        return await loop.create_unix_server(session, sock=listening, backlog=BACKLOG)
    return await loop.create_server(session, sock=listening, backlog=BACKLOG)


def _name(listening: socket.socket) -> str:
    name = listening.getsockname()
    return f"{name[0]}:{name[1]}" if isinstance(name, tuple) else str(name)


def _domain(address: str) -> str:
    return storable(address.rpartition("@")[2]) or "nowhere"


def _message_id(raw: bytes) -> str | None:
    try:
        return peek_message_id(raw)
    except Exception:  # a mail that trips our own reader is kept all the same
        log.exception("the Message-ID of a mail of %d bytes cannot be read", len(raw))
        return None
