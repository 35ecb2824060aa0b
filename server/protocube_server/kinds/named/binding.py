"""Assigning an object to another one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

Binding = Callable[[Any, Any, datetime], None]
"""Takes an object, a ``core.v1.Binding`` and the time, and assigns the object in place. Raises
``errors.Invalid`` for a target that is none, and ``errors.Conflict`` for an object that cannot be
assigned, or is already."""
