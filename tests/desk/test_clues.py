"""Where a mail belongs by all that it says, through the intake; why it is there is stored and says what was refused."""

import re
from typing import Any

import pytest

from desk import House, add_message
from gateway.intake import Intake
from letters import write_message_id, write_reply_address, write_return_path
from models import Delivery, Inbound, Mailbox, Message, Ticket, User
from settings import load
from tests.cast import SUPPORT, Cast, mail, ticket_of

FIRST = "first@client.example"


async def opened(cast: Cast, sender: str = "zoe@people.example", **headers: str) -> Ticket:
    return await ticket_of(await cast.receive(mail(sender, **({"Message_ID": f"<{FIRST}>"} | headers))))


async def why(entry: Inbound) -> dict[str, Any]:
    found: dict[str, Any] = (await Message.get(id=entry.message_id)).why
    return found


def reply_address(cast: Cast, ticket: Ticket, key: bytes | None = None) -> str:
    return write_reply_address(key or cast.house.reply_key, SUPPORT, ticket.id, ticket.requester_id)


@pytest.mark.parametrize("place", ["To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"])
async def test_a_reply_address_is_found_in_the_header_where_the_envelope_has_only_the_mailbox(
    cast: Cast, place: str
) -> None:
    ticket = await opened(cast)
    headers = {"To": SUPPORT} | {place: reply_address(cast, ticket)}
    entry = await cast.receive(mail("zoe@people.example", subject="other", **headers))
    assert (entry.ticket_id, (await why(entry))["rule"]) == (ticket.id, "reply address")


async def test_the_envelopes_reply_address_comes_before_the_headers(cast: Cast) -> None:
    one, two = await opened(cast), await opened(cast, Message_ID="<second@client.example>")
    entry = await cast.receive(mail("zoe@people.example", to=reply_address(cast, one)), to=reply_address(cast, two))
    told = await why(entry)
    assert entry.ticket_id == two.id
    assert [(found["ticket"], found["evidence"]) for found in told["candidates"]] == [
        (two.id, "made for the sender, in the envelope"),
        (one.id, "made for the sender, in To"),
    ]
    assert f"#{one.id}" in told["doubt"]


@pytest.mark.parametrize("form", ["upper", "without plus", "wrapped"])
async def test_a_reply_address_survives_what_servers_on_the_way_do_to_it(cast: Cast, form: str) -> None:
    ticket = await opened(cast)
    address = reply_address(cast, ticket)
    changed = {
        "upper": address.upper(),
        "without plus": address.replace("+", ""),
        "wrapped": f"SRS0=ab12=CD=desk.example={address.partition('@')[0]}@forwarder.example",
    }[form]
    assert (await cast.receive(mail(subject="other"), to=changed)).ticket_id == ticket.id


async def test_a_forged_reply_address_threads_nothing_and_is_noted(cast: Cast) -> None:
    ticket = await opened(cast)
    forged = reply_address(cast, ticket, key=b"another key")
    entry = await cast.receive(mail("eve@evil.example", to=forged), to=forged)
    told = await why(entry)
    assert (entry.state, entry.ticket_id == ticket.id, told["rule"]) == ("processed", False, None)
    assert told["refused"] == [{"evidence": forged, "reason": "it has the form of ours, and we did not sign it"}]


async def test_a_forged_message_id_is_noted(cast: Cast) -> None:
    ticket = await opened(cast)
    forged = write_message_id(b"another key", "desk.example", ticket.id, "abc")
    entry = await cast.receive(mail("eve@evil.example", In_Reply_To=f"<{forged}>"))
    assert entry.ticket_id != ticket.id
    assert [found["evidence"] for found in (await why(entry))["refused"]] == [forged]


async def test_the_message_id_of_another_desk_is_not_noted_as_forged(cast: Cast) -> None:
    theirs = write_message_id(b"their own key", "desk.elsewhere.example", 7, "abc")
    entry = await cast.receive(mail(In_Reply_To=f"<{theirs}>"))
    assert (await why(entry))["refused"] == []


