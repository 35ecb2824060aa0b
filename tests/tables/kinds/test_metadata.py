"""Cells that say what is in any object's metadata."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import AN_HOUR_AGO, cells


@pytest.mark.parametrize("word", ["clusterroles", "crds", "limitranges", "roles"])
def test_some_kinds_show_when_they_were_created(word: str) -> None:
    """These have a time where others have an age."""
    manifest = {"metadata": {"name": "a", "creationTimestamp": AN_HOUR_AGO}}
    assert cells(word, manifest, ["CREATED AT"]) == {"CREATED AT": AN_HOUR_AGO}
    assert cells(word, {}, ["CREATED AT"]) == {"CREATED AT": "<unknown>"}


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        ([], "<none>"),
        ([{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db"}], "<none>"),
        (
            [
                {"apiVersion": "v1", "kind": "Node", "name": "n"},
                {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "controller": True},
            ],
            "statefulset.apps/db",
        ),
        ([{"apiVersion": "v1", "kind": "Pod", "name": "p", "controller": True}], "pod/p"),
    ],
)
def test_a_revision_shows_its_controller(owners: list[dict[str, Any]], expected: str) -> None:
    """Other owners do not count."""
    manifest = {"metadata": {"ownerReferences": owners}, "revision": "7"}
    expect = {"CONTROLLER": expected, "REVISION": "7"}
    assert cells("controllerrevisions", manifest, expect) == expect
