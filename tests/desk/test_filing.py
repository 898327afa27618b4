"""What becomes of a mail: journal in, ticket, message or reason out, through the intake and the real database."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from desk import Kept, add_message, change_ticket, file_mail, open_ticket
from gateway.intake import TRIES, Intake
from letters import parse, write_message_id, write_reply_address, write_return_path
from models import Attachment, Delivery, Inbound, Mailbox, Message, Participant, Status, Ticket, User
from tests.cast import SUPPORT, Cast, mail, outbox, texts, ticket_of


async def test_mail_of_a_stranger_opens_a_ticket_and_makes_a_customer(cast: Cast) -> None:
    entry = await cast.receive(mail("Zoë Ünal <Zoe@people.example>", subject="Rechnung № 7", text="fehlt 你好\n"))
    ticket = await ticket_of(entry)
    owner = await User.get(id=ticket.requester_id)
    assert (entry.state, entry.reason) == ("processed", "a new ticket")
    assert (ticket.title, ticket.status, await texts(ticket)) == ("Rechnung № 7", "AC", ["fehlt 你好"])
    assert (owner.email, owner.name, owner.role, owner.password_hash) == (
        "zoe@people.example", "Zoë Ünal", "customer", None,
    )  # fmt: skip


async def test_its_bytes_move_into_a_blob_as_they_came(cast: Cast) -> None:
    raw = mail(files=(("größe.bin", b"\x00\x01\r\n\xff"),))
    entry = await cast.receive(raw)
    message = await Message.get(id=entry.message_id)
    part = await Attachment.get(message_id=message.id)
    assert entry.raw_bytes is None
    assert entry.blob == message.blob
    assert await cast.house.blobs.get(message.blob) == raw
    assert (part.filename, part.size, await cast.house.blobs.get(part.blob)) == ("größe.bin", 5, b"\x00\x01\r\n\xff")


async def test_what_is_too_much_for_a_message_rests_in_the_raw_mail(cast: Cast) -> None:
    many = tuple((f"{number}.txt", b"x") for number in range(101))
    message = await Message.get(id=(await cast.receive(mail(text="ü" * 600_000, files=many))).message_id)
    assert await Attachment.filter(message_id=message.id).count() == 100
    assert len(message.text.encode()) == 1024 * 1024
    assert [defect.split(":")[0] for defect in message.email["defects"]] == [
        "101 attachments",
        "a text of more than 1048576 bytes",
    ]


async def test_everybody_else_in_to_and_cc_takes_part_but_never_we_ourselves(cast: Cast) -> None:
    own = write_reply_address(cast.house.reply_key, SUPPORT, 1, 1)
    raw = mail(to=f"{SUPPORT}, support+x@desk.example, kim@people.example", Cc=f"{own}, Lee <lee@people.example>")
    ticket = await ticket_of(await cast.receive(raw))
    parts = await Participant.filter(ticket_id=ticket.id).select_related("user").order_by("user__email")
    assert [(part.user.email, part.source) for part in parts] == [
        ("kim@people.example", "to"),
        ("lee@people.example", "cc"),
        ("zoe@people.example", "requester"),
    ]


async def test_only_the_owner_is_sent_an_acknowledgement(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail(Cc="kim@people.example")))
    assert await outbox(ticket) == [("acknowledgement", "zoe@people.example")]


@pytest.mark.parametrize("times", [2, 5])
async def test_the_same_mail_delivered_again_makes_nothing_new(cast: Cast, times: int) -> None:
    raw = mail()
    entries = [await cast.receive(raw) for _ in range(times)]
    again = entries[-1]
    assert (again.state, again.reason) == ("ignored", "the same mail was filed before")
    assert {(entry.ticket_id, entry.message_id) for entry in entries} == {(entries[0].ticket_id, entries[0].message_id)}
    assert (await Ticket.all().count(), await Delivery.all().count()) == (1, 1)


async def test_the_same_mail_at_another_mailbox_and_by_another_route_makes_nothing_new(cast: Cast) -> None:
    await Mailbox.create(address="billing@desk.example")
    raw = mail()
    await cast.receive(raw)
    again = await cast.receive(b"Received: from elsewhere\r\n" + raw, to="billing@desk.example")
    assert again.state == "ignored"
    assert await Ticket.all().count() == 1


async def test_another_mail_that_reuses_a_message_id_is_kept(cast: Cast) -> None:
    await cast.receive(mail(text="first", Message_ID="<same@client.example>"))
    await cast.receive(mail(text="second", Message_ID="<same@client.example>"))
    assert sorted([message.text.strip() for message in await Message.all()]) == ["first", "second"]


async def test_the_same_mail_read_by_many_at_once_is_filed_once(cast: Cast) -> None:
    raw = mail()
    for _ in range(6):
        await cast.accept(raw)
    intakes = [Intake(cast.house) for _ in range(6)]
    while await Inbound.filter(state="accepted").exists():
        await asyncio.gather(*(intake.read_one() for intake in intakes))
    states = sorted([str(entry.state) for entry in await Inbound.all()])
    assert states == ["ignored"] * 5 + ["processed"]
    assert (await Ticket.all().count(), await Delivery.all().count()) == (1, 1)


async def test_one_mail_to_two_mailboxes_is_one_ticket_in_the_first(cast: Cast) -> None:
    await Mailbox.create(address="billing@desk.example")
    entry = await cast.receive(mail(), to=["BILLING+x@desk.example", SUPPORT])
    ticket = await Ticket.get(id=entry.ticket_id).select_related("mailbox")
    assert ticket.mailbox.address == "billing@desk.example"
    assert await Ticket.all().count() == 1


async def reply(
    cast: Cast, ticket: Ticket, sender: str = "zoe@people.example", text: str = "Thanks", **more: str
) -> Inbound:
    """A reply to the signed address made for the ticket's owner."""
    address = write_reply_address(cast.house.reply_key, SUPPORT, ticket.id, ticket.requester_id)
    return await cast.receive(mail(sender, to=address, text=text, **more), to=address.upper())


