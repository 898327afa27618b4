"""Blobs: what was put is there, whole, whoever puts it and however often."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from obstore.store import S3Store

from models.blobs import BlobBucket, BlobFolder, blob_store
from settings import Away, load
from tests.conftest import free_port

NOTHING = "0" * 64  # a key under which nothing rests
BUCKET = "s3://desk/raw/mail"


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The URL of a server that speaks S3 and has the bucket `desk`."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - a second's work, for these tests alone

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    httpx.put(f"{url}/desk", trust_env=False).raise_for_status()
    yield url
    server.stop()


@pytest.fixture
def at_s3(s3: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment in which our buckets are those of that server."""
    given = {"AWS_ENDPOINT_URL": s3, "AWS_ACCESS_KEY_ID": "desk", "AWS_SECRET_ACCESS_KEY": "x", "NO_PROXY": "127.0.0.1"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


async def test_what_was_put_comes_back(tmp_path: Path) -> None:
    blobs = BlobFolder(tmp_path / "not" / "made" / "yet")
    for content in (b"", b"\x00\r\n\xff", b"x" * 3_000_000):
        assert await blobs.get(await blobs.put(content)) == content


async def test_the_same_content_put_by_many_rests_once(tmp_path: Path) -> None:
    keys = await asyncio.gather(*(BlobFolder(tmp_path).put(b"same") for _ in range(20)))
    assert len(set(keys)) == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [keys[0]]


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "0" * 64, "g" * 64])
async def test_a_key_that_is_none_of_ours_finds_nothing(tmp_path: Path, key: str) -> None:
    with pytest.raises(KeyError):
        await BlobFolder(tmp_path).get(key)


async def test_a_folder_that_takes_nothing_is_away_and_leaves_no_half_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Away, match="takes nothing"):
        await BlobFolder(tmp_path / "file").put(b"x")


async def test_what_was_put_into_a_bucket_comes_back(at_s3: pytest.MonkeyPatch) -> None:
    blobs = BlobBucket(BUCKET)
    for content in (b"", b"\x00\r\n\xff", b"x" * 6_000_000):  # the last one goes up in parts
        assert await blobs.get(await blobs.put(content)) == content


async def test_a_blob_rests_under_the_prefix_of_its_bucket(at_s3: pytest.MonkeyPatch) -> None:
    whole = S3Store.from_url("s3://desk", client_options={"allow_http": True})
    key = await BlobBucket(BUCKET).put(b"found by others too")
    assert bytes(whole.get(f"raw/mail/{key}").bytes()) == b"found by others too"
    assert await BlobBucket("s3://desk").put(b"without a prefix") in {found["path"] for found in whole.list().collect()}


@pytest.mark.parametrize("key", ["", "../mail", NOTHING, "g" * 64])
async def test_a_key_that_is_none_of_ours_finds_nothing_in_a_bucket(at_s3: pytest.MonkeyPatch, key: str) -> None:
    with pytest.raises(KeyError):
        await BlobBucket(BUCKET).get(key)


async def test_a_bucket_that_does_not_exist_is_away_and_no_mail_is_missing(at_s3: pytest.MonkeyPatch) -> None:
    blobs = BlobBucket("s3://nowhere/raw")
    with pytest.raises(Away, match="NoSuchBucket"):
        await blobs.put(b"x")
    with pytest.raises(Away, match="NoSuchBucket"):
        await blobs.get(NOTHING)


async def test_a_bucket_that_nobody_serves_is_away_in_one_line(at_s3: pytest.MonkeyPatch) -> None:
    at_s3.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    for call in (BlobBucket(BUCKET).put(b"x"), BlobBucket(BUCKET).get(NOTHING)):
        with pytest.raises(Away) as caught:
            await call
        assert "TICKETGATE_BLOB_URL" in str(caught.value)
        assert "\n" not in str(caught.value)


async def test_half_of_the_credentials_are_trouble_and_no_crash(at_s3: pytest.MonkeyPatch) -> None:
    at_s3.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(Away, match="AWS_"):
        BlobBucket(BUCKET)


def test_the_settings_choose_the_store(at_s3: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert isinstance(blob_store(load(_env_file=None, blob_url=BUCKET)), BlobBucket)
    folder = blob_store(load(_env_file=None, blob_url=f"file://{tmp_path}"))
    assert isinstance(folder, BlobFolder)
    assert folder.folder == tmp_path
