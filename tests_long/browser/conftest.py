"""The browser of tests/browser, for what takes longer: every page, narrow, dark, by keys alone."""

from collections.abc import Iterator

import pytest

from tests.browser.conftest import browser, complaints, page, stranger
from tests.living import LivingDesk, living

__all__ = ["browser", "complaints", "page", "stranger"]


@pytest.fixture(scope="session")
def living_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingDesk]:
    """One for each worker."""
    with living(tmp_path_factory.mktemp("living")) as desk:
        yield desk
