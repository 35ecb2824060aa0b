"""What all tests share, and what every run ends with."""

from __future__ import annotations

import signal

from hypothesis import settings

from tests.differential.summary import pytest_terminal_summary

__all__ = ["pytest_terminal_summary"]

# The same examples on every run, and no clock in their way: a test that fails fails again.
settings.register_profile("house", derandomize=True, deadline=None, database=None)
settings.load_profile("house")

# A shell lets what it runs in the background ignore Ctrl-C, and so would all that is started
# from here: commands whose tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
