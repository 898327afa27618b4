"""Mail on its way out: what staff see of it, and how they send again what did not arrive."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk import deliveries, events
from letters import write_return_path
from models import Delivery, DeliveryState, Event, LetterKind, Participant, Suppression, SuppressionReason, User
from tests.api.conftest import Client, drain
from tests.cast import SUPPORT, Cast, mail
from tests.desk.reports import bounce
from tests.mailer.relay import FaultyRelay

ZOE, RIGHT = "zoe@people.example", "zoe.unal@people.example"


async def answered(cast: Cast, ann: Client, relay: FaultyRelay, *answers: str) -> Delivery:
    """Ann's answer to Zoe, after the relay said so to it."""
    entry = await cast.receive(mail())
    await drain(cast, relay)
    answer = await ann.post(f"/api/tickets/{entry.ticket_id}/new_message", json={"text": "We look."})
    assert answer.status_code == 201, answer.text
    relay.rcpt.extend(answers)
    await drain(cast, relay)
    return await Delivery.get(message_id=answer.json()["id"])


async def retry(client: Client, delivery: Delivery, **body: Any) -> Any:
    return await client.post(f"/api/deliveries/{delivery.id}/retry", json=body or None)


# -- what staff see


async def test_every_copy_is_listed_newest_first_with_what_became_of_it(
    cast: Cast, ann: Client, relay: FaultyRelay
) -> None:
    failed = await answered(cast, ann, relay, "550 5.1.1 no such user")
    newest, acknowledgement = (await ann.get("/api/deliveries/")).json()
    assert (acknowledgement["kind"], acknowledgement["state"], acknowledgement["code"]) == (
        "acknowledgement",
        "sent",
        250,
    )
    assert newest == {
        "id": failed.id,
        "ticket": failed.ticket_id,
        "message": failed.message_id,
        "recipient": ZOE,
        "kind": "message",
        "state": "failed",
        "attempts": 1,
        "code": 550,
        "error": "5.1.1 no such user",
        "due_at": newest["due_at"],
        "created_at": newest["created_at"],
        "sent_at": None,
    }


async def test_the_list_is_walked_by_state_and_page_by_page(cast: Cast, ann: Client) -> None:
    for state in ("sent", "failed", "deferred", "failed", "queued", "sent"):
        await cast.receive(mail())
        await Delivery.filter(state="queued").update(state=state, created_at=datetime.now(UTC))
    every = [one["id"] for one in (await ann.get("/api/deliveries")).json()]
    assert every == sorted(every, reverse=True)
    met: list[tuple[int, str]] = []
    path: str | None = "/api/deliveries?limit=2&state=failed&state=deferred"
    while path:
        page = await ann.get(path)
        met += [(one["id"], one["state"]) for one in page.json()]
        path = page.links["next"]["url"] if "next" in page.links else None
    assert [state for _, state in met] == ["failed", "deferred", "failed"]
    assert [ident for ident, _ in met] == sorted({ident for ident, _ in met}, reverse=True)


async def test_outgoing_mail_is_for_staff(cast: Cast, anyone: Client, carl: Client) -> None:
    await cast.receive(mail())
    delivery = await Delivery.get()
    for who, status in ((anyone, 401), (carl, 403)):
        assert (await who.get("/api/deliveries")).status_code == status
        assert (await retry(who, delivery)).status_code == status


async def test_a_state_that_is_none_is_refused(ann: Client) -> None:
    assert (await ann.get("/api/deliveries?state=lost")).status_code == 422


# -- again


async def test_a_deferred_copy_leaves_now(cast: Cast, ann: Client, relay: FaultyRelay) -> None:
    deferred = await answered(cast, ann, relay, "451 4.7.1 greylisted")
    await Delivery.filter(id=deferred.id).update(due_at=datetime.now(UTC) + timedelta(hours=4))
    assert await drain(cast, relay) == []
    answer = await retry(ann, deferred)
    assert (answer.status_code, answer.json()["id"], answer.json()["state"]) == (200, deferred.id, "deferred")
    assert await drain(cast, relay) == [ZOE]


