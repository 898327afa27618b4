"""kill -9 of a part of `ticketgate up`, or of all of it: it comes back by itself, or at the next start."""

import re
from functools import partial
from pathlib import Path

from tests.product import ROLES, Product, until


def test_each_part_that_is_killed_comes_back(tmp_path: Path) -> None:
    with Product(tmp_path) as desk:
        for role in ROLES:
            killed = until(partial(desk.pid_of, role), role)
            desk.kill(role)
            until(lambda role=role, killed=killed: desk.pid_of(role) not in {0, killed}, f"another {role}")
            until(desk.ready, f"ready after {role} was killed")


def test_up_starts_again_at_once_after_it_was_killed(tmp_path: Path) -> None:
    """Its parts are still on their way out, and hold their ports and the cluster for a moment."""
    with Product(tmp_path) as desk:
        desk.start_again()
        until(lambda: len(re.findall(r"^ready: ", (tmp_path / "log").read_text(), re.MULTILINE)) == 2, "both greetings")
        assert desk.call("GET", "/api/users/me")["username"] == "admin"
