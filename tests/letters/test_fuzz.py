"""Two thousand damaged mails, the same in every run; `make fuzz` reads as many as one likes."""

import pytest

from letters import parse
from tests.fuzz import BATCH, damaged, mails_to_damage
from tests.letters.soundness import sound


@pytest.mark.parametrize("start", range(0, 2000, BATCH))
def test_damaged_mails_are_read(start: int) -> None:
    parents = mails_to_damage(None)
    for number in range(start, start + BATCH):
        sound(parse(damaged(1, number, parents)))
