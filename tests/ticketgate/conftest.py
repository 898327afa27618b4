"""What tests of the command share."""

from functools import partial
from pathlib import Path

import pytest

from tests.ticketgate.command import Run, command


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the command in a directory of its own; keywords are settings without their prefix."""
    return partial(command, tmp_path)
