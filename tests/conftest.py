"""What all tests share, and what every run ends with."""

from __future__ import annotations

import signal

from hypothesis import settings

from protocube.api.v1 import field_pb2, group_version_pb2, resource_pb2
from protocube.vendor.buf.validate import validate_pb2
from tests.differential.summary import pytest_terminal_summary

__all__ = [
    # Options of a descriptor are read once and kept, without the extensions that are not known
    # by then: whichever test comes first, it finds them.
    "field_pb2",
    "group_version_pb2",
    "pytest_terminal_summary",
    "resource_pb2",
    "validate_pb2",
]

# The same examples on every run, and no clock in their way: a test that fails fails again.
settings.register_profile("house", derandomize=True, deadline=None, database=None)
settings.load_profile("house")

# A shell lets what it runs in the background ignore Ctrl-C, and so would all that is started
# from here: commands whose tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
