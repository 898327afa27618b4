"""`POST /api/inbound/explain/`: what a raw mail would become, and nothing stored."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from api.schemas import Explained
from letters import as_json, parse
from models import Inbound, Message
from tests.api.conftest import Client
from tests.cast import Cast, mail

MAILS = sorted((Path(__file__).parents[1] / "mail").glob("*.eml"))
PATH = "/api/inbound/explain/"


@pytest.mark.parametrize("path", [PATH, PATH.rstrip("/")])
async def test_a_raw_mail_is_told_as_the_command_tells_it(ann: Client, path: str) -> None:
    raw = mail(subject="Größe", text="New.\n\nOn Monday, Jane wrote:\n> old\n", files=(("a.bin", b"\0\1"),))
    answer = await ann.post(path, content=raw, headers={"Content-Type": "message/rfc822"})
    assert answer.status_code == 200
    assert answer.json() == as_json(parse(raw))
    assert answer.json()["new_text"] == "New."


async def test_every_mail_of_the_tests_has_the_shape_that_the_document_promises(ann: Client) -> None:
    for file in MAILS:
        answer = await ann.post(PATH, content=file.read_bytes())
        assert answer.status_code == 200, file.name
        TypeAdapter(Explained).validate_python(answer.json())


async def test_nothing_is_stored(cast: Cast, ann: Client) -> None:
    await ann.post(PATH, content=mail())
    assert (await Inbound.all().count(), await Message.all().count()) == (0, 0)


@pytest.mark.parametrize("raw", [b"", b"\0\xff", b"From: \r\n\r\n", b"Content-Type: multipart/mixed\r\n\r\n--"])
async def test_any_bytes_are_a_mail(ann: Client, raw: bytes) -> None:
    assert (await ann.post(PATH, content=raw)).status_code == 200


async def test_only_staff_may_ask(anyone: Client, carl: Client) -> None:
    assert (await anyone.post(PATH, content=mail())).status_code == 401
    assert (await carl.post(PATH, content=mail())).status_code == 403


async def test_a_mail_may_be_as_long_as_the_listener_takes_it(cast: Cast, ann: Client) -> None:
    largest = cast.house.settings.max_message_size
    head = b"From: a@b.example\r\n\r\n"
    assert (await ann.post(PATH, content=head + b"x" * (largest - len(head)))).status_code == 200
    refused = await ann.post(PATH, content=b"x" * (largest + 1))
    assert (refused.status_code, refused.headers["content-type"]) == (413, "application/problem+json")
