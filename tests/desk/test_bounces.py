"""Bounces, complaints and receipts as raw mail through the intake: which delivery, and what follows."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk import House, add_message, change_ticket
from desk.bounces import Copy, Known, Match, match
from desk.reports import code_and_error
from gateway.intake import Intake
from letters import FailedRecipient, write_message_id, write_reply_address, write_return_path
from mailer import delivery as mailing
from mailer.drain import Drain
from mailer.transport import Answer, transport
from models import Delivery, Event, Inbound, Message, Proof, Status, Suppression, Ticket, User
from settings import RelayUrl
from tests.cast import SUPPORT, Cast, mail, ticket_of
from tests.desk.reports import bounce, complaint, receipt
from tests.mailer.relay import faulty_relay

ZOE, KIM, LEE = "zoe@people.example", "kim@people.example", "lee@people.example"
GONE = (ZOE, "5.1.1", "550 5.1.1 no such user")
FULL = (ZOE, "4.2.2", "452 4.2.2 mailbox full")


async def conversation(cast: Cast, *others: str) -> Ticket:
    """Zoe's ticket, its acknowledgement sent."""
    ticket = await ticket_of(await cast.receive(mail(Cc=", ".join(others) or None)))
    await leave()
    return ticket


async def say(cast: Cast, ticket: Ticket, text: str = "We look.") -> Message:
    """Staff's words, sent to everybody who takes part."""
    async with cast.house.work() as work:
        message = await add_message(work, cast.ann, ticket.id, text=text)
    await leave()
    return message


async def leave() -> None:
    """What waits goes out: the relay takes it all."""
    waiting = Delivery.filter(state="queued")
    await waiting.update(state="sent", code=250, attempts=1, sent_at=datetime.now(UTC))


async def back(cast: Cast, delivery: Delivery, raw: bytes) -> Inbound:
    """The report comes to the delivery's own return path."""
    path = write_return_path(cast.house.reply_key, SUPPORT, delivery.id)
    return await cast.receive(raw, to=path, envelope_from="")


async def soft_bounces(cast: Cast, ticket: Ticket, times: int) -> None:
    for _ in range(times):
        message = await say(cast, ticket)
        await back(cast, await Delivery.get(message_id=message.id), bounce(FULL))


async def states() -> dict[str, str]:
    """State of the newest delivery to each recipient."""
    return {row.recipient: str(row.state) for row in await Delivery.all().order_by("id")}


async def suppressed() -> dict[str, str]:
    return {row.email: str(row.reason) for row in await Suppression.all()}


async def happened(*kinds: str) -> list[tuple[str, Any]]:
    return [(event.kind, event.data) for event in await Event.filter(kind__in=kinds).order_by("id")]


# -- which delivery


COPIES = (Copy(1, 10, 100, ZOE), Copy(2, 10, 101, KIM))
ELSEWHERE = Copy(3, 11, 100, ZOE)


@pytest.mark.parametrize(
    ("recipients", "known", "found"),
    [
        ([ZOE], Known(returned=COPIES[:1], named=COPIES), [(1, Proof.RETURN_PATH)]),
        ([KIM], Known(returned=COPIES[:1], named=COPIES), [(1, Proof.RETURN_PATH), (2, Proof.UNSIGNED)]),
        ([], Known(returned=COPIES[:1]), [(1, Proof.RETURN_PATH)]),
        (["Kim@People.Example"], Known(named=COPIES), [(2, Proof.MESSAGE_ID)]),
        ([KIM, ZOE], Known(named=COPIES), [(1, Proof.MESSAGE_ID), (2, Proof.MESSAGE_ID)]),
        ([LEE], Known(named=COPIES), []),
        ([LEE], Known(named=COPIES[:1]), [(1, Proof.UNSIGNED)]),
        ([], Known(named=COPIES[:1]), [(1, Proof.MESSAGE_ID)]),
        ([], Known(named=COPIES), []),
        ([], Known(named=COPIES, persons=frozenset({101})), [(2, Proof.MESSAGE_ID)]),
        ([KIM], Known(named=COPIES, persons=frozenset({101})), [(2, Proof.MESSAGE_ID)]),
        ([KIM], Known(named=COPIES, persons=frozenset({100})), [(1, Proof.MESSAGE_ID), (2, Proof.UNSIGNED)]),
        ([KIM], Known(named=COPIES, by_a_reader=True), [(2, Proof.UNSIGNED)]),
        ([], Known(named=COPIES[:1], by_a_reader=True), [(1, Proof.UNSIGNED)]),
        ([ZOE], Known(recent=(ELSEWHERE,)), [(3, Proof.UNSIGNED)]),
        ([ZOE], Known(), []),
    ],
)
def test_the_best_proof_decides(recipients: list[str], known: Known, found: list[tuple[int, Proof]]) -> None:
    assert [(one.copy.id, one.proof) for one in match(recipients, known)] == found


