"""Bounces that do not call themselves one, told by evidence of several sorts.

Each sort counts: who sent it, to whom an answer would go, what the subject and the words say, and whether a recipient
is named with a reason. A sender or a header of a mail system is needed in any case: people forward bounces, answer
them, and write about them.
"""

import re
from collections.abc import Iterator

from letters.bounces.leaves import addresses, leaves
from letters.bounces.original import RETURNED_TYPES
from letters.bounces.prose import Prose
from letters.bounces.report import REPORT_TYPES
from letters.bounces.status import tells
from letters.bounces.wording import any_of, begins_with
from letters.kinds.fields import NO, Verdict, null_sender, said, word
from letters.mailboxes import read_mailboxes
from letters.mime import Part

ENOUGH = 4  # points
Evidence = Iterator[tuple[int, str]]

DAEMON = re.compile(
    r"(?:mailer[-_. ]?daemon|mail[-_.]daemon|maildaemon|mail\.delivery\.system|mdaemon|bounce-?notification)(?:@|$)"
)
DAEMON_NAME = any_of(
    r"\bmail(?:er)?[- ]daemon\b|\bmail delivery (?:sub)?(?:system|service)\b|\bmail(?:er)? administrator\b|\bndr\b",
    r"internet mail delivery|delivery (?:status|subsystem)|^system administrator$|system attendant|mail system",
    r"^microsoft outlook$",
)
POSTMASTER = re.compile(r"(?:post-?master|microsoftexchange[0-9a-f]{0,40})(?:@|$)")
PERSONS_PROGRAM = any_of(
    r"thunderbird|iphone mail|ipad mail|apple mail|microsoft outlook|outlook-ios|k-9|evolution|kmail|mutt|roundcube"
)
ANSWERED = begins_with(r"(?:re|aw|sv|antw|odp|rv|fwd?|wg|tr|i|enc|doorst|回复|答复|转发)\s?(?:\[\d{1,3}\])?\s?[:：]")
# The fixed forms; people write about failed mail in other words.
FAILURE_SUBJECT = begins_with(
    r"(?:\[?spam\]?[:\s]{1,3})?(?:undeliver(?:able|ed)|un-deliverable|non-?deliverable|returned (?:mail|to sender))",
    r"(?:permanent |e?-?mail |message |automatic )?delivery (?:status )?"
    r"(?:notification|fail|report|error|problem|delayed|has failed)",
    r"failed (?:mail|delivery)|failure (?:notice|delivery|notification|in delivery)|non-?delivery|rejected(?: mail|:)",
    r"(?:mail|message|e-?mail) (?:delivery )?(?:failed|failure|error|undeliverable|delayed|rejected|could not)",
    r"mail system error|(?:could not|unable to|cannot) (?:send|deliver)|warning:? (?:could not|message)|delayed mail",
    r"error sending|ndn:|dsn:|ndr:|bounced? (?:mail|message)|automatically rejected|\*{2,9}.{0,20}undeliver",
    r"your (?:message|mail|e-?mail) .{0,60}(?:not|rejected|undeliver)",
    r"unzustellbar|nicht zustellbar|zustellung .{0,40}(?:fehlgeschlagen|nicht)|fehlgeschlagene zustellung",
    r"non remis|non distribuable|échec (?:de|d')|notification d'échec|no entregado|no se puede entregar",
    r"non recapitabile|mancato recapito|não entregue|não é possível entregar|falha (?:na|de) entrega",
    r"onbestelbaar|(?:det )?går inte att leverera|kan ikke leveres|niedostarcz|nie można dostarcz|nedoručiteln",
    r"не ?доставл|недоставл|(?:ваше )?сообщение не доставлено|配信不能|配信エラー|配信できません|メールを配信",
    r"送信エラー|メール配送|エラーメール|未送達|系统退信|退信|无法投递|邮件投递失败|未傳遞|無法傳遞|배달되지",
)


def judge_bounce(root: Part, text: str) -> Verdict:
    """`bounce` where enough speaks for it."""
    of_system = list(_senders(root))
    if not of_system:
        return None
    evidence = [*of_system, *_structure(root), *_words(root, text)]
    if sum(points for points, _ in evidence) < ENOUGH:
        return None
    return "bounce", tuple(reason for points, reason in evidence if points > 0)


def _senders(root: Part) -> Evidence:
    """What only mail systems do, or do more than others."""
    if root.value("x-failed-recipients").strip():
        yield 4, "X-Failed-Recipients"
    mailbox = next(iter(read_mailboxes(root.value("from"))), None)
    name, email = (mailbox.name, mailbox.key) if mailbox else (said(root, "from"), "")
    if DAEMON.match(email) or (not email.strip("<>") and DAEMON_NAME.search(name)):
        yield 3, "From: a mail system"
    elif DAEMON_NAME.search(name):
        yield 2, "From: the name of a mail system"
    elif POSTMASTER.match(email):
        yield 1, "From: a postmaster"
    elif root.value("from").strip() in {b"", b"<>"}:
        yield 1, "From: nobody"
    if null_sender(root):
        yield 1, "Return-Path: <>"
    elif DAEMON.match(word(root, "return-path").strip("<>")):
        yield 1, "Return-Path: a mail system"


def _structure(root: Part) -> Evidence:
    types = {leaf.content_type for leaf in leaves(root)}
    if types & REPORT_TYPES:
        yield 2, "message/delivery-status"
    if root.content_type == "multipart/report":
        yield 1, "multipart/report"
    if root.parts and types & RETURNED_TYPES:
        yield 1, "the mail that came back"
    if word(root, "auto-submitted").partition(" ")[0].rstrip(";") not in NO:
        yield 1, "Auto-Submitted"
    if root.value("list-id").strip():
        yield -1, "List-Id"


def _words(root: Part, text: str) -> Evidence:
    subject = said(root, "subject")
    if ANSWERED.match(subject):
        yield -3, "an answer or a forwarded mail"
    elif FAILURE_SUBJECT.match(subject):
        yield 2, "Subject: not delivered"
    if PERSONS_PROGRAM.search(f"{said(root, 'user-agent')} {said(root, 'x-mailer')}"):
        yield -3, "a mail program of people"
    prose = Prose(text)
    if prose.arrived:
        yield -4, "Text: delivered"
    if prose.failed or prose.delayed:
        yield 1, "Text: not delivered"
    if any(tells(one.diagnostic) for one in prose.failures(addresses(root, "to", "from"))):
        yield 2, "Text: a recipient, and why"
