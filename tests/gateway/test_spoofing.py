"""What a spoofer may try: from a session with the listener through the intake, with real names and keys, to the relay.

None acts as staff, and none learns anything: neither from what the listener answers nor from a mail.
"""

import asyncio
import smtplib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from desk import House
from gateway.intake import Intake
from gateway.proof import names as asking
from gateway.proof import resolver
from letters import write_reply_address
from mailer.drain import Drain
from mailer.transport import transport
from models import Direction, Inbound, Message, Participant, Role, Ticket, User
from settings import RelayUrl
from tests.cast import SUPPORT, Cast, mail, ticket_of
from tests.gateway.listening import listening
from tests.gateway.proving import World, key_pair, world
from tests.mailer.relay import FaultyRelay, faulty_relay

# Where sessions come from: the desk's own mail server, a server of the spoofer, a relay that the desk trusts.
OURS, THEIRS, RELAY = "127.0.0.2", "127.0.0.3", "127.0.0.4"
ANN, KIM, ZOE = "ann@desk.example", "kim@evil.example", "zoe@people.example"
SECRET = "The code of my door is 4711"
PASSED = "spf=pass smtp.mailfrom=desk.example; dkim=pass header.d=desk.example; dmarc=pass header.from=desk.example"
RECEIVED = b"Received: from x by mx.desk.example; Mon, 23 Nov 2026 09:38:00 +0100\r\n"


@dataclass
class Scene:
    """Zoe's ticket, in which Kim takes part as well; Kim is the spoofer. And another ticket of Kim's own."""

    cast: Cast
    names: World
    ticket: Ticket
    other: Ticket
    kim: User

    def reply_address(self, person: int, ticket: Ticket | None = None) -> str:
        return write_reply_address(self.cast.house.reply_key, SUPPORT, (ticket or self.ticket).id, person)

    @property
    def kims(self) -> str:
        return self.reply_address(self.kim.id)

    def signed(self, raw: bytes, domain: str = "desk.example", **more: Any) -> bytes:
        return self.names.signed(raw, domain, **more)


@dataclass
class Attempt:
    """A mail, and the session that brings it."""

    raw: bytes
    to: str = SUPPORT
    peer: str = THEIRS
    sender: str = ANN
    helo: str = "mx.evil.example"


def answer(sender: str | None = f"Ann <{ANN}>", to: str = SUPPORT, **headers: str | None) -> bytes:
    given = {"In_Reply_To": "<first@people.example>"} | headers
    return mail(sender or "", to, text="Send us your password.\n", **given, **({} if sender else {"From": None}))


def from_(author: str, **headers: str | None) -> bytes:
    """An answer whose From is these very characters."""
    return f"From: {author}\r\n".encode() + answer(None, **headers)


def results(authserv_id: str = "mx.desk.example", said: str = PASSED) -> bytes:
    return f"Authentication-Results: {authserv_id}; {said}\r\n".encode()


Try = Callable[[Scene], Attempt]

ACTS: dict[str, Try] = {
    "signed by its domain": lambda scene: Attempt(scene.signed(answer())),
    "brought by its domain's server": lambda _: Attempt(answer(), peer=OURS),
    "vouched for by a relay": lambda _: Attempt(results() + RECEIVED + answer(), peer=RELAY),
    "signed, to the customer's reply address": lambda scene: Attempt(
        scene.signed(answer(to=scene.reply_address(scene.ticket.requester_id))),
        scene.reply_address(scene.ticket.requester_id),
    ),
    "at the reply address made for them": lambda scene: Attempt(answer(), scene.reply_address(scene.cast.ann.id)),
}


def with_two_senders(scene: Scene) -> Attempt:
    return Attempt(b"From: Ann <ann@desk.example>\r\n" + scene.signed(answer(KIM), "evil.example"), sender=KIM)


def sent_on(scene: Scene, top: str = "", to: str = SUPPORT, **headers: Any) -> Attempt:
    """What Ann once wrote to Kim, brought here by Kim."""
    signed = scene.signed(answer(to=headers.pop("written_to", KIM), In_Reply_To=None), **headers)
    return Attempt(f"{top}In-Reply-To: <first@people.example>\r\n".encode() + signed, to)


def sent_on_with_another_to(scene: Scene) -> Attempt:
    unsigned_to = sent_on(scene, headers=("From", "Subject", "Date", "Message-ID"))
    return replace(unsigned_to, raw=unsigned_to.raw.replace(f"To: {KIM}".encode(), f"To: {SUPPORT}".encode()))


