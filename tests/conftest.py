"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# The same examples on every run, and no clock in their way: a test that fails fails again.
settings.register_profile("house", derandomize=True, deadline=None, database=None)
settings.load_profile("house")