def test_a_domain_may_be_written_either_way() -> None:
    ours = Copy(1, 10, 100, "zoe@bücher.example")
    assert match(["zoe@xn--bcher-kva.example"], Known(named=(ours,))) == (Match(ours, Proof.MESSAGE_ID),)


@pytest.mark.parametrize(
    ("status", "kind", "said", "found"),
    [
        ("5.1.1", "hard", "550 5.1.1 no such user", (550, "5.1.1 no such user")),
        ("5.1.1", "hard", "553-5.1.1 <zoe@x.example>: gone", (553, "5.1.1 <zoe@x.example>: gone")),
        ("5.1.10", "hard", "", (550, "5.1.10")),
        ("4.2.2", "soft", "said 550, then 452 full", (452, "4.2.2 said 550, then 452 full")),
        (None, "hard", "no such user", (550, "no such user")),
        (None, "soft", "", (450, "it came back without a reason")),
        ("5.4.4", "hard", "mx550.example at 10.0.0.550", (550, "5.4.4 mx550.example at 10.0.0.550")),
    ],
)  # fmt: skip
def test_a_failure_has_a_code_and_words(status: str | None, kind: Any, said: str, found: tuple[int, str]) -> None:
    assert code_and_error(FailedRecipient(ZOE, status, kind, said)) == found


async def test_a_bounce_at_its_return_path_marks_that_copy_alone(cast: Cast) -> None:
    ticket = await conversation(cast, KIM)
    message = await say(cast, ticket)
    copy = await Delivery.get(message_id=message.id, recipient=ZOE)
    entry = await back(cast, copy, bounce(GONE))
    found = await Delivery.get(id=copy.id)
    assert (entry.state, entry.ticket_id, entry.message_id) == ("processed", ticket.id, None)
    assert (found.state, found.code, found.error, found.bounce_proof) == (
        "bounced", 550, "5.1.1 no such user", "return path",
    )  # fmt: skip
    assert await states() == {ZOE: "bounced", KIM: "sent"}
    assert await Ticket.all().count() == 1


async def test_the_ticket_shows_it_and_comes_up_but_is_not_reopened(cast: Cast) -> None:
    ticket = await conversation(cast)
    message = await say(cast, ticket)
    async with cast.house.work() as work:
        await change_ticket(work, cast.ann, ticket.id, status=Status.CLOSED)
    before = await Ticket.get(id=ticket.id)
    copy = await Delivery.get(message_id=message.id)
    await back(cast, copy, bounce(GONE))
    after = await Ticket.get(id=ticket.id)
    assert (after.status, after.updated_at > before.updated_at) == ("CL", True)
    [(_, data)] = await happened("bounced")
    assert data == {
        "recipient": ZOE, "status": "5.1.1", "diagnostic": "550 5.1.1 no such user", "code": 550,
        "error": "5.1.1 no such user", "delivery": copy.id, "proof": "return path",
    }  # fmt: skip


async def test_a_bounce_that_names_our_message_id_marks_the_copy_of_whom_it_failed(cast: Cast) -> None:
    ticket = await conversation(cast, KIM, LEE)
    message = await say(cast, ticket)
    entry = await cast.receive(bounce((KIM.upper(), "5.1.1", "550 gone"), original=message.rfc_message_id))
    assert (entry.state, entry.ticket_id) == ("processed", ticket.id)
    assert await states() == {ZOE: "sent", KIM: "bounced", LEE: "sent"}
    assert await suppressed() == {KIM: "hard bounce"}