def signed_with_another_key(scene: Scene) -> Attempt:
    return Attempt(scene.signed(answer(), bits=1024, record=f"v=DKIM1; k=rsa; p={key_pair(2048)[1]}"))


def names_fail(scene: Scene) -> Attempt:
    signed = scene.signed(answer())
    scene.names.zone.broken |= {"desk.example", "_dmarc.desk.example", "s1._domainkey.desk.example"}
    return Attempt(signed, peer=OURS)


def names_are_silent(scene: Scene) -> Attempt:
    signed = scene.signed(answer())
    scene.names.zone.deaf = True
    return Attempt(signed, peer=OURS)


def by_evil(author: str, sender: str = KIM, **headers: str | None) -> Try:
    """Well signed and well sent, in the name of evil.example."""
    return lambda scene: Attempt(scene.signed(from_(author, **headers), "evil.example"), sender=sender)


def look_alike(domain: str, ascii_domain: str | None = None) -> Try:
    def attempt(scene: Scene) -> Attempt:
        scene.names.domain(ascii_domain or domain, spf=f"v=spf1 ip4:{THEIRS} -all", dmarc="p=reject")
        signed = scene.signed(from_(f"Ann <ann@{domain}>"), ascii_domain or domain)
        return Attempt(signed, sender=f"ann@{ascii_domain or domain}")

    return attempt


DOES_NOT_ACT: dict[str, Try] = {
    # nothing, or another domain, speaks for it
    "no proof": lambda _: Attempt(answer()),
    "no proof, null sender, our name in HELO": lambda _: Attempt(answer(), sender="", helo="desk.example"),
    "SPF of another domain": lambda _: Attempt(answer(), sender=KIM),
    "DKIM of another domain": lambda scene: Attempt(scene.signed(answer(), "evil.example")),
    "both of another domain": lambda scene: Attempt(scene.signed(answer(), "evil.example"), sender=KIM),
    "DKIM of the public suffix": lambda scene: Attempt(scene.signed(answer(), "example")),
    "DKIM of a neighbour below a public suffix": lambda scene: Attempt(
        scene.signed(answer("Dora <dora@desk.co.uk>"), "evil.co.uk"), sender="dora@desk.co.uk"
    ),
    # a signature that does not hold, or not for this
    "signed with another key": signed_with_another_key,
    "body changed": lambda scene: Attempt(scene.signed(answer()).replace(b"your password", b"my password")),
    "subject changed": lambda scene: Attempt(scene.signed(answer()).replace(b"Subject: It", b"Subject: That")),
    "words beyond l=": lambda scene: Attempt(scene.signed(answer(), length=True) + b"And your PIN.\r\n"),
    "expired": lambda scene: Attempt(scene.signed(answer(), extra=((b"t", b"1600000000"), (b"x", b"1700000000")))),
    "of the future": lambda scene: Attempt(scene.signed(answer(), extra=((b"t", b"9000000000"),))),
    "a second From on top": lambda scene: Attempt(b"From: kim@evil.example\r\n" + scene.signed(answer())),
    "a second From on top, theirs signed": with_two_senders,
    "a second Subject on top": lambda scene: Attempt(b"Subject: Refund\r\n" + scene.signed(answer())),
    "a second To on top": lambda scene: sent_on(scene, f"To: {SUPPORT}\r\n"),
    # their own mail, sent here by somebody else
    "sent on to one's own reply address": lambda scene: sent_on(scene, to=scene.kims),
    "sent on to the mailbox": sent_on,
    "sent on with a Cc on top": lambda scene: sent_on(scene, f"Cc: {SUPPORT}\r\n"),
    "sent on with another To": sent_on_with_another_to,
    "sent on from the mailbox to one's own reply address": lambda scene: sent_on(
        scene, to=scene.kims, written_to=SUPPORT
    ),
    "sent on from another ticket": lambda scene: sent_on(
        scene, to=scene.kims, written_to=scene.reply_address(scene.kim.id, scene.other)
    ),
    # domains that look like ours
    "desk-example": look_alike("desk-example.example"),
    "our domain in front of theirs": look_alike("desk.example.attacker.example"),
    "letters of another alphabet": look_alike("d\u0435sk.example", "xn--dsk-hdd.example"),
    # the word of somebody who has none
    "results of ours from anybody": lambda _: Attempt(results() + answer()),
    "results of ours and a Received from anybody": lambda _: Attempt(results() + RECEIVED + answer()),
    "results below the relay's": lambda _: Attempt(
        results(said="dmarc=fail header.from=desk.example") + RECEIVED + results() + answer(), peer=RELAY
    ),
    "results below a second Received": lambda _: Attempt(RECEIVED + RECEIVED + results() + answer(), peer=RELAY),
    "results of another name": lambda _: Attempt(results("mx.desk.example.evil.example") + answer(), peer=RELAY),
    "results about another domain": lambda _: Attempt(
        results(said="dmarc=pass header.from=evil.example") + answer(), peer=RELAY
    ),
    # a From that reads as ours
    "our address as a name": by_evil(f'"{ANN}" <{KIM}>'),
    "two authors, ours first": by_evil(f"Ann <{ANN}>, {KIM}"),
    "two authors, ours last": by_evil(f"{KIM}, Ann <{ANN}>"),
    "two authors, ours the sender": by_evil(f"{KIM}, Ann <{ANN}>", Sender=ANN),
    "a group": by_evil(f"Staff: {ANN}, {KIM};"),
    "a group of one": by_evil(f"{KIM}: {ANN};"),
    "a NUL behind our address": by_evil(f"Ann <{ANN}\0.evil.example>"),
    "a NUL in front": by_evil(f"\0Ann <{ANN}>"),
    "our address in an encoded word": by_evil(f"=?utf-8?q?Ann_=3Cann=40desk=2Eexample=3E?= <{KIM}>"),
    "all of it in an encoded word": by_evil("=?utf-8?q?Ann_=3Cann=40desk=2Eexample=3E?="),
    "our address as the local part": by_evil(f'"{ANN}"@evil.example'),
    "our address in a comment": by_evil(f"{KIM} ({ANN})"),
    "a route": by_evil(f"<@evil.example:{ANN}>"),
    "no From but a Sender": lambda scene: Attempt(scene.signed(answer(None, Sender=ANN), "evil.example"), sender=KIM),
    "a Sender and Reply-To of ours": by_evil(KIM, Sender=ANN, Reply_To=ANN),
    # signed addresses of ours
    "a reply address of staff in other hands": lambda scene: Attempt(
        answer(KIM), scene.reply_address(scene.cast.ann.id), sender=KIM
    ),
    "one's own reply address and From of staff": lambda scene: Attempt(answer(), scene.kims),
    # nobody can tell
    "names fail": names_fail,
    "names are silent": names_are_silent,
}


