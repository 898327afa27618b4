"""Files that wait: taken in under a harmless name, seen by their owner alone, swept when nobody names them."""

import asyncio
import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from desk.uploads import sweep
from models import Draft, Inbound, Message, Upload
from tests.api.test_writing import drafted, opened, said, uploaded
from tests.cast import Cast, mail

Client = httpx.AsyncClient
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


async def test_a_file_comes_back_as_it_was(ann: Client) -> None:
    answer = await ann.post(
        "/api/uploads/", params={"filename": "lamp.png"}, content=PNG, headers={"Content-Type": "image/png"}
    )
    found = answer.json()
    assert {name: found[name] for name in ("filename", "content_type", "size")} == {
        "filename": "lamp.png",
        "content_type": "image/png",
        "size": len(PNG),
    }
    back = await ann.get(f"/api/uploads/{found['id']}")
    assert back.content == PNG
    assert back.headers["content-disposition"].startswith("attachment")
    assert (
        (await ann.get(f"/api/uploads/{found['id']}?inline=true")).headers["content-disposition"].startswith("inline")
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\plans\\lamp.txt", "lamp.txt"),
        ("a\0b\r\nX-Evil: 1.txt", "abX-Evil: 1.txt"),
        ("見積書 №7.pdf", "見積書 №7.pdf"),
        ('say "hi"; x=.txt', 'say "hi"; x=.txt'),
        ("..", "file"),
        ("", "file"),
        ("a/", "file"),
    ],
)
async def test_a_hostile_name_becomes_a_harmless_one(ann: Client, given: str, kept: str) -> None:
    found = await ann.get(f"/api/uploads/{await uploaded(ann, given)}")
    assert found.status_code == 200
    assert (await Upload.get()).filename == kept


async def test_a_long_name_keeps_its_ending(ann: Client) -> None:
    await uploaded(ann, "x" * 300 + ".pdf")
    name = (await Upload.get()).filename
    assert len(name) <= 200
    assert name.endswith(".pdf")


@pytest.mark.parametrize(
    ("claimed", "kept"),
    [
        ("Text/Plain; charset=utf-8", "text/plain"),
        ("nonsense", "application/octet-stream"),
        ("x/" + "y" * 400, "application/octet-stream"),
    ],
)
async def test_a_type_is_a_type_or_says_nothing(ann: Client, claimed: str, kept: str) -> None:
    answer = await ann.post("/api/uploads?filename=a", content=b"x", headers={"Content-Type": claimed})
    assert answer.json()["content_type"] == kept


async def test_an_empty_file_is_refused(ann: Client) -> None:
    answer = await ann.post("/api/uploads?filename=a", content=b"")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body")
    assert (await ann.post("/api/uploads", content=b"x")).status_code == 422


async def test_a_file_over_the_limit_is_refused_with_it(ann: Client, cast: Cast) -> None:
    room = cast.house.settings.max_message_size * 7 // 10
    answer = await ann.post("/api/uploads?filename=a", content=bytes(room + 1))
    assert answer.status_code == 413
    assert str(room) in answer.json()["detail"]
    assert (await ann.post("/api/uploads?filename=a", content=bytes(room))).status_code == 201


async def test_nobody_fills_the_disk_with_files_that_wait(ann: Client, cast: Cast) -> None:
    await uploaded(ann)
    await Upload.all().update(size=cast.house.settings.max_message_size * 7)
    answer = await ann.post("/api/uploads?filename=a", content=b"one more")
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


async def test_what_is_refused_rests_nowhere(ann: Client, cast: Cast) -> None:
    await uploaded(ann)
    await Upload.all().update(size=cast.house.settings.max_message_size * 7)
    assert (await ann.post("/api/uploads?filename=a", content=b"too much")).status_code == 413
    assert not blob(cast, b"too much").exists()