@pytest.mark.parametrize(
    "shown",
    [
        {"sender": LEE},
        {"sender": "", "From": LEE},
        {"sender": "", "From": f"Mail Delivery System <{KIM.upper()}>"},
        {"sender": "", "Sender": LEE},
        {"sender": "", "Reply-To": f"postmaster <{LEE}>"},
    ],
)
async def test_nobody_who_takes_part_can_report_the_address_of_another(cast: Cast, shown: dict[str, str]) -> None:
    message = await say(cast, await conversation(cast, KIM, LEE))
    raw = bounce((KIM, "5.1.1", "550 gone"), original=message.rfc_message_id)
    for name, value in list(shown.items())[1:]:
        raw = replaced(raw, name, value)
    entry = await cast.receive(raw, envelope_from=shown["sender"])
    assert (entry.state, await states()) == ("processed", {ZOE: "sent", KIM: "bounced", LEE: "sent"})
    assert (await happened("bounced"))[0][1]["proof"] == "unsigned"
    assert await suppressed() == {}


@pytest.mark.parametrize("signature", ["return path", "reply address"])
async def test_nobody_can_report_another_with_the_copy_that_they_got_themselves(cast: Cast, signature: str) -> None:
    message = await say(cast, await conversation(cast, KIM, LEE))
    own = await Delivery.get(message_id=message.id, recipient=LEE)
    raw = bounce((KIM, "5.1.1", "550 gone"), original=message.rfc_message_id, headers=repeated(cast, own, signature))
    await cast.receive(raw, envelope_from="")
    assert KIM not in await suppressed()


@pytest.mark.parametrize("signature", ["return path", "reply address"])
async def test_a_bounce_with_the_failed_copys_own_signature_suppresses(cast: Cast, signature: str) -> None:
    message = await say(cast, await conversation(cast, KIM, LEE))
    copy = await Delivery.get(message_id=message.id, recipient=KIM)
    raw = bounce((KIM, "5.1.1", "550 gone"), original=message.rfc_message_id, headers=repeated(cast, copy, signature))
    await cast.receive(raw, envelope_from="")
    assert await suppressed() == {KIM: "hard bounce"}


def replaced(raw: bytes, name: str, value: str) -> bytes:
    """The mail with this field on top, and none of that name below."""
    head, _, rest = raw.partition(b"\r\n\r\n")
    kept = [line for line in head.split(b"\r\n") if not line.lower().startswith(f"{name}:".lower().encode())]
    return b"\r\n".join([f"{name}: {value}".encode(), *kept]) + b"\r\n\r\n" + rest


def repeated(cast: Cast, copy: Delivery, signature: str) -> str:
    """What a returned header of the copy shows of its signatures."""
    key, ticket = cast.house.reply_key, copy.ticket_id or 0
    if signature == "return path":
        return f"Return-Path: <{write_return_path(key, SUPPORT, copy.id)}>\r\n"
    return f"Reply-To: {write_reply_address(key, SUPPORT, ticket, copy.user_id)}\r\n"


async def test_a_bounce_may_name_our_mail_as_what_it_answers(cast: Cast) -> None:
    ours = (await say(cast, await conversation(cast))).rfc_message_id
    raw = bounce(GONE).replace(b"MIME-Version", f"References: <{ours.upper()}>\r\nMIME-Version".encode())
    assert (await cast.receive(raw)).state == "processed"
    assert await states() == {ZOE: "bounced"}


async def test_one_bounce_of_several_recipients_marks_each(cast: Cast) -> None:
    message = await say(cast, await conversation(cast, KIM, LEE))
    await cast.receive(bounce(GONE, (LEE, "4.2.2", "full"), original=message.rfc_message_id))
    assert await states() == {ZOE: "bounced", KIM: "sent", LEE: "bounced"}
    assert await suppressed() == {ZOE: "hard bounce"}


async def test_a_report_that_a_server_handed_to_the_mailbox_is_known_by_its_to(cast: Cast) -> None:
    copy = await Delivery.get(ticket_id=(await conversation(cast)).id)
    path = write_return_path(cast.house.reply_key, SUPPORT, copy.id)
    await cast.receive(bounce(GONE).replace(b"To: support@desk.example", f"To: {path}".encode()))
    assert (await Delivery.get(id=copy.id)).bounce_proof == "return path"


