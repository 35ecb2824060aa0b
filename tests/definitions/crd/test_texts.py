"""What objects of custom kinds are refused with: Kubernetes' words, seen on a real server."""

from __future__ import annotations

from typing import Any

import pytest

from protocube_server.kinds.kind import Kind
from tests.definitions.crd.making import kind, machine, shown, told

_SPEC = """
type: object
properties:
  cores: {type: integer, format: int32, minimum: 1}
  share: {type: number, maximum: 1, exclusiveMaximum: true, multipleOf: 0.25}
  mode: {type: string, enum: [a, b]}
  level: {type: integer, enum: [1, 2]}
  host: {type: string, maxLength: 5, minLength: 2, pattern: "^h"}
  must: {type: array, maxItems: 2, minItems: 1, items: {type: string}}
  labels: {type: object, maxProperties: 1, additionalProperties: {type: string, maxLength: 3}}
  port: {x-kubernetes-int-or-string: true}
  t: {type: string, format: date-time}
  address: {type: string, format: ipv4}
  ports:
    type: array
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [name, protocol]
    items:
      type: object
      required: [name]
      properties: {name: {type: string}, protocol: {type: string, default: TCP}}
  tags: {type: array, x-kubernetes-list-type: set, items: {type: string}}
  nested: {type: array, items: {type: array, items: {type: integer}}}
  free: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {n: {type: integer}}}
  inner: {type: object, required: [name], properties: {name: {type: string}}}
  one: {type: object, properties: {a: {type: string}, b: {type: string}}, oneOf: [{required: [a]}, {required: [b]}]}
  any: {type: string, anyOf: [{pattern: "^a"}, {pattern: "^b"}]}
  none: {type: string, not: {pattern: "^x"}}
  all: {type: integer, allOf: [{minimum: 2}, {maximum: 4}]}
  embedded: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}
"""
_UNCHECKED = (
    "<nil>: Invalid value: null: some validation rules were not checked because the object was "
    "invalid; correct the existing errors to complete validation"
)
_ONE_OF = "must validate one and only one schema (oneOf)"


@pytest.fixture(scope="module")
def machines() -> Kind:
    """Return the kind."""
    return kind(_SPEC)


