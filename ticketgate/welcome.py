"""What `ticketgate up` tells a person when it is ready."""

import json
import shlex
from typing import TYPE_CHECKING

from settings import Listen, Settings

if TYPE_CHECKING:
    from desk import FirstStart


def text(settings: Settings, first: "FirstStart") -> str:
    """One line that begins with `ready:`, and below it, set in, what to do next."""
    web = _reachable(settings.http_listen)
    lines = [
        f"ready: http://{web} (docs /api/docs) · {_mail_in(settings)}",
        "",
        f"  admin      {first.admin_username}{_password(first)}",
        f"  mail out   {_mail_out(settings)}",
        "",
        "  Send a mail, and log in:",
        f"    {_send(settings)}",
        f"    {_log_in(web, first)}",
        "",
    ]
    return "\n".join(lines)


def _reachable(listen: Listen) -> Listen:
    return Listen(host=listen.reachable_host, port=listen.port)


def _mail_in(settings: Settings) -> str:
    lmtp = f" and lmtp://{settings.lmtp_listen}" if settings.lmtp_listen else ""
    return f"mail in at smtp://{_reachable(settings.smtp_listen)}{lmtp} for {settings.support_address}"


def _password(first: "FirstStart") -> str:
    if first.admin_password is None:
        return ""
    return f", password {first.admin_password} (made just now, and shown only this once)"


def _mail_out(settings: Settings) -> str:
    if settings.relay_url:
        return f"by {settings.relay_url}"
    return f"into the Maildir {settings.places.maildir}, as TICKETGATE_RELAY_URL is not set"


def _send(settings: Settings) -> str:
    listen = settings.smtp_listen
    program = (
        f"import smtplib; smtplib.SMTP({listen.reachable_host!r}, {listen.port}).sendmail("
        f"'you@example.org', [{settings.support_address!r}], 'Subject: Hello\\n\\nIs anybody there?')"
    )
    return f'python3 -c "{program}"'


def _log_in(web: Listen, first: "FirstStart") -> str:
    known = {"username": first.admin_username, "password": first.admin_password or "PASSWORD"}
    return f"curl http://{web}/api/login -H 'Content-Type: application/json' -d {shlex.quote(json.dumps(known))}"
