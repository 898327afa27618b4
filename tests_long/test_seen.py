"""What `ticketgate up` tells of itself: one id from session to relay, and figures that outlive a killed role."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from settings import DatabaseUrl, Places
from tests.cast import mail
from tests.conftest import free_port
from tests.gateway.listening import query
from tests.product import Product, until
from tests.sink import Sink, sink

Line = dict[str, Any]


def test_one_id_follows_a_mail_from_session_to_relay_and_every_line_is_json(tmp_path: Path) -> None:
    with sink() as relay, Product(tmp_path, relay.url, log_format="json") as desk:
        desk.send(mail(Message_ID="<first@client.example>"))
        acknowledgement = relay.wait("zoe@people.example")
        entry = desk.entry("first@client.example")
        [kept] = until(lambda: said(tmp_path, "smtp", "kept: sender at"), "the listener's line")
        assert kept["trace"]
        [filed] = until(lambda: said(tmp_path, "intake", "processed"), "the intake's line")
        [sent] = until(lambda: said(tmp_path, "worker", "sent 250"), "the worker's line")
        assert kept["trace"] == filed["trace"] == sent["trace"]
        assert kept["trace"] not in str(acknowledgement)

        desk.http.headers["X-Request-ID"] = "of-the-answer"
        desk.call("POST", f"/api/tickets/{entry['ticket']}/new_message", {"text": "Yes."})
        relay.wait("zoe@people.example", 2)
        traces = until(lambda: [line["trace"] for line in said(tmp_path, "worker", "sent 250")][1:], "its line")
        assert traces == ["of-the-answer"]
        desk.kill("scheduler")
        until(lambda: said(tmp_path, "up", "scheduler ended (signal SIGKILL)"), "the supervisor's line")

    assert {line["role"] for line in lines(tmp_path)} >= {"up", "postgres", "valkey", "smtp", "api", "worker"}
    assert all({"timestamp", "level", "event"} <= set(line) for line in lines(tmp_path))
    assert "zoe" not in (tmp_path / "log").read_text()


def test_up_gathers_the_figures_of_all_its_roles(tmp_path: Path) -> None:
    port = free_port()
    with sink() as relay, Product(tmp_path, relay.url, metrics_listen=f"127.0.0.1:{port}") as desk:
        tell(desk, relay, 1)
        figures = until(lambda: at_least(port, 1), "one mail in all figures")
        assert figures["ticketgate_mail_filed_total", "processed"] == 1
        assert figures["ticketgate_journal_entries", "processed"] == 1
        assert figures["ticketgate_deliveries", "sent"] == 1
        assert figures["ticketgate_mail_waiting", ""] == 0
        assert figures["ticketgate_ledger_balanced", ""] == 1
        assert figures["ticketgate_request_seconds_count", "/api/login"] == 1

        for role in ("smtp", "intake", "worker"):
            desk.kill(role)
        until(desk.ready, "ready again")
        tell(desk, relay, 2)
        figures = until(lambda: at_least(port, 2), "both mails in all figures")
        assert figures["ticketgate_ledger_balanced", ""] == 1

        assert desk.http.get("/metrics").status_code == 404
        assert httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 404

        places = Places(tmp_path / "data")
        database = DatabaseUrl(host=str(places.sockets), user="ticketgate", database="ticketgate")
        asyncio.run(query(database, "DELETE FROM inbound WHERE id = 1"))
        until(lambda: scrape(port)["ticketgate_ledger_balanced", ""] == 0, "the missing mail noticed")


def tell(desk: Product, relay: Sink, number: int) -> None:
    desk.send(mail(Message_ID=f"<mail-{number}@client.example>", subject=f"Matter {number}"))
    relay.wait("zoe@people.example", number)


def at_least(port: int, mails: int) -> dict[tuple[str, str], float] | None:
    """The figures, once every role has counted so many mails."""
    figures = scrape(port)
    counted = [
        figures.get(("ticketgate_mail_received_total", "smtp"), 0),
        figures.get(("ticketgate_mail_filed_total", "processed"), 0),
        figures.get(("ticketgate_delivery_answers_total", "250"), 0),
        figures["ticketgate_deliveries", "sent"],
    ]
    return figures if min(counted) >= mails else None


def scrape(port: int) -> dict[tuple[str, str], float]:
    """Values by name and the label that matters."""
    answer = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False)
    found: dict[tuple[str, str], float] = {}
    for family in text_string_to_metric_families(answer.text):
        for one in family.samples:
            label = next(
                (one.labels[name] for name in ("route", "state", "code", "protocol") if name in one.labels), ""
            )
            found[one.name, label] = one.value
    return found


def said(folder: Path, role: str, words: str) -> list[Line]:
    return [line for line in lines(folder) if line["role"] == role and words in line["event"]]


def lines(folder: Path) -> list[Line]:
    """All but the greeting, which is for people and goes to standard output."""
    whole = (folder / "log").read_text().rpartition("\n")[0].splitlines()
    others = [line for line in whole if not line.startswith("{")]
    assert all(line.startswith(("ready: ", "  ")) or not line for line in others), others
    return [json.loads(line) for line in whole if line.startswith("{")]
