"""Passwords: bcrypt, in a thread, a few at a time."""

import asyncio
import base64
import hashlib
import secrets
from functools import cache

import bcrypt

from desk.errors import Invalid

ROUNDS = 12
SHORTEST = 8
# A hash costs a third of a second of one core: more at once would only starve the rest.
_hashing = asyncio.Semaphore(2)


def generate() -> str:
    """A password for a person to copy."""
    return secrets.token_urlsafe(12)


def check(password: str, field: str = "password") -> None:
    """Raises Invalid where the password is not one that we take."""
    if len(password) < SHORTEST:
        raise Invalid(field, f"at least {SHORTEST} characters")


async def hash_password(password: str) -> str:
    async with _hashing:
        return (await asyncio.to_thread(bcrypt.hashpw, _digest(password), bcrypt.gensalt(ROUNDS))).decode()


async def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one that was hashed; takes as long where there is no hash."""
    async with _hashing:
        return await asyncio.to_thread(_matches, _digest(password), password_hash)


def _matches(digest: bytes, password_hash: str | None) -> bool:
    right = bcrypt.checkpw(digest, password_hash.encode() if password_hash else _nobodys())
    return right and password_hash is not None


@cache
def _nobodys() -> bytes:
    """Compared against where there is no such user: an unknown name has to take as long as a wrong password."""
    return bcrypt.hashpw(b"nobody", bcrypt.gensalt(ROUNDS))


def _digest(password: str) -> bytes:
    """bcrypt reads 72 bytes and stops at a NUL: what is longer goes in as its SHA-256, whole."""
    data = password.encode("utf-8", "surrogatepass")
    if len(data) <= 72 and b"\0" not in data:
        return data
    return base64.b64encode(hashlib.sha256(data).digest())
