"""How mail flows: where all of it is, whether it adds up, the last hour, and the parts that it passes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from tortoise import connections

from desk import health
from models import Delivery, Inbound
from tests.api.conftest import Client
from tests.cast import Cast, mail, numbers


async def told_250(times: int) -> None:
    """What the listener counts in the commit that keeps so many mails."""
    await connections.get("default").execute_query("INSERT INTO ledger (slot, accepted) VALUES (7, $1)", [times])


async def look(ann: Client) -> dict[str, Any]:
    answer = await ann.get("/api/health/mail/")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def part(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in found["parts"] if one["name"] == name)


async def received(ago: timedelta, state: str = "processed") -> Inbound:
    at = datetime.now(UTC) - ago
    entry = await Inbound.create(envelope_from="", envelope_to=["x@y"], size=1, raw_bytes=b"x", state=state)
    await Inbound.filter(id=entry.id).update(received_at=at)
    return entry


async def test_every_mail_is_at_one_station_and_all_of_them_add_up(cast: Cast, ann: Client) -> None:
    await told_250(17)
    for state in ("deferred", "sending", "sent", "sent", "sent", "failed", "bounced", "suppressed", "queued"):
        await cast.receive(mail(sender=f"{next(numbers)}@people.example"))
        await Delivery.filter(state="queued").update(state=state)
    for state in ("processed", "accepted", "accepted", "ignored", "held", "held", "held", "quarantined"):
        await received(timedelta(0), state)
    found = await look(ann)
    assert found["adds_up"] is True
    assert found["stations"] == {
        "received": 17,
        "waiting": 2,
        "filed": 10,
        "ignored": 1,
        "held": 3,
        "quarantined": 1,
        "to_go_out": 3,
        "sent": 3,
        "not_sent": 3,
    }


async def test_a_mail_that_is_gone_does_not_add_up(cast: Cast, ann: Client) -> None:
    await cast.receive(mail())
    lost = await cast.accept(mail())
    await told_250(2)
    await Inbound.filter(id=lost.id).delete()
    assert (await look(ann))["adds_up"] is False


async def test_the_pulse_has_the_last_hour_in_beats_of_two_minutes(cast: Cast, ann: Client) -> None:
    await cast.receive(mail())
    for minutes, state in ((0, "accepted"), (0, "processed"), (31, "ignored"), (31, "held"), (90, "processed")):
        await received(timedelta(minutes=minutes), state)
    await Delivery.all().update(state="sent", sent_at=datetime.now(UTC) - timedelta(minutes=31))
    pulse = (await look(ann))["pulse"]
    assert len(pulse) == 30
    moments = [datetime.fromisoformat(beat["at"]) for beat in pulse]
    assert {later - one for one, later in pairwise(moments)} == {timedelta(minutes=2)}
    assert moments[-1] <= datetime.now(UTC) < moments[-1] + timedelta(minutes=3)
    assert sum(beat["received"] for beat in pulse[-2:]) == 3
    half_an_hour_ago = pulse[-18:-13]
    assert (sum(beat["received"] for beat in half_an_hour_ago), sum(beat["sent"] for beat in half_an_hour_ago)) == (
        2,
        1,
    )
    assert sum(beat["received"] for beat in pulse) == 5


async def test_a_fresh_desk_is_as_usual(ann: Client) -> None:
    found = await look(ann)
    assert (found["last_received_at"], found["deferred_long"], found["usual"], found["adds_up"]) == (
        None,
        0,
        True,
        True,
    )
    assert set(found["stations"].values()) == {0}


async def test_copies_that_were_put_off_for_long_are_counted(cast: Cast, ann: Client) -> None:
    for minutes in (5, 16, 60):
        entry = await cast.receive(mail())
        written = datetime.now(UTC) - timedelta(minutes=minutes)
        await Delivery.filter(ticket_id=entry.ticket_id).update(
            state="deferred", created_at=written, due_at=datetime.now(UTC) + timedelta(hours=1)
        )
    assert (await look(ann))["deferred_long"] == 2


# -- what is usual


@pytest.mark.parametrize(
    ("an_hour", "minutes", "usual"), [(20, 2, True), (20, 40, False), (1, 40, True), (1, 600, False), (0, 600, True)]
)
async def test_a_silence_is_unusual_where_much_mail_comes_at_this_hour(
    cast: Cast, ann: Client, an_hour: int, minutes: int, usual: bool
) -> None:
    await received(timedelta(days=9))
    for day in range(1, 8):
        for _ in range(an_hour):
            await received(timedelta(days=day))
    last = await received(timedelta(minutes=minutes))
    assert (await look(ann))["usual"] is usual
    assert datetime.fromisoformat((await look(ann))["last_received_at"]) == (await Inbound.get(id=last.id)).received_at


# -- parts


async def test_parts_that_are_away_are_named_and_the_rest_is_told_all_the_same(cast: Cast, ann: Client) -> None:
    found = await look(ann)  # nothing listens at the port of the test's settings
    assert [one["name"] for one in found["parts"]] == ["database", "broker", "listener", "intake", "relay"]
    assert [one["ok"] for one in found["parts"]] == [True, True, False, True, True]
    assert "nothing listens" in part(found, "listener")["detail"]
    assert part(found, "relay") == {"name": "relay", "ok": True, "detail": "nothing was sent yet", "at": None}


async def test_mail_that_nobody_reads_says_so(cast: Cast, ann: Client) -> None:
    await received(timedelta(seconds=5), "accepted")
    assert part(await look(ann), "intake")["ok"] is True
    await received(timedelta(minutes=5), "accepted")
    await Inbound.filter(state="accepted").update(received_at=datetime.now(UTC) - timedelta(minutes=5))
    intake = part(await look(ann), "intake")
    assert (intake["ok"], intake["detail"]) == (False, "the oldest mail has waited for 5 min")


async def put_off(cast: Cast, code: int | None, error: str, *, ago: timedelta = timedelta(0)) -> None:
    entry = await cast.receive(mail())
    now = datetime.now(UTC)
    await Delivery.filter(ticket_id=entry.ticket_id).update(
        state="deferred", code=code, error=error, tried_at=now - ago, due_at=now + timedelta(hours=1)
    )


async def taken(cast: Cast) -> None:
    entry = await cast.receive(mail())
    await Delivery.filter(ticket_id=entry.ticket_id).update(state="sent", code=250, sent_at=datetime.now(UTC))


@pytest.mark.parametrize(("code", "ok"), [(None, False), (535, False), (421, False), (451, True)])
async def test_a_relay_that_would_have_no_mail_is_not_well_and_one_that_puts_off_a_mail_is(
    cast: Cast, ann: Client, code: int | None, ok: bool
) -> None:
    await put_off(cast, code, "the relay smtp://relay.example:25 cannot be reached (no route)")
    relay = part(await look(ann), "relay")
    assert relay["ok"] is ok
    assert ok or "cannot be reached" in relay["detail"]


async def test_a_relay_is_well_again_once_it_took_a_mail(cast: Cast, ann: Client) -> None:
    await put_off(cast, None, "the relay fell silent", ago=timedelta(minutes=1))
    await taken(cast)
    relay = part(await look(ann), "relay")
    assert (relay["ok"], relay["detail"]) == (True, "takes mail")
    await put_off(cast, None, "the relay fell silent")
    assert part(await look(ann), "relay")["ok"] is False


async def test_mail_that_is_due_and_that_nobody_sends_says_so(cast: Cast, ann: Client) -> None:
    await cast.receive(mail())
    await Delivery.all().update(due_at=datetime.now(UTC) - timedelta(minutes=5))
    relay = part(await look(ann), "relay")
    assert (relay["ok"], "nobody sends it" in relay["detail"]) == (False, True)


# -- who and how often


async def test_health_is_for_staff(anyone: Client, carl: Client) -> None:
    assert [(await who.get("/api/health/mail")).status_code for who in (anyone, carl)] == [401, 403]


async def test_counting_all_mail_serves_many_who_look(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    counting = health.Counting()
    await told_250(1)
    monkeypatch.setattr(health, "DUTY", 1e9)
    first = await counting.figures(cast.house, cast.ann)
    await told_more()
    assert await counting.figures(cast.house, cast.ben) is first
    monkeypatch.setattr(health, "DUTY", 0)
    fresh = health.Counting()
    await fresh.figures(cast.house, cast.ann)
    await told_more()
    assert (await fresh.figures(cast.house, cast.ann)).accepted == 3


async def told_more() -> None:
    await connections.get("default").execute_query("UPDATE ledger SET accepted = accepted + 1 WHERE slot = 7")
