"""Rules in CEL, and what an update does not have to mend."""

from __future__ import annotations

from typing import Any

import pytest

from protocube_server.kinds.kind import Kind
from tests.definitions.crd.making import kind, told

_SPEC = """
type: object
properties:
  cores: {type: integer, maximum: 100}
  least: {type: integer}
  namespace: {type: string}
  some-name: {type: string}
  mode: {type: string}
  any: {x-kubernetes-int-or-string: true}
  free: {type: object, x-kubernetes-preserve-unknown-fields: true}
  limits: {type: object, additionalProperties: {type: integer, x-kubernetes-validations: [{rule: self > 0}]}}
  list:
    type: array
    items: {type: string, x-kubernetes-validations: [{rule: "self != 'bad'", message: no bad ones}]}
  items:
    type: array
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [name]
    items:
      type: object
      required: [name]
      properties: {name: {type: string}, size: {type: integer}}
      x-kubernetes-validations:
      - {rule: "!has(self.size) || !has(oldSelf.size) || self.size >= oldSelf.size", message: shrinks}
  once:
    type: string
    x-kubernetes-validations: [{rule: self == oldSelf, message: is immutable}]
  late:
    type: string
    x-kubernetes-validations:
    - {rule: "oldSelf.hasValue() || self == 'first'", optionalOldSelf: true, message: begins with first}
x-kubernetes-validations:
- {rule: "!has(self.cores) || !has(self.least) || self.least <= self.cores", message: least is above cores}
- {rule: "!has(self.cores) || self.cores != 13"}
- {rule: "!has(self.__namespace__) || self.__namespace__ != 'x'", messageExpression: "'no ' + self.__namespace__"}
- {rule: "!has(self.some__dash__name) || self.some__dash__name == 'y'", fieldPath: .some-name, reason: FieldValueForbidden, message: "y only"}
- {rule: "!has(self.mode) || self.mode != 'r'", reason: FieldValueRequired, message: needs more}
- {rule: "!has(self.mode) || self.mode != 'd'", reason: FieldValueDuplicate, message: not told}
- {rule: "!has(self.any) || self.any > 5", message: any is small}
- {rule: "!has(self.free) || !has(self.free.a) || self.free.a == 1", message: a is one}
"""
_NO_OVERLOAD = (
    "call arguments did not match a supported operator, function or macro signature for rule: "
    "any is small"
)


@pytest.fixture(scope="module")
def machines() -> Kind:
    """Return the kind."""
    return kind(_SPEC)


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ({"cores": 1, "least": 2}, ['spec: Invalid value: "object": least is above cores']),
        (
            {"cores": 13},
            ['spec: Invalid value: "object": failed rule: !has(self.cores) || self.cores != 13'],
        ),
        ({"namespace": "x"}, ['spec: Invalid value: "object": no x']),
        ({"some-name": "x"}, ["spec.some-name: Forbidden: y only"]),
        ({"mode": "r"}, ["spec: Required value: needs more"]),
        ({"mode": "d"}, ['spec: Duplicate value: "object"']),
        (
            {"limits": {"a": 1, "b": 0}},
            ['spec.limits[b]: Invalid value: "integer": failed rule: self > 0'],
        ),
        ({"list": ["a", "bad"]}, ['spec.list[1]: Invalid value: "string": no bad ones']),
        ({"any": 6, "free": {"a": 1, "b": [None]}}, []),
        ({"free": {"a": 2}}, ['spec: Invalid value: "object": a is one']),
        ({"once": "a", "items": [{"name": "a", "size": 1}]}, []),
        ({"late": "x"}, ['spec.late: Invalid value: "string": begins with first']),
    ],
)
def test_asks_rules_of_a_new_object(machines: Kind, spec: Any, wanted: list[str]) -> None:
    """A rule speaks of the value where it stands; one on changes is not asked of a new object."""
    assert told(machines, spec) == wanted


def test_tells_of_a_rule_that_has_no_value(machines: Kind) -> None:
    """A rule that cannot be evaluated for a value refuses it."""
    (line,) = told(machines, {"any": "x"})
    assert line.startswith('spec: Invalid value: "object": \'no such overload')
    assert line.endswith(_NO_OVERLOAD)


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ({"once": "a"}, {"once": "b"}, ['spec.once: Invalid value: "string": is immutable']),
        ({"once": "a"}, {"once": "a", "mode": "x"}, []),
        ({}, {"once": "b"}, []),
        (
            {"items": [{"name": "a", "size": 5}, {"name": "b", "size": 1}]},
            {"items": [{"name": "b", "size": 1}, {"name": "a", "size": 4}]},
            ['spec.items[1]: Invalid value: "object": shrinks'],
        ),
        ({"late": "x"}, {"late": "y"}, []),
        # What is as it was is not held to a rule that may have come later.
        ({"list": ["bad"]}, {"list": ["bad"], "mode": "x"}, []),
        (
            {"list": ["bad"]},
            {"list": ["bad", "b"]},
            ['spec.list[0]: Invalid value: "string": no bad ones'],
        ),
        ({"cores": 200}, {"cores": 200, "mode": "x"}, []),
        (
            {"cores": 200},
            {"cores": 201},
            [
                "spec.cores: Invalid value: 201: spec.cores in body should be less than or equal "
                "to 100"
            ],
        ),
        ({"limits": {"a": 0}}, {"limits": {"a": 0, "b": 1}}, []),
        (
            {"limits": {"a": 0}},
            {"limits": {"a": -1}},
            ['spec.limits[a]: Invalid value: "integer": failed rule: self > 0'],
        ),
    ],
)
def test_asks_rules_of_an_update(machines: Kind, old: Any, new: Any, wanted: list[str]) -> None:
    """A rule on changes is asked; what an update leaves as it was is not held to new rules."""
    assert told(machines, new, old) == wanted
