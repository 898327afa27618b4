"""A desk with a life behind it: `ticketgate up`, filled by `ticketgate demo`. It starts once, for all who look at it.

Whoever looks changes it a little: a test makes what it needs, and counts on the demo's own conversations alone.
"""

import email.policy
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from itertools import count
from pathlib import Path

from tests.cast import SUPPORT, mail
from tests.product import Product

CONVERSATIONS = 16
PASSWORD = re.compile(r"^  (\w+) .* password (\S+)$", re.MULTILINE)
numbers = count(1)


@dataclass(frozen=True)
class LivingDesk:
    """The running product, what `ticketgate demo` printed, and the agents' passwords by their names."""

    product: Product
    said: str
    passwords: dict[str, str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.product.http_port}"

    def receive(self, subject: str, text: str = "It blinks.", sender: str = "", **fields: str) -> dict[str, int]:
        """A mail from somebody new, through the listener; its journal entry, once it is filed."""
        number = next(numbers)
        ident = fields.pop("Message_ID", f"<browser-{number}@people.example>")
        sender = sender or f"guest{number}@people.example"
        to = fields.pop("to", SUPPORT)
        self.product.send(mail(sender, to=to, subject=subject, text=text, Message_ID=ident, **fields), sender, to)
        return self.product.entry(ident.strip("<>"))

    def sent_to(self, recipient: str) -> list[EmailMessage]:
        """Our mails to somebody that have left: there is no relay, so they rest in the Maildir."""
        parser = BytesParser(EmailMessage, policy=email.policy.SMTP)
        left = [parser.parsebytes(path.read_bytes()) for path in self._maildir.iterdir()]
        return [letter for letter in left if recipient in str(letter["To"])]

    @property
    def _maildir(self) -> Path:
        return self.product.folder / "data" / "outbox" / "new"

    def demo(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs `ticketgate demo` beside it, to its end."""
        return subprocess.run(
            [sys.executable, "-m", "ticketgate", "demo", *words],
            env=self.product.environment, cwd=self.product.folder, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=110,
        )  # fmt: skip


def unlike_any(word: str) -> str:
    """The word, with a number that tells it from all others: `lamp7`."""
    return f"{word}{next(numbers)}"


@contextmanager
def living(folder: Path, conversations: int = CONVERSATIONS) -> Iterator[LivingDesk]:
    """In a folder of its own, until the end of the block."""
    with Product(folder, login_rate="off") as product:
        yield _filled(product, conversations)


def _filled(product: Product, conversations: int) -> LivingDesk:
    done = LivingDesk(product, "", {}).demo(f"--conversations={conversations}")
    assert done.returncode == 0, done.stderr
    return LivingDesk(product, done.stdout, dict(PASSWORD.findall(done.stdout)))