async def test_a_detail_that_only_looks_long_is_not_noted_as_forged(cast: Cast) -> None:
    entry = await cast.receive(mail(), to=f"support+{'c' * 40}@desk.example")
    assert (await why(entry))["refused"] == []


async def test_our_message_id_in_the_hands_of_an_outsider_makes_a_strangers_mail(cast: Cast) -> None:
    ticket = await opened(cast)
    ours = (await Delivery.get(ticket_id=ticket.id)).rfc_message_id
    entry = await cast.receive(mail("eve@evil.example", In_Reply_To=f"<{ours}>", Cc="kim@evil.example"))
    said, told = await Message.get(id=entry.message_id), await why(entry)
    assert (said.ticket_id, said.stranger, said.author_role) == (ticket.id, True, "customer")
    assert [(found["signed"], found["takes_part"]) for found in told["candidates"]] == [(True, False)]
    assert await Delivery.filter(ticket_id=ticket.id).count() == 1


async def test_a_mail_that_names_itself_belongs_nowhere(cast: Cast) -> None:
    await opened(cast, Message_ID="<same@client.example>")
    entry = await cast.receive(
        mail(
            "kim@people.example", text="another", Message_ID="<same@client.example>", References="<same@client.example>"
        )
    )
    assert (await why(entry))["rule"] is None
    assert await Ticket.all().count() == 2


@pytest.mark.parametrize("junk", ["<>", "<@>", "", "< >", "<<>>", "your mail of Monday"])
async def test_empty_ids_match_nothing(cast: Cast, junk: str) -> None:
    for number in range(2):
        raw = mail(text=f"mail {number}", Message_ID="x", In_Reply_To="x", References="x")
        await cast.receive(re.sub(rb"(-ID|-To|References): x\r", rf"\1: {junk}\r".encode(), raw))
    assert await Ticket.all().count() == 2


@pytest.mark.parametrize(
    "references",
    [
        f"<\r\n {FIRST}>",
        f"< {FIRST} >",
        f"junk <{FIRST}>, more junk",
        f"<x@y><{FIRST}>",
        f"<{FIRST}",
        FIRST,
        f"<other@client.example>\r\n\t<{FIRST}>\r\n <unknown@client.example>",
    ],
)
async def test_ids_among_spaces_and_junk_are_found(cast: Cast, references: str) -> None:
    ticket = await opened(cast)
    raw = mail("zoe@people.example", subject="other", References="@").replace(
        b"References: @", f"References: {references}".encode()
    )
    assert references.encode() in raw
    assert (await cast.receive(raw)).ticket_id == ticket.id


async def test_of_several_tickets_the_nearest_parents_wins_and_the_doubt_is_noted(cast: Cast) -> None:
    one, two = await opened(cast), await opened(cast, Message_ID="<second@client.example>")
    entry = await cast.receive(mail(subject="other", References=f"<{FIRST}> <second@client.example>"))
    told = await why(entry)
    assert (entry.ticket_id, [found["ticket"] for found in told["candidates"]]) == (two.id, [two.id, one.id])
    assert f"#{one.id}" in told["doubt"]


async def test_a_mail_in_no_doubt_says_so(cast: Cast) -> None:
    ticket = await opened(cast)
    entry = await cast.receive(mail("zoe@people.example", In_Reply_To=f"<{FIRST}>", References=f"<{FIRST}>"))
    told = await why(entry)
    assert (told["doubt"], told["refused"]) == (None, [])
    assert {found["ticket"] for found in told["candidates"]} == {ticket.id}


async def test_a_thousand_mails_under_one_id_do_not_hide_the_thread(cast: Cast) -> None:
    ticket = await opened(cast)
    noise = await ticket_of(await cast.receive(mail("eve@evil.example", Message_ID="<noise@evil.example>")))
    first = await Message.get(ticket_id=noise.id)
    values = {name: getattr(first, name) for name in first._meta.db_fields if name not in {"id", "opening", "search"}}
    await Message.bulk_create(
        [Message(**values | {"opening": False, "content_hash": number.to_bytes(32, "big")}) for number in range(120)]
    )
    entry = await cast.receive(mail("zoe@people.example", References=f"<{FIRST}> <noise@evil.example>"))
    assert {found["ticket"] for found in (await why(entry))["candidates"]} == {ticket.id, noise.id}


