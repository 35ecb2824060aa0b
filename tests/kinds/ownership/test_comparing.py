"""What a change of an object adds, removes and modifies."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from protocube.steps import finished
from protocube_server.kinds.ownership import comparing, field_set
from tests.kinds.ownership.gadgets import SCHEMA, gadget, specs


def _compared(old: Any, new: Any) -> dict[str, list[str]]:
    """Return the paths below the spec."""
    found = finished(comparing.compare(SCHEMA, old, new))
    return {
        name: [path.removeprefix(".spec") for path in field_set.paths(getattr(found, name))]
        for name in ("added", "removed", "modified")
        if getattr(found, name)
    }


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({}, {"size": 1}, {"added": [".size"]}),
        ({"size": 1}, {"size": 2}, {"modified": [".size"]}),
        ({"size": 1}, {}, {"removed": [".size"]}),
        ({}, {"labels": {"a": "b"}}, {"added": [".labels", ".labels.a"]}),
        ({"labels": {"a": "b"}}, {"labels": {"a": "b", "c": "d"}}, {"added": [".labels.c"]}),
        ({"picked": {"a": "b"}}, {"picked": {"c": "b"}}, {"modified": [".picked"]}),
        ({"limits": {"cpu": "1"}}, {"limits": {"cpu": "2"}}, {"modified": [".limits"]}),
        ({"shared": {"cpu": "1"}}, {"shared": {"cpu": "2"}}, {"modified": [".shared.cpu"]}),
        ({"args": ["a", "b"]}, {"args": ["b", "a"]}, {"modified": [".args"]}),
        ({"tags": ["a", "b"]}, {"tags": ["b", "a"]}, {}),
        ({"tags": ["a"]}, {"tags": ["b"]}, {"added": ['.tags[="b"]'], "removed": ['.tags[="a"]']}),
        ({}, {"box": {"width": "1"}}, {"added": [".box.width"]}),
        ({}, {"door": {"width": "1"}}, {"added": [".door", ".door.width"]}),
        ({}, {"door": {}}, {"added": [".door"]}),
        ({"door": {}}, {"door": {"width": "1"}}, {"added": [".door.width"]}),
        ({"free": {"a": True}}, {"free": {"a": 1}}, {"modified": [".free.a"]}),
        ({"free": {"a": [1]}}, {"free": {"a": [2]}}, {"modified": [".free.a"]}),
        (
            {"free": {"a": {"b": 1}}},
            {"free": {"a": [1]}},
            {"modified": [".free.a"], "removed": [".free.a.b"]},
        ),
        ({}, {"title": "x"}, {"modified": [".title"]}),
    ],
)  # fmt: skip
def test_a_change_of_the_spec(
    old: dict[str, Any], new: dict[str, Any], found: dict[str, list[str]]
) -> None:
    """Each way of sharing a field has its own grain; what is always there is never added."""
    assert _compared(gadget(**old), gadget(**new)) == found


def test_an_element_of_a_keyed_list_is_known_by_its_keys() -> None:
    """A key that is left out has its default; a new element is added with what is always there."""
    old = {"parts": [{"port": 1, "value": "a"}, {"port": 2, "protocol": "UDP"}]}
    new = {"parts": [{"port": 3}, {"port": 1, "protocol": "TCP", "value": "b"}]}
    assert _compared(gadget(**old), gadget(**new)) == {
        "added": [
            '.parts[port=3,protocol="TCP"]',
            '.parts[port=1,protocol="TCP"].protocol',
            '.parts[port=3,protocol="TCP"].box',
            '.parts[port=3,protocol="TCP"].port',
        ],
        "removed": [
            '.parts[port=2,protocol="UDP"]',
            '.parts[port=2,protocol="UDP"].box',
            '.parts[port=2,protocol="UDP"].port',
            '.parts[port=2,protocol="UDP"].protocol',
        ],
        "modified": ['.parts[port=1,protocol="TCP"].value'],
    }


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("aa", "ab", {"removed": ["1"], "added": ["1.value", "1"]}),
        ("aa", "aa", {}),
        ("aa", "bb", {"modified": ["1"]}),
    ],
)
def test_elements_that_share_their_keys_are_one_leaf(
    old: str, new: str, found: dict[str, list[str]]
) -> None:
    """Repeated keys lie in objects that were stored before they were refused."""
    both = [{"parts": [{"port": 1, "value": value} for value in text]} for text in (old, new)]
    assert set(_compared(gadget(**both[0]), gadget(**both[1]))) <= {"modified", *found}
    one, other = gadget(**both[0]), gadget(parts=[{"port": 1, "value": "a"}])
    assert _compared(one, other)["removed"] == ['.parts[port=1,protocol="TCP"]']


@given(specs(), specs())
def test_both_ways_say_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """What is added one way is removed the other way, and what is modified is so both ways."""
    there = finished(comparing.compare(SCHEMA, gadget(**one), gadget(**other)))
    back = finished(comparing.compare(SCHEMA, gadget(**other), gadget(**one)))
    assert there.added == back.removed
    assert there.removed == back.added
    assert there.modified == back.modified


@given(specs())
def test_an_object_does_not_differ_from_itself(spec: dict[str, Any]) -> None:
    """Equal objects make an empty comparison, and are equal."""
    assert not finished(comparing.compare(SCHEMA, gadget(**spec), gadget(**spec)))
    assert finished(comparing.is_equal(SCHEMA, gadget(**spec), gadget(**spec)))


def test_what_is_always_there_makes_no_difference() -> None:
    """One object writes the empty box, the other leaves it out."""
    one, other = gadget(parts=[{"port": 1}]), gadget(parts=[{"port": 1, "box": {}}], box={})
    assert finished(comparing.is_equal(SCHEMA, one, other))
    assert _compared(one, other) == {}
