"""What DNS says of the mailboxes' domains: whether mail finds us, and whether ours is believed.

Only a domain that exists in DNS and that no mail can reach is wrong. The rest is advice: records may be on their way,
and the resolver of this machine may be another than the world's.
"""

import asyncio
from dataclasses import dataclass

import asyncpg
import dns.asyncresolver
import dns.exception
import dns.name
import dns.resolver

from models.schema import open_connection
from settings import Away, Settings
from ticketgate.checks.finding import Finding, Mark, note, ok, why, wrong

# RFC 2606, RFC 6761, RFC 6762, RFC 7686, RFC 8375, RFC 9476, and .internal by ICANN's word of 2024.
NEVER_PUBLIC = ("localhost", "example", "test", "invalid", "local", "localdomain", "internal", "alt", "onion")
NEVER_PUBLIC_EITHER = ("home.arpa", "example.com", "example.net", "example.org")
DATABASE = 3.0  # seconds; without an answer the first mailbox of the settings stands for all
LIFETIME = 4.0  # seconds for one question


@dataclass(frozen=True)
class Records:
    """What DNS has for a domain. `mx`: names, best first; `.` alone is the null MX. `dmarc` may be a parent's."""

    exists: bool = True
    mx: tuple[str, ...] = ()
    has_address: bool = False
    spf: tuple[str, ...] = ()
    dmarc: tuple[str, ...] = ()


async def domains(settings: Settings) -> Finding:
    """The worst of all domains marks the line."""
    names = await _mailbox_domains(settings)
    found = await asyncio.gather(*(_domain(settings, name) for name in names))
    worst = max((finding.mark for finding in found), key=list(Mark).index)
    return Finding(worst, "; ".join(finding.said for finding in found))


def is_public(domain: str) -> bool:
    """Whether the world's DNS can know the domain."""
    labels = domain.lower().rstrip(".").split(".")
    if len(labels) == 1 or labels[-1] in NEVER_PUBLIC:
        return False
    return ".".join(labels[-2:]) not in NEVER_PUBLIC_EITHER


def judge(domain: str, records: Records) -> Finding:
    """What a person should know about these records."""
    if not records.exists:
        return wrong(f"{domain} does not exist in DNS: no mail reaches it, mend DNS or the mailbox's address")
    if records.mx == (".",):
        return wrong(f"{domain} says that it takes no mail (a null MX, RFC 7505): publish an MX record")
    if not records.mx and not records.has_address:
        return wrong(f"{domain} has neither MX nor address: no mail reaches it, publish an MX record")
    advice = []
    if not records.mx:
        advice.append("no MX, mail goes to its address")
    if not records.spf:
        advice.append('no SPF: publish TXT "v=spf1 …" with the relay in it')
    if len(records.spf) > 1:
        advice.append(f"{len(records.spf)} SPF records, where more than one counts as broken (RFC 7208, 4.5)")
    if not records.dmarc:
        advice.append(f'no DMARC: publish TXT _dmarc.{domain} "v=DMARC1; p=none" and sign with DKIM at the relay')
    if advice:
        return note(f"{domain}: {', '.join(advice)}")
    return ok(f"{domain} has MX {records.mx[0]}, SPF and DMARC")


async def _mailbox_domains(settings: Settings) -> list[str]:
    first = settings.support_address.rpartition("@")[2]
    try:
        connection = await open_connection(settings, patience=DATABASE)
    except Away:
        return [first]
    try:
        rows = await connection.fetch("SELECT address FROM mailboxes WHERE active ORDER BY id", timeout=DATABASE)
    except (asyncpg.PostgresError, TimeoutError, OSError):
        return [first]
    finally:
        connection.terminate()
    return list(dict.fromkeys(row["address"].rpartition("@")[2] for row in rows)) or [first]


async def _domain(settings: Settings, domain: str) -> Finding:
    if not is_public(domain):
        return ok(f"{domain} is not for the public DNS, nothing to look up")
    try:
        return judge(domain, await _records(_resolver(settings), domain))
    except dns.exception.DNSException as error:
        return note(f"{domain} cannot be looked up now ({why(error)}): is TICKETGATE_DNS_SERVER or the system's right?")


def _resolver(settings: Settings) -> dns.asyncresolver.Resolver:
    server = settings.dns_server
    resolver = dns.asyncresolver.Resolver(configure=server is None)
    if server:
        resolver.nameservers, resolver.port = [server.host], server.port
    resolver.lifetime = LIFETIME
    return resolver


async def _records(resolver: dns.asyncresolver.Resolver, domain: str) -> Records:
    """Raises DNSException where the resolver cannot tell."""
    try:
        mx, txt, dmarc = await asyncio.gather(
            _ask(resolver, domain, "MX"), _ask(resolver, domain, "TXT"), _dmarc(resolver, domain)
        )
    except dns.resolver.NXDOMAIN:
        return Records(exists=False)
    addresses = [] if mx else [*await _ask(resolver, domain, "A"), *await _ask(resolver, domain, "AAAA")]
    ranked = sorted((int(preference), host) for preference, host in (line.split() for line in mx))
    return Records(
        mx=tuple(host.rstrip(".") or "." for _, host in ranked),
        has_address=bool(addresses),
        spf=tuple(line for line in txt if line.lower().split(" ")[0] == "v=spf1"),
        dmarc=dmarc,
    )


async def _dmarc(resolver: dns.asyncresolver.Resolver, domain: str) -> tuple[str, ...]:
    """The policy of the domain, or of the nearest domain above it that has one."""
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        try:
            lines = await _ask(resolver, ".".join(["_dmarc", *labels[start:]]), "TXT")
        except dns.resolver.NXDOMAIN:
            continue
        if found := tuple(line for line in lines if line.lower().startswith("v=dmarc1")):
            return found
    return ()


async def _ask(resolver: dns.asyncresolver.Resolver, name: str, kind: str) -> list[str]:
    """The answers as text, the parts of a TXT joined (RFC 7208, 3.3). Raises NXDOMAIN, and DNSException."""
    answer = await resolver.resolve(dns.name.from_text(name), kind, raise_on_no_answer=False)
    if kind == "TXT":
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
    return [record.to_text() for record in answer]
