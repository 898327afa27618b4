"""The suite's own fixtures serve here too."""

from tests.conftest import pytest_configure, pytest_unconfigure

__all__ = ["pytest_configure", "pytest_unconfigure"]
