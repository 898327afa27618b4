"""Who gets a mail, said before sending, and that sending does the same."""

from collections.abc import Collection

import pytest

from desk import add_message, change_ticket
from desk.errors import Conflict, Forbidden, Invalid, NotFound
from desk.participants import MOST_PARTICIPANTS, add_participant, remove_participant
from desk.recipients import Preview, preview
from letters import write_reply_address
from models import Delivery, Event, Inbound, Message, Participant, Status, Ticket, User
from tests.cast import SUPPORT, Cast, mail, ticket_of


async def shared_ticket(cast: Cast) -> Ticket:
    """Zoe's, with Kim in To and Lee in Cc."""
    raw = mail("zoe@people.example", to=f"{SUPPORT}, kim@people.example", Cc="lee@elsewhere.example")
    return await ticket_of(await cast.receive(raw))


async def ask(cast: Cast, ticket: Ticket, by: User | None = None) -> Preview:
    async with cast.house.work() as work:
        return await preview(work, by or cast.ann, ticket.id)


async def say(cast: Cast, ticket: Ticket, recipients: Collection[int] | None = None, by: User | None = None) -> Message:
    async with cast.house.work() as work:
        return await add_message(work, by or cast.ann, ticket.id, text="On it.", recipients=recipients)


async def user(email: str) -> User:
    return await User.get(email=email, proven=True)


async def mailed(message: Message) -> list[tuple[str, bool]]:
    return [(copy.recipient, copy.copied) for copy in await Delivery.filter(message_id=message.id).order_by("id")]


def names(found: Preview) -> list[tuple[str, str, str]]:
    return [(one.person.email.partition("@")[0], "cc" if one.copied else "to", one.why) for one in found.recipients]


async def test_the_preview_says_who_gets_it_in_which_field_and_why(cast: Cast) -> None:
    assert names(await ask(cast, await shared_ticket(cast))) == [
        ("zoe", "to", "the requester"),
        ("kim", "cc", "named in To of a mail"),
        ("lee", "cc", "named in Cc of a mail"),
    ]


async def test_a_message_goes_to_whom_the_preview_named(cast: Cast) -> None:
    ticket = await shared_ticket(cast)
    before = await ask(cast, ticket)
    assert await mailed(await say(cast, ticket)) == [(one.person.email, one.copied) for one in before.recipients]


async def test_whoever_asks_gets_no_copy(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail(Cc="ann@desk.example, ben@desk.example")))
    assert names(await ask(cast, ticket, cast.ann))[1:] == [("ben", "cc", "named in Cc of a mail")]
    assert names(await ask(cast, ticket, cast.ben))[1:] == [("ann", "cc", "named in Cc of a mail")]


async def test_an_ended_account_gets_none(cast: Cast) -> None:
    ticket = await shared_ticket(cast)
    await User.filter(email="zoe@people.example").update(active=False)
    assert names(await ask(cast, ticket))[0] == ("kim", "to", "named in To of a mail")


async def test_two_rows_of_one_address_get_one_copy(cast: Cast) -> None:
    ticket = await shared_ticket(cast)
    claim = await User.create(username="kim", email="kim@people.example", proven=False)
    await Participant.create(ticket_id=ticket.id, user_id=claim.id, source="cc")
    assert [address for address, _ in await mailed(await say(cast, ticket))].count("kim@people.example") == 1


async def test_new_is_who_did_not_get_the_last_mail(cast: Cast) -> None:
    ticket = await shared_ticket(cast)
    kim, lee = await user("kim@people.example"), await user("lee@elsewhere.example")
    assert (await ask(cast, ticket)).new == {kim.id, lee.id}, "only the requester was sent the acknowledgement"
    await say(cast, ticket)
    assert (await ask(cast, ticket)).new == set()
    await say(cast, ticket, recipients=[kim.id])
    assert (await ask(cast, ticket)).new == {ticket.requester_id, lee.id}


async def test_where_no_mail_went_out_yet_nobody_is_new(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail(Cc="kim@people.example", Precedence="bulk")))
    assert not await Delivery.exists()
    assert (await ask(cast, ticket)).new == set()


async def test_a_colleague_who_wrote_the_last_mail_is_not_new(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail(Cc="ben@desk.example")))
    await say(cast, ticket, by=cast.ben)
    found = await ask(cast, ticket)
    assert (found.new, found.dropped) == (set(), [])


async def test_dropped_is_who_got_the_last_mail_and_takes_part_no_more(cast: Cast) -> None:
    ticket = await shared_ticket(cast)
    kim = await user("kim@people.example")
    await say(cast, ticket)
    async with cast.house.work() as work:
        await remove_participant(work, cast.ann, ticket.id, kim.id)
    found = await ask(cast, ticket)
    assert [person.email for person in found.dropped] == ["kim@people.example"]
    assert [name for name, _, _ in names(found)] == ["zoe", "lee"]
    await say(cast, ticket)
    assert (await ask(cast, ticket)).dropped == []


