"""A relay for tests that do not run in an event loop: keeps what it is sent, in a thread of its own."""

import asyncio
import email.policy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser

from tests.mailer.relay import FaultyRelay, faulty_relay
from tests.running import until


class Sink:
    """What came, by recipient."""

    def __init__(self, relay: FaultyRelay) -> None:
        self._relay = relay
        self.url = relay.url

    def to(self, recipient: str) -> list[EmailMessage]:
        mails, letters = list(self._relay.mails), self._relay.letters()
        return [letter for (_, to, _), letter in zip(mails, letters, strict=False) if to == recipient]

    def after(self, number: int) -> list[tuple[str, EmailMessage]]:
        """Recipient and letter of all but the first `number`."""
        parser = BytesParser(EmailMessage, policy=email.policy.SMTP)
        return [(recipient, parser.parsebytes(raw)) for _, recipient, raw in self._relay.mails[number:]]

    def answer(self, *words: str) -> None:
        """What is said instead of 250 to the next recipients, once each."""
        self._relay.rcpt.extend(words)

    def return_path(self, recipient: str) -> str:
        """Where the last mail to a recipient asked failures to be sent."""
        return [sender for sender, to, _ in self._relay.mails if to == recipient][-1]

    def recipients(self) -> list[str]:
        return [recipient for _, recipient, _ in list(self._relay.mails)]

    def wait(self, recipient: str, number: int = 1) -> EmailMessage:
        """The `number`th mail to a recipient."""
        return until(lambda: self.to(recipient)[number - 1 : number], f"mail {number} to {recipient}")[0]


@contextmanager
def sink() -> Iterator[Sink]:
    ready, over = threading.Event(), asyncio.Event()
    relays: list[FaultyRelay] = []
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with faulty_relay() as relay:
            relays.append(relay)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield Sink(relays[0])
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()
