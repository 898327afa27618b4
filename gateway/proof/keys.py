"""Keys that domains publish for DKIM (RFC 6376, 3.6.1; RFC 8463; RFC 8301)."""

import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from gateway.proof.tags import Unreadable, read_base64, read_tags

SHORTEST, LONGEST = 1024, 8192  # bits of an RSA key; RFC 8301, 3.2 names the lower, the upper bounds our work

PublicKey = RSAPublicKey | Ed25519PublicKey


class TooWeak(Exception):
    """It may be valid, and we take it for no proof."""


def read_key(record: bytes, algorithm: str, *, subdomain: bool) -> PublicKey:
    """The key of a record, if it is one for this algorithm and, with `subdomain`, for names below its domain.

    Its flag `y` (testing) changes nothing: who has the private key is the domain. Raises Unreadable and TooWeak.
    """
    tags = read_tags(record)
    if tags.get("v", "DKIM1") != "DKIM1":
        raise Unreadable("the key is of another version")
    if not tags.get("p"):
        raise Unreadable("the key was taken back" if "p" in tags else "the record has no key")
    if not {"*", "email"} & set(_list(tags.get("s", "*"))):
        raise Unreadable("the key is not for mail")
    if "sha256" not in _list(tags.get("h", "sha256")):
        raise Unreadable("the key is not for SHA-256")
    if subdomain and "s" in _list(tags.get("t", "")):
        raise Unreadable("the key is for no subdomain")
    if tags.get("k", "rsa") != algorithm:
        raise Unreadable("the key is for another algorithm")
    return _load(read_base64(tags["p"]), algorithm)


def is_genuine(key: PublicKey, signature: bytes, signed: bytes) -> bool:
    """Whether the key's owner signed these bytes."""
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(signature, signed, PKCS1v15(), SHA256())
        else:
            key.verify(signature, hashlib.sha256(signed).digest())  # RFC 8463, 3: PureEdDSA of the hash
    except InvalidSignature:
        return False
    return True


def _load(data: bytes, algorithm: str) -> PublicKey:
    try:
        key = Ed25519PublicKey.from_public_bytes(data) if algorithm == "ed25519" else load_der_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise Unreadable("the key cannot be read") from None
    if isinstance(key, Ed25519PublicKey):
        return key
    if not isinstance(key, RSAPublicKey):
        raise Unreadable("the key is of another kind than it says")
    if not SHORTEST <= key.key_size <= LONGEST:
        raise TooWeak(f"the key has {key.key_size} bits")
    return key


def _list(text: str) -> list[str]:
    return [word.strip() for word in text.split(":")]