async def test_a_forged_return_path_and_a_forged_id_prove_nothing(cast: Cast) -> None:
    ticket = await conversation(cast)
    copy = await Delivery.get(ticket_id=ticket.id)
    path = write_return_path(b"another key", SUPPORT, copy.id)
    ident = write_message_id(b"another key", "desk.example", ticket.id, "abc")
    entry = await cast.receive(bounce(GONE, original=ident), to=path, envelope_from="")
    assert (entry.state, entry.ticket_id) == ("ignored", None)
    assert (await states(), await suppressed()) == ({ZOE: "sent"}, {})


async def test_a_recipient_that_our_mail_never_went_to_harms_nobody(cast: Cast) -> None:
    message = await say(cast, await conversation(cast, KIM))
    entry = await cast.receive(bounce(("boss@victim.example", "5.1.1", "gone"), original=message.rfc_message_id))
    assert entry.state == "ignored"
    assert "boss@victim.example" in (entry.reason or "")
    assert (await states(), await suppressed()) == ({ZOE: "sent", KIM: "sent"}, {})


async def test_a_bounce_about_an_address_that_never_was_ours_names_it_in_the_journal(cast: Cast) -> None:
    await conversation(cast)
    entry = await cast.receive(bounce(("x@victim.example", "5.1.1", "gone"), ("y@victim.example", "5.0.0", "gone")))
    assert (entry.state, entry.ticket_id) == ("ignored", None)
    assert "about x@victim.example, y@victim.example that fits no mail of ours" in (entry.reason or "")
    assert await happened("bounced", "suppressed") == []


@pytest.mark.parametrize("forwarded", ["4.2.2", "5.1.1"])
async def test_where_our_recipient_forwards_to_counts_as_theirs_only_by_the_return_path(
    cast: Cast, forwarded: str
) -> None:
    copy = await Delivery.get(ticket_id=(await conversation(cast)).id)
    raw = bounce(("behind@elsewhere.example", forwarded, "no"), original=copy.rfc_message_id)
    await cast.receive(raw)
    assert (await states(), await suppressed()) == ({ZOE: "bounced"}, {})
    await back(cast, copy, raw)
    assert await suppressed() == ({ZOE: "hard bounce"} if forwarded == "5.1.1" else {})


# -- without our signature


async def test_an_unsigned_bounce_informs_and_suppresses_nobody(cast: Cast) -> None:
    ticket = await conversation(cast)
    entry = await cast.receive(bounce(GONE))
    assert (entry.state, entry.ticket_id) == ("processed", ticket.id)
    assert (await states(), await suppressed()) == ({ZOE: "bounced"}, {})
    assert [data["proof"] for _, data in await happened("bounced")] == ["unsigned"]


async def test_a_signed_bounce_after_an_unsigned_one_suppresses_all_the_same(cast: Cast) -> None:
    copy = await Delivery.get(ticket_id=(await conversation(cast)).id)
    await cast.receive(bounce(GONE))
    await back(cast, copy, bounce(GONE))
    assert await suppressed() == {ZOE: "hard bounce"}


async def test_an_unsigned_bounce_is_about_a_mail_of_the_last_days(cast: Cast) -> None:
    await conversation(cast)
    await Delivery.all().update(sent_at=datetime.now(UTC) - timedelta(days=6))
    assert (await cast.receive(bounce(GONE))).state == "ignored"


@pytest.mark.parametrize("original", [{"headers": "Subject: Buy\r\n"}, {"original": "spam@elsewhere.example"}])
async def test_spam_in_our_name_that_came_back_is_not_taken_for_our_mail(cast: Cast, original: dict[str, str]) -> None:
    await conversation(cast)
    assert (await cast.receive(bounce(GONE, **original))).state == "ignored"  # type: ignore[arg-type]  # both are text
    assert await states() == {ZOE: "sent"}


async def test_a_relay_may_have_put_its_own_id_into_our_mail(cast: Cast) -> None:
    copy = await Delivery.get(ticket_id=(await conversation(cast)).id)
    await cast.receive(bounce(GONE, original="0100@relay.example", headers=f"Subject: {copy.subject}\r\n"))
    assert await states() == {ZOE: "bounced"}


