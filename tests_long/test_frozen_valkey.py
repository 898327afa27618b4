"""A Valkey that no longer answers, though its connections stand, delays mail and nothing else."""

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cast import mail
from tests.product import Product
from tests.running import until
from tests.sink import sink

MAILS = 40


@pytest.mark.timeout(240)
def test_a_frozen_valkey_holds_nobody_up_and_loses_nothing(tmp_path: Path) -> None:
    with sink() as relay, Product(tmp_path, relay.url) as desk:

        def send(number: int) -> None:
            sender = f"c{number}@people.example"
            desk.send(mail(sender, Message_ID=f"<frozen-{number}@client.example>"), sender)

        send(0)
        ticket = desk.entry("frozen-0@client.example")["ticket"]
        relay.wait("c0@people.example")
        desk.kill("valkey", signal.SIGSTOP)
        try:
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(send, range(1, MAILS)))
            for number in range(1, MAILS):
                assert desk.entry(f"frozen-{number}@client.example")["state"] == "processed"

            # Asked once each: the client gives up where an answer takes too long.
            assert len(desk.http.get("/api/tickets?limit=200&view=summary").json()) == MAILS
            answer = {"text": "It is on its way."}
            assert desk.http.post(f"/api/tickets/{ticket}/new_message", json=answer).status_code == 201
            assert desk.http.patch(f"/api/tickets/{ticket}", json={"status": "CL"}).status_code == 200
            assert "broker" in desk.http.get("/readyz").json()["missing"]
            desk.sign_in()
        finally:
            desk.kill("valkey", signal.SIGCONT)

        until(lambda: len(set(relay.recipients())) == MAILS, "every customer answered")
        until(lambda: len(relay.to("c0@people.example")) == 3, "the answer, and the new status")
        assert sorted(relay.recipients()) == sorted(
            [f"c{n}@people.example" for n in range(MAILS)] + ["c0@people.example"] * 2
        )
        until(desk.ready, "ready again")