async def test_a_reply_to_the_signed_address_lands_with_its_new_words_apart_from_the_quoted(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail()))
    entry = await reply(cast, ticket, text="Danke!\n\nOn Mon, Ann wrote:\n> Wir prüfen es\n")
    message = await Message.get(id=entry.message_id)
    assert (entry.ticket_id, entry.reason) == (ticket.id, "found by reply address")
    assert message.text.strip() == "Danke!"
    assert "Wir prüfen es" in (message.quoted or "")
    assert not message.stranger


async def test_a_reply_is_found_by_in_reply_to_alone(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail(Message_ID="<first@client.example>")))
    entry = await cast.receive(mail(subject="other", In_Reply_To="<first@client.example>"))
    assert (entry.ticket_id, entry.reason) == (ticket.id, "found by in-reply-to")


async def test_a_reply_to_one_of_our_mails_is_found_by_its_signed_id(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail()))
    ours = (await Delivery.get(ticket_id=ticket.id)).rfc_message_id
    entry = await cast.receive(mail(subject="other", References=f"<x@y> <{ours.upper()}>"))
    assert (entry.ticket_id, entry.reason) == (ticket.id, "found by references")


async def test_a_forged_id_of_ours_threads_nothing(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail()))
    forged = write_message_id(b"another key", "desk.example", ticket.id, "abc")
    entry = await cast.receive(mail("eve@elsewhere.example", In_Reply_To=f"<{forged}>"))
    assert entry.ticket_id != ticket.id


async def test_a_tag_in_the_subject_threads_for_participants_and_for_nobody_else(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail()))
    subject = f"Re: It does not work [#{ticket.id}]"
    assert (await cast.receive(mail(subject=subject))).ticket_id == ticket.id
    assert (await cast.receive(mail("eve@elsewhere.example", subject=subject))).ticket_id != ticket.id


async def test_a_strangers_reply_is_added_and_marked_and_subscribes_nobody(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail(Message_ID="<first@client.example>")))
    entry = await cast.receive(
        mail("eve@elsewhere.example", In_Reply_To="<first@client.example>", Cc="kim@people.example")
    )
    assert entry.ticket_id == ticket.id
    assert (await Message.get(id=entry.message_id)).stranger
    assert await Participant.filter(ticket_id=ticket.id).count() == 1


async def test_a_mail_from_a_staff_address_proves_nothing(cast: Cast) -> None:
    entry = await cast.receive(mail("Ann <ann@desk.example>"))
    message = await Message.get(id=entry.message_id)
    assert (message.author_id, message.author_role, message.direction) == (cast.ann.id, "customer", "inbound")


@pytest.mark.parametrize("status", [Status.FROZEN, Status.CLOSED])
async def test_reply_to_a_frozen_or_closed_ticket_makes_it_active(cast: Cast, status: Status) -> None:
    ticket = await ticket_of(await cast.receive(mail()))
    async with cast.house.work() as work:
        await change_ticket(work, cast.ann, ticket.id, status=status)
    before = await outbox(ticket)
    await reply(cast, ticket)
    found = await Ticket.get(id=ticket.id)
    assert (found.status, found.closed_at) == ("AC", None)
    assert await outbox(ticket) == before, "a customer's own mail made mail"


