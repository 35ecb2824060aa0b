"""How long an object may take to end once its deletion has begun."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Grace = Callable[[Any, "int | None"], int]
"""Takes an object, and the seconds that its deletion asks for, if it asks; returns those that it
gets: 0 for an object that can go at once."""
