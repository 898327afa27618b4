"""Mails as people's programs write them: text, HTML, files, quotes; and what servers write when one comes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from ticketgate.demo.script import File, Mail, Return

REPORT = """\
From: Mail Delivery Subsystem <mailer-daemon@{host}>
To: {to}
Subject: Returned mail: see transcript for details
Date: {date}
Message-ID: <{ident}>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_returned"

--=_returned
Content-Type: text/plain

The mail to <{recipient}> could not be delivered.

{diagnostic}

--=_returned
Content-Type: message/delivery-status

Reporting-MTA: dns; {host}

Final-Recipient: rfc822; {recipient}
Action: failed
Status: {status}
Diagnostic-Code: smtp; {diagnostic}

--=_returned
Content-Type: text/rfc822-headers

{copy}
--=_returned--
"""


@dataclass(frozen=True)
class Heading:
    """What of a header the place of a mail in its conversation decides. Ids are bare; `references` oldest first."""

    message_id: str
    date: datetime
    to: str
    subject: str
    in_reply_to: str = ""
    references: Sequence[str] = ()


def written(mail: Mail, heading: Heading, quoted: str = "") -> bytes:
    """The mail, with what it quotes below its own words."""
    letter = EmailMessage()
    letter["From"] = formataddr((mail.by.name, mail.by.email))
    letter["To"] = heading.to
    if mail.cc:
        letter["Cc"] = ", ".join(formataddr((person.name, person.email)) for person in mail.cc)
    letter["Subject"] = heading.subject
    letter["Date"] = format_datetime(heading.date)
    letter["Message-ID"] = f"<{heading.message_id}>"
    if heading.in_reply_to:
        letter["In-Reply-To"] = f"<{heading.in_reply_to}>"
        letter["References"] = " ".join(f"<{ident}>" for ident in heading.references)
    for name, value in mail.more.items():
        letter[name] = value
    letter.set_content(f"{mail.text}\n{quoted}")
    if mail.html:
        letter.add_alternative(mail.html, subtype="html")
    for file in mail.files:
        _enclose(letter, file)
    return letter.as_bytes()


def returned(copy: EmailMessage, to: str, why: Return) -> tuple[str, bytes]:
    """A delivery status notification (RFC 3464) about a mail of ours: its Message-ID, bare, and its bytes.

    Args:
        copy: the header of that mail.
        to: the return path that it left with.
    """
    recipient, sent = why.of.email, copy["Message-ID"].strip("<>")
    host = f"mx.{recipient.rpartition('@')[2]}"
    ident = f"returned.{sent.partition('@')[0]}@{host}"
    facts = {"date": copy["Date"], "to": to, "recipient": recipient, "host": host, "ident": ident}
    report = REPORT.format(**facts, status=why.status, diagnostic=why.diagnostic, copy=copy.as_string())
    return ident, report.encode()


def quoted(over: str, text: str) -> str:
    """Text that a reply repeats below itself, behind angle brackets."""
    return "\n".join(("", over, *(f"> {line}".rstrip() for line in text.splitlines()), ""))


def _enclose(letter: EmailMessage, file: File) -> None:
    kind, _, subtype = file.content_type.partition("/")
    html = letter.get_body(("html",))
    if file.inline and isinstance(html, EmailMessage):
        html.add_related(file.content, kind, subtype, cid=f"<{file.name}>", filename=file.name, disposition="inline")
    else:
        letter.add_attachment(file.content, kind, subtype, filename=file.name)
