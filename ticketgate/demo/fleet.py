"""Long conversations: a courier's fleet and its brake pads, letter after letter."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from ticketgate.demo.script import Answer, Change, Conversation, Mail, Note, Step, Way
from ticketgate.demo.words import Person

INES = 1
HOUR, MONTH = timedelta(hours=1), timedelta(days=26)
PARTS = ("front pads", "rear pads", "the chain", "the left crank", "both tyres", "the display", "a spoke")
MARCUS = Person("Marcus", "Obi", "Marcus Obi", "marcus.obi@couriers.example")
KOFI = Person("Kofi", "Boateng", "Kofi Boateng", "kofi@couriers.example")


def sixty_letters() -> Conversation:
    letters = _letters("Fleet contract: brake pads and a service plan", 30, [MARCUS])
    return Conversation(
        (*letters, Note(INES, "Contract is signed, this one may be closed on Friday.", HOUR)), 30 * HOUR
    )


def three_hundred_letters() -> Conversation:
    """By two people: one alone would be taken for a machine (`desk/breakers.py`)."""
    return Conversation(tuple(_letters("Fleet diary", 150, [KOFI, MARCUS])), 20 * HOUR)


def _letters(title: str, rounds: int, riders: Sequence[Person]) -> Iterator[Step]:
    """In each round a letter of theirs, and one of ours."""
    pause = MONTH / (2 * rounds)
    for at in range(rounds):
        rider, part, bike = riders[at % len(riders)], PARTS[at % len(PARTS)], at * 7 % 11 + 1
        text = f"Hello,\n\nbike {bike} was in again: {part}, after {180 + at * 37 % 400} km.\n\n{rider.given}"
        if at == 0:
            yield Mail(rider, text, way=Way.NEW, subject=title, cc=tuple(riders[1:]))
            yield Change(INES, HOUR, assignee=INES, tags=("dealer", "fleet"))
        else:
            yield Mail(rider, text, pause, quoting="On {date}, {name} wrote:" if at % 2 else "")
        fate = f"I put {part} on the shelf for you" if at % 3 else f"{part} for bike {bike}: they leave tonight"
        yield Answer(INES, f"Hello {rider.given},\n\n{fate}.\n\nInes", pause)