async def test_unsigned_soft_bounces_do_not_count(cast: Cast) -> None:
    ticket = await conversation(cast)
    for _ in range(3):
        await say(cast, ticket)
        await cast.receive(bounce(FULL))
    await soft_bounces(cast, ticket, 2)
    assert await suppressed() == {}


# -- hard, soft, delayed


@pytest.mark.parametrize(
    ("status", "held"), [("5.1.1", True), ("5.7.1", True), ("5.0.0", True), ("5.2.2", True),
                         ("5.3.4", False), ("5.2.3", False), ("5.6.1", False), ("5.6.10", False)],
)  # fmt: skip
async def test_every_permanent_failure_suppresses_but_those_of_this_one_mail(
    cast: Cast, status: str, held: bool
) -> None:
    copy = await Delivery.get(ticket_id=(await conversation(cast)).id)
    await back(cast, copy, bounce((ZOE, status, f"550 {status} no")))
    assert (await states(), bool(await suppressed())) == ({ZOE: "bounced"}, held)


async def test_a_hard_one_ends_by_itself_after_ninety_days(cast: Cast) -> None:
    copy = await Delivery.get(ticket_id=(await conversation(cast)).id)
    await back(cast, copy, bounce(GONE))
    held = await Suppression.get()
    assert held.expires_at
    assert timedelta(days=89) < held.expires_at - datetime.now(UTC) < timedelta(days=91)
    assert (held.status, held.diagnostic, held.delivery_id, held.ticket_id) == (
        "5.1.1", "550 5.1.1 no such user", copy.id, copy.ticket_id,
    )  # fmt: skip


async def test_another_bounce_prolongs_it_and_it_holds_since_the_first(cast: Cast) -> None:
    ticket = await conversation(cast)
    first, second = [await Delivery.get(message_id=(await say(cast, ticket)).id) for _ in range(2)]
    await back(cast, first, bounce(GONE))
    since = datetime.now(UTC) - timedelta(days=80)
    await Suppression.all().update(created_at=since, expires_at=since + timedelta(days=90))
    await back(cast, second, bounce(GONE))
    held = await Suppression.get()
    assert held.expires_at
    assert (held.created_at, held.expires_at > datetime.now(UTC) + timedelta(days=89)) == (since, True)


async def test_the_third_soft_bounce_in_a_row_suppresses_for_a_week(cast: Cast) -> None:
    ticket = await conversation(cast)
    await soft_bounces(cast, ticket, 2)
    assert (await states(), await suppressed()) == ({ZOE: "bounced"}, {})
    assert (await Delivery.all().order_by("-id").first()).code == 452  # type: ignore[union-attr]  # there are three
    await soft_bounces(cast, ticket, 1)
    held = await Suppression.get()
    assert (held.reason, held.expires_at is not None) == ("repeated soft bounces", True)
    assert held.expires_at
    assert timedelta(days=6) < held.expires_at - datetime.now(UTC) < timedelta(days=8)


async def test_a_mail_that_arrives_between_soft_bounces_clears_their_count(cast: Cast) -> None:
    ticket = await conversation(cast)
    await soft_bounces(cast, ticket, 2)
    await say(cast, ticket)
    await soft_bounces(cast, ticket, 2)
    assert await suppressed() == {}


async def test_soft_bounces_count_in_whatever_order_they_come(cast: Cast) -> None:
    ticket = await conversation(cast)
    sent = [await Delivery.get(message_id=(await say(cast, ticket)).id) for _ in range(3)]
    for copy in (sent[2], sent[0], sent[1]):
        assert await suppressed() == {}
        await back(cast, copy, bounce(FULL))
    assert await suppressed() == {ZOE: "repeated soft bounces"}


async def test_soft_bounces_of_another_week_do_not_count(cast: Cast) -> None:
    ticket = await conversation(cast)
    await soft_bounces(cast, ticket, 2)
    await Delivery.filter(state="bounced").update(bounced_at=datetime.now(UTC) - timedelta(days=8))
    await soft_bounces(cast, ticket, 1)
    assert await suppressed() == {}


