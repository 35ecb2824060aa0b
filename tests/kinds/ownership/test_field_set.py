"""Sets of paths, held against Python's sets of tuples, and their form FieldsV1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocube.steps import finished
from protocube_server.kinds.ownership import elements, field_set

if TYPE_CHECKING:
    from protocube_server.kinds.ownership.field_set import FieldSet

_STEPS = st.sampled_from(["f:a", "f:b", 'k:{"name":"c"}', 'v:"x"'])
_PATHS = st.frozensets(st.lists(_STEPS, min_size=1, max_size=3).map(tuple), max_size=8)


def _set(paths: frozenset[tuple[str, ...]]) -> FieldSet:
    members = {path[0] for path in paths if len(path) == 1}
    below: dict[str, set[tuple[str, ...]]] = {}
    for path in paths:
        if len(path) > 1:
            below.setdefault(path[0], set()).add(path[1:])
    return field_set.of(members, {step: _set(frozenset(rest)) for step, rest in below.items()})


@given(_PATHS, _PATHS)
def test_operations_are_those_of_sets_of_paths(
    one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]
) -> None:
    """Union, difference and intersection come to the set of the same paths."""
    first, second = _set(one), _set(other)
    assert finished(field_set.union(first, second)) == _set(one | other)
    assert finished(field_set.difference(first, second)) == _set(one - other)
    assert finished(field_set.intersection(first, second)) == _set(one & other)


@given(_PATHS)
def test_fields_v1_says_the_whole_set(paths: frozenset[tuple[str, ...]]) -> None:
    """What is written is read as the same set."""
    found = _set(paths)
    written = finished(field_set.to_fields_v1(found))
    assert finished(field_set.from_fields_v1(written)) == found


def test_fields_v1_is_written_as_kubernetes_writes_it() -> None:
    """A leaf is ``{}``, a node with something below it that belongs itself has a dot first."""
    found = _set(frozenset({("f:a",), ("f:a", 'k:{"name":"c"}'), ("f:b", 'v:"x"')}))
    written = finished(field_set.to_fields_v1(found))
    assert written == {"f:a": {".": {}, 'k:{"name":"c"}': {}}, "f:b": {'v:"x"': {}}}
    assert list(written["f:a"]) == [".", 'k:{"name":"c"}']


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({'k:{"b":1,"a":"x"}': {}}, {'k:{"a":"x","b":1}'}),
        ({"v: 1": {}}, {"v:1"}),
        ({"i:07": {}}, {"i:7"}),
        ({"q:later": {"f:x": {}}, "f:a": {}}, {"f:a"}),
        ({"f:a": None}, {"f:a"}),
    ],
)
def test_steps_are_read_into_one_form(written: dict[str, Any], read: set[str]) -> None:
    """Keys are in order, and steps of a kind that is not known are left out."""
    assert finished(field_set.from_fields_v1(written)).members == read


@pytest.mark.parametrize(
    "written",
    [
        {"data": {}},
        {"k:[]": {}},
        {"k:{": {}},
        {"v:1 2": {}},
        {"v:\u00a01": {}},
        {"k:{}\u3000": {}},
        {"i:x": {}},
        {"f:a": 1},
        {"": {}},
        [],
    ],
)
def test_what_is_not_written_so_is_refused(written: Any) -> None:
    """A step without its kind, keys that are none, what is no JSON, values in place of objects."""
    with pytest.raises(elements.Unreadable):
        finished(field_set.from_fields_v1(written))


def test_what_nests_too_deep_is_refused() -> None:
    """A text of a few kilobytes does not end Python's stack."""
    written: dict[str, Any] = {}
    for _ in range(100_000):
        written = {"f:a": written}
    with pytest.raises(elements.Unreadable, match="deeper"):
        finished(field_set.from_fields_v1(written))
    while written:
        written = written.pop("f:a")


def test_paths_are_printed_as_kubernetes_prints_them() -> None:
    """Members of a node come before what lies below it, each in order."""
    key = 'k:{"containerPort":80,"protocol":"TCP"}'
    found = _set(
        frozenset(
            {
                ("f:spec", "f:ports", key, "f:name"),
                ("f:spec", "f:ports", 'k:{"containerPort":9}'),
                ("f:spec", "f:z"),
                ("f:metadata", "f:finalizers", 'v:"example.com/a"'),
                ("f:args", "i:2"),
                ("f:z",),
            }
        )
    )
    assert list(field_set.paths(found)) == [
        ".z",
        ".args[2]",
        '.metadata.finalizers[="example.com/a"]',
        ".spec.z",
        ".spec.ports[containerPort=9]",
        '.spec.ports[containerPort=80,protocol="TCP"].name',
    ]