async def test_a_failed_copy_leaves_once_more_with_the_same_message_id(
    cast: Cast, ann: Client, relay: FaultyRelay
) -> None:
    failed = await answered(cast, ann, relay, "550 5.1.1 no such user")
    answer = await retry(ann, failed)
    assert (answer.status_code, answer.json()["state"]) == (200, "queued")
    assert answer.json()["id"] != failed.id
    assert await drain(cast, relay) == [ZOE]
    letter = relay.letters()[-1]
    assert (letter["Message-ID"], letter["To"]) == (f"<{failed.rfc_message_id}>", "Zoë Ünal <zoe@people.example>")
    assert (await Delivery.get(id=failed.id)).state is DeliveryState.FAILED, "what happened is forgotten"
    shown = (await ann.get(f"/api/messages/{failed.message_id}")).json()["deliveries"]
    assert [one["state"] for one in shown] == ["failed", "sent"]


async def test_staff_see_who_sent_it_again_and_customers_do_not(cast: Cast, ann: Client, relay: FaultyRelay) -> None:
    failed = await answered(cast, ann, relay, "550 5.1.1 no such user")
    copy = (await retry(ann, failed)).json()
    event = await Event.get(kind="sent_again")
    assert (event.ticket_id, event.message_id, event.actor_id) == (failed.ticket_id, failed.message_id, cast.ann.id)
    assert event.data == {"delivery": copy["id"], "recipient": ZOE, "to": ZOE}
    assert "sent_again" in events.FOR_STAFF_ONLY


async def test_a_corrected_address_gets_the_mail_and_takes_part_from_now_on(
    cast: Cast, ann: Client, relay: FaultyRelay
) -> None:
    failed = await answered(cast, ann, relay, "550 5.1.1 no such user")
    answer = await retry(ann, failed, email="Zoe.Unal@people.example")
    assert (answer.status_code, answer.json()["recipient"]) == (200, RIGHT)
    assert await drain(cast, relay) == [RIGHT]
    assert relay.letters()[-1]["To"] == RIGHT, "the mail names the address that it did not arrive at"
    assert await Participant.exists(ticket_id=failed.ticket_id, user__email=RIGHT)


async def test_what_is_sent_again_can_come_back_again(cast: Cast, ann: Client, relay: FaultyRelay) -> None:
    failed = await answered(cast, ann, relay, "550 5.1.1 no such user")
    copy = (await retry(ann, failed)).json()
    await drain(cast, relay)
    path = write_return_path(cast.house.reply_key, SUPPORT, copy["id"])
    await cast.receive(bounce((ZOE, "5.1.1", "gone")), to=path, envelope_from="")
    assert [one.state for one in await Delivery.filter(message_id=failed.message_id).order_by("id")] == [
        DeliveryState.FAILED,
        DeliveryState.BOUNCED,
    ]


async def test_two_who_press_at_once_send_one_mail(cast: Cast, ann: Client, relay: FaultyRelay) -> None:
    failed = await answered(cast, ann, relay, "550 5.1.1 no such user")
    pressed = await asyncio.gather(*(retry(ann, failed) for _ in range(4)))
    assert sorted(one.status_code for one in pressed) == [200, 409, 409, 409]
    assert await drain(cast, relay) == [ZOE]
    corrected = await asyncio.gather(*(retry(ann, failed, email=RIGHT) for _ in range(3)))
    assert sorted(one.status_code for one in corrected) == [200, 409, 409]
    assert await drain(cast, relay) == [RIGHT]


async def test_a_copy_that_failed_again_is_sent_again_from_the_newest_one(
    cast: Cast, ann: Client, relay: FaultyRelay
) -> None:
    first = await answered(cast, ann, relay, "550 5.1.1 no such user")
    second = await Delivery.get(id=(await retry(ann, first)).json()["id"])
    relay.rcpt.append("550 5.1.1 still not")
    await drain(cast, relay)
    refused = await retry(ann, first)
    assert (refused.status_code, f"delivery {second.id}" in refused.json()["detail"]) == (409, True)
    third = (await retry(ann, second)).json()["id"]
    relay.rcpt.append("550 5.1.1 still not")
    await drain(cast, relay)
    refused = await retry(ann, second)
    assert (refused.status_code, f"delivery {third}" in refused.json()["detail"]) == (409, True)


