"""Bounces, complaints and receipts as mail systems write them."""

from itertools import count

numbers = count(1)


def bounce(
    *failed: tuple[str, str, str],
    original: str | None = None,
    action: str = "failed",
    headers: str = "",
    message_id: str | None = None,
) -> bytes:
    """A delivery report (RFC 3464). Each failed: recipient, status, diagnostic.

    Args:
        original: the Message-ID of the mail that came back, with whatever other `headers` of it are returned.
    """
    groups = "".join(
        f"\r\nFinal-Recipient: rfc822; {email}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {said}\r\n"
        for email, status, said in failed
    )
    returned = f"Message-ID: <{original}>\r\n{headers}" if original else headers
    return _report("delivery-status", f"Reporting-MTA: dns; mx.people.example\r\n{groups}", returned, message_id)


def complaint(
    recipient: str | None = None, *, original: str | None = None, headers: str = "", kind: str = "abuse"
) -> bytes:
    """A feedback report (RFC 5965)."""
    named = f"Original-Rcpt-To: {recipient}\r\n" if recipient else ""
    fields = f"Feedback-Type: {kind}\r\nUser-Agent: Feedback/1\r\nVersion: 1\r\n{named}"
    returned = f"Message-ID: <{original}>\r\n{headers}" if original else headers
    return _report("feedback-report", fields, returned, None)


def receipt(original: str) -> bytes:
    """A read receipt (RFC 8098)."""
    fields = f"Final-Recipient: rfc822; zoe@people.example\r\nOriginal-Message-ID: <{original}>\r\n"
    fields += "Disposition: manual-action/MDN-sent-manually; displayed\r\n"
    return _report("disposition-notification", fields, "", None, more=f"In-Reply-To: <{original}>\r\n")


def _report(kind: str, fields: str, returned: str, message_id: str | None, more: str = "") -> bytes:
    ident = message_id or f"report-{next(numbers)}@mx.people.example"
    parts = ["Content-Type: text/plain\r\n\r\nThis is a report.", f"Content-Type: message/{kind}\r\n\r\n{fields}"]
    if returned:
        parts.append(f"Content-Type: text/rfc822-headers\r\n\r\nFrom: support@desk.example\r\n{returned}")
    body = "".join(f"--b\r\n{part}\r\n" for part in parts)
    return (
        f"From: Mail Delivery System <MAILER-DAEMON@mx.people.example>\r\nTo: support@desk.example\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\nMessage-ID: <{ident}>\r\n{more}MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"\r\n\r\n{body}--b--\r\n'
    ).encode()
