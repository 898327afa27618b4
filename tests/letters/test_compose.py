import email
import email.policy
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters import Address, Attachment, Draft, compose, parse
from letters.compose import REFERENCES_LIMIT

DESK = Address("Desk Support", "support@desk.example")
ANN = Address("Ann Lee", "ann@customer.example")


def draft(**changes: Any) -> Draft:
    fields: dict[str, Any] = {
        "from_": DESK,
        "to": (ANN,),
        "cc": (),
        "subject": "Re: Lamp [#42]",
        "message_id": "t42.a@desk.example",
        "in_reply_to": "parent@customer.example",
        "references": ("root@customer.example", "parent@customer.example"),
        "reply_to": "support+abc@desk.example",
        "date": datetime(2026, 3, 2, 16, 5, tzinfo=UTC),
        "text": "Hello\n",
        "html": "<p>Hello</p>",
        "auto_submitted": None,
    }
    return Draft(**(fields | changes))


def opened(raw: bytes) -> EmailMessage:
    """The mail as the standard library's strict reader sees it."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
ONE_LINE = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=200).map(str.strip)
# One encoded word: the library, as of 3.11, puts a space between two of them in a name.
NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=10)


@settings(max_examples=200, deadline=None)
@given(subject=ONE_LINE, name=NAMES, text=ANYTHING, html=ANYTHING)
def test_what_is_written_is_read_back(subject: str, name: str, text: str, html: str) -> None:
    sender = Address(name, "support@desk.example")
    raw = compose(draft(from_=sender, subject=subject, text=text, html=html))
    message = opened(raw)
    assert message["Subject"] == subject
    assert [(one.display_name, one.addr_spec) for one in message["From"].addresses] == [(name, sender.email)]
    assert text_of(message) == text.replace("\r\n", "\n")
    assert text_of(message, "html") == html.replace("\r\n", "\n")
    letter = parse(raw)
    assert (letter.subject, letter.from_) == (
        " ".join(subject.split("\u00a0\u00a0")),
        sender,
    ) or letter.subject == subject


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(ANYTHING, st.sampled_from(["a@b.example", "o'neil@b.example"])), min_size=1, max_size=5),
    ANYTHING,
    ANYTHING,
)
def test_wire_form_is_seven_bit_and_says_everything_once(
    people: list[tuple[str, str]], subject: str, filename: str
) -> None:
    attached = Attachment(filename, "text/x-odd\r\nBcc: x@y", b"\x00\xff" * 90, inline=False, content_id=None)
    to = tuple(Address(name, address) for name, address in people)
    raw = compose(draft(from_=to[0], to=to, cc=to, subject=subject, attachments=(attached,)))
    assert raw.isascii()
    assert b"\0" not in raw
    assert all(len(line) <= 998 and b"\r" not in line and b"\n" not in line for line in raw.split(b"\r\n"))
    message = opened(raw)
    expected = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Cc", "Reply-To", "In-Reply-To"]
    assert [*message.keys()] == [*expected, "References", "Content-Type"]
    assert [one.addr_spec for one in message["To"].addresses] == [address for _, address in people]
    assert parse(raw).attachments[0].content == attached.content


def test_thread_headers_are_read_back_exactly() -> None:
    message = opened(compose(draft(cc=(Address("", "bob@else.example"),))))
    assert message["From"] == "Desk Support <support@desk.example>"
    assert message["To"] == "Ann Lee <ann@customer.example>"
    assert message["Cc"] == "bob@else.example"
    assert message["Message-ID"] == "<t42.a@desk.example>"
    assert message["In-Reply-To"] == "<parent@customer.example>"
    assert message["References"] == "<root@customer.example> <parent@customer.example>"
    assert message["Reply-To"] == "support+abc@desk.example"
    assert message["Date"].datetime == datetime(2026, 3, 2, 16, 5, tzinfo=UTC)
    assert message["Auto-Submitted"] is None


def test_long_name_is_split_between_characters_and_read_back_by_us() -> None:
    name = "Константин Константинопольский-Задунайский, начальник отдела"
    raw = compose(draft(from_=Address(name, "support@desk.example")))
    assert parse(raw).from_ == Address(name, "support@desk.example")
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))


@pytest.mark.parametrize(("said", "kind"), [("auto-replied", "auto_reply"), ("auto-generated", "auto_generated")])
def test_automatic_mail_says_that_it_is(said: str, kind: str) -> None:
    raw = compose(draft(auto_submitted=said))
    assert (opened(raw)["Auto-Submitted"], opened(raw)["X-Auto-Response-Suppress"]) == (said, "All")
    assert parse(raw).kind == kind


def test_what_a_person_wrote_does_not_say_that_a_machine_did() -> None:
    message = opened(compose(draft()))
    assert (message["Auto-Submitted"], message["X-Auto-Response-Suppress"]) == (None, None)


def test_first_mail_of_a_thread_refers_to_nothing() -> None:
    message = opened(compose(draft(in_reply_to=None, references=(), reply_to="", to=())))
    assert message["In-Reply-To"] is None
    assert message["References"] is None
    assert message["Reply-To"] is None
    assert message.get_all("To") == ["undisclosed-recipients:;"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("abc@.", min_size=1, max_size=400), max_size=60, unique=True), st.booleans())
def test_references_keep_root_and_parent_and_stay_short(idents: list[str], listed: bool) -> None:
    parent = idents[-1] if idents and listed else "parent@x"
    message = opened(compose(draft(references=tuple(idents), in_reply_to=parent)))
    kept = [ident.strip("<>") for ident in str(message["References"]).split()]
    assert kept[-1] == parent
    assert kept[0] == next((ident for ident in idents if ident != parent), parent)
    assert len(kept) == len(set(kept))
    assert len(str(message["References"])) <= REFERENCES_LIMIT or len(kept) == 2


def test_ids_that_no_header_can_carry_are_left_out() -> None:
    odd = ("root@x", "a b@x", "é@x", "a\r\nBcc: c@d", "x" * 1000, "parent@x")
    assert opened(compose(draft(references=odd, in_reply_to="é@x")))["References"] == "<root@x> <parent@x>"
    assert opened(compose(draft(references=odd, in_reply_to="é@x")))["In-Reply-To"] is None


@pytest.mark.parametrize(
    "text",
    [
        "one\n.\ntwo\n",
        ".\n",
        "From here on\nFrom there\n",
        "trailing space \ntrailing tab\t\n \n",
        "no line end",
        "\n\n\n",
        "=3D =\n",
        "-- \nsignature",
        "ä" * 2000,
        "a" * 2000,
        "日本語\n" * 50,
        "lone \r return",
        "",
    ],
)
def test_text_comes_back_byte_for_byte(text: str) -> None:
    raw = compose(draft(text=text))
    assert text_of(opened(raw)) == text
    assert b"\r\n.\r\n" not in raw
    assert b"\r\nFrom " not in raw.partition(b"\r\n\r\n")[2]


def test_attachments_come_back_with_their_names() -> None:
    attachments = (
        Attachment("bill.pdf", "application/pdf", b"%PDF" * 100, inline=False, content_id=None),
        Attachment("Rechnung für März.pdf", "application/pdf", b"", inline=False, content_id=None),
        Attachment("部" * 80 + ".txt", "text/plain", "ä\r\n".encode(), inline=False, content_id=None),
        Attachment("shot.png", "image/png", b"\x89PNG", inline=True, content_id="shot@1"),
    )
    raw = compose(draft(html='<img src="cid:shot@1">', attachments=attachments))
    assert parse(raw).attachments == attachments
    assert [part.get_filename() for part in opened(raw).iter_attachments()] == [one.filename for one in attachments]


def test_embedded_mail_is_sent_as_a_plain_file() -> None:
    embedded = Attachment("old.eml", "message/rfc822", b"From: x\r\n\r\nhi", inline=False, content_id=None)
    sent = parse(compose(draft(attachments=(embedded,)))).attachments[0]
    assert (sent.filename, sent.content_type, sent.content) == (
        "old.eml",
        "application/octet-stream",
        embedded.content,
    )


def test_domain_beyond_ascii_goes_out_as_a_label() -> None:
    message = opened(compose(draft(to=(Address("Jörg", "joerg@Bücher.example"),))))
    assert message["To"].addresses[0].addr_spec == "joerg@xn--bcher-kva.example"


def test_odd_but_real_local_part_is_quoted() -> None:
    raw = compose(draft(to=(Address("", "taro..yamada.@mobile.example"),)))
    assert b'\r\nTo: "taro..yamada."@mobile.example\r\n' in raw


def test_same_draft_gives_the_same_bytes() -> None:
    assert compose(draft()) == compose(draft())
    assert compose(draft()) != compose(draft(message_id="t42.b@desk.example"))


def test_date_keeps_its_zone() -> None:
    late = datetime(2026, 3, 2, 18, 5, tzinfo=timezone(timedelta(hours=2)))
    assert b"\r\nDate: Mon, 02 Mar 2026 18:05:00 +0200\r\n" in compose(draft(date=late))


@pytest.mark.parametrize(
    "changes",
    [
        {"to": (Address("", "jörg@customer.example"),)},
        {"to": (Address("", "a@b\r\nBcc: c@d"),)},
        {"from_": Address("", "nobody")},
        {"reply_to": "a@b c"},
        {"message_id": "a b"},
        {"message_id": "a>\r\nBcc: c@d"},
        {"date": datetime(2026, 3, 2)},  # noqa: DTZ001 - a naive date is the point
    ],
)
def test_draft_that_cannot_be_written_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        compose(draft(**changes))
