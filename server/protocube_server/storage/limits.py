"""How much one batch may hold: the same on every store, so that any can replace another.

The numbers are etcd's defaults (128 operations a transaction, 1.5 MiB a request)
less what our transactions add to what a caller hands in.

etcd counts operations level by level: a transaction inside another one has what the
outer one leaves of the 128. Each part of a batch (a write or a set) is one operation of
the outer transaction, and has its writes and guards as operations of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import base

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_OPERATIONS = 128
"""The parts of one batch, and the writes and guards of its largest part, together."""
MAX_WRITES = 120
"""Writes in one batch, those in its sets included."""
MAX_SET = 120
"""Writes and guards in one set."""
MAX_BYTES = 1_500_000
"""Bytes of keys and values in one batch, and so the largest object."""
MAX_REQUEST = 1_568_000
"""Bytes that one batch may take in a transaction, where keys are several times."""

_LEAST_WIDTH = 2
"""Operations of the smallest part: its write, and a look at what it has become."""
_OVERHEAD = 80
"""Bytes that a write or a guard takes in a transaction beside its keys and value, at most."""


# Not frozen: one is made for every write, and freezing would double what it takes.
@dataclass(slots=True, kw_only=True)
class Extent:
    """What one batch takes."""

    keys: set[bytes]
    """The keys that it writes."""
    guards: set[bytes]
    """The keys that it only looks at."""
    writes: int
    """Its writes, those in its sets included."""
    width: int
    """The operations of its largest part."""
    size: int
    """The bytes of the keys and values that it writes."""
    wire: int
    """The bytes that it takes in a transaction, at most: keys are in it several times."""


def check(batch: Sequence[base.Write]) -> Extent:
    """Return what a batch takes.

    Raises ``errors.TooLarge`` for a batch over the limits, ``ValueError`` for a key that is
    written twice or is written and guarded, and for a set without writes.
    """
    extent = _extent(batch)
    writes, width = extent.writes, extent.width
    if width > MAX_SET:
        message = f"a set of {width} writes and guards is over the limit of {MAX_SET}"
        raise errors.TooLarge(message)
    if writes > MAX_WRITES:
        message = f"a batch of {writes} writes is over the limit of {MAX_WRITES}"
        raise errors.TooLarge(message)
    if len(batch) + width > MAX_OPERATIONS:
        message = (
            f"a batch of {len(batch)} parts, the largest of {width} writes and guards,"
            f" is over the limit of {MAX_OPERATIONS} together"
        )
        raise errors.TooLarge(message)
    if len(extent.keys) < writes:
        message = "a batch writes the same key twice"
        raise ValueError(message)
    if not extent.keys.isdisjoint(extent.guards):
        message = "a batch guards a key that it writes: that is the condition of the write"
        raise ValueError(message)
    if extent.size > MAX_BYTES:
        what = "the object" if writes == 1 else f"a batch of {writes} writes"
        message = f"{what} is too large to be stored: {extent.size} bytes, the limit is {MAX_BYTES}"
        raise errors.TooLarge(message)
    if extent.wire > MAX_REQUEST:
        message = (
            f"a batch of {writes} writes is too large for one transaction: {extent.wire} bytes"
            f" with its conditions, the limit is {MAX_REQUEST}"
        )
        raise errors.TooLarge(message)
    return extent


def _extent(batch: Sequence[base.Write]) -> Extent:
    keys: set[bytes] = set()
    guards: set[bytes] = set()
    writes = size = wire = 0
    width = _LEAST_WIDTH
    for part in batch:
        group: tuple[base.Put | base.Remove, ...]
        if isinstance(part, base.Set):
            group = part.writes
            if not group:
                message = "a set has no writes"
                raise ValueError(message)
            for guard in part.guards:
                guards.add(guard.key)
                wire += 2 * len(guard.key) + _OVERHEAD
            width = max(width, len(group) + len(part.guards))
        else:
            group = (part,)
        writes += len(group)
        for write in group:
            length = len(write.key)
            keys.add(write.key)
            wire += 2 * length + _OVERHEAD
            size += length + (len(write.value) if isinstance(write, base.Put) else 0)
    return Extent(keys=keys, guards=guards, writes=writes, width=width, size=size, wire=size + wire)
