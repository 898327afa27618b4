"""Blobs: what was put is there, whole, whoever puts it and however often."""

import asyncio
from pathlib import Path

import pytest

from models.blobs import BlobFolder
from settings import Away


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
