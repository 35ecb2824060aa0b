"""What an update rule is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from protocube import errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A field before and after an update; it may have been set in one of the two only."""

    path: str
    """The field, in JSON names."""
    old: Any
    new: Any
    stored: Any
    """The whole object as it is stored."""


UpdateRule = Callable[[Change], Iterator[errors.Violation]]
"""Gives what is wrong with a change."""
