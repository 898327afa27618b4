"""A thousand conversations come out of order by eight sessions to four intakes, with kill -9: each is one ticket."""

import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from threading import Condition
from typing import Any

import pytest

from tests.running import until
from tests.single_roles import SingleRoles
from tests.sink import Sink, sink
from tests_long import servers
from tests_long.conversing import BILLING, Handover, Naming, plan

CONVERSATIONS = 1000
SESSIONS, INTAKES = 8, 4
KILLED = ((("intake", 0),), (("intake", 1), ("smtp", 0)))  # after a third of the mails, and after two
TAG = re.compile(r"\[#(\d+)\]")
Said = tuple[str, str]  # Message-ID and text


@pytest.mark.timeout(600)
def test_a_thousand_conversations_in_disorder_are_a_thousand_tickets(tmp_path: Path) -> None:
    seed = int(os.environ.get("SEED") or random.randrange(1_000_000))
    print(f"the same mails again: SEED={seed}")
    handovers = plan(seed, CONVERSATIONS)
    with sink() as relay, four_intakes(tmp_path, relay) as desk:
        Post(desk, relay, handovers).deliver()
        until(lambda: not desk.call("GET", "/api/inbound?state=accepted&limit=1"), "every mail read", 300)
        found, entries = filed(desk), desk.every("/api/inbound")
        wrong = differences(wanted(handovers), found)
        assert not wrong, "\n".join([f"{len(wrong)} differences, SEED={seed}", *wrong[:20]])
        every_mail_ended_as_one_message(handovers, entries)
        until(lambda: len(relay.recipients()) >= CONVERSATIONS, "every ticket acknowledged")
        assert answered(relay) == Counter(dict.fromkeys(found, 1))


@contextmanager
def four_intakes(folder: Path, relay: Sink) -> Iterator[SingleRoles]:
    roles = folder / "roles"
    roles.mkdir()
    limits = {"sender_rate": "off", "autoreply_rate": "off"}  # people do not write a dozen mails in a minute
    with (
        servers.embedded(folder / "servers") as urls,
        SingleRoles(roles, intakes=INTAKES, relay_url=relay.url, **limits, **urls) as desk,
    ):
        assert desk.call("POST", "/api/mailboxes", {"address": BILLING})
        yield desk


class Post:
    """The senders' MTAs: sessions side by side, each hands over the first mail in line that can be written yet."""

    def __init__(self, desk: SingleRoles, relay: Sink, handovers: list[Handover]) -> None:
        self._desk, self._relay = desk, relay
        self._waiting = list(handovers)
        self._taken: set[str] = set()  # texts
        self._conversations = {handover.mail.message_id: handover.mail.conversation for handover in handovers}
        self._answers: dict[int, tuple[str, EmailMessage]] = {}  # by conversation
        self._answers_read = 0
        self._change = Condition()

    def deliver(self) -> None:
        """Hands everything over, while processes are killed."""
        total = len(self._waiting)
        with ThreadPoolExecutor(SESSIONS) as pool:
            sessions = [pool.submit(self._session) for _ in range(SESSIONS)]
            try:
                for turn, victims in enumerate(KILLED, 1):
                    self._until_left(total * (len(KILLED) + 1 - turn) // (len(KILLED) + 1))
                    for role, number in victims:
                        self._desk.replace(role, number)
                self._until_left(0)
            finally:
                self._waiting.clear()
            for session in sessions:
                session.result()

    def _until_left(self, number: int) -> None:
        until(lambda: len(self._waiting) <= number, f"no more than {number} mails left", 300)

    def _session(self) -> None:
        try:
            while self._waiting:
                self._hand_over_one()
        except BaseException:
            self._waiting.clear()
            raise

    def _hand_over_one(self) -> None:
        with self._change:
            self._read_answers()
            ready = next((place for place, one in enumerate(self._waiting) if self._is_ready(one)), None)
            if ready is None:
                self._change.wait(0.05)  # for another mail to be taken, or an answer of ours
                return
            handover = self._waiting.pop(ready)
        self._send(handover)
        with self._change:
            self._taken.add(handover.mail.text)
            self._change.notify_all()

    def _read_answers(self) -> None:
        for recipient, letter in self._relay.after(self._answers_read):
            self._answers_read += 1
            conversation = self._conversations[str(letter["In-Reply-To"]).strip("<>")]
            self._answers[conversation] = recipient, letter

    def _is_ready(self, handover: Handover) -> bool:
        if handover.mail.naming is Naming.ADDRESS:
            return handover.mail.conversation in self._answers
        return handover.after is None or handover.after in self._taken

    def _send(self, handover: Handover) -> None:
        mail = handover.mail
        if mail.naming is not Naming.ADDRESS:
            self._desk.send(handover.raw(), mail.sender, list(handover.to))
            return
        recipient, letter = self._answers[mail.conversation]
        address = parseaddr(letter["Reply-To"])[1]
        self._desk.send(replace(mail, sender=recipient).raw(address), recipient, address)


def wanted(handovers: list[Handover]) -> dict[int, list[Said]]:
    """What each conversation says."""
    mails = {handover.mail.text: handover.mail for handover in handovers}
    said: dict[int, list[Said]] = {}
    for mail in mails.values():
        said.setdefault(mail.conversation, []).append((mail.message_id, mail.text))
    return said


def filed(desk: SingleRoles) -> dict[int, list[Said]]:
    """What each ticket says."""
    said = {}
    for ticket in desk.every("/api/tickets"):
        opening = desk.call("GET", f"/api/messages/{ticket['opening_message']}")
        messages = [opening, *ticket["messages"]]
        said[ticket["id"]] = [(message["email"]["message_id"], message["text"].strip()) for message in messages]
    return said


def differences(conversations: dict[int, list[Said]], tickets: dict[int, list[Said]]) -> list[str]:
    """The conversations and tickets that are not each other's, beside each other, by the ids of their mails."""
    said, heard = (Counter(tuple(sorted(one)) for one in all_.values()) for all_ in (conversations, tickets))
    wrong = [(mails, "conversation") for mails in (said - heard).elements()]
    wrong += [(mails, "ticket") for mails in (heard - said).elements()]
    return [f"{kind} of {', '.join(ident for ident, _ in mails)}" for mails, kind in sorted(wrong)]


def every_mail_ended_as_one_message(handovers: list[Handover], entries: list[dict[str, Any]]) -> None:
    """The journal's word: a message each, and whatever came once more belongs to that."""
    assert Counter(entry["state"] for entry in entries).keys() == {"processed", "ignored"}
    made = Counter((entry["message_id"], entry["ticket"], entry["message"]) for entry in entries if made_one(entry))
    assert set(made.values()) == {1}
    assert len(made) == len({handover.mail.text for handover in handovers})
    assert len(entries) >= len(handovers)
    for entry in entries:
        assert (entry["message_id"], entry["ticket"], entry["message"]) in made, entry
        assert made_one(entry) or entry["reason"] == "the same mail was filed before", entry


def made_one(entry: dict[str, Any]) -> bool:
    return bool(entry["state"] == "processed")


def answered(relay: Sink) -> Counter[int]:
    """How many letters each ticket got as its acknowledgement; one that left twice is one."""
    letters = {(str(letter["Message-ID"]), str(letter["Subject"])) for _, letter in relay.after(0)}
    return Counter(int(found[1]) for _, subject in letters if (found := TAG.search(subject)))