# -- the key is replaced


def renewed(cast: Cast, **previous: str) -> House:
    """The same desk under another secret."""
    settings = cast.house.settings
    return House(load(**settings.model_dump() | {"_env_file": None, "secret_key": "a secret of this year"} | previous))


async def read(house: House, cast: Cast, raw: bytes, to: str = SUPPORT) -> Inbound:
    entry = await cast.accept(raw, to)
    await Intake(house).read_one()
    return await Inbound.get(id=entry.id)


@pytest.mark.parametrize("by", ["reply address", "return path", "message-id"])
async def test_what_a_former_key_signed_lives_on_while_that_key_is_named(cast: Cast, by: str) -> None:
    ticket = await opened(cast)
    delivery = await Delivery.get(ticket_id=ticket.id)
    old = cast.house.reply_key
    address = {
        "reply address": reply_address(cast, ticket),
        "return path": write_return_path(old, SUPPORT, delivery.id),
        "message-id": SUPPORT,
    }[by]
    named = {"In_Reply_To": f"<{delivery.rfc_message_id}>"} if by == "message-id" else {}
    secret = cast.house.settings.secret.decode()
    raw = mail("zoe@people.example", subject="other", **named)
    assert (
        await read(renewed(cast, secret_key_previous=f"a-secret-between-them, {secret}"), cast, raw, address)
    ).ticket_id == ticket.id
    assert (
        await read(renewed(cast), cast, raw.replace(b"other", b"again").replace(b"work", b"go"), address)
    ).ticket_id != ticket.id


async def test_nothing_is_signed_with_a_former_key(cast: Cast) -> None:
    house = renewed(cast, secret_key_previous=cast.house.settings.secret.decode())
    assert house.reply_key == house.reply_keys[0] != cast.house.reply_key
    assert house.reply_keys[1] == cast.house.reply_key


async def test_our_own_mail_signed_with_a_former_key_is_known_when_it_comes_back(cast: Cast) -> None:
    ticket = await opened(cast)
    delivery = await Delivery.get(ticket_id=ticket.id)
    house = renewed(cast, secret_key_previous=cast.house.settings.secret.decode())
    entry = await read(house, cast, mail(Message_ID=f"<{delivery.rfc_message_id}>"))
    assert entry.reason == "mail of our own that came back"


# -- out of order


async def test_two_replies_that_come_before_their_parent_are_one_ticket(cast: Cast) -> None:
    for turn in ("second", "third", "first"):
        named = {} if turn == "first" else {"In_Reply_To": f"<{FIRST}>"}
        await cast.receive(mail("zoe@people.example", text=turn, Message_ID=f"<{turn}@client.example>", **named))
    assert await Ticket.all().count() == 1
    assert {(message.why["rule"]) for message in await Message.all()} == {
        None, "another reply to the same", "a reply that named it",
    }  # fmt: skip


async def test_a_participants_reply_to_the_parent_that_is_late_joins_too(cast: Cast) -> None:
    for sender, cc in (("zoe@people.example", "kim@people.example"), ("kim@people.example", "zoe@people.example")):
        await cast.receive(mail(sender, text=f"by {sender}", In_Reply_To="<late@client.example>", Cc=cc))
    assert await Ticket.all().count() == 1


async def test_a_machines_mail_does_not_join_a_persons_by_a_parent_that_is_not_there(cast: Cast) -> None:
    for automatic in ("no", "auto-generated"):
        await cast.receive(mail(text=automatic, In_Reply_To="<late@client.example>", Auto_Submitted=automatic))
    assert await Ticket.all().count() == 2


async def test_answers_of_two_people_to_one_newsletter_stay_apart(cast: Cast) -> None:
    for sender in ("zoe@people.example", "kim@people.example"):
        await cast.receive(mail(sender, text=f"by {sender}", In_Reply_To="<newsletter@desk.example>"))
    assert await Ticket.all().count() == 2


