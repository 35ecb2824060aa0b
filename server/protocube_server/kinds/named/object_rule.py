"""What a rule on a whole object is, which knows what the object was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from protocube import errors

ObjectRule = Callable[[Any, Any | None], Iterator[errors.Violation | None]]
"""Yields what is wrong with an object, which an update made of another one, or which is new.

It yields ``None`` where others may have their turn. What it excuses, because an update leaves it as
it was, is its own affair."""
