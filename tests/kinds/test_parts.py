"""A large object is looked at in parts, and found to have the faults that it has as a whole."""

from __future__ import annotations

from typing import Any

import protovalidate
import pytest
from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds import parts, validation, violations
from protocube_server.kinds.contract import Contract
from tests.kinds.updating import said

_COUNT = 500


def _some_bad(good: Any, bad: Any) -> list[Any]:
    """Return a long list with faults in some places, on both sides of where it is cut."""
    return [bad if i in (0, 63, 64, 127, 128, _COUNT - 1) else good for i in range(_COUNT)]


_ENV = _some_bad({"name": "A", "value": "x"}, {"value": "x"})
_ONE = {"name": "c", "image": "web:1", "env": _ENV}
_TERM = {"key": "k", "operator": "Exists"}
_OBJECTS = {
    "a list in a list": ("pods", {"spec": {"containers": [_ONE, {**_ONE, "name": "d"}]}}),
    "a long list of such": ("pods", {"spec": {"containers": [{**_ONE, "env": _ENV[:70]}] * 70}}),
    "scalars": ("configmaps", {"metadata": {"finalizers": _some_bad("a.b/c", "!")}}),
    "a map of texts": (
        "configmaps",
        {"metadata": {"labels": {f"k{i}{'!' * (i % 60 == 0)}": "v" for i in range(_COUNT)}}},
    ),
    "a list of messages": (
        "networkpolicies",
        {
            "spec": {
                "podSelector": {"matchExpressions": _some_bad(_TERM, {**_TERM, "operator": "x"})}
            }
        },
    ),
}


@pytest.mark.parametrize(("word", "manifest"), _OBJECTS.values(), ids=_OBJECTS)
def test_parts_have_the_faults_of_the_whole(word: str, manifest: dict[str, Any]) -> None:
    """The paths and the texts are those that one look at the whole object gives."""
    resource = Catalog.shipped().find(word)
    assert resource is not None
    message: Any = json_format.ParseDict(manifest, resource.message_class())
    before = message.SerializeToString(deterministic=True)
    assert len(list(parts.of(message))) > 1
    whole = [
        str(found)
        for violation in protovalidate.Validator().collect_violations(message)
        for found in violations.translate(message, violation)
    ]
    contract = Contract(FUNCTIONS.message_rules)
    found = [str(item) for item in contract.faults(message)]
    assert whole
    assert set(whole) <= set(found)
    rules = contract._rules_on(message).walk(message)  # the rest of what is found
    assert len(found) == len(whole) + len(list(rules))
    assert message.SerializeToString(deterministic=True) == before


def test_no_more_violations_are_worked_out_than_are_told() -> None:
    """The message says that there are more."""
    assert len(said("pods", {"spec": {"containers": [{**_ONE, "env": [{}] * 20_000}]}})) == (
        validation.MOST
    )


def test_a_list_beyond_a_bound_is_refused_before_its_elements_are() -> None:
    """The refusal names the bound, which is the contract's, or else the server's."""
    ports = [{"port": 1}] * (parts.MOST + 1)
    assert said("services", {"metadata": {"name": "s"}, "spec": {"ports": ports}}) == [
        "spec.ports: Too many: 10001: must have at most 10000 items"
    ]
    endpoints = [{"addresses": ["10.0.0.1"]}] * 1001
    slices = {"metadata": {"name": "s"}, "addressType": "IPv4", "endpoints": endpoints}
    assert said("endpointslices", slices) == [
        "endpoints: Too many: 1001: must have at most 1000 items"
    ]
