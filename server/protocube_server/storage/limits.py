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


def check(batch: Sequence[base.Write]) -> int:
    """Give the bytes of a batch's keys and values.

    Raises ``errors.TooLarge`` for a batch over the limits, ``ValueError`` for a key twice.
    """
    writes = len(batch)
    if writes > MAX_WRITES:
        message = f"a batch of {writes} writes is over the limit of {MAX_WRITES}"
        raise errors.TooLarge(message)
    if writes > 1 and len({write.key for write in batch}) < writes:
        message = "a batch writes the same key twice"
        raise ValueError(message)
    size = 0
    for write in batch:
        size += len(write.key)
        if isinstance(write, base.Put):
            size += len(write.value)
    if size > MAX_BYTES:
        what = "the object" if writes == 1 else f"a batch of {writes} writes"
        message = f"{what} is too large to be stored: {size} bytes, the limit is {MAX_BYTES}"
        raise errors.TooLarge(message)
    return size
