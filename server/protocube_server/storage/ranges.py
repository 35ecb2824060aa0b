"""The range of keys that begin with a prefix."""

from __future__ import annotations

_ABOVE_ALL = b"\xff"  # Keys are UTF-8, in which this byte never occurs.


def end_of(prefix: bytes) -> bytes:
    """Return the first key behind all those that begin with ``prefix``."""
    return prefix[:-1] + bytes([prefix[-1] + 1]) if prefix else _ABOVE_ALL
