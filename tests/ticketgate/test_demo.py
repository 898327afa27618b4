"""`ticketgate demo` on a running desk: what a newcomer sees, and where it refuses to play."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

import pytest

from settings import Settings
from tests.living import CONVERSATIONS, LivingDesk
from tests.ticketgate.command import Run, assert_one_line, database_setting
from ticketgate.demo.ordinary import conversations
from ticketgate.demo.script import Mail
from ticketgate.demo.words import SHARES, language


class TestADeskWithADemo:
    def test_it_has_as_many_conversations_as_were_asked_for(self, living_desk: LivingDesk) -> None:
        assert f"{CONVERSATIONS} conversations" in living_desk.said
        assert len(_tickets(living_desk)) >= CONVERSATIONS

    def test_three_agents_were_made_whose_passwords_are_printed(self, living_desk: LivingDesk) -> None:
        assert set(living_desk.passwords) == {"jonas", "ines", "tom"}
        for name, password in living_desk.passwords.items():
            signed_in = living_desk.product.http.post("/api/login", json={"username": name, "password": password})
            assert signed_in.status_code == 200

    def test_its_mails_came_in_by_smtp(self, living_desk: LivingDesk) -> None:
        bolts = _ticket(living_desk, "Bolts missing from parcel 2 of 2")
        received = living_desk.product.every("/api/inbound?state=processed")
        assert len([entry for entry in received if entry["ticket"] == bolts["id"]]) == 2

    def test_a_conversation_has_letters_of_both_sides_notes_and_files_in_order(self, living_desk: LivingDesk) -> None:
        bolts = _ticket(living_desk, "Bolts missing from parcel 2 of 2")
        assert [said["direction"] for said in bolts["messages"]][:3] == ["outbound", "internal", "inbound"]
        assert {part["filename"] for part in bolts["messages"][2]["attachments"]} == {
            "IMG_2204.jpg",
            "packlist-20931.pdf",
        }
        assert "sorry about that" in bolts["messages"][2]["quoted"]

    def test_the_past_is_older_than_the_demo(self, living_desk: LivingDesk) -> None:
        fleet = _ticket(living_desk, "Fleet contract: brake pads and a service plan")
        said = [datetime.fromisoformat(letter["created_at"]) for letter in fleet["messages"]]
        assert len(said) == 60
        assert said == sorted(said)
        assert datetime.now(UTC) - datetime.fromisoformat(fleet["created_at"]) > timedelta(days=25)
        assert datetime.fromisoformat(fleet["created_at"]) < said[0]
        sent = [
            datetime.fromisoformat(copy["sent_at"]) for letter in fleet["messages"] for copy in letter["deliveries"]
        ]
        assert max(sent) < datetime.now(UTC) - timedelta(days=1)

    def test_a_mail_of_ours_came_back(self, living_desk: LivingDesk) -> None:
        invoice = _ticket(living_desk, "Rechnung 2026-1187: USt-IdNr. fehlt")
        (answer,) = (said for said in invoice["messages"] if said["direction"] == "outbound")
        came_back = {copy["recipient"]: copy["state"] for copy in answer["deliveries"]}
        assert came_back == {"hohenstein@kanzlei-hz.example": "sent", "buchhaltung@kanzlei-hz.example": "bounced"}

    def test_a_machine_that_answers_everything_is_held_back(self, living_desk: LivingDesk) -> None:
        held = living_desk.product.every("/api/inbound?state=held")
        assert {entry["envelope_from"] for entry in held} == {"orders@shopbot.example"}

    def test_senders_are_proven_unproven_and_rejected(self, living_desk: LivingDesk) -> None:
        titles = ("Bolts missing from parcel 2 of 2", "New delivery address for order 20931", "Action required")
        shown = [_opening(living_desk, title)["email"]["authentication"] for title in titles]
        assert [(said["proven"], said["rejects"]) for said in shown] == [(True, False), (False, False), (False, True)]

    def test_nobody_in_it_can_exist(self, living_desk: LivingDesk) -> None:
        people = {ticket["requester"]["email"] for ticket in living_desk.product.every("/api/tickets?view=summary")}
        assert {email.rpartition(".")[2] for email in people} == {"example"}

    def test_a_second_one_is_refused(self, living_desk: LivingDesk) -> None:
        done = living_desk.demo("--conversations=2")
        assert_one_line(done, 2, "--add")

    def test_a_second_one_is_added_where_that_is_asked_for(self, living_desk: LivingDesk) -> None:
        before = len(_tickets(living_desk))
        done = living_desk.demo("--conversations=2", "--seed=7", "--add")
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("2 conversations")
        assert "password of before" in done.stdout
        assert len(_tickets(living_desk)) >= before + 2


def test_without_a_listener_it_says_what_to_start(run: Run, database: Settings) -> None:
    done = run("demo", **database_setting(database), SMTP_LISTEN=database.smtp_listen)
    assert_one_line(done, 1, "ticketgate up", str(database.smtp_listen))


@pytest.mark.parametrize("relay", ["smtp://relay.example.org:25", "smtps://192.0.2.7"])
def test_a_relay_elsewhere_is_given_no_mail(run: Run, relay: str) -> None:
    assert_one_line(run("demo", RELAY_URL=relay), 2, "TICKETGATE_RELAY_URL")


def test_the_same_seed_makes_the_same_conversations() -> None:
    first, again, other = (list(islice(conversations(Random(seed)), 40)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_hundred_conversations_are_in_every_language() -> None:
    subjects = {code: {matter.subject.partition("{")[0] for matter in language(code).matters} for code in SHARES}
    written = [conversation.steps[0] for conversation in islice(conversations(Random(1)), 100)]
    titles = [step.subject for step in written if isinstance(step, Mail)]
    assert all(any(title.startswith(tuple(begins)) for title in titles) for begins in subjects.values())
    assert len(SHARES) >= 8


def _tickets(desk: LivingDesk) -> list[dict[str, Any]]:
    return desk.product.every("/api/tickets?view=summary")


def _ticket(desk: LivingDesk, title: str) -> dict[str, Any]:
    (found,) = (ticket["id"] for ticket in _tickets(desk) if ticket["title"].startswith(title))
    ticket: dict[str, Any] = desk.product.call("GET", f"/api/tickets/{found}")
    return ticket


def _opening(desk: LivingDesk, title: str) -> dict[str, Any]:
    opening: dict[str, Any] = desk.product.call("GET", f"/api/messages/{_ticket(desk, title)['opening_message']}")
    return opening
