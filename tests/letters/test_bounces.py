import base64
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters import Bounce, Letter, parse
from letters.bounces import read_bounce, read_complaint
from letters.bounces.groups import read_groups
from letters.bounces.status import settle_status
from letters.mime import split

ANN = "ann@customer.example"


def mail(
    body: str, *, sender: str = "Mail Delivery System <MAILER-DAEMON@mx.example>", subject: str = "failure notice"
) -> Letter:
    head = f"Return-Path: <>\nFrom: {sender}\nTo: desk@desk.example\nSubject: {subject}\nMessage-ID: <b@mx.example>\n"
    return parse(f"{head}Content-Type: text/plain; charset=utf-8\n\n{body}\n".encode())


def bounce_of(letter: Letter) -> Bounce:
    assert letter.kind == "bounce", letter.reasons
    assert letter.bounce is not None
    return letter.bounce


def told(letter: Letter) -> list[tuple[str, str | None, str]]:
    return [(one.email, one.status, one.kind) for one in bounce_of(letter).recipients]


def report(groups: str, *, text: str = "Sorry.", encoding: str = "7bit", kind: str = "delivery-status") -> Letter:
    return parse(
        f"""Return-Path: <>
From: MAILER-DAEMON@mx.example
To: desk@desk.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type={kind}; boundary=rep

--rep
Content-Type: text/plain; charset=utf-8

{text}
--rep
Content-Type: message/{kind}
Content-Transfer-Encoding: {encoding}

{groups}
--rep
Content-Type: text/rfc822-headers

From: desk@desk.example
To: {ANN}
Subject: =?utf-8?Q?L=C3=A4mp?=
Message-ID: <t42@desk.example>
--rep--
""".encode()
    )


ONE = f"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; {ANN}\nAction: failed\nStatus: 5.1.1\n"


def test_report_names_recipient_status_and_reason() -> None:
    bounce = bounce_of(report(f"{ONE}Diagnostic-Code: smtp; 550 5.1.1 <{ANN}>: no such\n user here"))
    assert [(one.email, one.status, one.kind) for one in bounce.recipients] == [(ANN, "5.1.1", "hard")]
    assert bounce.recipients[0].diagnostic == f"550 5.1.1 <{ANN}>: no such user here"


def test_original_is_read_from_its_headers_alone() -> None:
    bounce = bounce_of(report(ONE))
    assert bounce.original_message_id == "t42@desk.example"
    assert ("subject", "Lämp") in bounce.original_headers


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "7bit"])
def test_report_may_be_encoded(encoding: str) -> None:
    body = base64.b64encode(ONE.encode()).decode() if encoding == "base64" else ONE
    assert told(report(body, encoding=encoding)) == [(ANN, "5.1.1", "hard")]


@pytest.mark.parametrize(
    "value",
    [
        f"RFC822;{ANN}",
        f"rfc822; <{ANN}>",
        ANN,
        f"smtp ; {ANN}",
        f"rfc822;{ANN} (Ann)",
        r"utf-8; ann\x{40}customer.example",
        "rfc822; ann+40customer.example",
    ],
)
def test_recipient_is_read_however_its_type_is_written(value: str) -> None:
    assert told(report(f"Final-Recipient: {value}\nAction: FAILED\nStatus: 5.1.1 (bad mailbox)")) == [
        (ANN, "5.1.1", "hard")
    ]


def test_recipient_is_the_one_we_wrote_to() -> None:
    forwarded = (
        f"Original-Recipient: rfc822;{ANN}\nFinal-Recipient: rfc822;x@far.example\nAction: failed\nStatus: 5.1.1"
    )
    assert told(report(forwarded)) == [(ANN, "5.1.1", "hard")]


def test_detail_of_an_address_is_no_xtext() -> None:
    assert (
        told(report("Final-Recipient: rfc822; ann+40@customer.example\nStatus: 5.1.1"))[0][0]
        == "ann+40@customer.example"
    )
    assert (
        told(report("Final-Recipient: rfc822; ann+2B1@customer.example\nStatus: 5.1.1"))[0][0]
        == "ann+1@customer.example"
    )


