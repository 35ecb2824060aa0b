"""A large object is looked at in parts, and found to have the faults that it has as a whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import protovalidate
import pytest
from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube_server import turns
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds import parts, validation, violations
from protocube_server.kinds.contract import Contract
from tests.kinds.growing import Grown, Place, places
from tests.kinds.updating import said

if TYPE_CHECKING:
    from protocube import errors

_COUNT = 500
_VALIDATOR = protovalidate.Validator()
_CONTRACT = Contract(FUNCTIONS.message_rules)


def _some_bad(good: Any, bad: Any) -> list[Any]:
    """Return a long list with faults in some places, on both sides of where it is cut."""
    return [bad if i in (0, 63, 64, 127, 128, _COUNT - 1) else good for i in range(_COUNT)]


_ENV = _some_bad({"name": "A", "value": "x"}, {"value": "x"})
_ONE = {"name": "c", "image": "web:1", "env": _ENV}
_TERM = {"key": "k", "operator": "Exists"}
_OBJECTS = {
    "a list in a list": ("pods", {"spec": {"containers": [_ONE, {**_ONE, "name": "d"}]}}),
    "a long list of such": ("pods", {"spec": {"containers": [{**_ONE, "env": _ENV[:70]}] * 70}}),
    "scalars": (
        "csinodes",
        {
            "metadata": {"name": "n"},
            "spec": {
                "drivers": [{"name": "d", "nodeID": "n", "topologyKeys": _some_bad("a.b/c", "!")}]
            },
        },
    ),
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
    assert len([part for part in parts.of(message) if part is not None]) > 1
    whole = [
        str(found)
        for violation in protovalidate.Validator().collect_violations(message)
        for found in violations.translate(message, violation)
    ]
    found = [str(item) for item in turns.at_once(_CONTRACT.faults(message))]
    assert whole
    assert set(whole) <= set(found)
    # The rest of what is found.
    rules = turns.at_once(_CONTRACT._rules_on(message).walk(message))
    assert len(found) == len(whole) + len(rules)
    assert message.SerializeToString(deterministic=True) == before


def test_no_more_violations_are_worked_out_than_are_told() -> None:
    """The message says that there are more."""
    assert len(said("pods", {"spec": {"containers": [{**_ONE, "env": [{}] * 20_000}]}})) == (
        validation.MOST
    )


@pytest.mark.parametrize("place", [*places()][::20], ids=str)
def test_every_list_is_cut_as_its_rules_allow(place: Place) -> None:
    """Whatever is said of a list and around it: with good elements, odd ones and both."""
    grown = Grown(place)
    for count in (40, 90):
        message = grown.mixed(count, annotations={"pad": "x" * 1200})
        cut = [part for part in parts.of(message) if part is not None]
        looked_at = [part for part in cut if isinstance(part, parts.Part)]
        if len(looked_at) < len(cut):
            continue
        try:
            whole = _VALIDATOR.collect_violations(message)
        except protovalidate.EvaluationError:
            continue
        of_parts = (found for part in looked_at for found in _CONTRACT.of_part(part))
        of_whole = (found for item in whole for found in violations.translate(message, item))
        assert sorted(map(_told, of_parts)) == sorted(map(_told, of_whole))


def _told(found: errors.Violation) -> tuple[str, str, str]:
    """Return a violation without what it shows: a list that was cut is shorter there."""
    return found.field, found.reason, re.sub(r"[\[{].*[\]}]: ", "", found.message)


@pytest.mark.parametrize(
    "spec",
    [
        {"containers": [{**_ONE, "env": [{}] * 31, "ports": [{}] * 31}] * 60},
        {"containers": [{"env": [{}] * 60, "ports": [{}] * 60, "volumeMounts": [{}] * 60}] * 60},
        {"containers": [{}] * 5000, "volumes": [{}] * 5000},
        # As many as are looked at in one go, and many more behind them.
        *(
            {"containers": [{"ports": [{}] * few, "env": [{"name": "A"}] * 400}]}
            for few in range(24, 34)
        ),
    ],
)
def test_a_part_is_small_however_the_elements_are_spread(spec: dict[str, Any]) -> None:
    """A few elements are looked at in one go: of the dearest, a hundred take 5 ms."""
    resource = Catalog.shipped().find("pods")
    assert resource is not None
    message: Any = json_format.ParseDict({"spec": spec}, resource.message_class())
    for part in parts.of(message):
        if part is not None:
            assert isinstance(part, parts.Part)
            assert _elements(part.message) <= 100


def _elements(message: Any) -> int:
    count = 0
    for field, value in message.ListFields():
        items = value if field.is_repeated else (value,)
        count += len(items) if field.is_repeated else 0
        count += sum(map(_elements, items)) if field.message_type is not None else 0
    return count


def test_a_list_beyond_a_bound_is_refused_before_its_elements_are() -> None:
    """The refusal names the bound, which is the contract's, or else the server's."""
    metrics: list[Any] = [{}] * (parts.MOST + 1)
    autoscaler = {"metadata": {"name": "s"}, "spec": {"metrics": metrics}}
    assert "spec.metrics: Too many: 501: must have at most 500 items" in said("hpa", autoscaler)
    endpoints = [{"addresses": ["10.0.0.1"]}] * 1001
    slices = {"metadata": {"name": "s"}, "addressType": "IPv4", "endpoints": endpoints}
    assert said("endpointslices", slices) == [
        "endpoints: Too many: 1001: must have at most 1000 items"
    ]


def test_a_list_that_is_spoken_of_only_by_its_size_is_not_bounded() -> None:
    """A Service must have ports, and may have any number of them."""
    ports = [{"port": 1 + i, "name": f"p{i}"} for i in range(20 * parts.MOST)]
    assert said("services", {"metadata": {"name": "s"}, "spec": {"ports": ports}}) == []
