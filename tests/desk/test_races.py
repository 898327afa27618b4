"""Mail that comes twice, at once, late, or in the wrong order, read by several intakes at once."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from gateway.intake import Intake
from letters import write_reply_address
from models import Delivery, Inbound, Mailbox, Message, Ticket
from tests.cast import SUPPORT, Cast, mail, ticket_of

BILLING = "billing@desk.example"


async def read_all(cast: Cast, readers: int = 4) -> None:
    """Every mail that waits, by several readers; those that wait for their parent need not wait for the clock."""
    intakes = [Intake(cast.house) for _ in range(readers)]
    while await Inbound.filter(state="accepted").exists():
        await asyncio.gather(*(intake.read_one() for intake in intakes))
        await Inbound.filter(state="accepted").update(due_at=datetime.now(UTC))


def conversation(number: int, turns: int) -> list[bytes]:
    """Mails of two people who answer each other, each naming all that came before."""
    ids = [f"<talk-{number}-{turn}@client.example>" for turn in range(turns)]
    people = (f"zoe-{number}@people.example", f"kim-{number}@people.example")
    return [
        mail(
            people[turn % 2],
            to=f"{SUPPORT}, {people[(turn + 1) % 2]}",
            subject=f"talk {number}",
            text=f"talk {number}, turn {turn}",
            Message_ID=ids[turn],
            **({"In_Reply_To": ids[turn - 1], "References": " ".join(ids[:turn])} if turn else {}),
        )
        for turn in range(turns)
    ]


@pytest.mark.parametrize("seed", range(4))
async def test_conversations_in_any_order_by_several_readers_are_the_right_tickets(cast: Cast, seed: int) -> None:
    shuffle = random.Random(seed)
    talks = {number: conversation(number, shuffle.randint(1, 6)) for number in range(6)}
    mails = [raw for talk in talks.values() for raw in talk]
    mails += shuffle.sample(mails, 5)  # some come twice
    shuffle.shuffle(mails)
    for raw in mails:
        await cast.accept(raw)
    await read_all(cast)
    found = {
        ticket.id: {message.text.strip() for message in await Message.filter(ticket_id=ticket.id)}
        for ticket in await Ticket.all()
    }
    wanted = [{f"talk {number}, turn {turn}" for turn in range(len(talk))} for number, talk in talks.items()]
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, wanted))
    assert await Message.all().count() == sum(map(len, talks.values()))
    assert await Delivery.all().count() == len(talks), "one acknowledgement for each ticket"


@pytest.mark.parametrize("seed", range(3))
async def test_one_persons_mails_before_their_first_are_one_ticket(cast: Cast, seed: int) -> None:
    first = mail("zoe@people.example", text="first", Message_ID="<first@client.example>")
    replies = [
        mail("zoe@people.example", text=f"more {number}", In_Reply_To="<first@client.example>") for number in range(4)
    ]
    mails = [first, *replies]
    random.Random(seed).shuffle(mails)
    for raw in mails:
        await cast.accept(raw)
    await read_all(cast)
    assert (await Ticket.all().count(), await Message.all().count()) == (1, 5)


async def test_the_same_mail_by_two_mailboxes_at_once_is_one_message(cast: Cast) -> None:
    await Mailbox.create(address=BILLING)
    raw = mail(to=f"{SUPPORT}, {BILLING}")
    for number in range(6):
        await cast.accept(b"Received: by hop %d\r\n" % number + raw, to=[SUPPORT, BILLING][number % 2])
    await read_all(cast)
    assert (await Ticket.all().count(), await Message.all().count(), await Delivery.all().count()) == (1, 1, 1)
    assert {entry.ticket_id for entry in await Inbound.all()} == {(await Ticket.get()).id}


async def test_the_same_mail_a_week_later_reopens_nothing_and_is_one_message(cast: Cast) -> None:
    raw = mail()
    ticket = await ticket_of(await cast.receive(raw))
    await Message.all().update(created_at=datetime.now(UTC) - timedelta(days=7))
    await Ticket.all().update(status="CL", closed_at=datetime.now(UTC) - timedelta(days=6))
    again = await cast.receive(raw)
    assert (again.state, again.ticket_id) == ("ignored", ticket.id)
    assert ((await Ticket.get()).status, await Message.all().count()) == ("CL", 1)


async def test_different_mails_under_one_id_at_once_are_all_kept(cast: Cast) -> None:
    for number in range(6):
        await cast.accept(mail(text=f"text {number % 3}", Message_ID="<same@client.example>"))
    await read_all(cast)
    assert sorted([message.text.strip() for message in await Message.all()]) == ["text 0", "text 1", "text 2"]


async def test_a_reply_split_by_the_senders_server_is_one_message_on_its_ticket(cast: Cast) -> None:
    """Cc to the mailbox and To to the reply address come as two sessions, the mailbox's first."""
    ticket = await ticket_of(await cast.receive(mail("zoe@people.example")))
    address = write_reply_address(cast.house.reply_key, SUPPORT, ticket.id, ticket.requester_id)
    raw = mail("zoe@people.example", to=address, subject="other", text="An answer", Cc=SUPPORT)
    for to in (SUPPORT, address):
        await cast.accept(raw, to=to)
    await read_all(cast)
    assert (await Ticket.all().count(), await Message.all().count()) == (1, 2)


async def test_a_reply_accepted_after_its_parent_waits_while_any_reader_has_the_parent(cast: Cast) -> None:
    parent = await cast.accept(mail("zoe@people.example", Message_ID="<parent@client.example>"))
    children = [
        await cast.accept(mail(f"p{number}@people.example", text="me too", In_Reply_To="<parent@client.example>"))
        for number in range(4)
    ]
    await Inbound.filter(id=parent.id).update(due_at=datetime.now(UTC) + timedelta(hours=1))  # as if it were in hand
    await asyncio.gather(*(Intake(cast.house).read_one() for _ in children))
    assert await Ticket.all().count() == 0
    await Inbound.all().update(due_at=datetime.now(UTC))
    await read_all(cast)
    assert (await Ticket.all().count(), await Message.all().count()) == (1, 5)
