"""Several addresses of one person: who may add one, what follows, and what nobody gets by it."""

import asyncio

import pytest

from desk import add_mailbox, add_user, open_ticket, register
from desk.addresses import (
    MOST_ADDRESSES,
    add_address,
    address_link,
    addresses_of,
    ask_for_address,
    prove,
    remove_address,
)
from desk.confirmation import confirm, confirmation_link
from desk.errors import Conflict, DeskError, Forbidden, Invalid, NotFound, Taken, Unproven
from desk.participants import add_participant, remove_participant
from desk.views import Display, Wanted, tickets
from letters import write_reply_address
from models import Delivery, Event, Message, OtherAddress, Participant, Role, Ticket, User
from tests.cast import PASSWORD, SUPPORT, Cast, mail, ticket_of

HOME = "carl@home.example"


async def add(cast: Cast, to: User, email: str = HOME, by: User | None = None) -> OtherAddress:
    async with cast.house.work() as work:
        return await add_address(work, by or cast.ann, to.id, email=email)


async def ask(cast: Cast, by: User, email: str = HOME) -> None:
    async with cast.house.work() as work:
        await ask_for_address(work, by, email=email)


def token(cast: Cast, user: User, email: str = HOME) -> str:
    return address_link(cast.house, user, email).split("/")[-1]


async def customer(email: str) -> User:
    return await User.get(email=email, proven=True)


async def test_an_address_is_kept_in_lower_case_and_adding_it_again_changes_nothing(cast: Cast) -> None:
    first, again = await add(cast, cast.carl, "Carl@Home.Example"), await add(cast, cast.carl)
    assert (first.email, again.id) == (HOME, first.id)
    assert [found.email for found in await addresses_of(cast.ann, cast.carl.id)] == [HOME]


async def test_mail_from_it_is_the_persons_and_makes_no_customer(cast: Cast) -> None:
    await add(cast, cast.carl)
    ticket = await ticket_of(await cast.receive(mail("Somebody <Carl@home.example>")))
    assert ticket.requester_id == cast.carl.id
    assert not await User.exists(email=HOME)
    page = await tickets(cast.carl, Display(str, str), Wanted(), limit=9, summary=True)
    assert [found["id"] for found in page.items] == [ticket.id]


async def test_a_removed_address_is_a_stranger_again_and_what_came_stays(cast: Cast) -> None:
    await add(cast, cast.carl)
    ticket = await ticket_of(await cast.receive(mail(HOME)))
    await remove_address(cast.ann, cast.carl.id, "CARL@home.example")
    later = await ticket_of(await cast.receive(mail(HOME)))
    assert (await Ticket.get(id=ticket.id)).requester_id == cast.carl.id
    assert later.requester_id not in (cast.carl.id, None)
    with pytest.raises(NotFound):
        await remove_address(cast.ann, cast.carl.id, HOME)


async def test_all_that_a_customer_without_account_had_becomes_the_persons(cast: Cast) -> None:
    own = await ticket_of(await cast.receive(mail(f"Carl <{HOME}>", Cc="kim@people.example")))
    other = await ticket_of(await cast.receive(mail("zoe@people.example", Cc=HOME)))
    left = await ticket_of(await cast.receive(mail("zoe@people.example", Cc=HOME)))
    known = await customer(HOME)
    async with cast.house.work() as work:
        await remove_participant(work, cast.ann, left.id, known.id)
    await OtherAddress.create(user_id=known.id, email="carl@work.example")
    await add(cast, cast.carl)
    assert not await User.exists(id=known.id)
    assert (await Ticket.get(id=own.id)).requester_id == cast.carl.id
    assert (await Message.get(ticket_id=own.id)).author_id == cast.carl.id
    assert await Participant.filter(user_id=cast.carl.id).order_by("ticket_id").values_list("ticket_id", flat=True) == [
        own.id, other.id,
    ]  # fmt: skip
    assert (await Delivery.get(ticket_id=own.id)).user_id == cast.carl.id
    assert {found.email for found in await OtherAddress.filter(user_id=cast.carl.id)} == {HOME, "carl@work.example"}
    told = await Event.filter(kind="same_person").order_by("ticket_id")
    assert [(event.ticket_id, event.actor_id, event.data) for event in told] == [
        (ticket.id, cast.ann.id, {"user": cast.carl.id, "email": HOME}) for ticket in (own, other, left)
    ]
    assert (await Event.get(ticket_id=left.id, kind="removed")).data == {"user": cast.carl.id}


async def test_whoever_was_requester_by_one_of_the_two_stays_it(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail(HOME, Cc="carl@people.example")))
    await add(cast, cast.carl)
    part = await Participant.get(ticket_id=ticket.id)
    assert (part.user_id, part.source) == (cast.carl.id, "requester")


