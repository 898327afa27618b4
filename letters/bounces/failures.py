"""A bounce, put together from its report, its header and its words."""

from typing import Any

from letters.bounces.leaves import addresses
from letters.bounces.notices import kind_of_notice, listed, original_of, read_notice, said
from letters.bounces.original import read_original
from letters.bounces.prose import DIAGNOSTIC_LIMIT, RECIPIENT_LIMIT, Failure, Prose
from letters.bounces.report import Reported, read_report
from letters.bounces.status import settle_kind, settle_status
from letters.letter import Bounce, FailedRecipient, Headers
from letters.mailboxes import read_mailboxes
from letters.mime import Part


def read_bounce(root: Part, text: str) -> Bounce | None:
    """Whom a mail of ours did not reach, and why; None where the bounce tells neither that nor which mail it was.

    `text`: the visible text of the whole mail.
    """
    notice = read_notice(text)
    if kind_of_notice(notice) == "bounce":
        return Bounce(_noticed(notice), *original_of(notice))
    prose = Prose(text)
    original_message_id, original_headers = read_original(root, text)
    recipients = _reported(root, text, prose) or _in_header(root, prose) or _in_words(root, prose, original_headers)
    if not recipients and not original_message_id and not original_headers:
        return None
    unique = {one.email.lower(): one for one in reversed(recipients)}
    return Bounce(tuple(reversed(unique.values())), original_message_id, original_headers)


def _reported(root: Part, text: str, prose: Prose) -> list[FailedRecipient]:
    failed = [one for one in read_report(root, text) if one.failed]
    return [_from_report(one, prose) for one in failed[:RECIPIENT_LIMIT]]


def _from_report(one: Reported, prose: Prose) -> FailedRecipient:
    diagnostic = one.diagnostic or prose.diagnostic(one.email)
    status = settle_status(one.status, diagnostic)
    delayed = one.action == "delayed" or (not one.action and prose.delayed)
    kind = "delayed" if delayed else settle_kind(status, permanent=prose.permanent)
    return FailedRecipient(one.email, status, kind, _short(diagnostic))


def _in_header(root: Part, prose: Prose) -> list[FailedRecipient]:
    """`X-Failed-Recipients`, of Exim and Google; the reasons stand in the words."""
    value = b", ".join(root.values("x-failed-recipients"))
    named = [mailbox.email for mailbox in read_mailboxes(value)][:RECIPIENT_LIMIT]
    return [_from_words(Failure(email, prose.diagnostic(email)), prose) for email in named]


def _in_words(root: Part, prose: Prose, original: Headers) -> list[FailedRecipient]:
    """Where the words name nobody, the only recipient of the mail that came back is the one that failed."""
    failures = prose.failures(addresses(root, "to", "from", "reply-to"))
    if not failures:
        to = {mailbox.email for name, value in original if name == "to" for mailbox in read_mailboxes(value.encode())}
        failures = [Failure(email, prose.diagnostic(email)) for email in to if len(to) == 1]
    return [_from_words(failure, prose) for failure in failures]


def _from_words(failure: Failure, prose: Prose) -> FailedRecipient:
    status = settle_status("", failure.diagnostic)
    given_up = prose.permanent and status is not None and status[0] == "5"
    delayed = prose.delayed and not given_up
    kind = "delayed" if delayed else settle_kind(status, permanent=prose.permanent)
    return FailedRecipient(failure.email, status, kind, _short(failure.diagnostic))


def _noticed(notice: dict[str, Any]) -> tuple[FailedRecipient, ...]:
    bounce = notice.get("bounce")
    passing = said(bounce, "bounceType").lower() == "transient"
    found: dict[str, FailedRecipient] = {}
    for one in listed(bounce, "bouncedRecipients")[:RECIPIENT_LIMIT]:
        email = next((mailbox.email for mailbox in read_mailboxes(said(one, "emailAddress").encode())), "")
        diagnostic = said(one, "diagnosticCode").removeprefix("smtp;").strip()
        status = settle_status(said(one, "status"), diagnostic)
        kind = settle_kind(status, permanent=not passing)
        if email:
            found[email.lower()] = FailedRecipient(email, status, kind, _short(diagnostic))
    return tuple(found.values())


def _short(text: str) -> str:
    return " ".join(text.split())[:DIAGNOSTIC_LIMIT]
