"""What a computed rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from protocube import errors
from protocube_server.kinds.marked import Found

ComputedRule = Callable[[Found], Iterator[errors.Violation | None]]
"""Yields what is wrong with a field that is set, and ``None`` where others may have their turn."""