async def test_whoever_asks_was_not_dropped(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail(Cc="ann@desk.example")))
    assert "ann@desk.example" in [recipient for recipient, _ in await mailed(await say(cast, ticket, by=cast.ben))]
    assert (await ask(cast, ticket, cast.ann)).dropped == []


async def test_the_domain_of_the_mailbox_is_no_new_one(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail(Cc="ben@desk.example")))
    assert (await ask(cast, ticket)).warnings == []


async def test_a_domain_that_no_mail_went_to_is_warned_of_once(cast: Cast) -> None:
    ticket = await shared_ticket(cast)
    assert (await ask(cast, ticket)).warnings == [("new_domain", "elsewhere.example")]
    await say(cast, ticket)
    assert (await ask(cast, ticket)).warnings == []


async def test_it_warns_where_nobody_would_get_anything(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail("zoe@people.example")))
    await User.filter(id=ticket.requester_id).update(active=False)
    assert [kind for kind, _ in (await ask(cast, ticket)).warnings] == ["nobody"]


async def test_staff_choose_some_of_them_for_one_message(cast: Cast) -> None:
    ticket = await shared_ticket(cast)
    lee, kim = await user("lee@elsewhere.example"), await user("kim@people.example")
    chosen = await say(cast, ticket, recipients=[lee.id, kim.id])
    assert await mailed(chosen) == [("kim@people.example", False), ("lee@elsewhere.example", True)]
    assert len(await mailed(await say(cast, ticket))) == 3


@pytest.mark.parametrize("chosen", ["nobody", "a stranger", "oneself"])
async def test_a_choice_of_anybody_else_is_refused_and_nothing_is_said(cast: Cast, chosen: str) -> None:
    ticket = await ticket_of(await cast.receive(mail(Cc="ann@desk.example")))
    ids = {"nobody": [], "a stranger": [ticket.requester_id, cast.carl.id], "oneself": [cast.ann.id]}[chosen]
    with pytest.raises(Invalid) as refused:
        await say(cast, ticket, recipients=ids)
    assert refused.value.field == "recipients"
    assert await Message.filter(direction="outbound").count() == 0


async def test_customers_do_not_choose(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail("carl@people.example")))
    with pytest.raises(Invalid):
        await say(cast, ticket, recipients=[cast.carl.id], by=cast.carl)


async def test_only_staff_see_recipients(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail("carl@people.example")))
    with pytest.raises(Forbidden):
        await ask(cast, ticket, cast.carl)
    with pytest.raises(NotFound):
        await ask(cast, await shared_ticket(cast), cast.carl)


# -- participants


async def test_staff_add_somebody_who_gets_the_next_mail(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail("zoe@people.example")))
    async with cast.house.work() as work:
        part = await add_participant(work, cast.ann, ticket.id, email="Kim@People.example", name="Kim Ito")
    assert (part.user.email, part.user.name) == ("kim@people.example", "Kim Ito")
    assert names(await ask(cast, ticket))[1] == ("kim", "cc", "added by Ann")
    event = await Event.get(kind="joined")
    assert (event.actor_id, event.data) == (cast.ann.id, {"user": part.user_id})


async def test_adding_somebody_twice_changes_nothing(cast: Cast) -> None:
    ticket = await shared_ticket(cast)
    async with cast.house.work() as work:
        await add_participant(work, cast.ann, ticket.id, email="kim@people.example")
    assert await Participant.filter(ticket_id=ticket.id).count() == 3
    assert not await Event.filter(kind="joined").exists()


@pytest.mark.parametrize(
    "email", [SUPPORT, "support+x@desk.example", "a reply address", "no-reply@shop.example", "nobody", "a b@c.example"]
)
async def test_nobody_is_added_who_cannot_read_it(cast: Cast, email: str) -> None:
    ticket = await ticket_of(await cast.receive(mail("zoe@people.example")))
    own = write_reply_address(cast.house.reply_key, SUPPORT, ticket.id, ticket.requester_id)
    async with cast.house.work() as work:
        with pytest.raises(Invalid) as refused:
            await add_participant(work, cast.ann, ticket.id, email=own if email == "a reply address" else email)
    assert refused.value.field == "email"
    assert await Participant.filter(ticket_id=ticket.id).count() == 1


async def test_an_ended_account_is_not_added(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail("zoe@people.example")))
    await User.filter(id=cast.carl.id).update(active=False)
    async with cast.house.work() as work:
        with pytest.raises(Invalid):
            await add_participant(work, cast.ann, ticket.id, email="carl@people.example")


async def test_the_requester_stays(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail("zoe@people.example")))
    async with cast.house.work() as work:
        with pytest.raises(Conflict):
            await remove_participant(work, cast.ann, ticket.id, ticket.requester_id)
        with pytest.raises(NotFound):
            await remove_participant(work, cast.ann, ticket.id, cast.carl.id)


