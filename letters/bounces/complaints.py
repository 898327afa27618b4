"""Complaints: feedback reports (RFC 5965), and the forms of providers that send none."""

from letters.bounces.groups import Group, read_groups
from letters.bounces.leaves import leaves, text_of
from letters.bounces.notices import kind_of_notice, listed, original_of, read_notice, said
from letters.bounces.original import read_original
from letters.letter import Complaint, Headers
from letters.mailboxes import read_mailboxes
from letters.mime import Part

FEEDBACK_TYPE = "message/feedback-report"
COMPLAINED = ("original-rcpt-to", "removal-recipient", "redacted-address")
# Where a provider noted in our mail whom it delivered it to.
DELIVERED = ("x-hmxmroriginalrecipient", "x-apparently-to", "x-original-to", "delivered-to")


def read_complaint(root: Part, text: str) -> Complaint | None:
    """Who called which mail of ours what; None where the report says nothing of it. `text`: the mail's visible text."""
    notice = read_notice(text)
    if kind_of_notice(notice) == "complaint":
        complaint = notice.get("complaint")
        named = [said(one, "emailAddress") for one in listed(complaint, "complainedRecipients")]
        kind = said(complaint, "complaintFeedbackType").lower() or "abuse"
        return Complaint(kind, _bare(named), *original_of(notice))
    report = read_feedback(root, text)
    original_message_id, headers = read_original(root, text)
    if not report and not headers:
        return None
    named = [report[name] for name in COMPLAINED if name in report] or _delivered(headers)
    kind = report.get("feedback-type", "").split(";")[0].strip().lower() or "abuse"
    return Complaint(kind, _bare(named), original_message_id, headers)


def read_feedback(root: Part, text: str) -> Group:
    """The fields of the report, empty where there is none; also where it went into the running text."""
    part = next((leaf for leaf in leaves(root) if leaf.content_type == FEEDBACK_TYPE), None)
    groups = read_groups(text_of(part) if part else text[:20_000])
    merged: Group = {}
    for group in groups if part else [group for group in groups if "feedback-type" in group][:1]:
        merged = group | merged
    return merged


def _delivered(headers: Headers) -> list[str]:
    """To is no evidence: it names all recipients of a mail, and one of them complained."""
    return [value.split(";")[0] for name, value in headers if name in DELIVERED][:1]


def _bare(named: list[str]) -> tuple[str, ...]:
    found = (mailbox.email for value in named for mailbox in read_mailboxes(value.encode()) if "@" in mailbox.email)
    return tuple(dict.fromkeys(found))
