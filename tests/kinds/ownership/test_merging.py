"""A configuration laid over a live object, and the order of lists after that."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocube.steps import finished
from protocube_server.kinds.ownership import comparing, merging, sent
from tests.kinds.ownership.gadgets import SCHEMA, gadget, specs


def _merged(live: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = finished(merging.merge(SCHEMA, gadget(**live), gadget(**config)))["spec"]
    return spec


@pytest.mark.parametrize(
    ("live", "config", "merged"),
    [
        ("abc", "xby", "axbcy"),
        ("abcxy", "ncmab", "ncxymab"),
        ("abc", "cba", "cba"),
        ("abc", "", "abc"),
        ("", "ba", "ba"),
        ("ab", "cd", "abcd"),
        ("abcd", "db", "acdb"),
    ],
)
def test_the_order_of_a_merged_list(live: str, config: str, merged: str) -> None:
    """The configuration's order wins; others stay before the next element that both have."""
    assert _merged({"tags": list(live)}, {"tags": list(config)})["tags"] == list(merged)


@given(*[st.lists(st.sampled_from("abcdef"), unique=True)] * 2)
def test_no_element_is_lost_or_doubled(live: list[str], config: list[str]) -> None:
    """A merged set has the elements of both, and those of each keep their order."""
    merged = _merged({"tags": live}, {"tags": config}).get("tags", [])
    assert sorted(merged) == sorted({*live, *config})
    assert [tag for tag in merged if tag in config] == config
    alone = [tag for tag in live if tag not in config]
    assert [tag for tag in merged if tag in alone] == alone


@pytest.mark.parametrize(
    ("live", "config", "merged"),
    [
        ({"labels": {"a": "1"}}, {"labels": {"b": "2"}}, {"labels": {"a": "1", "b": "2"}}),
        ({"picked": {"a": "1"}}, {"picked": {"b": "2"}}, {"picked": {"b": "2"}}),
        ({"args": ["a"]}, {"args": []}, {"args": []}),
        ({"tags": ["a"]}, {"tags": []}, {"tags": ["a"]}),
        ({"labels": {"a": "1"}}, {"labels": None}, {"labels": {"a": "1"}}),
        ({"limits": {"cpu": "1"}}, {"limits": {"disk": "2"}}, {"limits": {"disk": "2"}}),
        (
            {"parts": [{"port": 1, "protocol": "TCP", "value": "a"}]},
            {"parts": [{"port": 1, "box": {"width": "w"}}]},
            {"parts": [{"port": 1, "protocol": "TCP", "value": "a", "box": {"width": "w"}}]},
        ),
        (
            {"parts": [{"port": 1, "value": "a"}, {"port": 1, "value": "b"}, {"port": 2}]},
            {"parts": [{"port": 1, "value": "c"}]},
            {"parts": [{"port": 1, "value": "c"}, {"port": 2}]},
        ),
        ({"free": {"a": {"x": 1}}}, {"free": {"a": {"y": 2}}}, {"free": {"a": {"x": 1, "y": 2}}}),
        ({"free": {"a": [1]}}, {"free": {"a": [2]}}, {"free": {"a": [2]}}),
        ({"free": {"a": [1]}}, {"free": {"a": {"y": 2}}}, {"free": {"a": {"y": 2}}}),
    ],
)
def test_what_is_joined_and_what_is_replaced(
    live: dict[str, Any], config: dict[str, Any], merged: dict[str, Any]
) -> None:
    """What is owned field by field is joined; what is owned whole is the configuration's."""
    assert _merged(live, config) == merged


@given(specs(), specs())
def test_merging_again_changes_nothing(live: dict[str, Any], config: dict[str, Any]) -> None:
    """The merged object has all that was sent, and merges with it into itself."""
    merged = _merged(live, config)
    assert finished(comparing.is_equal(SCHEMA, gadget(**_merged(merged, config)), gadget(**merged)))
    claimed = finished(sent.fields(SCHEMA, gadget(**config)))
    held = finished(sent.fields(SCHEMA, gadget(**merged)))
    assert set(claimed.members) <= set(held.members) | {"f:spec"}


@given(specs(), specs())
def test_nothing_is_changed_in_place(live: dict[str, Any], config: dict[str, Any]) -> None:
    """The live object and the configuration are what they were."""
    before = repr((live, config))
    _merged(live, config)
    assert repr((live, config)) == before
