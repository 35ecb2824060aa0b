"""What became of one object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An object that was applied; its Info has it as it is now."""

    done: str
    """``created``, ``configured``, ``unchanged`` or ``serverside-applied``."""
    warnings: tuple[str, ...] = ()
    """What the server has warned of."""
    notes: tuple[str, ...] = ()
    """What the command itself warns of beforehand."""
    closing: tuple[str, ...] = ()
    """What it warns of afterwards."""
    changes: tuple[str, ...] = ()
    """Lines that say which fields are not as before."""
    given: dict[str, Any] | None = None
    """What is shown in place of the object: the manifest, where nothing was sent that would have
    created it, or its Scale, where that was applied."""
