"""kill -9 of any one part while 200 mails come in: none is lost, none is filed or answered twice as a ticket."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from tests.cast import mail
from tests.product import ROLES, Product, until
from tests.sink import sink

MAILS = 200
KILLED_AFTER = 60


@pytest.mark.timeout(240)
@pytest.mark.parametrize("part", ROLES)
def test_kill_9_during_200_mails_loses_none_and_doubles_none(tmp_path: Path, part: str) -> None:
    with sink() as relay, Product(tmp_path, relay.url) as desk:
        enough = Event()

        def send(number: int) -> None:
            sender = f"c{number}@people.example"
            desk.send(mail(sender, Message_ID=f"<kill-{number}@client.example>"), sender)
            if number == KILLED_AFTER:
                enough.set()

        with ThreadPoolExecutor(4) as pool:
            sending = [pool.submit(send, number) for number in range(MAILS)]
            enough.wait(60)
            desk.kill(part)
            for one in sending:
                one.result()

        until(lambda: not desk.call("GET", "/api/inbound?state=accepted"), "every mail read")
        until(lambda: len(set(relay.recipients())) == MAILS, "every customer answered")
        until(desk.ready, "ready again")
        owners = Counter(ticket["requester"]["email"] for ticket in every_ticket(desk))
        assert owners == Counter(f"c{number}@people.example" for number in range(MAILS))
        for number in range(0, MAILS, 20):
            answers = relay.to(f"c{number}@people.example")
            assert len({letter["Message-ID"] for letter in answers}) == 1, "two answers to one mail"


def every_ticket(desk: Product) -> list[dict[str, dict[str, str]]]:
    """Pages of 200; the test makes no more."""
    found: list[dict[str, dict[str, str]]] = desk.call("GET", "/api/tickets?limit=200&view=summary")
    return found