@pytest.mark.parametrize("whose", ["an account's", "a colleague's", "another one of somebody", "ended"])
async def test_an_address_of_somebody_else_is_nobodys_to_take(cast: Cast, whose: str) -> None:
    email = HOME
    if whose == "an account's":
        await add_user(cast.house, None, username="dora", email=HOME, password=PASSWORD, role=Role.CUSTOMER)
    elif whose == "a colleague's":
        email = "ben@desk.example"
        await User.filter(email=email).update(password_hash=None)
    elif whose == "another one of somebody":
        await cast.receive(mail("zoe@people.example"))
        await add(cast, await customer("zoe@people.example"))
    else:
        await cast.receive(mail(HOME))
        await User.filter(email=HOME).update(active=False)
    for attempt in (add(cast, cast.carl, email), ask(cast, cast.carl, email), prove_it(cast, email)):
        with pytest.raises(Conflict):
            await attempt
    assert not await OtherAddress.exists(user_id=cast.carl.id)
    assert not await Delivery.exists(recipient=email, kind="confirmation")


async def prove_it(cast: Cast, email: str) -> None:
    await prove(cast.house, token(cast, cast.carl, email))


@pytest.mark.parametrize(
    ("email", "error"),
    [
        ("nonsense", Invalid),
        (SUPPORT, Invalid),
        ("support+sales@desk.example", Invalid),
        ("no-reply@shop.example", Invalid),
        ("carl@people.example", Conflict),
    ],
)
async def test_an_address_that_cannot_be_another_one_is_refused(cast: Cast, email: str, error: type[DeskError]) -> None:
    for attempt in (add(cast, cast.carl, email), ask(cast, cast.carl, email)):
        with pytest.raises(error):
            await attempt


async def test_nobody_has_more_addresses_than_a_person_may_have(cast: Cast) -> None:
    await OtherAddress.bulk_create(
        [OtherAddress(user_id=cast.carl.id, email=f"{number}@home.example") for number in range(MOST_ADDRESSES)]
    )
    with pytest.raises(Conflict, match="at most"):
        await add(cast, cast.carl)


async def test_only_admins_give_staff_an_address(cast: Cast) -> None:
    for attempt in (add(cast, cast.ben), add(cast, cast.ann), add(cast, cast.carl, by=cast.carl)):
        with pytest.raises(Forbidden):
            await attempt
    await add(cast, cast.ben, "ben@home.example", by=cast.admin)
    with pytest.raises(Forbidden):
        await remove_address(cast.ann, cast.ben.id, "ben@home.example")
    await remove_address(cast.ben, cast.ben.id, "ben@home.example")


async def test_customers_see_and_remove_their_own_alone(cast: Cast) -> None:
    await add(cast, cast.carl)
    await cast.receive(mail("zoe@people.example"))
    zoe = await customer("zoe@people.example")
    with pytest.raises(Forbidden):
        await addresses_of(cast.carl, zoe.id)
    with pytest.raises(Forbidden):
        await remove_address(cast.carl, zoe.id, HOME)
    assert [found.email for found in await addresses_of(cast.carl, cast.carl.id)] == [HOME]
    await remove_address(cast.carl, cast.carl.id, HOME)


async def test_the_link_proves_the_address_and_brings_what_was_mailed_from_it(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail(HOME)))
    await ask(cast, cast.carl)
    assert not await OtherAddress.exists(), "asking proves nothing"
    assert [(copy.recipient, copy.user_id) for copy in await Delivery.filter(kind="confirmation")] == [
        (HOME, cast.carl.id)
    ]
    for _ in range(2):
        assert (await confirm(cast.house, token(cast, cast.carl))).id == cast.carl.id
    assert (await Ticket.get(id=ticket.id)).requester_id == cast.carl.id


@pytest.mark.parametrize("kind", ["of the first address", "ended", "forged"])
async def test_a_link_that_proves_nothing_adds_nothing(cast: Cast, kind: str) -> None:
    shown = token(cast, cast.carl)
    if kind == "ended":
        await User.filter(id=cast.carl.id).update(active=False)
    elif kind == "of the first address":
        shown = confirmation_link(cast.house, User(id=cast.carl.id, email=HOME)).split("/")[-1]
    else:
        shown = f"{shown[:-4]}AAAA"
    with pytest.raises(Unproven):
        await confirm(cast.house, shown)
    assert not await OtherAddress.exists()