async def test_after_a_suppression_soft_bounces_are_counted_anew(cast: Cast) -> None:
    ticket = await conversation(cast)
    await soft_bounces(cast, ticket, 3)
    await Suppression.all().update(expires_at=datetime.now(UTC))
    await soft_bounces(cast, ticket, 2)
    assert not await Suppression.filter(expires_at__gt=datetime.now(UTC)).exists()
    await soft_bounces(cast, ticket, 1)
    assert await Suppression.filter(expires_at__gt=datetime.now(UTC)).exists()


async def test_a_delay_is_told_once_and_the_mail_stays_sent(cast: Cast) -> None:
    copy = await Delivery.get(ticket_id=(await conversation(cast)).id)
    for _ in range(2):
        entry = await back(cast, copy, bounce((ZOE, "4.4.1", "no answer yet"), action="delayed"))
        assert entry.state == "processed"
    assert (await states(), await suppressed()) == ({ZOE: "sent"}, {})
    assert [data["status"] for _, data in await happened("delayed", "bounced")] == ["4.4.1"]
    await back(cast, copy, bounce(GONE))
    assert await states() == {ZOE: "bounced"}


# -- again, at once, too early


async def test_the_same_bounce_twice_makes_nothing_new(cast: Cast) -> None:
    ticket = await conversation(cast)
    copy = await Delivery.get(ticket_id=ticket.id)
    raw = bounce(GONE)
    await back(cast, copy, raw)
    held, before = await Suppression.get(), await Ticket.get(id=ticket.id)
    again = await back(cast, copy, raw)
    assert (again.state, again.reason, again.ticket_id) == ("ignored", "the same report was filed before", ticket.id)
    assert (await Suppression.get()).expires_at == held.expires_at
    assert (await Ticket.get(id=ticket.id)).updated_at == before.updated_at
    assert len(await happened("bounced", "suppressed")) == 2


async def test_bounces_read_at_once_make_one_event_and_one_suppression(cast: Cast) -> None:
    copies = [await Delivery.get(ticket_id=(await conversation(cast)).id)]
    copies += [await Delivery.get(message_id=(await say(cast, await Ticket.get())).id) for _ in range(3)]
    for copy in copies * 2:
        path = write_return_path(cast.house.reply_key, SUPPORT, copy.id)
        await cast.accept(bounce(GONE), path, "")
    intakes = [Intake(cast.house) for _ in range(4)]
    while await Inbound.filter(state="accepted").exists():
        await asyncio.gather(*(intake.read_one() for intake in intakes))
    assert {str(entry.state) for entry in await Inbound.all()} == {"processed"}
    assert len(await happened("bounced")) == 4
    assert await suppressed() == {ZOE: "hard bounce"}


@pytest.mark.parametrize("state", ["sending", "deferred"])
async def test_a_bounce_that_comes_before_the_mail_is_marked_ends_it(cast: Cast, state: str) -> None:
    await cast.receive(mail())
    [held] = await mailing.claim(1)
    if state == "deferred":
        await mailing.release({held.id})
    await back(cast, held, bounce(GONE))
    assert await states() == {ZOE: "bounced"}
    await mailing._mark(held, Answer(250, "kept"))
    await Delivery.all().update(due_at=datetime.now(UTC))
    assert (await states(), await mailing.claim(1)) == ({ZOE: "bounced"}, [])


async def test_a_copy_that_never_left_cannot_come_back_by_an_id_that_others_know(cast: Cast) -> None:
    ticket = await conversation(cast)
    async with cast.house.work() as work:
        message = await add_message(work, cast.ann, ticket.id, text="We look.")
    await cast.receive(bounce(GONE, original=message.rfc_message_id))
    assert (await states(), await suppressed()) == ({ZOE: "queued"}, {})


# -- complaints and receipts


async def test_a_complaint_stops_all_mail_for_good_and_leaves_an_event(cast: Cast) -> None:
    message = await say(cast, await conversation(cast, KIM))
    raw = complaint(ZOE, original=message.rfc_message_id)
    entries = [await cast.receive(raw) for _ in range(2)]
    held = await Suppression.get()
    assert [str(entry.state) for entry in entries] == ["processed", "ignored"]
    assert {entry.ticket_id for entry in entries} == {message.ticket_id}
    assert (held.email, held.reason, held.expires_at) == (ZOE, "complaint", None)
    assert [kind for kind, _ in await happened("complained", "suppressed")] == ["complained", "suppressed"]
    assert await states() == {ZOE: "sent", KIM: "sent"}