async def test_customers_change_no_participants(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail("carl@people.example", Cc="kim@people.example")))
    kim = await user("kim@people.example")
    async with cast.house.work() as work:
        with pytest.raises(Forbidden):
            await add_participant(work, cast.carl, ticket.id, email="lee@people.example")
        with pytest.raises(Forbidden):
            await remove_participant(work, cast.carl, ticket.id, kim.id)


async def test_a_ticket_has_only_so_many_participants(cast: Cast) -> None:
    many = ", ".join(f"p{number}@people.example" for number in range(MOST_PARTICIPANTS + 10))
    entry = await cast.receive(mail(Cc=many))
    ticket = await ticket_of(entry)
    assert await Participant.filter(ticket_id=ticket.id).count() == MOST_PARTICIPANTS
    opening = await Message.get(id=entry.message_id)
    assert "60 other recipients: no more than 50 people take part" in opening.email["defects"]
    async with cast.house.work() as work:
        with pytest.raises(Conflict):
            await add_participant(work, cast.ann, ticket.id, email="one-more@people.example")


async def test_a_status_mail_goes_to_the_same_people(cast: Cast) -> None:
    ticket = await shared_ticket(cast)
    async with cast.house.work() as work:
        await change_ticket(work, cast.ann, ticket.id, status=Status.FROZEN)
    told = await Delivery.filter(kind="status").order_by("id")
    assert [(copy.recipient.partition("@")[0], copy.copied) for copy in told] == [
        ("zoe", False), ("kim", True), ("lee", True),
    ]  # fmt: skip


# -- people that replies bring


async def reply(cast: Cast, ticket: Ticket, sender: str, made_for: User | None = None, **headers: str) -> Inbound:
    person = made_for or await user(sender)
    address = write_reply_address(cast.house.reply_key, SUPPORT, ticket.id, person.id)
    return await cast.receive(mail(sender, to=address, text="See Cc", **headers), to=address)


async def test_a_participants_own_reply_brings_those_in_its_cc(cast: Cast) -> None:
    ticket = await shared_ticket(cast)
    await reply(cast, ticket, "kim@people.example", Cc="mia@people.example, support@desk.example")
    assert names(await ask(cast, ticket))[-1] == ("mia", "cc", "named in Cc of a mail")
    event = await Event.get(kind="joined")
    assert event.actor_id == (await user("kim@people.example")).id


async def test_a_from_alone_brings_nobody(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail("zoe@people.example", Message_ID="<first@client.example>")))
    entry = await cast.receive(mail("zoe@people.example", In_Reply_To="<first@client.example>", Cc="eve@evil.example"))
    assert entry.ticket_id == ticket.id
    assert len((await ask(cast, ticket)).recipients) == 1


async def test_a_reply_address_in_other_hands_brings_nobody(cast: Cast) -> None:
    ticket = await shared_ticket(cast)
    entry = await reply(cast, ticket, "lee@elsewhere.example", await user("kim@people.example"), Cc="eve@evil.example")
    assert entry.ticket_id == ticket.id
    assert len((await ask(cast, ticket)).recipients) == 3


async def test_an_absence_note_brings_nobody(cast: Cast) -> None:
    ticket = await shared_ticket(cast)
    await reply(cast, ticket, "kim@people.example", Cc="mia@people.example", Auto_Submitted="auto-replied")
    assert len((await ask(cast, ticket)).recipients) == 3


async def test_whoever_staff_removed_is_not_brought_back_by_a_reply_to_all(cast: Cast) -> None:
    ticket = await shared_ticket(cast)
    kim = await user("kim@people.example")
    async with cast.house.work() as work:
        await remove_participant(work, cast.ann, ticket.id, kim.id)
    await reply(cast, ticket, "zoe@people.example", Cc="kim@people.example, mia@people.example")
    assert [name for name, _, _ in names(await ask(cast, ticket))] == ["zoe", "lee", "mia"]
    async with cast.house.work() as work:
        await add_participant(work, cast.ann, ticket.id, email="kim@people.example")
    assert "kim" in [name for name, _, _ in names(await ask(cast, ticket))]


async def test_a_removed_persons_reply_address_counts_no_more_and_their_mail_is_a_strangers(cast: Cast) -> None:
    ticket = await shared_ticket(cast)
    kim = await user("kim@people.example")
    async with cast.house.work() as work:
        await remove_participant(work, cast.ann, ticket.id, kim.id)
    entry = await reply(cast, ticket, "kim@people.example")
    assert entry.ticket_id != ticket.id
    why = (await Message.get(id=entry.message_id)).why
    assert why["rule"] is None
    assert "revoked" in why["refused"][0]["reason"]


async def test_the_reply_address_of_an_ended_account_counts_no_more(cast: Cast) -> None:
    ticket = await ticket_of(await cast.receive(mail("carl@people.example", Message_ID="<first@client.example>")))
    await User.filter(id=cast.carl.id).update(active=False)
    entry = await reply(cast, ticket, "carl@people.example", In_Reply_To="<first@client.example>")
    said = await Message.get(id=entry.message_id)
    assert (entry.ticket_id, said.why["rule"], said.stranger) == (ticket.id, "in-reply-to", True)
