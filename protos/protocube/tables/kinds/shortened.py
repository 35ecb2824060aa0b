"""Lists that a cell has no room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def joined(texts: Sequence[str], *, most: int, separator: str = ",") -> str:
    """Join the first ``most`` texts and count the rest: ``a,b,c + 2 more...``."""
    text = separator.join(texts[:most])
    return f"{text} + {len(texts) - most} more..." if len(texts) > most else text