# Rules in CEL are not asked of an object whose values have not their types.
@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        (
            {"cores": "x"},
            'spec.cores: Invalid value: "string": spec.cores in body must be of type integer: '
            '"string"',
        ),
        (
            {"cores": 1.5},
            'spec.cores: Invalid value: "number": spec.cores in body must be of type integer: '
            '"number"',
        ),
        ({"mode": "c"}, 'spec.mode: Unsupported value: "c": supported values: "a", "b"'),
        ({"level": 3}, 'spec.level: Unsupported value: 3: supported values: "1", "2"'),
        ({"host": "hhhhhh"}, "spec.host: Too long: may not be more than 5 bytes"),
        ({"must": ["a", "b", "c"]}, "spec.must: Too many: 3: must have at most 2 items"),
        (
            {"must": [None]},
            'spec.must[0]: Invalid value: "null": spec.must[0] in body must be of type string: '
            '"null"',
        ),
        ({"labels": {"a": "", "b": ""}}, "spec.labels: Too many: 2: must have at most 1 items"),
        ({"labels": {"a": "long"}}, "spec.labels.a: Too long: may not be more than 3 bytes"),
        (
            {"port": 1.5},
            'spec.port: Invalid value: "number": spec.port in body must be of type '
            'integer,string: "number"',
        ),
        (
            {"t": "yesterday"},
            'spec.t: Invalid value: "yesterday": spec.t in body must be of type date-time: '
            '"yesterday"',
        ),
        (
            {"address": "1.2.3"},
            'spec.address: Invalid value: "1.2.3": spec.address in body must be of type ipv4: '
            '"1.2.3"',
        ),
        (
            {"nested": [[1], ["x"]]},
            'spec.nested[1][0]: Invalid value: "string": spec.nested[1][0] in body must be of '
            'type integer: "string"',
        ),
        (
            {"free": {"n": "x"}},
            'spec.free.n: Invalid value: "string": spec.free.n in body must be of type integer: '
            '"string"',
        ),
        ({"inner": {}}, "spec.inner.name: Required value"),
        ({"inner": {"name": None}}, "spec.inner.name: Required value"),
        (
            {"embedded": {"kind": "Pod"}},
            "spec.embedded.apiVersion: Required value: must not be empty",
        ),
    ],
)
def test_tells_of_what_keeps_rules_from_being_asked(machines: Kind, spec: Any, wanted: str) -> None:
    """A value of the wrong type, size or choice is told in Kubernetes' words."""
    assert told(machines, spec) == [wanted, _UNCHECKED]


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        (
            {"cores": 0},
            [
                "spec.cores: Invalid value: 0: spec.cores in body should be greater than or equal to 1"
            ],
        ),
        (
            {"cores": 2**31},
            [
                "spec.cores: Invalid value: 2147483648: spec.cores in body should be less than or "
                "equal to 2147483647"
            ],
        ),
        (
            {"share": 1.25},
            ["spec.share: Invalid value: 1.25: spec.share in body should be less than 1"],
        ),
        (
            {"share": 0.3},
            ["spec.share: Invalid value: 0.3: spec.share in body should be a multiple of 0.25"],
        ),
        (
            {"host": "h"},
            ['spec.host: Invalid value: "h": spec.host in body should be at least 2 chars long'],
        ),
        (
            {"host": "xx"},
            ["spec.host: Invalid value: \"xx\": spec.host in body should match '^h'"],
        ),
        (
            {"ports": [{"name": "a"}, {"name": "a", "protocol": "TCP"}]},
            ['spec.ports[1]: Duplicate value: {"name":"a","protocol":"TCP"}'],
        ),
        ({"tags": ["a", "b", "a", "a"]}, ['spec.tags[2]: Duplicate value: "a"']),
        ({"one": {}}, [f'<nil>: Invalid value: "": "spec.one" {_ONE_OF}. Found none valid']),
        (
            {"one": {"a": "", "b": ""}},
            [f'<nil>: Invalid value: "": "spec.one" {_ONE_OF}. Found 2 valid alternatives'],
        ),
        (
            {"any": "c"},
            [
                '<nil>: Invalid value: "": "spec.any" must validate at least one schema (anyOf)',
                "spec.any: Invalid value: \"c\": spec.any in body should match '^a'",
            ],
        ),
        (
            {"none": "x"},
            ['<nil>: Invalid value: "": "spec.none" must not validate the schema (not)'],
        ),
        (
            {"all": 1},
            [
                "spec.all: Invalid value: 1: spec.all in body should be greater than or equal to 2",
                '<nil>: Invalid value: "": "spec.all" must validate all the schemas (allOf)',
            ],
        ),
    ],
)
def test_tells_of_what_rules_are_asked_beside(machines: Kind, spec: Any, wanted: list[str]) -> None:
    """A value that is out of bounds or stands twice does not keep rules from being asked."""
    found = [line for line in told(machines, spec) if line != _UNCHECKED]
    assert found[: len(wanted)] == wanted


@pytest.mark.parametrize(
    "spec",
    [
        {"must": [], "labels": {}, "port": 9007199254740993, "cores": None},
        {"port": "http", "host": "hœœœœ", "share": 0.5},
        {"free": {"a": {"b": [1, None, 9007199254740993]}}, "nested": [[], [1]]},
        {"embedded": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {}}},
        {"ports": [{"name": "a"}, {"name": "a", "protocol": "UDP"}]},
    ],
)
def test_takes_what_fits(machines: Kind, spec: Any) -> None:
    """What Kubernetes takes is taken, and lengths are counted in characters."""
    assert told(machines, spec) == []


def test_reads_back_what_was_written(machines: Kind) -> None:
    """Values come back as they were written, integers of 64 bits in free JSON too."""
    spec = {
        "port": 9007199254740993,
        "nested": [[1, 9007199254740993], []],
        "free": {"n": 1, "a": {"b": [1.5, None, "x", True]}},
        "labels": {"a.b/c": "x"},
        "t": "2024-01-01T00:00:00Z",
    }
    assert shown(machines, spec) == spec


def test_goes_through_long_lists_in_turns(machines: Kind) -> None:
    """A list of many elements is checked to its end, and others have their turns meanwhile."""
    message = machine(machines, {"nested": [[0]] * 5000 + [["x"]]})
    functions = machines.validation._functions
    steps = list(functions.schemas[machines.resource.message](message, None))
    assert steps.count(None) > 50
    faults = [step for step in steps if step is not None]
    assert faults[0].field == "spec.nested[5000][0]"


def test_bounds_the_faults_of_one_object(machines: Kind) -> None:
    """An object in which everything is wrong costs no more than what is told of it."""
    found = told(machines, {"nested": [["x"]] * 5000})
    assert len(found) <= 101