async def test_a_machine_that_names_the_same_parent_in_all_its_mails_makes_a_ticket_of_each(cast: Cast) -> None:
    for number in range(3):
        await cast.receive(
            mail(
                "monitor@people.example", text=f"{number}", In_Reply_To="<0@localhost>", Auto_Submitted="auto-generated"
            )
        )
    assert await Ticket.all().count() == 3


# -- flags, names and people


async def test_a_new_question_in_an_old_thread_is_flagged(cast: Cast) -> None:
    ticket = await opened(cast, Subject="Invoice 7 is missing")
    asked = await cast.receive(
        mail("zoe@people.example", subject="Password forgotten", text="What now?", In_Reply_To=f"<{FIRST}>")
    )
    again = await cast.receive(
        mail("zoe@people.example", subject="Re: Password forgotten", text="Hello?", In_Reply_To=f"<{FIRST}>")
    )
    other = await cast.receive(
        mail("zoe@people.example", subject="Re: Invoice 7 is missing", text="And it?", In_Reply_To=f"<{FIRST}>")
    )
    flags = [(await Message.get(id=entry.message_id)).email["flags"] for entry in (asked, again, other)]
    assert {asked.ticket_id, again.ticket_id, other.ticket_id} == {ticket.id}
    assert flags == [["new_topic"], [], []]


async def test_a_name_that_pretends_is_flagged_and_not_kept(cast: Cast) -> None:
    ticket = await opened(cast, sender='"ann@desk.example" <eve@evil.example>')
    owner = await User.get(id=ticket.requester_id)
    opening = await Message.get(ticket_id=ticket.id)
    assert (owner.email, owner.name, opening.email["flags"]) == ("eve@evil.example", "", ["name_pretends"])
    assert opening.email["from"]["name"] == "ann@desk.example"


async def test_reply_to_is_shown_and_is_nobodys_identity(cast: Cast) -> None:
    ticket = await opened(cast, sender="form@shop.example", Reply_To="Zoe <zoe@people.example>")
    owner, opening = await User.get(id=ticket.requester_id), await Message.get(ticket_id=ticket.id)
    assert owner.email == "form@shop.example"
    assert opening.email["reply_to"] == [{"name": "Zoe", "email": "zoe@people.example"}]
    assert opening.email["flags"] == ["reply_to_differs"]
    assert not await User.filter(email="zoe@people.example").exists()


async def test_a_list_that_rewrites_from_is_the_sender_under_its_own_name(cast: Cast) -> None:
    ticket = await opened(cast, sender="Zoe via Fans <fans@lists.example>", X_Original_From="Zoe <zoe@people.example>")
    owner = await User.get(id=ticket.requester_id)
    assert (owner.email, owner.name) == ("fans@lists.example", "Fans")


@pytest.mark.parametrize("nobody", ["no-reply@shop.example", "MAILER-DAEMON@mx.example", "bounces+7@news.example"])
async def test_where_nobody_reads_nobody_takes_part(cast: Cast, nobody: str) -> None:
    ticket = await opened(cast, Cc=f"{nobody}, kim@people.example")
    async with cast.house.work() as work:
        await add_message(work, cast.ann, ticket.id, text="On it.")
    assert {copy.recipient for copy in await Delivery.filter(kind="message")} == {
        "zoe@people.example", "kim@people.example",
    }  # fmt: skip


async def test_an_inactive_mailbox_is_ours_all_the_same(cast: Cast) -> None:
    await Mailbox.create(address="old@desk.example", active=False)
    ticket = await opened(cast, Cc="old@desk.example")
    assert not await User.filter(email="old@desk.example").exists()
    assert (await cast.receive(mail("old@desk.example", to=SUPPORT))).state == "ignored"
    assert await Ticket.all().count() == 1, ticket.id


async def test_a_conversation_that_comes_backwards_is_one_ticket(cast: Cast) -> None:
    for number in (2, 1, 0):
        named = {"In_Reply_To": f"<{number - 1}@client.example>"} if number else {}
        await cast.receive(mail("zoe@people.example", Message_ID=f"<{number}@client.example>", **named))
    assert await Ticket.all().count() == 1
