"""What people write to a bicycle shop, and what they are called, in each of its customers' languages."""

import functools
import random
import tomllib
import unicodedata
from dataclasses import dataclass
from importlib import resources

# How many of a hundred conversations are in which language.
SHARES = {"en": 23, "de": 17, "fr": 11, "es": 10, "pl": 9, "ja": 8, "ar": 7, "zh": 6, "nl": 5, "sv": 4}
NOT_IN_ASCII = str.maketrans({"ł": "l", "ß": "ss", "ı": "i", "ø": "o", "'": None, " ": None})


@dataclass(frozen=True)
class Person:
    """Somebody who writes. `given` and `family` stand in the script of their language."""

    given: str
    family: str
    name: str
    email: str


@dataclass(frozen=True)
class Matter:
    """What a conversation is about: its five letters, of which `answers` and `solves` are ours.

    `file`: what the customer sends along, a photo, invoice or note. `papers`: which letters of ours have a PDF.
    """

    tag: str
    subject: str
    asks: str
    answers: str
    adds: str
    solves: str
    thanks: str
    file: str = ""
    papers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Language:
    """How one writes in it. Texts have places for `given`, `family`, `name`, `date`, `order` and `item`."""

    greeting: str
    closing: str
    staff_greeting: str
    staff_closing: str
    wrote: str
    name: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    domains: tuple[str, ...]
    items: tuple[str, ...]
    matters: tuple[Matter, ...]

    def people(self, chance: random.Random) -> list[Person]:
        """Everybody whose name can be made of its names, in an order of chance."""
        every = [self._person(given, family, chance) for given in self.given for family in self.family]
        chance.shuffle(every)
        return every

    def _person(self, given: str, family: str, chance: random.Random) -> Person:
        (given, first), (family, last) = _latin(given), _latin(family)
        email = f"{first}.{last}@{chance.choice(self.domains)}"
        return Person(given, family, self.name.format(given=given, family=family), email)


@functools.cache
def language(code: str) -> Language:
    """The language of a code in SHARES."""
    text = resources.files("ticketgate.demo").joinpath("words", f"{code}.toml").read_text(encoding="utf-8")
    said = tomllib.loads(text)
    matters = tuple(Matter(**matter | {"papers": tuple(matter.get("papers", ()))}) for matter in said.pop("matters"))
    lists = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
    return Language(**said | lists, matters=matters)


def _latin(name: str) -> tuple[str, str]:
    """A name, and how an address spells it: `由美 yumi` says it, of `Amélie` the accents go."""
    own, _, spelled = name.rpartition(" ")
    if own and not own.isascii() and spelled.isascii():
        return own, spelled
    plain = unicodedata.normalize("NFKD", name.lower().translate(NOT_IN_ASCII))
    return name, plain.encode("ascii", "ignore").decode()
