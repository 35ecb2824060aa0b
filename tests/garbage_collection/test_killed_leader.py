"""Two servers on one etcd: the one that collects is killed, and the other one ends its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import etcd_process
from tests.garbage_collection import killed_leader

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.etcd, pytest.mark.timeout(300)]

_DEPENDENTS = 400


async def test_a_foreground_deletion_is_ended_by_the_next_leader(tmp_path: Path) -> None:
    """All dependents go, each once, and their owner last."""
    with etcd_process.running(tmp_path / "etcd") as etcd:
        report = await killed_leader.run(etcd, _DEPENDENTS)
    assert report.before < _DEPENDENTS, "the leader was killed too late to show anything"
    assert report.deleted[-1] == "owner"
    assert sorted(report.deleted) == sorted(["owner", *(f"d-{n}" for n in range(_DEPENDENTS))])