async def test_nothing_is_sent_again_to_an_account_that_has_ended(cast: Cast, ann: Client, relay: FaultyRelay) -> None:
    failed = await answered(cast, ann, relay, "550 5.1.1 no such user")
    await User.filter(id=failed.user_id).update(active=False)
    assert (await retry(ann, failed)).status_code == 409


@pytest.mark.parametrize(("said", "changed"), [("451 4.7.1 greylisted", False), ("550 5.1.1 no such user", True)])
async def test_what_is_sent_again_is_known_to_the_worker_and_to_other_pages_at_once(
    cast: Cast, ann: Client, relay: FaultyRelay, said: str, changed: bool
) -> None:
    stopped = await answered(cast, ann, relay, said)
    async with cast.house.work() as work:
        await deliveries.retry(work, cast.ann, stopped.id)
    assert (work.mail_waits, work.changed) == (True, changed)


async def test_an_address_that_gets_no_mail_has_to_be_lifted_or_corrected_first(
    cast: Cast, ann: Client, relay: FaultyRelay
) -> None:
    failed = await answered(cast, ann, relay, "550 5.1.1 no such user")
    held = await Suppression.create(email=ZOE, reason=SuppressionReason.HARD_BOUNCE)
    refused = await retry(ann, failed)
    assert (refused.status_code, "Lift that first" in refused.json()["detail"]) == (409, True)
    assert (await retry(ann, failed, email=RIGHT)).status_code == 200
    await ann.delete(f"/api/suppressions/{held.id}")
    assert (await retry(ann, failed)).status_code == 200


@pytest.mark.parametrize("state", ["queued", "sending", "sent"])
async def test_what_waits_or_arrived_is_not_sent_again(cast: Cast, ann: Client, relay: FaultyRelay, state: str) -> None:
    delivery = await answered(cast, ann, relay)
    await Delivery.filter(id=delivery.id).update(state=state)
    refused = await retry(ann, delivery)
    assert (refused.status_code, f"is {state}" in refused.json()["detail"]) == (409, True)


async def test_a_mail_that_is_still_tried_cannot_be_corrected(cast: Cast, ann: Client, relay: FaultyRelay) -> None:
    deferred = await answered(cast, ann, relay, "451 4.7.1 greylisted")
    assert (await retry(ann, deferred, email=RIGHT)).status_code == 409
    assert not await Participant.exists(ticket_id=deferred.ticket_id, user__email=RIGHT)


@pytest.mark.parametrize("email", ["nobody", SUPPORT, "a b@x.example", "no-reply@people.example"])
async def test_mail_cannot_go_to_what_is_no_persons_address(
    cast: Cast, ann: Client, relay: FaultyRelay, email: str
) -> None:
    failed = await answered(cast, ann, relay, "550 5.1.1 no such user")
    refused = await retry(ann, failed, email=email)
    assert (refused.status_code, [one["field"] for one in refused.json()["errors"]]) == (422, ["email"])
    assert await Delivery.filter(message_id=failed.message_id).count() == 1


async def test_mail_about_an_account_is_asked_for_by_its_owner(cast: Cast, anyone: Client, ann: Client) -> None:
    await anyone.post("/api/register", json={"username": "kim", "email": "kim@x.example", "password": "correct horse"})
    await Delivery.filter(kind=LetterKind.CONFIRMATION).update(state="failed")
    assert (await retry(ann, await Delivery.get(kind=LetterKind.CONFIRMATION))).status_code == 409


async def test_what_a_notice_says_goes_to_no_customer(cast: Cast, ann: Client, relay: FaultyRelay) -> None:
    failed = await answered(cast, ann, relay, "550 5.1.1 no such user")
    await Delivery.filter(id=failed.id).update(kind=LetterKind.NOTICE)
    assert (await retry(ann, failed, email=RIGHT)).status_code == 409


async def test_a_delivery_that_is_none_is_not_found(ann: Client) -> None:
    for ident in (0, 1, 2**63):
        assert (await ann.post(f"/api/deliveries/{ident}/retry")).status_code == 404
