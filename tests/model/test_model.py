"""Histories of all methods by three clients: a server answers what a simple model does.

``scripts/soak --model`` plays more of them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from protocube_server.verbs import versions
from tests import etcd_process
from tests.model.playing import play

if TYPE_CHECKING:
    from pathlib import Path

# What goes wrong is made as short as possible first, which takes minutes.
pytestmark = pytest.mark.timeout(900)

_METHODS = {
    "Apply",
    "Create",
    "Delete",
    "DeleteCollection",
    "Get",
    "GetScale",
    "List",
    "Patch",
    "PatchScale",
    "Update",
    "UpdateScale",
    "UpdateStatus",
    "Watch",
}


def test_a_server_does_what_the_model_does(tmp_path: Path) -> None:
    """Each answer and refusal, each list and watch, and what is stored in the end."""
    counts = Counter[str]()
    play(f"sqlite:{tmp_path}/store.db", 1, counts, count=12)
    assert set(counts) == _METHODS


@pytest.mark.etcd
def test_so_does_one_on_etcd(tmp_path: Path) -> None:
    """The same on the other store."""
    with etcd_process.running(tmp_path / "etcd") as etcd:
        play(f"etcd://{etcd.endpoint}", 2, Counter(), count=6)


def test_a_seed_is_the_same_calls(tmp_path: Path) -> None:
    """What a seed finds it finds again."""
    first, second = Counter[str](), Counter[str]()
    for number, counts in enumerate((first, second)):
        play(f"sqlite:{tmp_path}/{number}.db", 3, counts, count=3, steps=20)
    # How many events and pages there are may depend on which of two calls is faster.
    for counts in (first, second):
        del counts["Watch"], counts["List"]
    assert first == second


def test_a_fault_is_told_by_a_short_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A future that is not refused is found, and told in a call or two."""
    monkeypatch.setattr(versions, "require_reached", lambda *_: None)
    with pytest.raises(AssertionError, match="Timeout") as caught:
        play(f"sqlite:{tmp_path}/store.db", 4, Counter(), count=30, steps=20)
    notes = [line for note in caught.value.__notes__ for line in note.splitlines()]
    calls = [line for line in notes if line.startswith("state.") and "teardown" not in line]
    assert 0 < len(calls) <= 2, notes