async def test_out_of_office_reopens_nothing_and_gets_no_answer(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail()))
    async with cast.house.work() as work:
        await change_ticket(work, cast.ann, ticket.id, status=Status.CLOSED)
    before = await outbox(ticket)
    entry = await reply(cast, ticket, Auto_Submitted="auto-replied")
    assert entry.ticket_id == ticket.id
    assert (await Ticket.get(id=ticket.id)).status == "CL"
    assert await outbox(ticket) == before


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-generated"}, {"Precedence": "bulk"}])
async def test_a_machines_mail_opens_a_ticket_without_an_answer(cast: Cast, headers: dict[str, str]) -> None:
    ticket = await ticket_of(await cast.receive(mail("monitor@people.example", **headers)))
    assert await outbox(ticket) == []


async def test_mail_without_a_return_address_gets_no_answer(cast: Cast) -> None:
    assert await outbox(await ticket_of(await cast.receive(mail(), envelope_from=""))) == []


async def test_reply_to_a_ticket_closed_long_ago_opens_one_that_follows_it(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail()))
    ticket.status, ticket.closed_at = Status.CLOSED, datetime.now(UTC) - timedelta(days=31)
    await ticket.save()
    later = await ticket_of(await reply(cast, ticket))
    assert (later.follows_id, later.status) == (ticket.id, "AC")
    assert (await Ticket.get(id=ticket.id)).status == "CL"


async def test_mail_of_our_own_that_comes_back_is_ignored(cast: Cast) -> None:
    await cast.receive(mail())
    delivery = await Delivery.get()
    entry = await cast.receive(mail(SUPPORT, Message_ID=f"<{delivery.rfc_message_id}>"))
    assert (entry.state, entry.reason) == ("ignored", "mail of our own that came back")


async def test_mail_that_says_it_is_from_our_mailbox_is_ignored(cast: Cast) -> None:
    entry = await cast.receive(mail("support+x@desk.example"))
    assert (entry.state, entry.ticket_id) == ("ignored", None)


async def test_a_bounce_opens_no_ticket_and_names_the_one_it_is_about(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail()))
    delivery = await Delivery.get(ticket_id=ticket.id)
    address = write_return_path(cast.house.reply_key, SUPPORT, delivery.id)
    raw = (
        b"From: MAILER-DAEMON@mx.example\r\nTo: x\r\nSubject: Undelivered\r\nMessage-ID: <dsn@mx.example>\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nno such user\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; zoe@people.example\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n"
    )
    entry = await cast.receive(raw, to=address, envelope_from="")
    assert (entry.state, entry.ticket_id, entry.message_id) == ("processed", ticket.id, None)
    assert await Ticket.all().count() == 1


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n", b"\x00\xff\xfe", b"From\r\n\r\nx", b"From: <>\r\n\r\nx", b"Subject: only\r\n\r\nwords"]
)
async def test_whatever_bytes_come_are_kept_and_say_what_became_of_them(cast: Cast, raw: bytes) -> None:
    entry = await cast.receive(raw, envelope_from="")
    assert (entry.state, entry.reason) == ("ignored", "it names nobody who could have sent it")
    assert await cast.house.blobs.get(entry.blob or "") == raw


async def test_a_mail_without_from_is_from_its_envelope(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail(From=None), envelope_from="zoe@people.example"))
    assert (await User.get(id=ticket.requester_id)).email == "zoe@people.example"


async def test_a_reply_waits_for_its_parent_that_is_still_in_the_journal(cast: Cast) -> None:
    parent = await cast.accept(mail(Message_ID="<parent@client.example>"))
    # As if another intake had the parent in hand: not due for us.
    await Inbound.filter(id=parent.id).update(due_at=datetime.now(UTC) + timedelta(hours=1))
    child = await cast.receive(mail(In_Reply_To="<parent@client.example>"))
    assert child.state == "accepted"
    await Inbound.all().update(due_at=datetime.now(UTC))
    intake = Intake(cast.house)
    while await Inbound.filter(state="accepted").exists():
        await Inbound.all().update(due_at=datetime.now(UTC))
        await intake.read_one()
    assert len({entry.ticket_id for entry in await Inbound.all()}) == 1


async def test_a_parent_that_comes_late_joins_the_ticket_that_its_reply_opened(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail(text="reply", In_Reply_To="<late@client.example>")))
    entry = await cast.receive(mail(text="parent", Message_ID="<late@client.example>"))
    assert (entry.ticket_id, entry.reason) == (ticket.id, "found by a reply that named it")