async def test_files_that_come_at_once_are_no_more_than_may_wait(ann: Client, cast: Cast) -> None:
    await uploaded(ann)
    await Upload.all().update(size=cast.house.settings.max_message_size * 7 // 10 * 10 - 3)
    answers = await asyncio.gather(
        *(ann.post("/api/uploads?filename=a", content=f"n{number}".encode()) for number in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 413, 413, 413, 413, 413]


async def test_files_are_their_owners_alone(ann: Client, carl: Client, anyone: Client) -> None:
    at = f"/api/uploads/{await uploaded(ann)}"
    for call in (carl.get, carl.delete):
        assert (await call(at)).status_code == 404
    assert (await anyone.get(at)).status_code == 401
    assert (await ann.delete(at)).status_code == 204
    for call in (ann.get, ann.delete):
        assert (await call(at)).status_code == 404


async def test_a_file_given_up_goes_along_no_more_and_leaves_its_draft(ann: Client, carl: Client) -> None:
    ticket = (await opened(carl))["id"]
    file = await uploaded(ann)
    await drafted(ann, ticket, files=[file])
    await ann.delete(f"/api/uploads/{file}")
    [draft] = (await ann.get(f"/api/tickets/{ticket}/drafts")).json()
    assert draft["files"] == []
    assert (
        await ann.post(f"/api/tickets/{ticket}/new_message", json={"text": "x", "files": [file]})
    ).status_code == 422


async def test_a_file_given_up_stays_so_when_its_draft_is_thrown_away(ann: Client, carl: Client) -> None:
    ticket, file = (await opened(carl))["id"], await uploaded(ann)
    await drafted(ann, ticket, files=[file])
    await ann.delete(f"/api/uploads/{file}")
    await ann.delete(f"/api/tickets/{ticket}/drafts/reply")
    assert (await ann.get(f"/api/uploads/{file}")).status_code == 404


# -- swept


def blob(cast: Cast, content: bytes) -> Path:
    key = hashlib.sha256(content).hexdigest()
    return Path(cast.house.settings.blobs.removeprefix("file://")) / key[:2] / key[2:4] / key


def age(path: Path) -> None:
    """As if it had been put long ago."""
    os.utime(path, (0, 0))


async def week_later() -> None:
    past = datetime.now(UTC) - timedelta(days=8)
    await Upload.filter(kept_until__isnull=False).update(kept_until=past)
    await Upload.all().update(created_at=past)


async def test_a_file_goes_a_week_after_nobody_names_it(ann: Client, cast: Cast) -> None:
    await uploaded(ann, content=b"old")
    age(blob(cast, b"old"))
    assert await sweep(cast.house) == 0
    await week_later()
    assert await sweep(cast.house) == 1
    assert not blob(cast, b"old").exists()
    assert await Upload.all().count() == 0


async def test_a_file_that_a_draft_names_stays_and_a_week_longer(ann: Client, carl: Client, cast: Cast) -> None:
    ticket = (await opened(carl))["id"]
    file = await uploaded(ann)
    await drafted(ann, ticket, files=[file])
    await week_later()
    assert await sweep(cast.house) == 0
    await ann.delete(f"/api/tickets/{ticket}/drafts/reply")
    assert await Draft.all().count() == 0
    assert await sweep(cast.house) == 0, "it went with its draft"
    await week_later()
    assert await sweep(cast.house) == 1


async def test_content_that_somebody_else_keeps_stays(ann: Client, carl: Client, cast: Cast) -> None:
    ticket = (await opened(carl))["id"]
    message = await said(carl, ticket, files=[await uploaded(carl, content=b"same")])
    await uploaded(ann, content=b"same")
    age(blob(cast, b"same"))
    await week_later()
    assert await sweep(cast.house) == 1
    assert (await ann.get(f"/api/attachments/{message['attachments'][0]['id']}")).content == b"same"


async def test_a_file_stays_a_week_longer_from_the_moment_that_a_draft_names_it(ann: Client, carl: Client) -> None:
    ticket, file = (await opened(carl))["id"], await uploaded(ann)
    await Upload.all().update(kept_until=datetime.now(UTC) + timedelta(minutes=5))
    await drafted(ann, ticket, files=[file])
    await drafted(ann, ticket, version=1)  # names it no more
    assert await Upload.filter(id=file, kept_until__gt=datetime.now(UTC) + timedelta(days=6)).exists()


@pytest.mark.parametrize("other", [Message, Inbound])
async def test_a_raw_mail_that_somebody_also_uploaded_stays(
    ann: Client, cast: Cast, other: type[Message | Inbound]
) -> None:
    """Its message and its entry name it, and each of them alone is enough."""
    raw = mail()
    await cast.receive(raw)
    await other.all().update(blob="of another mail")
    await uploaded(ann, content=raw)
    age(blob(cast, raw))
    await week_later()
    assert await sweep(cast.house) == 1
    assert blob(cast, raw).read_bytes() == raw


async def test_content_that_was_just_put_again_stays(ann: Client, cast: Cast) -> None:
    await uploaded(ann, content=b"again")
    age(blob(cast, b"again"))
    await week_later()
    await cast.house.blobs.put(b"again")  # as a mail's attachment, whose row is not there yet
    assert await sweep(cast.house) == 1
    assert blob(cast, b"again").read_bytes() == b"again"


async def test_a_file_given_up_is_swept_before_its_week(ann: Client, cast: Cast) -> None:
    file = await uploaded(ann, content=b"gone")
    await ann.delete(f"/api/uploads/{file}")
    assert await sweep(cast.house) == 0, "whoever put it may just be about to say so"
    age(blob(cast, b"gone"))
    await Upload.all().update(created_at=datetime.now(UTC) - timedelta(hours=3))
    assert await sweep(cast.house) == 1
    assert not blob(cast, b"gone").exists()
