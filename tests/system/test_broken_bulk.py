"""A bulk stream whose server is killed in the middle, and repeated with its request ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import etcd_process
from tests.faults import broken_bulk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_COUNT = 3000
_KILLED_BEHIND = 1200


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Provide the URL of an empty store of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path}/store.db"
        return
    with etcd_process.running(tmp_path / "etcd") as etcd:
        yield f"etcd://{etcd.endpoint}"


@pytest.mark.timeout(300)
async def test_every_object_is_there_once(store: str) -> None:
    """What the dead server had written is told again, and the rest is written."""
    ran = await broken_bulk.run(store, _COUNT, until=_KILLED_BEHIND)
    assert ran.total == _COUNT
    assert _KILLED_BEHIND <= ran.before <= ran.made < _COUNT
