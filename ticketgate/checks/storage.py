"""Where things rest: the data directory, the secret in it, and the blobs."""

import asyncio
import os
import shutil
import stat
import tempfile
from pathlib import Path

from models.blobs import BlobFolder, blob_store
from settings import Settings
from ticketgate.checks.finding import Finding, note, ok, why, wrong

LITTLE = 1 << 30  # bytes of free disk
SAMPLE = b"ticketgate check\n"


async def data_directory(settings: Settings) -> Finding:
    root = settings.places.root
    try:
        free = await asyncio.to_thread(_takes_files, root)
    except OSError as error:
        return wrong(f"{root} cannot be written ({why(error)}): give it to this user, or set TICKETGATE_DATA_DIR")
    if not root.exists():
        return ok(f"{root} is not made yet, and can be")
    if free < LITTLE:
        return note(f"{root} has {free >> 20} MiB free: mail is put off once the disk is full, so make room")
    return ok(f"{root} can be written, {free >> 30} GiB free")


async def secret(settings: Settings) -> Finding:
    """Looks, and makes none: that is for whoever serves."""
    if settings.secret_key:
        return ok("given by TICKETGATE_SECRET_KEY")
    path = settings.places.secret
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        empty = not path.read_text().strip()
    except FileNotFoundError:
        return ok(f"{path} is not made yet; the first start makes it")
    except (OSError, ValueError) as error:
        return wrong(f"{path} cannot be read ({why(error)}): run as the user who owns it")
    if empty:
        return wrong(f"{path} is empty: remove it, or bring it back from your backup")
    if mode & 0o077:
        return wrong(f"{path} can be read by others (mode {mode:04o}): chmod 600 {path}")
    return ok(f"{path}, for its owner only")


async def blobs(settings: Settings) -> Finding:
    """A bucket keeps one small blob of ours, always the same; a folder keeps nothing. Raises Away."""
    store = blob_store(settings)
    if isinstance(store, BlobFolder):
        return await folder(store.folder, "TICKETGATE_BLOB_URL")
    if await store.get(await store.put(SAMPLE)) != SAMPLE:
        return wrong(f"{settings.blobs} gives back other bytes than it was given: TICKETGATE_BLOB_URL")
    return ok(f"{settings.blobs} keeps a blob and gives it back")


async def folder(path: Path, setting: str) -> Finding:
    """Whether files can be written there; a folder of the data directory may not be made yet."""
    try:
        await asyncio.to_thread(_takes_files, path)
    except OSError as error:
        return wrong(f"{path} cannot be written ({why(error)}): give it to this user, or set {setting}")
    return ok(f"{path} can be written")


def _takes_files(path: Path) -> int:
    """Syncs a file without a name in the folder, or where the folder would be made; answers the bytes that are free.

    Raises:
        OSError: it takes none.
    """
    # No folder is made: whoever runs the check may be another user than the one who serves.
    nearest = next(parent for parent in (path, *path.parents) if parent.exists())
    with tempfile.TemporaryFile(dir=nearest) as file:
        file.write(SAMPLE)
        file.flush()
        os.fsync(file.fileno())
    return shutil.disk_usage(nearest).free
