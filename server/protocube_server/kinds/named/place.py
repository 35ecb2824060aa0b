"""Where a computed default is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A field without a value, and what it stands in."""

    root: Any
    """The whole object."""
    message: Any
    """The message that declares the field."""
    field: str
    """The field's name."""


Computed = Callable[[Place], Iterator[None] | None]
"""Fills a field in. One that takes long yields where others may have their turn."""
