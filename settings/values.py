"""Small values that a setting holds: a rate, a list of networks."""

import ipaddress
import re
from dataclasses import dataclass

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
RATE = re.compile(r"(?P<amount>[1-9]\d{0,8})\s*/\s*(?P<unit>[a-z]+)")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Rate:
    """So many times in so many seconds."""

    amount: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate | None":
        """Reads `10/minute`; None for `off`.

        Raises:
            ValueError: with a sentence that says what is wanted.
        """
        if text.strip().lower() == "off":
            return None
        found = RATE.fullmatch(text.strip().lower())
        if not found or found["unit"] not in UNITS:
            raise ValueError(f"wants a number per {', '.join(UNITS)}, like 10/minute, or off; not {text!r}")
        return cls(int(found["amount"]), UNITS[found["unit"]])

    def __str__(self) -> str:
        unit = next(unit for unit, seconds in UNITS.items() if seconds == self.seconds)
        return f"{self.amount}/{unit}"


@dataclass(frozen=True)
class Networks:
    """Addresses that are trusted with something; `address in networks` asks for one."""

    members: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Networks":
        """Reads networks or single addresses, separated by commas or spaces.

        Raises:
            ValueError: with a sentence that says what is wanted.
        """
        members = []
        for word in text.replace(",", " ").split():
            try:
                members.append(ipaddress.ip_network(word, strict=False))
            except ValueError:
                raise ValueError(f"wants networks like 10.0.0.0/8, separated by commas, not {word!r}") from None
        return cls(tuple(members))

    def __contains__(self, address: object) -> bool:
        try:
            found = ipaddress.ip_address(str(address))
        except ValueError:
            return False
        # A dual-stack socket shows an IPv4 peer as ::ffff:192.0.2.1: it is the same one under either name.
        names = (found, getattr(found, "ipv4_mapped", None) or found)
        return any(name in network for name in names for network in self.members)

    def __str__(self) -> str:
        return ", ".join(map(str, self.members))
