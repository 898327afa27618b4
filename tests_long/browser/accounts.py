"""People with accounts of their own, for tests that change what an account is, and the links mailed to them."""

import re
from dataclasses import dataclass

from tests.living import LivingDesk, unlike_any
from tests.running import until

PASSWORD = "a bell on every bicycle"


@dataclass(frozen=True)
class Account:
    id: int
    username: str
    email: str
    password: str = PASSWORD


def account(desk: LivingDesk, name: str, role: str = "agent") -> Account:
    """Somebody new, made and vouched for by the admin."""
    username = unlike_any(name)
    email = f"{username}@people.example"
    wanted = {"username": username, "email": email, "password": PASSWORD, "role": role, "name": username.title()}
    return Account(desk.product.call("POST", "/api/users", wanted)["id"], username, email)


def mailed_link(desk: LivingDesk, recipient: str, kind: str) -> str:
    """The address that a mail to somebody asks to open: of a `confirm` or a `reset`."""

    def found() -> str | None:
        letters = [letter.get_body(("plain",)) for letter in desk.sent_to(recipient)]
        texts = [text.get_content() for text in letters if text]
        links = [link for text in texts for link in re.findall(rf"{desk.address}/{kind}/\S+", text)]
        return links[-1] if links else None

    return until(found, f"a mail with a link to {kind} for {recipient}")