async def test_a_complaint_without_its_recipient_is_known_by_the_reply_address_in_the_mail(cast: Cast) -> None:
    ticket = await conversation(cast, KIM)
    message = await say(cast, ticket)
    kim = await User.get(email=KIM)
    reply_to = write_reply_address(cast.house.reply_key, SUPPORT, ticket.id, kim.id)
    await cast.receive(complaint(original=message.rfc_message_id, headers=f"Reply-To: {reply_to}\r\n"))
    assert await suppressed() == {KIM: "complaint"}


async def test_a_complaint_is_known_by_the_return_path_in_the_mail(cast: Cast) -> None:
    copy = await Delivery.get(ticket_id=(await conversation(cast)).id)
    path = write_return_path(cast.house.reply_key, SUPPORT, copy.id)
    await cast.receive(complaint(headers=f"Return-Path: <{path}>\r\nSubject: x\r\n"))
    assert await suppressed() == {ZOE: "complaint"}


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure"])
async def test_feedback_that_calls_no_mail_unwanted_suppresses_nobody(cast: Cast, kind: str) -> None:
    message = await say(cast, await conversation(cast))
    await cast.receive(complaint(ZOE, original=message.rfc_message_id, kind=kind))
    assert await suppressed() == {}


async def test_an_unsigned_complaint_suppresses_nobody_and_a_strange_one_is_ignored(cast: Cast) -> None:
    await conversation(cast)
    await cast.receive(complaint(ZOE))
    stranger = await cast.receive(complaint("x@victim.example"))
    assert (stranger.state, "x@victim.example" in (stranger.reason or "")) == ("ignored", True)
    assert await suppressed() == {}


async def test_a_signed_complaint_after_an_unsigned_one_suppresses_all_the_same(cast: Cast) -> None:
    message = await say(cast, await conversation(cast))
    await cast.receive(complaint(ZOE))
    assert await suppressed() == {}
    await cast.receive(complaint(ZOE, original=message.rfc_message_id))
    assert await suppressed() == {ZOE: "complaint"}


async def test_a_bounce_does_not_shorten_a_complaint(cast: Cast) -> None:
    message = await say(cast, await conversation(cast))
    await cast.receive(complaint(ZOE, original=message.rfc_message_id))
    await back(cast, await Delivery.get(message_id=message.id), bounce(GONE))
    held = await Suppression.get()
    assert (held.reason, held.expires_at) == ("complaint", None)


async def test_a_read_receipt_is_ignored_with_the_ticket_that_it_is_about(cast: Cast) -> None:
    message = await say(cast, await conversation(cast))
    entry = await cast.receive(receipt(message.rfc_message_id))
    assert (entry.state, entry.ticket_id, entry.message_id) == ("ignored", message.ticket_id, None)
    assert await states() == {ZOE: "sent"}


# -- there and back


async def test_a_mail_that_bounces_is_the_last_one_to_its_address(cast: Cast) -> None:
    """From the relay's hands back through the journal, and on to what staff say next."""
    async with faulty_relay() as relay:
        settings = cast.house.settings.model_copy(update={"relay_url": RelayUrl.parse(relay.url)})

        async def drain() -> list[str]:
            before = len(relay.mails)
            worker = Drain(House(settings), transport(settings))
            await worker.run()
            await worker.stop(5)
            return sorted(recipient for _, recipient, _ in relay.mails[before:])

        ticket = await ticket_of(await cast.receive(mail(Cc=KIM)))
        assert await drain() == [ZOE]
        path, _, content = relay.mails[0]
        returned = content.partition(b"\r\n\r\n")[0].decode()
        entry = await cast.receive(bounce(GONE, headers=f"{returned}\r\n"), to=path, envelope_from="")
        assert (entry.state, entry.ticket_id) == ("processed", ticket.id)
        async with cast.house.work() as work:
            await add_message(work, cast.ann, ticket.id, text="We look.")
        assert await drain() == [KIM]
        assert [str(letter["To"]) for letter in relay.letters()[1:]] == [KIM]
