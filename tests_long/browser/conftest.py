"""The browser of tests/browser, for what takes longer: every page, narrow, dark, by keys alone."""

from tests.browser.conftest import browser, complaints, page, stranger
from tests.conftest import living_desk

__all__ = ["browser", "complaints", "living_desk", "page", "stranger"]