@pytest.mark.parametrize("between", ["", "\n", "\n\n\n"])
def test_several_recipients_are_told_apart_with_and_without_empty_lines(between: str) -> None:
    two = f"Final-Recipient: rfc822; bob@b.example\nAction: delayed\nStatus: 4.2.2\n{between}"
    three = "Final-Recipient: rfc822; cy@c.example\nAction: delivered\nStatus: 2.0.0\n"
    assert told(report(ONE + between + two + three)) == [(ANN, "5.1.1", "hard"), ("bob@b.example", "4.2.2", "delayed")]


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded (to a list)"])
def test_report_of_success_is_no_bounce(action: str) -> None:
    letter = report(f"Final-Recipient: rfc822; {ANN}\nAction: {action}\nStatus: 2.0.0")
    assert (letter.kind, letter.bounce) == ("auto_generated", None)


def test_global_report_counts() -> None:
    letter = report(ONE, kind="global-delivery-status")
    assert told(letter) == [(ANN, "5.1.1", "hard")]


def test_report_in_the_running_text_counts() -> None:
    assert told(mail(f"An error occurred.\n\nTechnical report:\n\n{ONE}\n")) == [(ANN, "5.1.1", "hard")]


def test_reason_missing_in_the_report_is_taken_from_the_words() -> None:
    words = f"I could not deliver this:\n\n<{ANN}>: host mx.customer.example said: 550 No such person"
    assert bounce_of(report(ONE, text=words)).recipients[0].diagnostic == "550 No such person"


@pytest.mark.parametrize(
    ("stated", "answer", "expected"),
    [
        ("5.1.1", "550 5.7.1 denied", "5.1.1"),
        ("5.0.0", "550 5.1.1 no such user", "5.1.1"),
        ("5.0.0 (permanent failure)", "550 no such user", "5.0.0"),
        ("5.1.0", "550-'5.1.1 gone'", "5.1.1"),
        ("4.4.7", "451 4.7.1 try later", "4.7.1"),
        ("4.4.7", "gave up", "4.4.7"),
        ("4.5.0", "550 5.5.0 refused", "5.5.0"),
        ("4.0.0", "550 blocked", "4.0.0"),
        ("", "550 5.1.1 no such user", "5.1.1"),
        ("", "sorry (#5.4.4)", "5.4.4"),
        ("", "554 4.4.7 expired <421 4.4.2 timed out>", "4.4.2"),
        ("", "550 no such user", "5.1.1"),
        ("", "450 no such user", "4.1.1"),
        ("", "552 mailbox is full", "5.2.2"),
        ("", "mailbox is full", "4.2.2"),
        ("", "host not found", "5.1.2"),
        ("", "552 message too big", "5.3.4"),
        ("", "554 spam", "5.7.1"),
        ("", "retry timeout exceeded", "4.4.7"),
        ("", "550 flurb", "5.0.0"),
        ("", "from 192.0.2.5 by postfix 5.1.2.3", None),
        ("", "no idea", None),
        ("", "https://x.example/mailbox-full", None),
    ],
)
def test_status_is_the_most_exact_that_is_said(stated: str, answer: str, expected: str | None) -> None:
    assert settle_status(stated, answer) == expected