async def test_a_conversation_read_by_many_at_once_is_one_ticket(cast: Cast) -> None:
    ids = [f"turn-{number}@client.example" for number in range(12)]
    for number, ident in enumerate(ids):
        headers = {"In_Reply_To": f"<{ids[number - 1]}>"} if number else {}
        await cast.accept(mail(text=f"turn {number}", Message_ID=f"<{ident}>", **headers))
    intakes = [Intake(cast.house) for _ in range(4)]
    while await Inbound.filter(state="accepted").exists():
        await asyncio.gather(*(intake.read_one() for intake in intakes))
        await Inbound.filter(state="accepted").update(due_at=datetime.now(UTC))
    assert await Ticket.all().count() == 1
    assert await Message.all().count() == 12


async def test_a_reply_and_its_late_parent_read_at_once_are_one_ticket(cast: Cast) -> None:
    child = await cast.accept(mail(In_Reply_To="<late@client.example>"))
    parent = await cast.accept(mail("kim@people.example", Message_ID="<late@client.example>"))
    written, go = asyncio.Event(), asyncio.Event()

    async def file(entry: Inbound, until: asyncio.Event | None = None) -> None:
        raw = entry.raw_bytes or b""
        async with cast.house.work() as work:
            await file_mail(work, entry, parse(raw), Kept(await cast.house.blobs.put(raw)))
            written.set()
            if until:
                await until.wait()

    first = asyncio.create_task(file(child, go))
    await written.wait()
    second = asyncio.create_task(file(parent))
    await asyncio.wait({second}, timeout=0.3)
    go.set()
    await asyncio.gather(first, second)
    assert (await Ticket.all().count(), await Message.all().count()) == (1, 2)


async def test_mail_that_fails_by_itself_goes_into_quarantine_and_spoils_no_other(cast: Cast) -> None:
    # A column that no value of this mail fits: what a bug of ours would look like.
    await cast.accept(mail(subject="poison"))
    connection = Message._meta.db
    await connection.execute_script("ALTER TABLE tickets ADD CONSTRAINT poison CHECK (title <> 'poison')")
    try:
        intake = Intake(cast.house)
        for _ in range(TRIES):
            await Inbound.filter(state="accepted").update(due_at=datetime.now(UTC))
            await intake.read_one()
        healthy = await cast.receive(mail())
    finally:
        await connection.execute_script("ALTER TABLE tickets DROP CONSTRAINT poison")
    poisoned = await Inbound.get(id=1)
    assert (poisoned.state, poisoned.attempts, healthy.state) == ("quarantined", TRIES, "processed")
    assert "poison" in (poisoned.reason or "")
    assert poisoned.raw_bytes is not None


async def test_a_full_disk_costs_a_mail_no_try(cast: Cast) -> None:
    folder = cast.house.settings.places.blobs
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_bytes(b"a file where the folder should be")
    entry = await cast.receive(mail())
    assert (entry.state, entry.attempts) == ("accepted", 0)
    folder.unlink()
    await Inbound.all().update(due_at=datetime.now(UTC))
    await Intake(cast.house).read_one()
    assert (await Inbound.get(id=entry.id)).state == "processed"


async def test_a_reply_by_mail_to_a_ticket_made_over_rest_lands_on_it(cast: Cast) -> None:
    async with cast.house.work() as work:
        ticket = await open_ticket(work, cast.carl, title="By hand", text="help")
    entry = await reply(cast, ticket, sender="carl@people.example")
    assert entry.ticket_id == ticket.id
    async with cast.house.work() as work:
        await add_message(work, cast.ann, ticket.id, text="On it.")
    answer = await Delivery.get(ticket_id=ticket.id, kind="message")
    mailed = await Message.get(id=entry.message_id)
    assert answer.in_reply_to == mailed.rfc_message_id
    assert answer.references[-1] == mailed.rfc_message_id


async def test_a_reply_that_repeats_our_words_without_marking_them_is_told_by_what_we_wrote(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail(Message_ID="<first@client.example>")))
    ours = "We looked into it this morning.\n\nThe lamp needs another fuse, which we have sent to you by parcel post."
    async with cast.house.work() as work:
        await add_message(work, cast.ann, ticket.id, text=ours)
    reply = f"Thank you, that helps.\n\n{ours}\n"
    entry = await cast.receive(mail(text=reply, In_Reply_To="<first@client.example>"))
    said = await Message.get(id=entry.message_id)
    assert (said.ticket_id, said.text) == (ticket.id, "Thank you, that helps.")
    assert [segment["kind"] for segment in said.segments] == ["new", "quote"]
    assert "fuse" in (said.quoted or "")
