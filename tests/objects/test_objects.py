"""A manifest becomes the same object as in Kubernetes, but for what is listed with its reason."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from protocube_client import Client
from tests import server_process
from tests.objects import cases, replay
from tests.objects.comparing import differences, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable

_LIST = Path(__file__).with_name("differences.yaml")


def test_objects_are_those_of_kubernetes(tmp_path: Path) -> None:
    """Every recorded object differs from Kubernetes' in what the list names, and in no more.

    What no object differs in any more must leave the list.
    """
    listed = {line for entry in yaml.safe_load(_LIST.read_text()) for line in entry["differences"]}
    with server_process.running(tmp_path / "store.db") as server:
        found = asyncio.run(_found(server.address, cases.packed()))
    new = {line: name for line, name in found.items() if line not in listed}
    assert not new, f"not in {_LIST.name}, each with an object that shows it: {new}"
    gone = sorted(listed - found.keys())
    assert not gone, f"to be removed from {_LIST.name}: {gone}"


def test_what_a_server_makes_up_is_no_difference() -> None:
    """Uids, times and names that nobody gave are alike; given ones must be the same."""
    manifest = {"kind": "Pod", "metadata": {"generateName": "a-"}, "spec": {"at": _TIME}}
    one = {**manifest, "metadata": {"name": "a-x1", "uid": "1", "creationTimestamp": _LATER}}
    other = {**manifest, "metadata": {"name": "a-y2", "uid": "2", "creationTimestamp": _TIME}}
    other["spec"] = {"at": _LATER}
    wanted, found = normalised(one, manifest), normalised(other, manifest)
    assert list(differences(wanted, found)) == ["~ spec.at"]


def test_absent_null_and_empty_are_different() -> None:
    """Nothing is taken for nothing else, and lists are compared in order."""
    wanted: dict[str, Any] = {"a": None, "b": {}, "c": [1, {"d": 0}], "e": 1}
    found = {"b": None, "c": [2, {"d": ""}, 3], "e": 1, "f": []}
    assert list(differences(wanted, found)) == ["- a", "~ b", "~ c[]", "~ c[].d", "+ c[]", "+ f"]


_TIME, _LATER = "2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z"


async def _found(address: str, recorded: Iterable[cases.Case]) -> dict[str, str]:
    """Return every difference with an object that has it."""
    found: dict[str, str] = {}
    async with Client(address) as client:
        for case in recorded:
            for line in await replay.replay(client, case):
                found.setdefault(f"{case.kind} {line}", case.name)
    return found
