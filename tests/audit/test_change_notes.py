"""Where an object differs from what it was: the paths that the audit log has of a write."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.pod_pb2 import Pod
from protocube.events.v1.event_pb2 import Event
from protocube_server.verbs import change_notes

_EARLY, _LATE = "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"


def _paths(of: Any, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return change_notes.paths(json_format.ParseDict(old, of()), json_format.ParseDict(new, of()))


def _pod(**container: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "a"}, {"name": "b", **container}]}}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (_pod(), _pod(), []),
        (_pod(image="web:1"), _pod(image="web:2"), ["spec.containers[1].image"]),
        (_pod(tty=False), _pod(tty=True), ["spec.containers[1].tty"]),
        (_pod(args=["a"]), _pod(args=["b"]), ["spec.containers[1].args"]),
        (_pod(), {"spec": {"containers": [{"name": "a"}]}}, ["spec.containers"]),
        ({}, _pod(), ["spec"]),
        (
            {"metadata": {"labels": {"kept": "1", "changed": "1", "gone": "1"}}},
            {"metadata": {"labels": {"kept": "1", "changed": "2", "new": "1"}}},
            [f"metadata.labels[{name}]" for name in ("changed", "gone", "new")],
        ),
        (
            {"metadata": {"creationTimestamp": _EARLY}},
            {"metadata": {"creationTimestamp": _LATE}},
            ["metadata.creationTimestamp"],
        ),
    ],
)
def test_what_has_changed_is_told_by_its_path(
    old: dict[str, Any], new: dict[str, Any], expected: list[str]
) -> None:
    """A field that was set or cleared is told itself, and a list of another length, too."""
    assert _paths(Pod, old, new) == expected


def test_what_every_write_changes_is_left_out() -> None:
    """The object's own version and owners; a reference to another object has its version told."""
    old = {"metadata": {"resourceVersion": "1", "managedFields": [{"manager": "a"}]}}
    new = {"metadata": {"resourceVersion": "2", "managedFields": [{"manager": "b"}]}}
    assert not _paths(Pod, old, new)
    others = [{"regarding": {"resourceVersion": version}} for version in "12"]
    assert _paths(Event, *others) == ["regarding.resourceVersion"]


@pytest.mark.parametrize(("count", "expected"), [(32, []), (33, ["..."])])
def test_many_paths_end_in_dots(count: int, expected: list[str]) -> None:
    """Thirty-two are told."""
    new = {"data": {f"{number:02}": "" for number in range(count)}}
    told = [f"data[{number:02}]" for number in range(32)]
    assert _paths(ConfigMap, {"data": {}}, new) == [*told, *expected]


@pytest.mark.parametrize(("count", "expected"), [(256, "data[0]"), (257, "data")])
def test_a_long_map_is_told_as_one(count: int, expected: str) -> None:
    """So a write of all of it takes no long look."""
    old = {str(number): "" for number in range(count)}
    assert _paths(ConfigMap, {"data": old}, {"data": {**old, "0": "x"}}) == [expected]


@pytest.mark.parametrize(
    ("count", "expected"), [(256, "spec.containers[0].image"), (257, "spec.containers")]
)
def test_a_long_list_is_told_as_one(count: int, expected: str) -> None:
    """As a long map."""
    old: list[dict[str, str]] = [{"name": "c"} for _ in range(count)]
    new = [{"name": "c", "image": "web:1"}, *old[1:]]
    shape = [{"spec": {"containers": containers}} for containers in (old, new)]
    assert _paths(Pod, *shape) == [expected]


def test_a_long_key_is_cut_off() -> None:
    """After 64 characters."""
    assert _paths(ConfigMap, {"data": {}}, {"data": {"k" * 65: ""}}) == [f"data[{'k' * 64}]"]
