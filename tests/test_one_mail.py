"""The story of one mail, on `ticketgate up` with its embedded servers. tests_long/ tells it to other servers too."""

from pathlib import Path

import pytest

from tests.product import Product
from tests.sink import sink
from tests.story import one_mail_there_and_back


@pytest.mark.whole
def test_one_mail_there_and_back(tmp_path: Path) -> None:
    with sink() as relay, Product(tmp_path, relay.url) as desk:
        one_mail_there_and_back(desk, relay)
