"""Debian's Postfix in front, with the very lines of docs/operating.md, while listener and database are killed.

It takes 500 mails from smtp-source, brings them by SMTP or LMTP, and keeps what we cannot take: all arrive, once.
"""

import re
import smtplib
import subprocess
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from tests.cast import SUPPORT, mail
from tests.conftest import free_port
from tests.product import Product
from tests.running import until
from tests.sink import Sink, sink
from tests_long import servers

MAILS = 500
GUIDE = Path(__file__).parent.parent / "docs" / "operating.md"
DOMAIN = SUPPORT.rpartition("@")[2]


def guide(title: str, ports: dict[str, int]) -> str:
    """The block of configuration in the guide that begins with this title, for our domain and ports."""
    block = re.search(
        rf"^```ini\n(# /etc/postfix/main\.cf: {title}.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL
    )
    assert block, f"docs/operating.md has no block {title!r}"
    found = block[1].replace("example.org", DOMAIN)
    for port, ours in ports.items():
        found = found.replace(port, str(ours))
    return found


@pytest.mark.timeout(300)
@pytest.mark.needs("postfix")
@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_postfix_brings_500_mails_while_listener_and_database_die(tmp_path: Path, protocol: str) -> None:
    lmtp = free_port()
    limits = {"sender_rate": "off", "autoreply_rate": "off"}  # smtp-source is one and the same sender
    with sink() as relay, Product(tmp_path, relay.url, lmtp_listen=f"127.0.0.1:{lmtp}", **limits) as desk:
        ports = {"2525": desk.smtp_port, "2424": lmtp}
        configuration = guide("mail to", ports) + (guide("by LMTP", ports) if protocol == "lmtp" else "")
        with servers.postfix(configuration) as postfix:
            refused_is_who_is_unknown(postfix)
            desk.send(mail(Message_ID="<first@client.example>"), port=postfix.port)  # and now our address is verified
            with send(postfix) as sending:
                for part, arrived in (("smtp", 50), ("postgres", 150), ("smtp", 300)):
                    until(partial(arrived_at, desk, arrived), f"{arrived} mails", 120)
                    desk.kill(part)
                assert sending.wait(120) == 0
            until(lambda: not postfix.queue(), "an empty queue", 120)
            assert " status=bounced" not in postfix.log()
            assert " status=deferred" in postfix.log(), "nothing was in the way"
        until(lambda: not desk.call("GET", "/api/inbound?state=accepted"), "every mail read")
        filed = Counter(entry["message_id"] for entry in desk.every("/api/inbound?state=processed"))
        assert (len(filed), set(filed.values())) == (MAILS + 1, {1})
        assert len(desk.every("/api/tickets?view=summary")) == MAILS + 1
        until(lambda: len(relay.recipients()) > MAILS and len(identities(relay)) > MAILS, "an answer to each")
        assert len(identities(relay)) == MAILS + 1
        assert {entry["state"] for entry in desk.every("/api/inbound")} <= {"processed", "ignored"}


def refused_is_who_is_unknown(postfix: servers.Postfix) -> None:
    """At RCPT, by the listener's own word: Postfix takes nothing that it would have to bounce."""
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as smtp:
        smtp.ehlo()
        smtp.mail("zoe@people.example")
        code, said = smtp.rcpt(f"nobody@{DOMAIN}")
        assert (code, b"No such mailbox" in said) == (550, True), (code, said)
        assert smtp.rcpt("zoe@elsewhere.example")[0] == 454


def send(postfix: servers.Postfix) -> "subprocess.Popen[bytes]":
    envelope = ["-f", "zoe@people.example", "-t", SUPPORT]
    command = ["/usr/sbin/smtp-source", "-m", str(MAILS), "-s", "8", *envelope, f"inet:127.0.0.1:{postfix.port}"]
    return subprocess.Popen(command)


def identities(relay: Sink) -> set[str]:
    return {str(letter["Message-ID"]) for letter in relay.to("zoe@people.example")}


def arrived_at(desk: Product, number: int) -> bool:
    """Whether the journal has got so many. Its highest id is as good as their number."""
    newest = desk.call("GET", "/api/inbound?limit=1")
    return bool(newest) and newest[0]["id"] >= number
