"""How much one batch may hold: the same on every store, so that any can replace another.

The numbers are etcd's defaults (128 operations a transaction, 1.5 MiB a request)
less what our transactions add to what a caller hands in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import base

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_WRITES = 120
"""Writes in one batch."""
MAX_BYTES = 1_500_000
"""Bytes of keys and values in one batch, and so the largest object."""


def check(batch: Sequence[base.Write]) -> None:
    """Raise ``errors.TooLarge`` for a batch over the limits, ``ValueError`` for a key twice."""
    if len(batch) > MAX_WRITES:
        message = f"a batch of {len(batch)} writes is over the limit of {MAX_WRITES}"
        raise errors.TooLarge(message)
    if len({write.key for write in batch}) < len(batch):
        message = "a batch writes the same key twice"
        raise ValueError(message)
    size = size_of(batch)
    if size > MAX_BYTES:
        what = "the object" if len(batch) == 1 else f"a batch of {len(batch)} writes"
        message = f"{what} is too large to be stored: {size} bytes, the limit is {MAX_BYTES}"
        raise errors.TooLarge(message)


def size_of(batch: Sequence[base.Write]) -> int:
    """Give the bytes of a batch's keys and values."""
    return sum(
        len(write.key) + (len(write.value) if isinstance(write, base.Put) else 0) for write in batch
    )
