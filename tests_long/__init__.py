"""Tests that take minutes: faults and load. `make test-all` runs them after the suite."""
