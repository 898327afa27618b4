"""Floods and circles: what is held, what is not answered, what staff are told, and that it ends by itself."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk import House, change_ticket, events, journal
from desk.breakers import ANSWERS, Breaker, Sent, tripped
from desk.circles import Arrival, Departure, goes_round
from gateway.intake import Intake
from letters import parse, write_reply_address, write_return_path
from models import Delivery, Event, Inbound, Message, Status, Ticket, User
from settings import Rate
from tests.cast import SUPPORT, Cast, mail, outbox, ticket_of

SENDER_RATE = Rate(60, 3600)
PERSON: dict[str, str] = {}
ABSENT = {"Auto_Submitted": "auto-replied", "X_Auto_Response_Suppress": "All"}
MONITOR = {"Auto_Submitted": "auto-generated"}


# -- what is counted


def sent(number: int, ticket: int = 1, topic: str = "lamp", *, automatic: bool = False) -> list[Sent]:
    return [Sent(ticket, topic, automatic)] * number


@pytest.mark.parametrize(
    ("case", "lately", "headers", "ticket", "rate", "breaker"),
    [
        ("a first mail", [], PERSON, None, SENDER_RATE, None),
        ("a person in a hurry", sent(30), PERSON, 1, SENDER_RATE, None),
        ("sixty tickets about one subject", sent(60), PERSON, None, SENDER_RATE, None),
        ("a flood on one ticket", sent(120, topic="other"), PERSON, 1, SENDER_RATE, Breaker.TICKET),
        ("a flood on another ticket", sent(120, ticket=2, topic="other"), PERSON, 1, SENDER_RATE, None),
        ("a flood about one subject", sent(60, 2) + sent(60, 3), PERSON, 1, SENDER_RATE, Breaker.SUBJECT),
        ("a flood about everything", sent(100, 2, "a") + sent(100, 3, "b") + sent(100, 4, "c"), PERSON, 1, SENDER_RATE,
         Breaker.SENDER),
        ("one less", sent(100, 2, "a") + sent(100, 3, "b") + sent(99, 4, "c"), PERSON, 1, SENDER_RATE, None),
        ("absences on one ticket", sent(20, topic="", automatic=True), ABSENT, 1, SENDER_RATE, Breaker.TICKET),
        ("absences about one subject", sent(20, 2, automatic=True), ABSENT, 1, SENDER_RATE, Breaker.SUBJECT),
        ("an absence after much that a person wrote", sent(50), ABSENT, 1, SENDER_RATE, None),
        ("a person after many absences", sent(20, automatic=True), PERSON, 1, SENDER_RATE, None),
        ("monitoring that opens tickets", sent(59, automatic=True), MONITOR, None, SENDER_RATE, None),
        ("a strict limit on tickets, and a conversation", sent(50), PERSON, 1, Rate(2, 3600), None),
        ("a limit on tickets that allows more", sent(1000), PERSON, None, Rate(1000, 3600), None),
        ("a limit by the minute", sent(1000), PERSON, None, Rate(60, 60), None),
    ],
)  # fmt: skip
def test_past_so_many_mails_a_breaker_opens(
    case: str, lately: list[Sent], headers: dict[str, str], ticket: int | None, rate: Rate, breaker: Breaker | None
) -> None:
    found = tripped(lately, parse(mail(subject="Re: Lamp", **headers)), "zoe@people.example", ticket, rate)
    assert (found.breaker if found else None) is breaker, case


def test_mails_without_a_subject_are_not_about_the_same() -> None:
    lately = sent(120, ticket=2, topic="")
    assert tripped(lately, parse(mail(subject="")), "zoe@people.example", None, SENDER_RATE) is None


# -- what becomes of it


async def flooded(cast: Cast, number: int = 120) -> Ticket:
    """A ticket on which its owner wrote so many messages just now."""
    entry = await cast.receive(mail())
    opening = await Message.get(id=entry.message_id)
    await Message.bulk_create(
        [
            Message(
                ticket_id=opening.ticket_id, author_id=opening.author_id, author_role="customer", direction="inbound",
                via="email", text="again", rfc_message_id=f"flood-{number}@client.example", email=opening.email,
                content_hash=bytes([number]), blob=opening.blob,
            )
            for number in range(number - 1)
        ]
    )  # fmt: skip
    return await ticket_of(entry)


async def reply(cast: Cast, ticket: Ticket, sender: str = "zoe@people.example", **headers: Any) -> Inbound:
    address = write_reply_address(cast.house.reply_key, SUPPORT, ticket.id, ticket.requester_id)
    return await cast.receive(mail(sender, to=address, subject="Re: It does not work", **headers), to=address)


async def told(kind: str) -> list[dict[str, Any]]:
    """What staff were told of: the data of the events of a kind, with their tickets."""
    return [{"ticket": event.ticket_id, **event.data} for event in await Event.filter(kind=kind).order_by("id")]


async def test_past_a_breaker_mail_is_kept_and_held_and_staff_are_told_once(cast: Cast) -> None:
    ticket = await flooded(cast)
    entries = [await reply(cast, ticket) for _ in range(3)]
    reason = "zoe@people.example wrote 120 messages on this ticket within the limit 120/hour"
    assert [(entry.state, entry.reason, entry.ticket_id) for entry in entries] == [("held", reason, ticket.id)] * 3
    assert [(event["ticket"], event["breaker"], event["entry"]) for event in await told("held")] == [
        (ticket.id, "ticket and sender", entries[0].id)
    ]
    assert await cast.house.blobs.get(entries[2].blob or "")


async def test_others_write_on_while_a_breaker_is_open(cast: Cast) -> None:
    ticket = await flooded(cast)
    assert (await reply(cast, ticket)).state == "held"
    assert (await reply(cast, ticket, "kim@people.example")).ticket_id == ticket.id
    assert (await reply(cast, ticket, "kim@people.example")).state == "processed"


async def test_a_breaker_closes_by_itself_and_staff_are_told_when_it_opens_again(cast: Cast) -> None:
    ticket = await flooded(cast)
    assert (await reply(cast, ticket)).state == "held"
    earlier = datetime.now(UTC) - timedelta(minutes=61)
    await Message.filter(ticket_id=ticket.id).update(created_at=earlier)
    await Event.all().update(created_at=earlier)
    assert (await reply(cast, ticket)).state == "processed"
    await Message.filter(ticket_id=ticket.id).update(created_at=datetime.now(UTC))
    assert (await reply(cast, ticket)).state == "held"
    assert len(await told("held")) == 2


async def test_a_reply_that_was_held_lands_when_it_is_replayed(cast: Cast) -> None:
    ticket = await flooded(cast)
    held = await reply(cast, ticket)
    async with cast.house.work() as work:
        await journal.replay(work, held.id)
    await Intake(cast.house).read_one()
    found = await Inbound.get(id=held.id)
    assert (found.state, found.ticket_id) == ("processed", ticket.id)


async def test_held_mail_reopens_nothing_until_it_is_replayed(cast: Cast) -> None:
    ticket = await flooded(cast)
    async with cast.house.work() as work:
        await change_ticket(work, cast.ann, ticket.id, status=Status.CLOSED)
    held = await reply(cast, ticket)
    assert (await Ticket.get(id=ticket.id)).status == "CL"
    async with cast.house.work() as work:
        await journal.replay(work, held.id)
    await Intake(cast.house).read_one()
    assert (await Ticket.get(id=ticket.id)).status == "AC"


async def test_staff_see_that_mail_is_held_and_its_sender_does_not(cast: Cast) -> None:
    ticket = await flooded(cast)
    await reply(cast, ticket)
    while (batch := await events.after(events.Place(0, 0))).pending:
        continue  # transactions of other tests are older
    held = next(happening for happening in batch.happenings if happening.kind == "held")
    zoe = await User.get(id=ticket.requester_id)
    assert (held.owner, held.seen_by(zoe), held.seen_by(cast.ann)) == (zoe.id, False, True)


async def test_past_the_limit_on_tickets_staff_are_told_once_on_the_latest(cast: Cast) -> None:
    cast.house = House(cast.house.settings.model_copy(update={"sender_rate": Rate(2, 3600)}))
    entries = [await cast.receive(mail(subject=f"Disk {number} full", **MONITOR)) for number in range(6)]
    assert [entry.state for entry in entries] == ["processed"] * 2 + ["held"] * 4
    assert [(event["ticket"], event["breaker"], event["limit"]) for event in await told("held")] == [
        (entries[1].ticket_id, "new tickets", "2/hour")
    ]


async def test_the_limit_on_tickets_holds_however_many_read_at_once(cast: Cast) -> None:
    cast.house = House(cast.house.settings.model_copy(update={"sender_rate": Rate(3, 3600)}))
    for number in range(16):
        await cast.accept(mail(subject=f"Disk {number} full"))
    intakes = [Intake(cast.house) for _ in range(6)]
    while await Inbound.filter(state="accepted").exists():
        await asyncio.gather(*(intake.read_one() for intake in intakes))
    assert (await Ticket.all().count(), await Inbound.filter(state="held").count()) == (3, 13)
    assert len(await told("held")) == 1


async def test_off_lifts_the_breakers_too(cast: Cast) -> None:
    cast.house = House(cast.house.settings.model_copy(update={"sender_rate": None}))
    ticket = await flooded(cast, 130)
    assert (await reply(cast, ticket)).state == "processed"


async def test_an_absence_is_held_sooner_than_a_person(cast: Cast) -> None:
    ticket = await flooded(cast, ANSWERS.amount + 1)
    await Message.filter(ticket_id=ticket.id).update(email={"auto": True, "subject": "x"})
    assert (await reply(cast, ticket, **ABSENT)).state == "held"
    assert (await reply(cast, ticket)).state == "processed"


# -- who gets no automatic answer


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        ("zoe@people.example", {"Auto_Submitted": "auto-replied"}),
        ("zoe@people.example", {"Auto_Submitted": "auto-generated (monitoring)"}),
        ("zoe@people.example", {"X_Auto_Response_Suppress": "OOF, AutoReply"}),
        ("zoe@people.example", {"X_Autoreply": "yes"}),
        ("zoe@people.example", {"X_Loop": "desk@elsewhere.example"}),
        ("zoe@people.example", {"Precedence": "bulk"}),
        ("zoe@people.example", {"List_Id": "<talk.lists.example>"}),
        ("zoe@people.example", {"Return_Path": "<>"}),
        ("zoe@people.example", {"subject": "Automatic reply: It does not work"}),
        ("no-reply@shop.example", {}),
        ("mailer-daemon@people.example", {}),
    ],
)
async def test_a_machine_a_list_and_an_address_that_nobody_reads_get_no_answer(
    cast: Cast, sender: str, headers: dict[str, str]
) -> None:
    assert await outbox(await ticket_of(await cast.receive(mail(sender, **headers)))) == []


async def test_a_person_whose_program_denies_a_machine_gets_an_answer(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail(Auto_Submitted="no")))
    assert await outbox(ticket) == [("acknowledgement", "zoe@people.example")]


async def test_what_answers_to_a_return_path_is_a_machine(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail()))
    async with cast.house.work() as work:
        await change_ticket(work, cast.ann, ticket.id, status=Status.CLOSED)
    before = await outbox(ticket)
    address = write_return_path(cast.house.reply_key, SUPPORT, (await Delivery.all())[-1].id)
    entry = await cast.receive(mail(to=address, subject="I am at sea", text="I am at sea."), to=address)
    assert (entry.ticket_id, (await Ticket.get(id=ticket.id)).status) == (ticket.id, "CL")
    assert await outbox(ticket) == before
    assert (await Message.get(id=entry.message_id)).email["auto"] is True


# -- machines that answer each other

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def theirs(message: int, seconds: float, text: str = "") -> Arrival:
    return Arrival(message, at(seconds), text or f"words of mail {message}")


def ours(message: int, created: float, tried: float) -> Departure:
    return Departure(message, at(created), at(tried))


@pytest.mark.parametrize(
    ("case", "arrivals", "departures", "round_"),
    [
        ("a first mail", [theirs(1, 0)], [], False),
        ("a second mail after our answer", [theirs(1, 0), theirs(2, 2)], [ours(1, 0, 1)], False),
        ("a third, each at once after our answer", [theirs(1, 0), theirs(2, 2), theirs(3, 4)],
         [ours(1, 0, 1), ours(2, 2, 3)], True),
        ("in the same moment", [theirs(1, 0), theirs(2, 1), theirs(3, 3)], [ours(1, 0, 1), ours(2, 1, 3)], True),
        ("clocks that differ", [theirs(1, 0), theirs(2, 2), theirs(3, 4)], [ours(1, -9, 1), ours(2, -7, 3)], True),
        ("after a message of staff", [theirs(1, -9000), theirs(2, 2), theirs(3, 4)],
         [ours(77, 0, 1), ours(2, 2, 3)], True),
        ("three mails at once, answered later", [theirs(1, 0), theirs(2, 1), theirs(3, 2)],
         [ours(1, 0, 9), ours(2, 1, 9)], False),
        ("three mails at once, answered one behind", [theirs(1, 0), theirs(2, 2), theirs(3, 4)],
         [ours(1, 0, 3)], False),
        ("a person who takes minutes", [theirs(1, 0), theirs(2, 200), theirs(3, 400)],
         [ours(1, 0, 1), ours(2, 200, 201)], False),
        ("a person who is quick once", [theirs(1, 0), theirs(2, 30), theirs(3, 400)],
         [ours(1, 0, 1), ours(2, 30, 31)], False),
        ("a slow machine in the same words", [theirs(1, 0), theirs(2, 900, "away"), theirs(3, 1800, "away")],
         [ours(1, 0, 1), ours(2, 900, 901)], True),
        ("the same words on other days", [theirs(1, 0), theirs(2, 9000, "report"), theirs(3, 18000, "report")],
         [ours(1, 0, 1), ours(2, 9000, 9001)], False),
        ("what we did not answer", [theirs(1, 0), theirs(2, 2), theirs(3, 4)], [ours(1, 0, 1)], False),
    ],
)  # fmt: skip
def test_who_answers_our_mail_at_once_again_and_again_is_a_machine(
    case: str, arrivals: list[Arrival], departures: list[Departure], *, round_: bool
) -> None:
    assert goes_round(arrivals, departures) is round_, case


async def answered(cast: Cast, **words: str) -> Inbound:
    """A new mail of Zoë's, and our answer to it, where there is one, on its way."""
    entry = await cast.receive(mail(**words))
    await Delivery.filter(tried_at=None).update(tried_at=datetime.now(UTC))
    return entry


async def test_a_circle_ends_with_the_second_answer_and_staff_are_told_once(cast: Cast) -> None:
    entries = [await answered(cast, subject=f"Topic {number}", text=f"Words {number}") for number in range(5)]
    assert [entry.reason for entry in entries] == ["a new ticket"] * 5
    assert await Delivery.all().count() == 2
    assert [(event["ticket"], event["sender"]) for event in await told("unanswered")] == [
        (entries[2].ticket_id, "zoe@people.example")
    ]


async def test_an_hour_after_a_circle_the_address_is_answered_again(cast: Cast) -> None:
    for _ in range(3):
        await answered(cast)
    await Event.all().update(created_at=datetime.now(UTC) - timedelta(minutes=61))
    entry = await answered(cast)
    assert await outbox(await ticket_of(entry)) == [("acknowledgement", "zoe@people.example")]


async def test_others_are_answered_while_one_address_is_in_a_circle(cast: Cast) -> None:
    for _ in range(3):
        await answered(cast)
    ticket = await ticket_of(await cast.receive(mail("kim@people.example")))
    assert await outbox(ticket) == [("acknowledgement", "kim@people.example")]
