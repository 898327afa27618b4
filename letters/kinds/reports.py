"""Mails with a report inside that says what it is: RFC 3464, 8098 and 5965; and what programs send in their place."""

import re

from letters.bounces.complaints import FEEDBACK_TYPE, read_feedback
from letters.bounces.leaves import leaves
from letters.bounces.marks import FAILED
from letters.bounces.notices import kind_of_notice, read_notice
from letters.bounces.report import read_report
from letters.bounces.returned import own_words
from letters.bounces.wording import any_of, begins_with
from letters.kinds.fields import Verdict, said, word
from letters.letter import Kind
from letters.mime import Part

REPORTS: dict[str, Kind] = {
    "delivery-status": "bounce",
    "disposition-notification": "read_receipt",
    "feedback-report": "feedback_report",
}
NOTICES: dict[str, Kind] = {"bounce": "bounce", "complaint": "feedback_report", "delivery": "auto_generated"}
NOTIFIER = re.compile(r"@(?:[\w.-]+\.)?amazon(?:aws|ses)\.com\b", re.IGNORECASE)
COMPLAINT_SUBJECT = begins_with(r"complaint about message from|e?-?mail feedback report|client tos notification")
REPORT_TEXT = re.compile(r"^feedback-type:[ \t]*[a-z-]{3,30}[ \t]*$", re.IGNORECASE | re.MULTILINE)
RETURNED_TYPES = frozenset({"message/rfc822", "text/rfc822-headers"})

READ_SUBJECT = begins_with(
    r"(?:(?:not )?read|gelesen|ungelesen|(?:non )?lu|(?:no )?leído|(?:não )?lida|(?:non )?letto|(?:niet )?gelezen"
    r"|o?läst|læst|lest|luettu|przeczytano|přečteno|прочитано|已读|已讀|開封済み|읽음)\s?[:：]"
)
READ_TEXT = any_of(
    r"was (?:read|displayed|deleted without being read)|wurde\b.{0,80}(?:gelesen|angezeigt)|a été (?:lu|affiché)",
    r"(?:fue|se ha) leído|foi (?:lida|exibida)|è stato (?:letto|visualizzato)|is gelezen|lästes|blev læst|ble lest",
    r"return receipt|this is a receipt for the|został[ao]? (?:odczytan|przeczytan)|было прочитано|已被?(?:阅读|閱讀)",
    r"開封されました",
)


def judge_report(root: Part, text: str) -> Verdict:
    """`multipart/report` says in `report-type` which report it is, or its parts do."""
    if root.content_type != "multipart/report":
        return _receipt(root, text)
    named = root.parameters.get("report-type", "").lower()
    types = [leaf.content_type.removeprefix("message/").removeprefix("global-") for leaf in leaves(root)]
    kind = next((REPORTS[name] for name in (named, *types) if name in REPORTS), None)
    if not kind:
        return None
    reasons = (f"multipart/report; report-type={named or 'unsaid'}",)
    if kind == "bounce":
        return _delivery(root, text, reasons)
    # Sieve refuses a mail with a read receipt (RFC 5429, 2.1.1): for the sender that is a bounce.
    if kind == "read_receipt" and FAILED.search(own_words(text)):
        return "bounce", (*reasons, "Text: not delivered")
    return kind, reasons


def judge_complaint(root: Part, text: str) -> Verdict:
    """Complaints that are no `multipart/report`, and the notices that Amazon sends as JSON."""
    notice = NOTICES.get(kind_of_notice(read_notice(text))) if NOTIFIER.search(said(root, "from")) else None
    if notice:
        return notice, ("a notice in JSON",)
    reasons = [f"{name.upper()}: a report" for name in ("x-arf", "x-xarf") if root.value(name).strip()]
    if root.parts and REPORT_TEXT.search(text) and read_feedback(root, text).keys() & {"version", "user-agent"}:
        reasons.append("Feedback-Type in the text")
    types = {leaf.content_type for leaf in leaves(root)}
    if FEEDBACK_TYPE in types:
        reasons.append("message/feedback-report")
    if COMPLAINT_SUBJECT.match(said(root, "subject")) and root.parts and types & RETURNED_TYPES:
        reasons.append("Subject: a complaint, with the mail it is about")
    return ("feedback_report", tuple(reasons)) if reasons else None


def _delivery(root: Part, text: str, reasons: tuple[str, ...]) -> Verdict:
    """A report of nothing but successes is no bounce (RFC 3464, 2.3.3: delivered, relayed, expanded)."""
    told = read_report(root, text)
    if told and not any(one.failed for one in told):
        return "auto_generated", (*reasons, f"Action: {told[0].action}")
    return "bounce", reasons


def _receipt(root: Part, text: str) -> Verdict:
    """Receipts of programs that do not keep to RFC 8098: the report without its wrapping, or words only."""
    if any(leaf.content_type == "message/disposition-notification" for leaf in leaves(root)):
        return "read_receipt", ("message/disposition-notification",)
    if word(root, "x-ms-exchange-message-class").startswith("report.ipm.note.ipn"):
        return "read_receipt", ("X-Ms-Exchange-Message-Class",)
    if READ_SUBJECT.match(said(root, "subject")) and READ_TEXT.search(text[:2000]):
        return "read_receipt", ("Subject and text of a receipt",)
    return None
