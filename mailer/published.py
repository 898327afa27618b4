"""What DNS says of a domain whose mail we take and send: each question asked once, none for long."""

import asyncio
from dataclasses import dataclass

import dns.asyncresolver
import dns.exception
import dns.name
import dns.resolver

from settings import Listen

# RFC 2606, RFC 6761, RFC 6762, RFC 7686, RFC 8375, RFC 9476, and .internal by ICANN's word of 2024.
NEVER_PUBLIC = ("localhost", "example", "test", "invalid", "local", "localdomain", "internal", "alt", "onion")
NEVER_PUBLIC_EITHER = ("home.arpa", "example.com", "example.net", "example.org")
LIFETIME = 4.0  # seconds for one question

Resolver = dns.asyncresolver.Resolver


@dataclass(frozen=True)
class Records:
    """What DNS has for a domain. `mx`: names, best first; `.` alone is the null MX. `dmarc` may be a parent's."""

    exists: bool = True
    mx: tuple[str, ...] = ()
    has_address: bool = False
    spf: tuple[str, ...] = ()
    dmarc: tuple[str, ...] = ()


def is_public(domain: str) -> bool:
    """Whether the world's DNS can know the domain."""
    labels = domain.lower().rstrip(".").split(".")
    if len(labels) == 1 or labels[-1] in NEVER_PUBLIC:
        return False
    return ".".join(labels[-2:]) not in NEVER_PUBLIC_EITHER


def resolver(server: Listen | None) -> Resolver:
    """The resolver of the settings, or the system's."""
    found = dns.asyncresolver.Resolver(configure=server is None)
    if server:
        found.nameservers, found.port = [server.host], server.port
    found.lifetime = LIFETIME
    return found


async def records(asked: Resolver, domain: str) -> Records:
    """Raises DNSException where the resolver cannot tell."""
    try:
        mx, spf, (_, dmarc) = await asyncio.gather(
            mail_servers(asked, domain), spf_records(asked, domain), dmarc_records(asked, domain)
        )
    except dns.resolver.NXDOMAIN:
        return Records(exists=False)
    addressed = False if mx else await has_address(asked, domain)
    return Records(mx=tuple(host for _, host in mx), has_address=addressed, spf=spf, dmarc=dmarc)


async def mail_servers(asked: Resolver, domain: str) -> list[tuple[int, str]]:
    """Preference and name, best first. Raises NXDOMAIN, and DNSException."""
    lines = [line.split() for line in await _ask(asked, domain, "MX")]
    return sorted((int(preference), host.rstrip(".") or ".") for preference, host in lines)


async def has_address(asked: Resolver, domain: str) -> bool:
    """Raises NXDOMAIN, and DNSException."""
    return bool([*await _ask(asked, domain, "A"), *await _ask(asked, domain, "AAAA")])


async def spf_records(asked: Resolver, domain: str) -> tuple[str, ...]:
    """Raises NXDOMAIN, and DNSException."""
    lines = await _ask(asked, domain, "TXT")
    return tuple(line for line in lines if line.lower().split(" ")[0] == "v=spf1")


async def dmarc_records(asked: Resolver, domain: str) -> tuple[str, tuple[str, ...]]:
    """The name and the policy of the domain, or of the nearest domain above it that has one. Raises DNSException."""
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        name = ".".join(["_dmarc", *labels[start:]])
        try:
            lines = await _ask(asked, name, "TXT")
        except dns.resolver.NXDOMAIN:
            continue
        if found := tuple(line for line in lines if line.lower().startswith("v=dmarc1")):
            return name, found
    return f"_dmarc.{domain}", ()


async def has_keys(asked: Resolver, domain: str) -> bool:
    """Whether anything is published below the name of DKIM's keys (RFC 8020). Raises DNSException."""
    try:
        await _ask(asked, f"_domainkey.{domain}", "TXT")
    except dns.resolver.NXDOMAIN:
        return False
    return True


async def _ask(asked: Resolver, name: str, kind: str) -> list[str]:
    """The answers as text, the parts of a TXT joined (RFC 7208, 3.3). Raises NXDOMAIN, and DNSException."""
    answer = await asked.resolve(dns.name.from_text(name), kind, raise_on_no_answer=False)
    if kind == "TXT":
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
    return [record.to_text() for record in answer]
