"""What DNS says of the mailboxes' domains: whether mail finds us, and whether ours is believed.

Only a domain that exists in DNS and that no mail can reach is wrong. The rest is advice: records may be on their way,
and the resolver of this machine may be another than the world's.
"""

import asyncio

import asyncpg
import dns.exception

from mailer import published
from mailer.published import Records, is_public
from models.schema import open_connection
from settings import Away, Settings
from ticketgate.checks.finding import Finding, Mark, note, ok, why, wrong

DATABASE = 3.0  # seconds; without an answer the first mailbox of the settings stands for all


async def domains(settings: Settings) -> Finding:
    """The worst of all domains marks the line."""
    names = await _mailbox_domains(settings)
    found = await asyncio.gather(*(_domain(settings, name) for name in names))
    worst = max((finding.mark for finding in found), key=list(Mark).index)
    return Finding(worst, "; ".join(finding.said for finding in found))


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
        return judge(domain, await published.records(published.resolver(settings.dns_server), domain))
    except dns.exception.DNSException as error:
        return note(f"{domain} cannot be looked up now ({why(error)}): is TICKETGATE_DNS_SERVER or the system's right?")
