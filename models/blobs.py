"""Where raw mail and attachments rest: content in, key out, durable before the key is known.

A key is the content's SHA-256, so that the same content rests once and a repeated put is no new one.
"""

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
import time
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from settings import Away, Settings

KEY = re.compile(r"[0-9a-f]{64}")
S3_CODE = re.compile(r"<Code>(\w+)</Code>")
S3_ANSWER = timedelta(seconds=20)  # that one request may take; what is larger than 5 MiB goes up in several
S3_TRIES = 2  # more come from whoever needs the blob


class BlobStore(Protocol):
    async def put(self, content: bytes) -> str:
        """Answers the key once the content is durable.

        Raises:
            Away: it cannot be kept now.
        """

    async def get(self, key: str) -> bytes:
        """The content of a key.

        Raises:
            KeyError: nothing rests under it.
            Away: it cannot be read now.
        """

    async def drop(self, key: str, untouched_for: timedelta) -> None:
        """Lets go of content that nobody names; what was put within that time stays, since somebody is about to.

        Raises:
            Away: it cannot be reached now.
        """


def blob_store(settings: Settings) -> BlobStore:
    """The store that the settings name. Asks nobody yet; raises Away where a bucket's surroundings make no sense."""
    if settings.blobs.startswith("s3://"):
        return BlobBucket(settings.blobs)
    return BlobFolder(Path(settings.blobs.removeprefix("file://")))


class BlobFolder:
    """A folder on a file system that keeps what was synced (not one that lies about it)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def put(self, content: bytes) -> str:
        key = _key(content)
        try:
            await asyncio.to_thread(self._write, key, content)
        except OSError as error:
            raise Away(
                f"the blob folder {self.folder} takes nothing ({error.strerror}): make room or mend it"
            ) from None
        return key

    async def get(self, key: str) -> bytes:
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except FileNotFoundError:
            raise KeyError(key) from None
        except OSError as error:
            raise Away(f"the blob folder {self.folder} cannot be read ({error.strerror})") from None

    async def drop(self, key: str, untouched_for: timedelta) -> None:
        try:
            await asyncio.to_thread(self._remove, self._path(key), untouched_for.total_seconds())
        except FileNotFoundError:
            return
        except OSError as error:
            raise Away(f"the blob folder {self.folder} lets go of nothing ({error.strerror})") from None

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise KeyError(key)
        return self.folder / key[:2] / key[2:4] / key

    def _write(self, key: str, content: bytes) -> None:
        path = self._path(key)
        with contextlib.suppress(FileNotFoundError):
            os.utime(path)  # whoever is about to drop it sees that somebody wants it
            return
        for parent in self._missing(path.parent):
            parent.mkdir(exist_ok=True)
            _sync_directory(parent.parent)
        draft = path.with_name(f".{key}-{secrets.token_hex(4)}")
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
        finally:
            draft.unlink(missing_ok=True)
        _sync_directory(path.parent)

    @staticmethod
    def _remove(path: Path, untouched_for: float) -> None:
        """Takes the file aside before it looks at its age: a put finds it and touches it first, or writes it anew."""
        aside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
        path.rename(aside)
        if aside.stat().st_mtime > time.time() - untouched_for:
            aside.rename(path)
        else:
            aside.unlink()

    @staticmethod
    def _missing(directory: Path) -> list[Path]:
        """The directories to make, outermost first."""
        return [path for path in reversed([directory, *directory.parents]) if not path.exists()]


class BlobBucket:
    """A bucket of anything that speaks S3. Keys lie under the prefix of `s3://bucket/prefix`.

    Credentials, region and endpoint come from the variables that every S3 program reads: AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL (MinIO and the like), or from the role of the machine.
    """

    def __init__(self, url: str) -> None:
        from obstore.store import S3Store  # noqa: PLC0415 - whoever has a folder does not wait for it

        self._url = url
        try:
            self._store = S3Store.from_url(
                url,
                # An endpoint without TLS is somebody's explicit choice.
                client_options={"allow_http": True, "connect_timeout": timedelta(seconds=3), "timeout": S3_ANSWER},
                retry_config={"max_retries": S3_TRIES, "retry_timeout": S3_ANSWER},
            )
        except Exception as error:  # noqa: BLE001 - it has errors of many classes, and says them well
            raise self._away(error) from None

    async def put(self, content: bytes) -> str:
        key = _key(content)
        try:
            await self._store.put_async(key, content)
        except Exception as error:  # noqa: BLE001 - some endpoints make it panic, and no mail is at fault
            raise self._away(error) from None
        return key

    async def get(self, key: str) -> bytes:
        if not KEY.fullmatch(key):
            raise KeyError(key)
        try:
            found = await self._store.get_async(key)
            return bytes(await found.bytes_async())
        except Exception as error:  # noqa: BLE001 - as in `put`
            if isinstance(error, FileNotFoundError) and "NoSuchBucket" not in str(error):
                raise KeyError(key) from None
            raise self._away(error) from None

    async def drop(self, key: str, untouched_for: timedelta) -> None:
        """Nothing is let go: a bucket cannot delete only what nobody put again at that moment."""

    def _away(self, error: Exception) -> Away:
        code = S3_CODE.search(str(error))
        said = code[1] if code else str(error).strip().partition("\n")[0].rpartition(" - ")[2]
        return Away(
            f"the blob store {self._url} does not answer as it should ({said}): "
            "is it up, and are TICKETGATE_BLOB_URL and AWS_… right?"
        )


def _key(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
