"""Deletion of what may take time to end: pods, whose containers get a grace period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube import errors

if TYPE_CHECKING:
    from tests.server.caller import Caller

HOLD = ["example.com/hold"]
_SPEC = {"containers": [{"name": "c", "image": "x"}]}


async def test_leaves_what_has_a_grace_period_to_the_node(api: Caller) -> None:
    """A pod on a node is marked with the time of its end, which can only come sooner."""
    await api.create(api.make("pods", "a", spec=_SPEC | {"nodeName": "n"}))
    going = await api.delete("pods", "a")
    assert going.metadata.deletion_grace_period_seconds == 30
    assert going.metadata.generation == 2
    ends = going.metadata.deletion_timestamp.seconds
    assert ends >= going.metadata.creation_timestamp.seconds + 30
    for same in ({}, {"grace_period_seconds": 60}, {"grace_period_seconds": 30}):
        assert await api.delete("pods", "a", **same) == going
    sooner = await api.delete("pods", "a", grace_period_seconds=5)
    assert sooner.metadata.deletion_grace_period_seconds == 5
    assert sooner.metadata.deletion_timestamp.seconds == ends - 25
    assert sooner.metadata.generation == 2
    sooner.metadata.labels["x"] = "y"
    assert (await api.update(sooner)).metadata.labels, "an update does not end it"
    gone = await api.delete("pods", "a", grace_period_seconds=0)
    assert gone.metadata.deletion_grace_period_seconds == 0
    with pytest.raises(errors.NotFound):
        await api.get("pods", "a")


@pytest.mark.parametrize(("node", "phase"), [("", "Running"), ("n", "Failed"), ("n", "Succeeded")])
async def test_ends_at_once_what_runs_no_more(api: Caller, node: str, phase: str) -> None:
    """A pod without a node, or one that has ended, gets no grace, and is answered as marked."""
    made = await api.create(api.make("pods", "a", spec=_SPEC | {"nodeName": node}))
    made.status.phase = phase
    await api.write("UpdateStatus", made)
    tried = await api.delete("pods", "a", grace_period_seconds=30, dry_run=True)
    gone = await api.delete("pods", "a", grace_period_seconds=30)
    for answer in (tried, gone):
        assert answer.metadata.HasField("deletion_timestamp")
        assert answer.metadata.deletion_grace_period_seconds == 0
    with pytest.raises(errors.NotFound):
        await api.get("pods", "a")


async def test_waits_for_the_grace_and_for_finalizers(api: Caller) -> None:
    """Whichever ends first, the pod goes with the other one; a negative grace counts as 1."""
    metadata = {"name": "a", "finalizers": HOLD}
    await api.create(api.make("pods", metadata=metadata, spec=_SPEC | {"nodeName": "n"}))
    going = await api.delete("pods", "a", grace_period_seconds=-3)
    assert going.metadata.deletion_grace_period_seconds == 1
    await _let_go(api)
    assert not (await api.get("pods", "a")).metadata.finalizers
    await api.delete("pods", "a", grace_period_seconds=0)
    await api.create(api.make("pods", metadata=metadata, spec=_SPEC | {"nodeName": "n"}))
    await api.delete("pods", "a", grace_period_seconds=0)
    await _let_go(api)
    with pytest.raises(errors.NotFound):
        await api.get("pods", "a")


async def test_grace_means_nothing_to_other_kinds(api: Caller) -> None:
    """They go at once, or with their finalizers."""
    await api.create(api.make("cm", "a"))
    gone = await api.delete("cm", "a", grace_period_seconds=30)
    assert not gone.metadata.HasField("deletion_timestamp")
    await api.create(api.make("cm", metadata={"name": "a", "finalizers": HOLD}))
    going = await api.delete("cm", "a", grace_period_seconds=30)
    assert going.metadata.deletion_grace_period_seconds == 0


async def _let_go(api: Caller) -> None:
    """Remove the finalizers of the pod."""
    held = await api.get("pods", "a")
    del held.metadata.finalizers[:]
    await api.update(held)
