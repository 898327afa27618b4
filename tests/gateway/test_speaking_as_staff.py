"""What a mail may do by what it proves: speak as staff, be answered; through the intake, with real names and keys."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from desk import change_ticket
from gateway.intake import Intake
from letters import write_reply_address
from models import Direction, Inbound, Message, Role, Status, Ticket
from tests.cast import SUPPORT, Cast, mail, outbox, ticket_of
from tests.gateway.proving import ELSEWHERE, HERE, World, world

ANN = "Ann <ann@desk.example>"


@pytest.fixture
async def names(cast: Cast) -> AsyncIterator[World]:
    """desk.example and people.example send from HERE; evil.example is as good a domain as they are."""
    async with world() as found:
        for domain in ("desk.example", "people.example", "evil.example"):
            found.domain(domain, dmarc="p=reject")
        yield found


async def receive(cast: Cast, names: World, raw: bytes, *, to: str = SUPPORT, peer: str = ELSEWHERE) -> Inbound:
    house = replace(cast.house, settings=cast.house.settings.model_copy(update={"dns_server": names.zone.listen}))
    entry = await cast.accept(raw, to)
    await Inbound.filter(id=entry.id).update(peer=peer, helo="mx.example")
    await Intake(house).read_one()
    return await Inbound.get(id=entry.id)


async def opened(cast: Cast, names: World) -> Ticket:
    return await ticket_of(await receive(cast, names, mail(Message_ID="<first@people.example>"), peer=HERE))


def reply_address(cast: Cast, ticket: Ticket, person: int) -> str:
    return write_reply_address(cast.house.reply_key, SUPPORT, ticket.id, person)


def answer(sender: str = ANN, text: str = "We send another one.\n") -> bytes:
    return mail(sender, text=text, In_Reply_To="<first@people.example>")


async def said(entry: Inbound) -> Message:
    return await Message.get(id=entry.message_id)


@pytest.mark.parametrize("by", ["signature", "peer", "reply address"])
async def test_an_answer_that_proves_staff_goes_to_the_customer(cast: Cast, names: World, by: str) -> None:
    ticket = await opened(cast, names)
    raw = names.signed(answer(), "desk.example") if by == "signature" else answer()
    if by == "reply address":
        names.zone.records.clear()  # nothing else speaks for it
    entry = await receive(
        cast, names, raw,
        to=reply_address(cast, ticket, cast.ann.id) if by == "reply address" else SUPPORT,
        peer=HERE if by == "peer" else ELSEWHERE,
    )  # fmt: skip
    message = await said(entry)
    assert (message.ticket_id, message.author_role, message.direction) == (ticket.id, Role.AGENT, Direction.OUTBOUND)
    assert not message.stranger
    assert (await outbox(ticket))[-1] == ("message", "zoe@people.example")


@pytest.mark.parametrize(
    ("sender", "signed_by"),
    [
        (ANN, None),
        (ANN, "evil.example"),
        ("Ann <ann@desk.example.evil.example>", "evil.example"),
        ('"ann@desk.example" <ann@evil.example>', "evil.example"),
    ],
    ids=["unsigned", "signed by another domain", "a domain that looks alike", "a name that looks alike"],
)
async def test_nobody_else_speaks_as_staff(cast: Cast, names: World, sender: str, signed_by: str | None) -> None:
    ticket = await opened(cast, names)
    raw = names.signed(answer(sender), signed_by) if signed_by else answer(sender)
    forged = b"Authentication-Results: mx.desk.example; dmarc=pass header.from=desk.example\r\n" + raw
    message = await said(await receive(cast, names, forged))
    assert (message.author_role, message.direction) == (Role.CUSTOMER, Direction.INBOUND)
    assert ("message", "zoe@people.example") not in await outbox(ticket)


async def test_a_reply_address_in_other_hands_gives_nobody_the_role(cast: Cast, names: World) -> None:
    ticket = await opened(cast, names)
    entry = await receive(cast, names, answer("kim@evil.example"), to=reply_address(cast, ticket, cast.ann.id))
    message = await said(entry)
    assert (message.ticket_id, message.author_role, message.stranger) == (ticket.id, Role.CUSTOMER, True)
    names.zone.records.clear()  # no policy speaks against it either: what is left is whom the address was made for
    forged = await receive(cast, names, answer(), to=reply_address(cast, ticket, ticket.requester_id))
    assert (await said(forged)).author_role is Role.CUSTOMER


async def test_a_reply_address_is_no_proof_where_the_domain_asks_to_reject(cast: Cast, names: World) -> None:
    ticket = await opened(cast, names)
    message = await said(await receive(cast, names, answer(), to=reply_address(cast, ticket, cast.ann.id)))
    assert (message.ticket_id, message.author_role) == (ticket.id, Role.CUSTOMER)


async def test_an_absence_of_staff_reaches_no_customer(cast: Cast, names: World) -> None:
    ticket = await opened(cast, names)
    raw = mail(ANN, In_Reply_To="<first@people.example>", Auto_Submitted="auto-replied")
    message = await said(await receive(cast, names, raw, peer=HERE))
    assert message.direction is Direction.INTERNAL
    assert ("message", "zoe@people.example") not in await outbox(ticket)


async def test_an_answer_of_staff_opens_no_closed_ticket(cast: Cast, names: World) -> None:
    ticket = await opened(cast, names)
    async with cast.house.work() as work:
        await change_ticket(work, cast.ben, ticket.id, status=Status.CLOSED)
    await receive(cast, names, answer(), peer=HERE)
    assert (await Ticket.get(id=ticket.id)).status is Status.CLOSED


async def test_a_mail_that_its_domain_asks_to_reject_is_filed_marked_and_not_answered(cast: Cast, names: World) -> None:
    entry = await receive(cast, names, mail())
    message = await said(entry)
    assert message.email["authentication"]["dmarc"] == "fail"
    assert "rejected" in message.email["flags"]
    assert await outbox(await ticket_of(entry)) == []


async def test_verdicts_are_kept_and_names_that_do_not_answer_prove_nothing(cast: Cast, names: World) -> None:
    names.zone.broken |= {"desk.example", "_dmarc.desk.example"}
    ticket = await opened(cast, names)
    message = await said(await receive(cast, names, answer(), peer=HERE))
    assert {key: message.email["authentication"][key] for key in ("spf", "dmarc")} == {
        "spf": "temperror", "dmarc": "temperror",
    }  # fmt: skip
    assert (message.ticket_id, message.author_role) == (ticket.id, Role.CUSTOMER)
