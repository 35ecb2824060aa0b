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
