"""A cluster and its servers under faults, for a short time; ``scripts/soak`` takes longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults import api_run, archive, checking, soak

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.etcd
@pytest.mark.timeout(180)
@pytest.mark.xdist_group("faults")
async def test_nothing_is_lost_doubled_or_out_of_order(tmp_path: Path) -> None:
    """Over deaths of the leader and of servers, what was acknowledged is there, once, in order.

    Three members of etcd, two servers, writers that contend, watchers on both servers. The
    history that is kept of it gives the same report.
    """
    outcome = await api_run.run(tmp_path, seconds=25.0, every=5.0, pause=0.03)
    kept = soak.keep(outcome, tmp_path / "kept")
    assert outcome.report.is_right, f"{outcome.report}\n{kept}"
    assert outcome.caught_up, f"{outcome.report}\n{kept}"
    assert outcome.left == ()
    assert checking.check(archive.load(kept)) == outcome.report
    assert len(outcome.history.faults) == outcome.faults.total()
    assert outcome.report.events > 100
    assert outcome.faults["leader killed"] >= 1
    assert outcome.deleted >= 1
    for before, after in zip(outcome.before, outcome.after, strict=True):
        assert after.files <= before.files + 10
