"""Two processes of every role on one database and broker work as one."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.cast import mail
from tests.running import until
from tests.single_roles import SingleRoles
from tests.sink import sink
from tests_long import servers

MAILS = 200


@pytest.mark.timeout(240)
def test_two_of_each_role_file_and_answer_200_mails_once(tmp_path: Path) -> None:
    folder = tmp_path / "roles"
    folder.mkdir()
    with (
        servers.embedded(tmp_path / "servers") as urls,
        sink() as relay,
        SingleRoles(folder, each=2, relay_url=relay.url, **urls) as desk,
    ):

        def send(number: int) -> None:
            sender = f"c{number}@people.example"
            raw = mail(sender, Message_ID=f"<two-{number}@client.example>")
            desk.send(raw, sender, port=desk.smtp_ports[number % 2])
            if number % 10 == 0:  # the same mail once more, by the other listener
                desk.send(raw, sender, port=desk.smtp_ports[(number + 1) % 2])

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(send, range(MAILS)))

        until(lambda: not desk.call("GET", "/api/inbound?state=accepted"), "every mail read")
        until(lambda: len(set(relay.recipients())) == MAILS, "every customer answered")
        customers = Counter({f"c{number}@people.example": 1 for number in range(MAILS)})
        for api in desk.apis:  # what one has written the other shows, and a token of one is good for both
            tickets = httpx.get(f"{api}/api/tickets?limit=200&view=summary", headers=desk.http.headers, trust_env=False)
            assert Counter(ticket["requester"]["email"] for ticket in tickets.json()) == customers
        assert Counter(relay.recipients()) == customers
        assert len(desk.every("/api/inbound?state=ignored")) == MAILS / 10
