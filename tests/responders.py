"""Machines that answer every mail at once: the relay that a desk sends to, and its customers behind it."""

import asyncio
import email.policy
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from itertools import count
from typing import Any

from aiosmtpd.controller import Controller

from tests.cast import mail
from tests.conftest import free_port

numbers = count(1)


@dataclass(frozen=True)
class Received:
    """A mail of the desk's: its return path and what it says."""

    envelope_from: str
    letter: EmailMessage

    def address(self, name: str) -> str:
        return parseaddr(str(self.letter[name]))[1]


@dataclass(frozen=True)
class Reply:
    """What a machine answers, where to, and with which envelope sender."""

    raw: bytes
    to: str
    envelope_from: str


Manner = Callable[[str, Received], Reply]


@dataclass
class Robot:
    """A customer's address that answers every mail in its manner while it is `awake`."""

    address: str
    manner: Manner
    awake: bool = True
    received: list[Received] = field(default_factory=list)
    answered: list[Reply] = field(default_factory=list)

    @property
    def mails(self) -> int:
        """In both directions, without those that the test sent in its name."""
        return len(self.received) + len(self.answered)


def polite(robot: str, received: Received) -> Reply:
    """Says what it is and what it answers (RFC 3834), but answers an automatic mail all the same."""
    to = received.address("Reply-To")
    headers = {"Auto_Submitted": "auto-replied", "In_Reply_To": str(received.letter["Message-ID"])}
    return Reply(mail(robot, to, f"Auto: {received.letter['Subject']}", "I am away.", **headers), to, "")


def deaf(robot: str, received: Received) -> Reply:
    """Ignores every header: a plain mail to From, as if nothing had been there before."""
    to = received.address("From")
    return Reply(mail(robot, to, "Thank you for your message", "We have got it."), to, robot)


def deaf_in_ever_new_words(robot: str, received: Received) -> Reply:
    """The same, and no two of its mails are alike."""
    to, word = (
        received.address("From"),
        ("pear", "fig", "plum", "quince", "sloe", "medlar", "cherry")[next(numbers) % 7],
    )
    return Reply(mail(robot, to, f"About the {word}", f"The {word} is ours to see to."), to, robot)


def to_the_return_path(robot: str, received: Received) -> Reply:
    """Answers where RFC 3834 says, and heeds nothing else of it."""
    to = received.envelope_from
    return Reply(mail(robot, to, "Thank you for your message", "We have got it."), to, robot)


class Relay:
    """Hands what the desk sends to the robots; a robot's answer is with the desk before the desk hears 250."""

    def __init__(self, port: int) -> None:
        self.url = f"smtp://127.0.0.1:{port}?starttls=off"
        self.desk_port = 0
        self._robots: dict[str, Robot] = {}

    def add(self, robot: Robot) -> Robot:
        self._robots[robot.address] = robot
        return robot

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        robot = self._robots[envelope.rcpt_tos[0]]
        letter = BytesParser(EmailMessage, policy=email.policy.SMTP).parsebytes(envelope.content)
        robot.received.append(Received(envelope.mail_from, letter))
        if robot.awake:
            await asyncio.to_thread(self._answer, robot)
        return "250 2.0.0 kept"

    def _answer(self, robot: Robot) -> None:
        reply = robot.manner(robot.address, robot.received[-1])
        robot.answered.append(reply)
        with smtplib.SMTP("127.0.0.1", self.desk_port, timeout=40) as smtp:
            smtp.sendmail(reply.envelope_from, [reply.to], reply.raw)


@contextmanager
def relay_with_robots() -> Iterator[Relay]:
    port = free_port()
    relay = Relay(port)
    controller = Controller(relay, "127.0.0.1", port)
    controller.start()
    try:
        yield relay
    finally:
        controller.stop()
