"""What all tests share, and what every run ends with."""

from __future__ import annotations

from hypothesis import settings

from tests.differential.summary import pytest_terminal_summary

__all__ = ["pytest_terminal_summary"]

# The same examples on every run, and no clock in their way: a test that fails fails again.
settings.register_profile("house", derandomize=True, deadline=None, database=None)
settings.load_profile("house")
