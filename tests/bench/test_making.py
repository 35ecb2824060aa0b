"""The stages of a create are all measured, without a server."""

from __future__ import annotations

import pytest

from tests.bench import making, ratios, rows
from tests.bench.figures import ECHO, ETCD, SQLITE, Results
from tests.bench.objects import CONFIG_MAP, POD, Kind


@pytest.mark.parametrize("kind", [CONFIG_MAP, POD], ids=lambda kind: kind.name)
async def test_each_stage_has_a_figure(kind: Kind) -> None:
    """The stages stand for what the verb does: none fails, and none is left out."""
    found = await making.measured(kind, times=1, count=100)
    (row,) = (each for each in rows.ROWS if each.key == f"made-{kind.name}")
    assert set(found) == {figure.key for figure in row.figures}
    assert all(found[stage] > 0 for stage in rows.STAGES)


def test_ratios_are_of_the_same_run() -> None:
    """What was not measured has none."""
    results = Results()
    row = rows.create("configmap", 128)
    results.add(row, ETCD, {"server": 300.0, "etcd": 100.0})
    results.add(row, ECHO, {"server": 200.0})
    results.add(row, SQLITE, {"server": 420.0})
    ratios.add(results)
    found = {name: each[ETCD] for name, each in results.samples[rows.RATIOS].items()}
    assert found == {"configmap": [1.5], "file": [1.05]}
