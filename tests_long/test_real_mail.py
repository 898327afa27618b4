"""Mail as it really comes, through the real listener: each ends with a reason, nothing dies, nothing is set aside.

The mails of tests/mail, and those of a corpus beside the project where there is one (`CORPUS=folder`).
"""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.product import Product, until

PROJECT = Path(__file__).parents[1]
CORPUS = Path(os.environ.get("CORPUS", PROJECT.parent / "shared" / "corpus"))
SESSIONS = 4


def real_mails() -> list[Path]:
    return [*sorted((PROJECT / "tests" / "mail").glob("*.eml")), *sorted(CORPUS.glob("mails/**/*.eml"))]


def envelope_sender(raw: bytes) -> str:
    """Bounces come from nobody (RFC 5321, 4.5.5)."""
    head = raw[:20_000].lower()
    return "" if b"mailer-daemon" in head or b"delivery-status" in head else "somebody@people.example"


@pytest.mark.timeout(600)
def test_every_mail_ends_with_a_reason_and_no_role_dies(tmp_path: Path) -> None:
    mails = real_mails()
    with Product(tmp_path, sender_rate="off") as desk:
        running = desk.processes()

        def send(path: Path) -> None:
            raw = path.read_bytes()
            desk.send(raw, envelope_sender(raw))

        with ThreadPoolExecutor(SESSIONS) as pool:
            list(pool.map(send, mails))
        until(lambda: not desk.call("GET", "/api/inbound?state=accepted"), "every mail read", 300)
        entries = desk.every("/api/inbound")
        died = {line for pid, line in running.items() if pid not in desk.processes()}
        filed = {entry["ticket"] for entry in entries if entry["state"] == "processed"}
        for ticket in filed:
            assert desk.http.get(f"/api/tickets/{ticket}/").status_code == 200
    states = Counter(entry["state"] for entry in entries)
    assert len(entries) == len(mails)
    assert set(states) == {"processed", "ignored"}, [entry for entry in entries if entry["state"] == "quarantined"]
    assert all(entry["reason"] for entry in entries)
    assert states["processed"] > len(mails) / 2
    assert not {line for line in died if "ticketgate" in line}
