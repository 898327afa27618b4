"""A name server on loopback, with records of the test's making."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from gateway.proof.names import names_at
from settings import Listen


@dataclass
class Zone(asyncio.DatagramProtocol):
    """`records`: {("ours.com", "MX"): ["10 mx.ours.com."]}. `broken` names answer SERVFAIL, `silent` ones nothing.

    A `deaf` server is as good as none. `heard` counts what came to it all the same.
    """

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    listen: Listen = field(default_factory=Listen)
    asked: list[tuple[str, str]] = field(default_factory=list)
    deaf: bool = False
    heard: int = 0

    def txt(self, name: str, *values: str) -> None:
        """Texts of any length, in strings of at most 255 bytes."""
        self.records[name.lower(), "TXT"] = [
            " ".join(f'"{value[at : at + 250]}"' for at in range(0, len(value), 250)) for value in values
        ]

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.listen = Listen(*transport.get_extra_info("sockname"))

    def datagram_received(self, data: bytes, peer: Any) -> None:
        self.heard += 1
        query = dns.message.from_wire(data)
        name = str(query.question[0].name).rstrip(".").lower()
        if name not in self.silent and not self.deaf:
            self._transport.sendto(self._answer(query, name).to_wire(), peer)

    def _answer(self, query: dns.message.Message, name: str) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        self.asked.append((name, kind))
        if name in self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif found := self.records.get((name, kind)):
            answer.answer.append(dns.rrset.from_text_list(name + ".", 5, "IN", kind, found))
        elif not any(known == name for known, _ in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


@asynccontextmanager
async def resolver() -> AsyncIterator[Zone]:
    names_at.cache_clear()  # what another zone said at the same port
    transport, zone = await asyncio.get_running_loop().create_datagram_endpoint(Zone, local_addr=("127.0.0.1", 0))
    try:
        yield zone
    finally:
        transport.close()