# What mail systems without reports write. Each: the words, then who failed with what.
FORMS: dict[str, tuple[str, list[tuple[str, str | None, str]]]] = {
    "qmail": (
        """\
Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ann@customer.example>:
User and password not set, continuing without authentication.
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 unknown user
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

Return-Path: <desk@desk.example>
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "two of qmail": (
        """\
Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message.

<ann@customer.example>:
Sorry, no mailbox here by that name. (#5.1.1)

<bob@b.example>:
192.0.2.2 failed after I sent the message.
Remote host said: 552 5.2.2 over quota

--- Below this line is a copy of the message.
""",
        [(ANN, "5.1.1", "hard"), ("bob@b.example", "5.2.2", "hard")],
    ),
    "Exim": (
        """\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ann@customer.example
    (ultimately generated from sales@b.example)
    SMTP error from remote mail server after RCPT TO:<ann@customer.example>:
    host mx.customer.example [192.0.2.3]: 550 Unrouteable address

------ This is a copy of the message, including all the headers. ------

Return-path: <desk@desk.example>
""",
        [(ANN, "5.1.2", "hard")],
    ),
    "Exim warns": (
        """\
This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.example.

The address to which the message has not yet been delivered is:

  ann@customer.example
    Delay reason: connection timed out

No action is required on your part. Delivery attempts will continue.
""",
        [(ANN, "4.4.1", "delayed")],
    ),
    "sendmail": (
        """\
The original message was received at Mon, 5 Jan 2026 10:00:00 GMT
from localhost

   ----- The following addresses had permanent fatal errors -----
<ann@customer.example>
    (reason: 550 5.1.1 <ann@customer.example>... User unknown)

   ----- Transcript of session follows -----
... while talking to mx.customer.example:
>>> RCPT To:<ann@customer.example>
<<< 550 5.1.1 <ann@customer.example>... User unknown
550 5.1.1 <ann@customer.example>... User unknown

   ----- Original message follows -----
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "sendmail warns": (
        """\
    **********************************************
    **      THIS IS A WARNING MESSAGE ONLY      **

   ----- The following addresses had transient non-fatal errors -----
<ann@customer.example>

   ----- Transcript of session follows -----
<ann@customer.example>... Deferred: Connection refused by mx.customer.example.
Warning: message still undelivered after 4 hours
Will keep trying until message is 5 days old
""",
        [(ANN, "4.4.1", "delayed")],
    ),
    "Postfix": (
        """\
This is the mail system at host mx.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<ann@customer.example>: host mx.customer.example[192.0.2.7] said: 550 5.1.1
    <ann@customer.example>: Recipient address rejected: User unknown (in reply to RCPT
    TO command)
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "Exchange 5.5": (
        """\
Your message

  To:      ann@customer.example
  Subject: Lamp
  Sent:    Mon, 5 Jan 2026

did not reach the following recipient(s):

c=US;a= ;p=Customer;o=HQ;dda:SMTP=ann@customer.example; on Mon, 5 Jan 2026
    The recipient name is not recognized
    The MTS-ID of the original message is: c=US
    MSEXCH:IMS:Customer:HQ 0 (000C05A6) Unknown Recipient
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "Exchange 2003": (
        """\
Your message did not reach some or all of the intended recipients.

      Subject:    Lamp
      Sent:    1/5/2026 10:00

The following recipient(s) could not be reached:

      ann@customer.example on 1/5/2026 10:00
            The e-mail account does not exist at the organization this message was sent to.  Check the e-mail address
            <mx.customer.example #5.1.1>
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "Office 365": (
        """\
Your message to ann@customer.example couldn't be delivered.

ann wasn't found at customer.example.

Original Message Details
Created Date:    1/5/2026
Sender Address:    desk@desk.example
Recipient Address:    ann@customer.example
Subject:    Lamp

Error Details
Reported error:    550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
DSN generated by:    mx.example
""",
        [(ANN, "5.1.10", "hard")],
    ),
    "Google": (
        """\
Delivery to the following recipient failed permanently:

     ann@customer.example

Technical details of permanent failure:
Google tried to deliver your message, but it was rejected by the server. The error that the other server returned was:
550 5.1.1 No such user

----- Original message -----

Received: by 192.0.2.1 with SMTP id x
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "Google, refused": (
        """\
** Message blocked **

Your message to ann@customer.example has been blocked. See technical details below for more information.

The response from the remote server was:
550 5.7.1 Blocked
""",
        [(ANN, "5.7.1", "hard")],
    ),
    "Google, tried again": (
        """\
** Delivery incomplete **

There was a temporary problem delivering your message to ann@customer.example. Gmail will retry for 46 more hours.

The response from the remote server was:
452 4.2.2 The email account that you tried to reach is over quota.
""",
        [(ANN, "4.2.2", "delayed")],
    ),
    "several on one line": (
        """\
Sorry, I wasn't able to deliver your mail to

    ann@customer.example, bob@b.example

550 unknown user
""",
        [(ANN, "5.1.1", "hard"), ("bob@b.example", "5.1.1", "hard")],
    ),
    "Domino": (
        """\
Your message

  Subject: Lamp

was not delivered to:

  ann@customer.example

because:

  User ann (ann@customer.example) not listed in Domino Directory
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "GroupWise": (
        """\
The message that you sent was undeliverable to the following:
    ann@customer.example (mailbox is full)
""",
        [(ANN, "4.2.2", "soft")],
    ),
    "Courier": (
        """\
This is a delivery status notification from mx.example,
running the Courier mail server, version 0.65.

           UNDELIVERABLE MAIL

Your message to the following recipients cannot be delivered:

<ann@customer.example>:
    mx.customer.example [192.0.2.9]:
>>> RCPT TO:<ann@customer.example>
<<< 550 5.1.1 <ann@customer.example>... User Unknown
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "MDaemon": (
        """\
The attached message had PERMANENT fatal delivery errors!

After one or more unsuccessful delivery attempts the attached message has
been removed.

Failed address: ann@customer.example

--- Session Transcript ---
--> RCPT To:<ann@customer.example>
<-- 550 5.1.1 Recipient unknown
--- End Transcript ---
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "IMail": (
        """\
Unknown user: ann@customer.example

RCPT TO generated following response:
550 unknown

Original message follows.
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "InterScan": (
        """\
Unable to deliver message to <ann@customer.example>

Sent <<< RCPT TO:<ann@customer.example>
Received >>> 550 5.1.1 <ann@customer.example>... user unknown

************************     End of message     **********************
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "MailFoundry": (
        """\
Unable to deliver message to: <ann@customer.example>
Delivery failed for the following reason:
Server mx.customer.example[192.0.2.1] failed with: 552 disk quota exceeded

This has been a permanent failure.
""",
        [(ANN, "5.2.2", "hard")],
    ),
    "MailMarshal": (
        """\
Your message:
   From:    desk@desk.example
   Subject: Lamp

Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
    ann@customer.example

Additional Information
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "MailEnable": (
        """\
Message could not be delivered to some recipients.
The following recipient(s) could not be reached:

Recipient: [SMTP:ann@customer.example]
Reason: Remote SMTP Server Returned: 550 no such user

Message headers follow:
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "X6": (
        """\
We had trouble delivering your message. Full details follow:

Subject: 'Lamp'

1 error(s):

SMTP Server <mx.customer.example> rejected recipient <ann@customer.example>
  (Error following RCPT command). It responded as follows: [550 5.1.1 User unknown]
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "ActiveHunter": (
        """\
   ----- The following addresses had permanent fatal errors -----

>>> ann@customer.example <ann@customer.example>

   ----- Transcript of session follows -----
550 sorry, no mailbox here by that name
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "Biglobe": (
        """\
   ----- The following addresses had delivery problems -----
ann@customer.example

   ----- Non-delivered information -----
The number of messages in recipient's mailbox exceeded the local limit.
""",
        [(ANN, "4.2.2", "soft")],
    ),
    "EZweb": (
        """\
The user(s) ann@customer.example does not exist.

Each of the following recipients was rejected by a remote mail server.

    Recipient: <ann@customer.example>
    >>> RCPT TO:<ann@customer.example>
    <<< 550 <ann@customer.example>: User unknown
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "Sun": (
        """\
This report relates to a message you sent with the following header fields:

  Message-id: <t42@desk.example>
  Date: Mon, 5 Jan 2026
  From: desk@desk.example

Your message cannot be delivered to the following recipients:

  Recipient address: ann@customer.example
  Reason: Remote SMTP server has rejected address
  Diagnostic code: smtp;550 5.1.1 User Unknown
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "Yahoo": (
        """\
Message from yahoo.example.
Unable to deliver message to the following address(es).

<ann@customer.example>:
This user doesn't have a yahoo.example account (ann@customer.example) [-5]

--- Original message follows.
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "Smail": (
        """\
|------------------------- Message log follows: -------------------------|
|------------------------- Failed addresses follow: ---------------------|
 <ann@customer.example> ... unknown host
|------------------------- Message text follows: ------------------------|
""",
        [(ANN, "5.1.2", "hard")],
    ),
    "German": (
        """\
Ihre Nachricht konnte nicht zugestellt werden an:

ann@customer.example

Benutzer unbekannt
""",
        [(ANN, "5.1.1", "hard")],
    ),
    "Japanese": (
        """\
次のメールは配信できませんでした。

宛先: ann@customer.example

550 5.1.1 User unknown

元のメッセージ
""",
        [(ANN, "5.1.1", "hard")],
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_words_of_mail_systems_are_understood(form: str) -> None:
    words, expected = FORMS[form]
    assert told(mail(words)) == expected


def test_header_of_exim_names_the_recipient() -> None:
    raw = f"X-Failed-Recipients: {ANN}, bob@b.example\nFrom: MAILER-DAEMON@mx.example\n\nλυπούμαστε\n"
    assert told(parse(raw.encode())) == [(ANN, None, "soft"), ("bob@b.example", None, "soft")]


def test_only_recipient_of_the_original_is_the_one_that_failed() -> None:
    copy = f"Original Message:\nFrom: d@d.example\nTo: {ANN}\nSubject: Lamp\n"
    words = f"Message could not be delivered to mobile.\nError: No valid recipients\n\n{copy}"
    assert told(mail(words)) == [(ANN, "5.1.1", "hard")]


def test_original_is_read_from_the_text() -> None:
    copy = "Received: from a\n\tby b\nFrom: desk@desk.example\nMessage-ID: <t42@desk.example>\nSubject: Lamp\n\nHello\n"
    for mark in ("--- Below this line is a copy of the message.\n\n", "Message headers follow.\n\n", ""):
        bounce = bounce_of(mail(f"Unable to deliver to <{ANN}>: 550 no\n\n{mark}{copy}"))
        assert bounce.original_message_id == "t42@desk.example"
        assert dict(bounce.original_headers)["subject"] == "Lamp"


def test_address_in_the_returned_mail_has_not_failed() -> None:
    copy = "Original message follows.\n\n<bob@b.example>: 550 no such user\n"
    words = f"Unable to deliver to the following:\n\n<{ANN}>: 550 no such user\n\n{copy}"
    assert told(mail(words)) == [(ANN, "5.1.1", "hard")]


def notice(kind: str, **facts: object) -> Letter:
    headers = [{"name": "Message-ID", "value": "<t42@desk.example>"}]
    body = json.dumps({"notificationType": kind, "mail": {"messageId": "ses-1", "headers": headers}, **facts})
    wrapped = json.dumps({"Type": "Notification", "Message": body})
    return mail(wrapped, sender="no-reply@sns.amazonaws.com", subject="AWS Notification Message")


def test_notice_in_json_is_a_bounce() -> None:
    one = {"emailAddress": ANN, "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
    letter = notice("Bounce", bounce={"bounceType": "Permanent", "bouncedRecipients": [one]})
    assert told(letter) == [(ANN, "5.1.1", "hard")]
    assert bounce_of(letter).original_message_id == "t42@desk.example"


def test_notice_of_a_complaint_and_of_a_delivery() -> None:
    letter = notice(
        "Complaint", complaint={"complainedRecipients": [{"emailAddress": ANN}], "complaintFeedbackType": "virus"}
    )
    assert letter.kind == "feedback_report"
    assert letter.complaint is not None
    assert (letter.complaint.feedback_type, letter.complaint.recipients) == ("virus", (ANN,))
    assert notice("Delivery").kind == "auto_generated"


@pytest.mark.parametrize(
    "facts", [{}, {"bounce": 1}, {"bounce": {"bouncedRecipients": [1, {"emailAddress": 7}]}}, {"mail": []}]
)
def test_notice_that_lacks_things_is_read_as_far_as_it_goes(facts: dict[str, object]) -> None:
    assert bounce_of(notice("Bounce", **facts)).recipients == ()


def complaint_mail(fields: str, returned: str, kind: str = "message/feedback-report") -> Letter:
    return parse(
        f"""From: fbl@provider.example
Subject: FW: Lamp
Content-Type: multipart/report; report-type=feedback-report; boundary=rep

--rep
Content-Type: text/plain

This is an abuse report.
--rep
Content-Type: {kind}

{fields}
--rep
Content-Type: message/rfc822

{returned}
--rep--
""".encode()
    )


def test_complaint_says_who_and_about_what() -> None:
    fields = f"Feedback-Type: Abuse\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: <{ANN}>\nRemoval-Recipient: {ANN}"
    letter = complaint_mail(fields, "Message-ID: <t42@desk.example>\nSubject: Lamp\nTo: a@b.example\n\nHello")
    assert letter.complaint is not None
    assert letter.kind == "feedback_report"
    assert (letter.complaint.feedback_type, letter.complaint.recipients) == ("abuse", (ANN,))
    assert letter.complaint.original_message_id == "t42@desk.example"


def test_addressees_of_a_mail_complained_about_are_not_who_complained() -> None:
    letter = complaint_mail(
        "Feedback-Type: abuse\nVersion: 1", f"Message-ID: <t42@d.example>\nTo: {ANN}\nSubject: x\n\nx"
    )
    assert letter.complaint is not None
    assert letter.complaint.recipients == ()


def test_provider_notes_who_complained_in_the_mail_itself() -> None:
    raw = f"""From: staff@hotmail.example
Subject: complaint about message from 192.0.2.1
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: message/rfc822

X-HmXmrOriginalRecipient: {ANN}
Message-ID: <t42@desk.example>
Subject: Lamp

Hello
--m--
"""
    letter = parse(raw.encode())
    assert letter.kind == "feedback_report"
    assert letter.complaint is not None
    assert letter.complaint.recipients == (ANN,)


LINES = st.sampled_from(
    [
        "Final-Recipient: rfc822; a@b.example",
        "Original-Recipient: rfc822; +40+2B",
        "Action: failed",
        "Status: 5.1.1",
        "Status: ",
        "Diagnostic-Code: smtp; 550 5.1.1 x",
        " folded",
        "",
        "<a@b.example>:",
        "Remote host said: 550 no such user",
        "could not be delivered to the following",
        "--- Below this line is a copy of the message.",
        "Received: x",
        "Message-ID: <x@y>",
        '{"notificationType": "Bounce", "bounce": {"bouncedRecipients": [{}]}}',
        "Feedback-Type: abuse",
        "@@@@ <> \x00",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=30))
def test_any_lines_are_read(lines: list[str]) -> None:
    text = "\n".join(lines)
    root, _ = split(f"Content-Type: message/delivery-status\n\n{text}".encode())
    bounce = read_bounce(root, text)
    emails = [one.email for one in bounce.recipients] if bounce else []
    assert len({email.lower() for email in emails}) == len(emails)
    read_complaint(root, text)


@given(
    st.lists(st.lists(st.sampled_from(["Final-Recipient", "Action", "Status"]), min_size=1, unique=True), max_size=8)
)
def test_no_group_of_a_report_has_a_field_twice(groups: list[list[str]]) -> None:
    text = "\n".join(f"{name}: {at}" for at, names in enumerate(groups) for name in names)
    read = read_groups(text)
    assert sum(map(len, read)) == sum(map(len, groups))


@pytest.mark.parametrize(
    "line",
    [
        "*" * 900,
        " " * 900 + "x",
        "a@" * 400,
        "<a@b.example>: 550 no such user",
        "To: " + "a" * 900,
        "550 " * 200,
        "mailbox " * 100,
        "returned ",
    ],
)
def test_endless_words_cost_little(line: str) -> None:
    body = "could not be delivered\n" + f"{line}\n" * (2_000_000 // len(line))
    start = time.perf_counter()
    mail(body)
    assert time.perf_counter() - start < 5


def test_report_without_end_is_cut() -> None:
    groups = "".join(f"Final-Recipient: rfc822; a{n}@b.example\nAction: failed\n\n" for n in range(20_000))
    assert 0 < len(bounce_of(report(groups)).recipients) <= 500
