"""`ticketgate demo`, from the question whether it may to the passwords of its agents."""

import asyncio
import random
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address
from itertools import chain, islice

from desk import House
from mailer.nudge import Announcement, Nudge
from models import Delivery, Ticket
from models.schema import connected
from settings import BadSetting, Settings
from ticketgate.demo.ages import move_back
from ticketgate.demo.ordinary import conversations
from ticketgate.demo.performance import ON_THE_WAY, Performance
from ticketgate.demo.pieces import pieces
from ticketgate.demo.post import check_listener, until
from ticketgate.demo.script import Conversation
from ticketgate.demo.stage import AGENTS, Stage, set_up

Act = Callable[[], Coroutine[None, None, None]]
AT_ONCE = 8  # steps that are performed side by side
LATELY = timedelta(hours=1)


@dataclass(frozen=True)
class Wanted:
    """How many conversations, out of which seed; `big`: one with 300 letters; `add`: beside the tickets there are."""

    conversations: int
    seed: int = 1
    big: bool = False
    add: bool = False


async def demo(settings: Settings, wanted: Wanted) -> None:
    """Fills the desk, and prints how to look at it.

    Raises:
        BadSetting: mail would leave this machine, or there are tickets already.
        Away: a part of the desk does not run.
    """
    _check_relay(settings)
    async with connected(settings):
        if not wanted.add and await Ticket.exists():
            raise BadSetting("there are tickets already: `ticketgate demo --add` puts its own beside them")
        await check_listener(settings)
        house = House(settings, nudge=Nudge(settings), announce=Announcement(settings))
        stage, passwords = await set_up(settings, house)
        await _perform(stage, _script(wanted, first=stage.run == 0))
        await _settle(stage)
        await move_back(settings, stage.stamps, stage.mails)
    _tell(stage, passwords)


def _check_relay(settings: Settings) -> None:
    """Nobody has the addresses of the demo, but a relay would not know that. Raises BadSetting."""
    relay = settings.relay_url
    if relay and not _is_loopback(relay.host):
        raise BadSetting(
            f"TICKETGATE_RELAY_URL: the demo's people do not exist, and {relay} would be given their mail; "
            "unset it, or name a relay on this machine"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _script(wanted: Wanted, *, first: bool) -> list[Conversation]:
    """Nobody would believe the unusual ones a second time."""
    chance = random.Random(wanted.seed)  # noqa: S311 - nothing is secret about it
    unusual = pieces(big=wanted.big) if first else iter(())
    return list(islice(chain(unusual, conversations(chance)), wanted.conversations))


async def _perform(stage: Stage, script: Sequence[Conversation]) -> None:
    """Step by step in the order of their times, whatever conversation each is of: so rows are numbered.

    The last hour is what people look at first: in it the order is exact.
    """
    now = datetime.now(UTC)
    performances = [Performance(stage, conversation, number, now) for number, conversation in enumerate(script)]
    acts = sorted((at, number, index) for number, one in enumerate(performances) for at, index in one.acts)
    progress = _Progress(len(script), len(acts))
    planned = [(at, partial(performances[number].act, at, index)) for at, number, index in acts]
    await _all([act for at, act in planned if at < now - LATELY], AT_ONCE, progress)
    await _all([act for at, act in planned if at >= now - LATELY], 1, progress)
    for performance in performances:
        await performance.settle()


async def _all(acts: Sequence[Act], at_once: int, progress: "_Progress") -> None:
    """Begins them in their order, so many at once."""
    room = asyncio.Semaphore(at_once)

    def done(_: asyncio.Task[None]) -> None:
        room.release()
        progress.step()

    try:
        async with asyncio.TaskGroup() as group:
            for act in acts:
                await room.acquire()
                group.create_task(act()).add_done_callback(done)
    except ExceptionGroup as failed:  # one ends all: what it says is what a person has to know
        raise failed.exceptions[0] from None


async def _settle(stage: Stage) -> None:
    """Until what the desk sends has left, so that its times are moved too."""

    async def all_left() -> bool:
        tickets = {stamp.ticket for stamp in stage.stamps}
        return not await Delivery.filter(ticket_id__in=tickets, state__in=ON_THE_WAY).exists()

    await until(all_left, "our mails do not leave: is the worker running?")


class _Progress:
    """A line on a terminal that says how far it is; nothing where nobody watches."""

    def __init__(self, conversations: int, acts: int) -> None:
        self._conversations, self._acts, self._done = conversations, acts, 0

    def step(self) -> None:
        self._done += 1
        if sys.stderr.isatty():
            end = "\n" if self._done == self._acts else ""
            told = f"\r{self._done * 100 // self._acts:3} % of {self._conversations} conversations"
            print(told, end=end, file=sys.stderr, flush=True)


def _tell(stage: Stage, passwords: dict[str, str]) -> None:
    number = len({stamp.ticket for stamp in stage.stamps})
    print(f"{number} conversations are on the desk: {stage.settings.public}")
    for username, name in AGENTS.items():
        said = f"password {passwords[username]}" if username in passwords else "with the password of before"
        print(f"  {username:<6}  {name:<15}  {said}")
    if passwords:
        print("The passwords are shown only this once.")
