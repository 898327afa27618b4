"""The conversations of tests/conversations/*.yml, each played on a desk of its own."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from letters import read_message_id, read_reply_address
from models import Message
from tests.cast import Cast
from tests.desk.jwz import threads
from tests.desk.stage import Stage

CASES = [
    (path.stem, case)
    for path in sorted((Path(__file__).parents[1] / "conversations").glob("*.yml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{name}: {case['case']}") for name, case in CASES])
async def test_conversation(cast: Cast, case: dict[str, Any]) -> None:
    stage = Stage(cast)
    for step in case["steps"]:
        await stage.play(step)
    found = await stage.tickets()
    assert len(found) == len(case["tickets"]), found
    for ticket, wanted in zip(found, case["tickets"], strict=True):
        assert {field: ticket[field] for field in wanted} == wanted
    if "mails" in case:
        assert await stage.mails_out() == case["mails"]
    for line, wanted_line in zip(await stage.journal(), case.get("journal", ()), strict="journal" in case):
        assert line.startswith(wanted_line)
    await stage.compose()
    for number, wanted_headers in case.get("headers", {}).items():
        mail = stage.sent[number - 1]
        assert {name: mail[name] for name in wanted_headers} == wanted_headers
    assert {who: (await stage.states())[who] for who in case.get("states", {})} == case.get("states", {})
    for query, numbers in case.get("search", {}).items():
        assert await stage.search(query) == numbers
    await every_mail_is_ours_and_shows_its_thread(stage)


async def every_mail_is_ours_and_shows_its_thread(stage: Stage) -> None:
    """What holds of whatever leaves, in each conversation."""
    key = stage.cast.house.reply_key
    by_ticket: dict[int, list[Any]] = {}
    for mail in stage.sent:
        ticket, reply = read_message_id(key, mail["Message-ID"]), read_reply_address(key, mail["Reply-To"])
        assert reply is not None
        assert (ticket, mail["From"].addresses[0].addr_spec) == (reply.ticket, (await mailbox_of(reply.ticket)))
        assert f"[#{ticket}]" in mail["Subject"]
        assert read_reply_address(key, str(mail["To"]) + str(mail["Cc"])) is None, "a secret of one in the copy of all"
        by_ticket.setdefault(reply.ticket, []).append(mail)
    for ticket, mails in by_ticket.items():
        opening = await Message.get(ticket_id=ticket, opening=True)
        (thread,) = threads(mails)
        assert opening.rfc_message_id in thread


async def mailbox_of(ticket: int) -> str:
    found = await Message.get(ticket_id=ticket, opening=True).select_related("ticket__mailbox")
    return str(found.ticket.mailbox.address)


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case["case"] for _, case in CASES]
    assert sorted(names) == sorted(set(names))


def test_each_of_the_twenty_five_complaints_has_its_case() -> None:
    assert sorted({case["complaint"] for _, case in CASES if "complaint" in case}) == list(range(1, 26))
