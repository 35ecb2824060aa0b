"""Rules in CEL, and what an update does not have to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.definitions.crd.making import cases, kind, told

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind

_CASES = cases("rules")
_NO_OVERLOAD = (
    "call arguments did not match a supported operator, function or macro signature for rule: "
    "any is small"
)


@pytest.fixture(scope="module")
def machines() -> Kind:
    """Return the kind."""
    return kind(_CASES["schema"])


@pytest.mark.parametrize("case", _CASES["created"], ids=str)
def test_asks_rules_of_a_new_object(machines: Kind, case: Any) -> None:
    """A rule speaks of the value where it stands; one on changes is not asked of a new object."""
    assert told(machines, case["spec"]) == case["told"]


def test_tells_of_a_rule_that_has_no_value(machines: Kind) -> None:
    """A rule that cannot be evaluated for a value refuses it."""
    (line,) = told(machines, {"any": "x"})
    assert line.startswith('spec: Invalid value: "object": \'no such overload')
    assert line.endswith(_NO_OVERLOAD)


@pytest.mark.parametrize("case", _CASES["updated"], ids=str)
def test_asks_rules_of_an_update(machines: Kind, case: Any) -> None:
    """A rule on changes is asked; what an update leaves as it was is not held to new rules."""
    assert told(machines, case["spec"], case["old"]) == case["told"]


_SEEN = """
type: object
properties:
  name: {type: string}
  weights: {type: array, items: {type: integer}}
  labels: {type: object, additionalProperties: {type: string}}
  ports:
    type: array
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [id, zone]
    items:
      type: object
      required: [id]
      properties:
        id: {type: integer}
        zone: {type: string, default: any}
        limit:
          type: object
          properties: {most: {type: integer}, least: {type: integer}}
          x-kubernetes-validations:
          - {rule: "self.least <= self.most", message: least is above most}
  disks:
    type: array
    items:
      type: object
      properties:
        label: {type: string}
        size: {type: integer, x-kubernetes-validations: [{rule: "self > 0", message: no size}]}
"""
"""Few of its fields are on the way to a rule, or are seen by one."""
_PORT = {"id": 1, "limit": {"least": 2, "most": 1}}
_PORT_BROKEN = 'spec.ports[0].limit: Invalid value: "object": least is above most'
_DISK_BROKEN = 'spec.disks[0].size: Invalid value: "integer": no size'


@pytest.mark.parametrize(
    ("spec", "old", "wanted"),
    [
        pytest.param({"ports": [_PORT]}, None, [_PORT_BROKEN], id="new"),
        pytest.param(
            {"name": "b", "ports": [{**_PORT, "zone": "x"}]},
            {"name": "a", "ports": [{"id": 2}, {**_PORT, "zone": "x"}]},
            [],
            id="an element is found again by keys that no rule sees",
        ),
        pytest.param(
            {"ports": [{**_PORT, "zone": "x"}]},
            {"ports": [{**_PORT, "zone": "y"}]},
            [_PORT_BROKEN],
            id="another element",
        ),
        pytest.param(
            {"name": "a", "disks": [{"label": "a", "size": 0}], "labels": {"a": "1", "b": "2"}},
            {"name": "a", "disks": [{"label": "a", "size": 0}], "labels": {"b": "2", "a": "1"}},
            [],
            id="an element that cannot be found, in an object that is as it was",
        ),
        pytest.param(
            {"name": "b", "disks": [{"label": "a", "size": 0}]},
            {"name": "a", "disks": [{"label": "a", "size": 0}]},
            [],
            id="beside a change",
        ),
        pytest.param(
            {"disks": [{"label": "b", "size": 0}], "weights": [1, 2]},
            {"disks": [{"label": "a", "size": 0}], "weights": [1, 2]},
            [_DISK_BROKEN],
            id="beside a change of what no rule sees, in the element",
        ),
    ],
)
def test_compares_also_what_no_rule_sees(spec: Any, old: Any, wanted: list[str]) -> None:
    """Whether a value is as it was is told by all that is in it, and in what it is in."""
    assert told(kind(_SEEN), spec, old) == wanted


def test_equal_rules_are_told_where_they_stand() -> None:
    """A rule that several places have, in types that are alike, is told at each of them."""
    part = {
        "type": "object",
        "properties": {"low": {"type": "integer"}, "high": {"type": "integer"}},
        "x-kubernetes-validations": [{"rule": "self.low <= self.high", "message": "upside down"}],
    }
    made = kind({"type": "object", "properties": {"a": part, "b": part}})
    wrong, right = {"low": 2, "high": 1}, {"low": 1, "high": 1}
    assert told(made, {"a": right, "b": wrong}) == ['spec.b: Invalid value: "object": upside down']
    assert told(made, {"a": wrong, "b": wrong}) == [
        'spec.a: Invalid value: "object": upside down',
        'spec.b: Invalid value: "object": upside down',
    ]
