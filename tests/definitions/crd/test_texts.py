"""What objects of custom kinds are refused with: Kubernetes' words, seen on a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.definitions.crd.making import cases, kind, machine, shown, told

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind

_CASES = cases("texts")
_UNCHECKED = (
    "<nil>: Invalid value: null: some validation rules were not checked because the object was "
    "invalid; correct the existing errors to complete validation"
)


@pytest.fixture(scope="module")
def machines() -> Kind:
    """Return the kind."""
    return kind(_CASES["schema"])


@pytest.mark.parametrize("case", _CASES["unchecked"], ids=str)
def test_tells_of_what_keeps_rules_from_being_asked(machines: Kind, case: Any) -> None:
    """A value of the wrong type, size or choice is told, and that rules were not asked."""
    assert told(machines, case["spec"]) == [case["told"], _UNCHECKED]


@pytest.mark.parametrize("case", _CASES["checked"], ids=str)
def test_tells_of_what_rules_are_asked_beside(machines: Kind, case: Any) -> None:
    """A value that is out of bounds or stands twice does not keep rules from being asked."""
    found = told(machines, case["spec"])
    assert found[: len(case["told"])] == case["told"]


@pytest.mark.parametrize("spec", _CASES["taken"], ids=str)
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
    assert len(told(machines, {"nested": [["x"]] * 5000})) <= 101