async def test_an_account_that_proved_no_address_gets_no_other(cast: Cast) -> None:
    await register(cast.house, username="eve", email="victim@people.example", password=PASSWORD)
    eve = await User.get(username="eve")
    await cast.receive(mail("eve@home.example"))
    for attempt in (add(cast, eve, "eve@home.example"), ask(cast, eve, "eve@home.example")):
        with pytest.raises(Conflict):
            await attempt


async def test_asking_again_and_again_mails_no_more_than_the_limit(cast: Cast) -> None:
    for _ in range(8):
        await ask(cast, cast.carl)
    assert await Delivery.filter(recipient=HOME).count() == 5


async def test_another_address_of_somebody_is_taken_for_new_accounts(cast: Cast) -> None:
    await add(cast, cast.carl)
    with pytest.raises(Taken):
        await register(cast.house, username="eve", email="Carl@home.example", password=PASSWORD)
    with pytest.raises(Taken):
        await add_user(cast.house, cast.admin, username="eve", email=HOME, password=PASSWORD, role=Role.AGENT)
    assert not await User.exists(username="eve")


async def test_a_claim_does_not_hold_an_address_and_is_not_proven_once_it_is_somebodys(cast: Cast) -> None:
    eve = await register(cast.house, username="eve", email=HOME, password=PASSWORD)
    link = confirmation_link(cast.house, eve).split("/")[-1]
    await add(cast, cast.carl)
    with pytest.raises(Conflict):
        await confirm(cast.house, link)
    assert not (await User.get(id=eve.id)).proven
    assert (await ticket_of(await cast.receive(mail(HOME)))).requester_id == cast.carl.id


async def test_whoever_claims_the_address_goes_on_answering_on_their_own_ticket(cast: Cast) -> None:
    eve = await register(cast.house, username="eve", email=HOME, password=PASSWORD)
    async with cast.house.work() as work:
        ticket = await open_ticket(work, eve, title="Lamp", text="It is dark")
    await add(cast, cast.carl)
    acknowledged = await Delivery.get(ticket_id=ticket.id)
    entry = await cast.receive(mail(HOME, In_Reply_To=f"<{acknowledged.rfc_message_id}>"))
    message = await Message.get(id=entry.message_id)
    assert (message.ticket_id, message.stranger) == (ticket.id, False)


async def test_the_account_that_proves_the_first_address_gets_the_others_too(cast: Cast) -> None:
    await cast.receive(mail("Gina <gina@people.example>"))
    await add(cast, await customer("gina@people.example"), "gina@home.example")
    gina = await register(cast.house, username="gina", email="gina@people.example", password=PASSWORD)
    await confirm(cast.house, confirmation_link(cast.house, gina).split("/")[-1])
    assert (await OtherAddress.get(email="gina@home.example")).user_id == gina.id
    assert (await ticket_of(await cast.receive(mail("gina@home.example")))).requester_id == gina.id


async def test_staff_add_a_person_by_any_of_their_addresses_once(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail("zoe@people.example")))
    await add(cast, cast.carl)
    async with cast.house.work() as work:
        parts = [
            await add_participant(work, cast.ann, ticket.id, email=email) for email in (HOME, "carl@people.example")
        ]
    assert [part.user_id for part in parts] == [cast.carl.id] * 2
    assert await Event.filter(ticket_id=ticket.id, kind="joined").count() == 1


async def test_a_guest_named_by_two_addresses_joins_once(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail("zoe@people.example")))
    await add(cast, cast.carl)
    own = write_reply_address(cast.house.reply_key, SUPPORT, ticket.id, ticket.requester_id)
    await cast.receive(mail("zoe@people.example", Cc=f"carl@people.example, {HOME}"), own)
    assert [event.data for event in await Event.filter(ticket_id=ticket.id, kind="joined")] == [{"user": cast.carl.id}]


async def test_an_address_never_belongs_to_two_people_whatever_happens_at_once(cast: Cast) -> None:
    for number in range(5):
        email = f"{number}@home.example"
        entry = await cast.accept(mail(email))
        results = await asyncio.gather(
            add(cast, cast.carl, email),
            cast.receive(mail("zoe@people.example", Cc=email)),
            confirm(cast.house, token(cast, cast.carl, email)),
            return_exceptions=True,
        )
        while (await type(entry).get(id=entry.id)).state == "accepted":
            await cast.receive(mail("lee@people.example"))
        assert await User.filter(email=email, proven=True).count() + await OtherAddress.filter(email=email).count() == 1
        assert not [found for found in results if isinstance(found, Invalid)]


async def test_a_mailbox_made_of_somebodys_address_is_ours_first(cast: Cast) -> None:
    await add(cast, cast.carl)
    await add_mailbox(cast.admin, address=HOME)
    assert (await cast.receive(mail(HOME))).state == "ignored"