@pytest.fixture
async def scene(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    """desk.example publishes what it sends by, and asks for nothing: only what is proven keeps a spoofer out."""
    monkeypatch.setattr(asking, "ONE_QUESTION", 0.4)
    monkeypatch.setattr(resolver, "ONE_TRY", 0.15)
    async with world() as names:
        for domain, server in (("desk.example", OURS), ("desk.co.uk", OURS), ("evil.example", THEIRS)):
            names.domain(domain, spf=f"v=spf1 ip4:{server} -all", dmarc="p=none")
        names.trusting(RELAY)
        update = {name: getattr(names.settings, name) for name in ("dns_server", "trusted_relays", "authserv_id")}
        cast.house = replace(cast.house, settings=cast.house.settings.model_copy(update=update))
        await User.create(username="dora", name="Dora", email="dora@desk.co.uk", role=Role.AGENT, password_hash="")
        first = mail(f"Zoe <{ZOE}>", Cc=f"Kim <{KIM}>", text=SECRET, Message_ID="<first@people.example>")
        ticket = await ticket_of(await cast.receive(first))
        other = await ticket_of(await cast.receive(mail(f"Kim <{KIM}>")))
        yield Scene(cast, names, ticket, other, await User.get(email=KIM))


@asynccontextmanager
async def desk(scene: Scene) -> AsyncIterator[tuple[Callable[[Attempt], str], FaultyRelay]]:
    """The listener, as a function that brings a mail and says what was answered, and the relay that takes our mail."""
    async with listening(scene.cast.house.settings) as ports, faulty_relay() as relay:
        update = {"relay_url": RelayUrl.parse(relay.url)}
        scene.cast.house = House(scene.cast.house.settings.model_copy(update=update))
        yield partial(bring, ports["smtp"]), relay


def bring(port: int, attempt: Attempt) -> str:
    """What the listener answered, all of it."""
    with smtplib.SMTP("127.0.0.1", port, attempt.helo, timeout=10, source_address=(attempt.peer, 0)) as client:
        client.ehlo()
        replies = [client.mail(attempt.sender), client.rcpt(attempt.to), client.data(attempt.raw)]
    return repr(replies)


async def read_and_send(scene: Scene) -> Inbound:
    """The intake's turn, and the mailer's; the last mail's entry in the journal."""
    await Intake(scene.cast.house).read_one()
    worker = Drain(scene.cast.house, transport(scene.cast.house.settings))
    await worker.run()
    await worker.stop(5)
    return await Inbound.all().order_by("-id").first() or Inbound()


async def taking_part(scene: Scene) -> list[tuple[int, int]]:
    return sorted([(part.ticket_id, part.user_id) for part in await Participant.all()])


@pytest.mark.parametrize("attempt", ACTS.values(), ids=ACTS)
async def test_staff_who_prove_it_act_as_staff(scene: Scene, attempt: Try) -> None:
    async with desk(scene) as (brought, relay):
        await read_and_send(scene)
        before = len(relay.mails)
        await asyncio.to_thread(brought, attempt(scene))
        entry = await read_and_send(scene)
    message = await Message.get(id=entry.message_id)
    assert (message.ticket_id, message.author_role, message.direction) == (
        scene.ticket.id, Role.AGENT, Direction.OUTBOUND,
    )  # fmt: skip
    assert sorted(recipient for _, recipient, _ in relay.mails[before:]) == [KIM, ZOE]


@pytest.mark.parametrize("to", ["the mailbox", "their own reply address"])
async def test_the_same_mail_of_staff_once_more_is_nothing_new(scene: Scene, to: str) -> None:
    again = scene.kims if to == "their own reply address" else SUPPORT
    raw = scene.signed(answer())
    async with desk(scene) as (brought, relay):
        await asyncio.to_thread(brought, Attempt(raw))
        await read_and_send(scene)
        before = len(relay.mails)
        await asyncio.to_thread(brought, Attempt(b"In-Reply-To: <second@people.example>\r\n" + raw, again))
        entry = await read_and_send(scene)
    assert (entry.state, entry.reason, relay.mails[before:]) == ("ignored", "the same mail was filed before", [])


async def test_the_same_mail_of_staff_under_another_id_is_theirs_no_more(scene: Scene) -> None:
    raw = scene.signed(answer(Message_ID="<one@desk.example>"), headers=("From", "To", "Subject", "Date"))
    async with desk(scene) as (brought, relay):
        await asyncio.to_thread(brought, Attempt(raw))
        first = await read_and_send(scene)
        before = len(relay.mails)
        await asyncio.to_thread(brought, Attempt(raw.replace(b"<one@", b"<two@")))
        entry = await read_and_send(scene)
    roles = [(await Message.get(id=found.message_id)).author_role for found in (first, entry)]
    assert (roles, relay.mails[before:]) == ([Role.AGENT, Role.CUSTOMER], [])


@pytest.mark.parametrize("attempt", [by_evil(f'"{ANN}" <{KIM}>'), look_alike("desk.example.evil.example")])
async def test_whoever_opens_a_ticket_by_a_lie_hears_their_own_words_and_no_more(scene: Scene, attempt: Try) -> None:
    made = attempt(scene)
    anew = replace(made, raw=made.raw.replace(b"<first@people.example>", b"<unknown@people.example>"))
    async with desk(scene) as (brought, relay):
        await read_and_send(scene)
        before = len(relay.mails)
        await asyncio.to_thread(brought, anew)
        await read_and_send(scene)
    [(_, recipient, content)] = relay.mails[before:]
    assert recipient == made.sender
    assert not [told for told in (SECRET, ZOE, f"<{ANN}>", "ben@", f"#{scene.ticket.id}]") if told.encode() in content]


@pytest.mark.parametrize("attempt", DOES_NOT_ACT.values(), ids=DOES_NOT_ACT)
async def test_a_spoofer_acts_as_nobody_and_learns_nothing(scene: Scene, attempt: Try) -> None:
    ordinary = Attempt(mail(KIM, text="An ordinary mail.\n"), sender=KIM)
    async with desk(scene) as (brought, relay):
        usual = await asyncio.to_thread(brought, ordinary)
        await read_and_send(scene)
        before, people = len(relay.mails), await taking_part(scene)
        assert await asyncio.to_thread(brought, attempt(scene)) == usual
        entry = await read_and_send(scene)
    message = await Message.get(id=entry.message_id)
    assert (message.author_role, message.direction) == (Role.CUSTOMER, Direction.INBOUND)
    assert message.ticket_id == scene.ticket.id
    assert relay.mails[before:] == []
    assert await taking_part(scene) == people
