"""A small world for proofs of sender: a name server, domains with keys, and mails that they sign."""

import base64
import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.proof import Proof, Session, prove
from settings import load
from tests.ticketgate.resolver import Zone, resolver

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.9"  # the domains' mail servers, and anybody else
HEADERS = ("From", "To", "Subject", "Date", "Message-ID")


@functools.cache
def key_pair(bits: int) -> tuple[bytes, str]:
    """A private key, and its public half as it is published."""
    key = rsa.generate_private_key(65537, bits)
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return private, base64.b64encode(public).decode()


def mail(author: str = "Ann <ann@firm.example>", body: str = "Please help.\r\n", **more: str) -> bytes:
    fields = {"From": author, "To": "support@desk.example", "Subject": "Printer", "Message-ID": "<1@firm.example>"}
    fields |= {"Date": "Mon, 02 Mar 2026 10:00:00 +0000"} | more
    return ("".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n" + body).encode()


class Signer(dkim.DKIM):  # type: ignore[misc]  # dkimpy has no types
    """dkimpy's signer with tags that it does not write itself."""

    extra: tuple[tuple[bytes, bytes], ...] = ()

    def gen_header(self, fields: Any, *args: Any, **kwargs: Any) -> bytes:
        replaced = [(name, value) for name, value in fields[:-2] if name not in dict(self.extra)]
        return bytes(super().gen_header([*replaced, *self.extra, *fields[-2:]], *args, **kwargs))


class World:
    """`world.zone` has the records; settings ask there."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.settings = load(_env_file=None, dns_server=zone.listen)

    def domain(self, name: str, *, spf: str = f"v=spf1 ip4:{HERE} -all", dmarc: str = "") -> str:
        """A domain that sends from HERE."""
        self.zone.records[name, "A"] = [HERE]
        if spf:
            self.zone.txt(name, spf)
        if dmarc:
            self.zone.txt(f"_dmarc.{name}", f"v=DMARC1; {dmarc}")
        return name

    def signed(
        self,
        raw: bytes,
        domain: str = "firm.example",
        *,
        selector: str = "s1",
        bits: int = 2048,
        record: str = "",
        headers: tuple[str, ...] = HEADERS,
        extra: tuple[tuple[bytes, bytes], ...] = (),
        algorithm: bytes = b"rsa-sha256",
        **more: Any,
    ) -> bytes:
        """The mail with a signature of the domain on top, its key published."""
        private, public = key_pair(bits)
        self.zone.txt(f"{selector}._domainkey.{domain}", record or f"v=DKIM1; k=rsa; p={public}")
        signer = Signer(raw, signature_algorithm=algorithm, minkey=0)
        signer.extra = extra
        names = [name.lower().encode() for name in headers]
        return bytes(signer.sign(selector.encode(), domain.encode(), private, include_headers=names, **more)) + raw

    def trusting(self, networks: str, authserv_id: str | None = "mx.desk.example") -> None:
        """From now on these networks are relays of ours."""
        given: dict[str, Any] = {"trusted_relays": networks, "authserv_id": authserv_id}
        self.settings = load(_env_file=None, dns_server=self.zone.listen, **given)

    async def prove(
        self,
        raw: bytes,
        author: str = "ann@firm.example",
        *,
        peer: str = HERE,
        sender: str | None = None,
        helo: str = "mx.firm.example",
        protocol: str = "smtp",
        at: datetime | None = None,
    ) -> Proof:
        session = Session(
            peer, helo, author if sender is None else sender, protocol, **({"received_at": at} if at else {})
        )
        return await prove(raw, author, session, self.settings)


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    async with resolver() as zone:
        yield World(zone)
