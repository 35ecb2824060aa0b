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

    Three members of etcd, two servers, writers that contend, watchers on both servers; a value
    is damaged, and the store is put back to a snapshot. The histories that are kept of it give
    the same report.
    """
    faults = ("value damaged", "store put back to a snapshot", "leader killed")
    outcome = await api_run.run(tmp_path, seconds=25.0, every=5.0, pause=0.03, at_least=faults)
    kept = soak.keep(outcome, tmp_path / "kept")
    assert outcome.report.is_right, f"{outcome.report}\n{kept}"
    assert outcome.caught_up, f"{outcome.report}\n{kept}"
    assert outcome.left == ()
    for file, epoch in zip(kept, outcome.epochs, strict=True):
        assert checking.check(archive.load(file)) == checking.check(epoch.history)
    told = {fault.name for epoch in outcome.epochs for fault in epoch.history.faults}
    assert told
    assert told <= outcome.faults.keys()
    assert outcome.faults["value damaged"] >= 1
    assert outcome.faults["store put back to a snapshot"] == len(outcome.epochs) - 1 >= 1
    assert outcome.report.events > 100
    assert outcome.faults["leader killed"] >= 1
    assert outcome.deleted >= 1
    for before, after in zip(outcome.before, outcome.after, strict=True):
        assert after.files <= before.files + 10
