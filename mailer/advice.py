"""Advice on DNS for a mailbox's domain: what is there, whether it is right, and what to publish."""

import asyncio
import ipaddress
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

import dns.exception
import dns.resolver

from mailer import published
from mailer.published import Resolver
from settings import Networks, Settings

PATIENCE = 9.0  # seconds for all that one record takes; DMARC may be that of a domain far above
POLICY = re.compile(r"(?:^|;)\s*p\s*=\s*(none|quarantine|reject)\s*(?:;|$)", re.IGNORECASE)
ANYBODY = re.compile(r"\s\+?all\s*$", re.IGNORECASE)
DEFAULT_DMARC = "v=DMARC1; p=none"
# Addresses that mean another host, or none, to whoever reads them elsewhere (RFC 1122, 1918, 3927, 4193, 4291, 6598).
INSIDE = Networks.parse(
    "127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 100.64.0.0/10 ::1 fc00::/7 fe80::/10"
)

Verdict = Literal["ok", "missing", "wrong", "unknown"]


@dataclass(frozen=True)
class Advice:
    """On one record. `now`: what DNS has; `publish`: the value to publish, where we can say it."""

    record: Literal["MX", "SPF", "DKIM", "DMARC"]
    name: str
    type: Literal["MX", "TXT"]
    verdict: Verdict
    why: str
    now: tuple[str, ...] = ()
    publish: str | None = None


async def advise(settings: Settings, domain: str) -> list[Advice]:
    """On MX, SPF, DKIM and DMARC, each apart: one that cannot be looked up spoils no other. Never raises."""
    asked = published.resolver(settings.dns_server)
    return list(await asyncio.gather(*(_one(settings, asked, domain, *which) for which in _RECORDS)))


async def _one(settings: Settings, asked: Resolver, domain: str, blank: Advice, look: "_Look") -> Advice:
    blank = replace(blank, name=blank.name.format(domain=domain))
    if not published.is_public(domain):
        return replace(blank, why=f"{domain} is not for the public DNS: there is nothing to look up")
    try:
        async with asyncio.timeout(PATIENCE):
            return await look(settings, asked, domain, blank)
    except (dns.exception.DNSException, TimeoutError, OSError):
        return replace(blank, why="DNS does not answer now: is TICKETGATE_DNS_SERVER or the system's resolver right?")


async def _mx(settings: Settings, asked: Resolver, domain: str, blank: Advice) -> Advice:
    host = urlsplit(settings.public).hostname or ""
    ours = f"10 {host}." if published.is_public(host) and not _is_ip(host) else None
    try:
        found = await published.mail_servers(asked, domain)
        addressed = bool(found) or await published.has_address(asked, domain)
    except dns.resolver.NXDOMAIN:
        return replace(blank, verdict="wrong", why=f"{domain} does not exist in DNS: no mail reaches it", publish=ours)
    now = tuple(f"{preference} {name}" for preference, name in found)
    if [name for _, name in found] == ["."]:
        why = "it says that the domain takes no mail (a null MX, RFC 7505)"
        return replace(blank, verdict="wrong", now=now, why=why, publish=ours)
    if found:
        return replace(blank, verdict="ok", now=now, why=f"mail goes to {found[0][1]}")
    why = "mail goes to the domain's own address" if addressed else "no mail reaches the domain"
    return replace(blank, verdict="missing", why=why, publish=ours)


async def _spf(settings: Settings, asked: Resolver, domain: str, blank: Advice) -> Advice:
    try:
        now = await published.spf_records(asked, domain)
    except dns.resolver.NXDOMAIN:
        now = ()
    if not now:
        why = "nothing says which servers may send for the domain; put all of them in"
        return replace(blank, verdict="missing", why=why, publish=_spf_of(settings))
    if len(now) > 1:
        why = f"{len(now)} records, where more than one counts as broken (RFC 7208, 4.5): make them one"
        return replace(blank, verdict="wrong", now=now, why=why)
    if ANYBODY.search(now[0]):
        why = "it allows anybody to send for the domain"
        return replace(blank, verdict="wrong", now=now, why=why, publish=ANYBODY.sub(" ~all", now[0]))
    return replace(blank, verdict="ok", now=now, why="it names who may send; your relay has to be among them")


async def _dkim(_: Settings, asked: Resolver, domain: str, blank: Advice) -> Advice:
    if await published.has_keys(asked, domain):
        return replace(blank, verdict="ok", why="keys are published; the relay signs with one of them")
    why = "no key is published: have the relay sign, and publish the key that it shows"
    return replace(blank, verdict="missing", why=why)


async def _dmarc(_: Settings, asked: Resolver, domain: str, blank: Advice) -> Advice:
    name, now = await published.dmarc_records(asked, domain)
    found = replace(blank, name=name, now=now)
    if not now:
        return replace(found, verdict="missing", why="nothing says what to do with forged mail", publish=DEFAULT_DMARC)
    policy = POLICY.search(now[0])
    if len(now) > 1 or policy is None:
        why = f"{len(now)} records, where one is allowed" if len(now) > 1 else "it has no policy (p=)"
        return replace(found, verdict="wrong", why=why, publish=DEFAULT_DMARC)
    said = policy[1].lower()
    why = f"p={said}: forged mail is to be {'rejected' if said == 'reject' else 'set aside'}"
    if said == "none":
        why = "p=none: strangers can still use your name; ask for quarantine once SPF and DKIM pass"
    return replace(found, verdict="ok", why=why)


def _spf_of(settings: Settings) -> str:
    """Of the servers that we know of: those that take our mail, and the relay, if the world can see it."""
    relay = settings.relay_url.host if settings.relay_url else ""
    if _is_ip(relay):
        seen = "" if relay in INSIDE else f" ip{ipaddress.ip_address(relay).version}:{relay}"
    else:
        seen = f" a:{relay}" if published.is_public(relay) else ""
    return f"v=spf1 mx{seen} ~all"


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


_Look = Callable[[Settings, Resolver, str, Advice], Awaitable[Advice]]
_RECORDS: tuple[tuple[Advice, _Look], ...] = (
    (Advice("MX", "{domain}", "MX", "unknown", ""), _mx),
    (Advice("SPF", "{domain}", "TXT", "unknown", ""), _spf),
    (Advice("DKIM", "_domainkey.{domain}", "TXT", "unknown", ""), _dkim),
    (Advice("DMARC", "_dmarc.{domain}", "TXT", "unknown", ""), _dmarc),
)
