"""Where raw mail and attachments rest: content in, key out, durable before the key is known.

A key is the content's SHA-256, so that the same content rests once and a repeated put is no new one.
"""

import asyncio
import hashlib
import os
import re
import secrets
from pathlib import Path

from settings import Away, Settings

KEY = re.compile(r"[0-9a-f]{64}")


def blob_store(settings: Settings) -> "BlobFolder":
    """The store that the settings name."""
    return BlobFolder(Path(settings.blobs.removeprefix("file://")))


class BlobFolder:
    """A folder on a file system that keeps what was synced (not one that lies about it)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def put(self, content: bytes) -> str:
        """Answers the key once the content is on disk.

        Raises:
            Away: it cannot be kept now.
        """
        key = hashlib.sha256(content).hexdigest()
        try:
            await asyncio.to_thread(self._write, key, content)
        except OSError as error:
            raise Away(
                f"the blob folder {self.folder} takes nothing ({error.strerror}): make room or mend it"
            ) from None
        return key

    async def get(self, key: str) -> bytes:
        """The content of a key.

        Raises:
            KeyError: nothing rests under it.
            Away: it cannot be read now.
        """
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except FileNotFoundError:
            raise KeyError(key) from None
        except OSError as error:
            raise Away(f"the blob folder {self.folder} cannot be read ({error.strerror})") from None

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise KeyError(key)
        return self.folder / key[:2] / key[2:4] / key

    def _write(self, key: str, content: bytes) -> None:
        path = self._path(key)
        if path.exists():
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
    def _missing(directory: Path) -> list[Path]:
        """The directories to make, outermost first."""
        return [path for path in reversed([directory, *directory.parents]) if not path.exists()]


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
