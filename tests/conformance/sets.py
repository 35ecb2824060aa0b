"""What the tests of sets share."""

from __future__ import annotations

import pytest

from protocube_server.storage.base import Put

ATOMIC = pytest.mark.parametrize(
    "store",
    [
        "sqlite",
        pytest.param("etcd", marks=pytest.mark.etcd),
        pytest.param("etcd-newer", marks=pytest.mark.etcd),
    ],
    indirect=True,
)
"""The stores that can make several writes at once."""


def creating(prefix: bytes, *names: bytes, value: bytes = b"one") -> tuple[Put, ...]:
    """Return writes that create keys."""
    return tuple(Put(key=prefix + name, value=value, expected=0) for name in names)
