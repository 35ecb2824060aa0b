"""The kinds of a catalog, as a server prepares them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from protocube.api.v1 import field_pb2
from protocube.catalog import Catalog
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.kind import Kind
from protocube_server.kinds.named.functions import Functions
from protocube_server.kinds.registry import Registry
from tests import machines

if TYPE_CHECKING:
    from collections.abc import Iterator

REGISTRY = Registry(Catalog.shipped(), "/r", FUNCTIONS)
KINDS = [pytest.param(kind, id=kind.resource.message) for kind in REGISTRY]


@pytest.mark.parametrize("kind", KINDS)
def test_every_shipped_kind_can_be_honoured(kind: Kind) -> None:
    """All options of our own kinds name defaults, rules and selectors that exist."""
    kind.check()


_SPEC = 'name: "MachineSpec"'
_PARTS = """
  name: "MachineSpec"
  field {
    name: "parts" number: 2 type: TYPE_MESSAGE label: LABEL_REPEATED
    type_name: ".example.v1.MachineSpec"
    options { [protocube.api.v1.field] { %s } }
  }
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_SPEC, _PARTS % 'list_type: LIST_TYPE_MAP list_map_keys: "nope"'),
        (_SPEC, _PARTS % 'merge_key: "nope"'),
        (_SPEC, _PARTS % 'unique_by: "size" unique_by: "nope"'),
        ("immutable: true", 'freezes: "nope"'),
        ('plural: "machines"', 'plural: "machines" immutable: "spec.nope"'),
        ('plural: "machines"', 'plural: "machines" kept_by_update: "spec.size.nope"'),
        ('plural: "machines"', 'plural: "machines" kept_by_status: "nope"'),
        ('plural: "machines"', 'plural: "machines" creator: "nope"'),
    ],
)
def test_an_option_that_names_no_field_is_an_error_of_the_check(old: str, new: str) -> None:
    """It would be one of a call, or would never have an effect."""
    registry = Registry(machines.catalog(machines.file((old, new))), "/r", FUNCTIONS)
    kind = registry.for_service(machines.SERVICE)
    assert kind is not None
    with pytest.raises(ValueError, match=r"^example\.v1\.Machine.*nope"):
        kind.check()


@pytest.mark.parametrize("plural", ["~system", "~pods", "pods/status", "", ".."])
def test_a_plural_that_no_key_can_be_made_of(plural: str) -> None:
    """What the server keeps for itself, or another kind's objects, are out of reach of a kind."""
    resource = Catalog.shipped().for_message("protocube.core.v1.Pod")
    assert resource is not None
    with pytest.raises(ValueError, match="cannot name a resource in a key"):
        Kind(dataclasses.replace(resource, plural=plural), "/r", functions=FUNCTIONS)


def test_a_second_version_lies_under_the_key_of_the_stored_one() -> None:
    """Two versions of a kind are one object in the store."""
    catalog = Catalog.shipped()
    keys = {
        kind.key("default", "web")
        for kind in Registry(catalog, "/r", FUNCTIONS)
        if kind.resource.kind == "HorizontalPodAutoscaler"
    }
    assert keys == {b"/r/horizontalpodautoscalers.autoscaling/default/web"}


def _named(descriptor: Any, seen: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the options below a message that name a function, and the names."""
    if descriptor.full_name in seen:
        return
    seen.add(descriptor.full_name)
    for name in descriptor.GetOptions().Extensions[field_pb2.computed_rules]:
        yield "message_rules", name
    for name in descriptor.GetOptions().Extensions[field_pb2.computed_warnings]:
        yield "warnings", name
    for field in descriptor.fields:
        option = field.GetOptions().Extensions[field_pb2.field]
        yield "defaults", option.computed_default
        yield "rules", option.computed_rule
        yield "update_rules", option.update_rule
        yield "update_defaults", option.update_default
        if field.message_type is not None:
            yield from _named(field.message_type, seen)


def test_no_function_is_kept_that_no_option_names() -> None:
    """Every named function of the built-in kinds is asked for by the contract."""
    seen: set[str] = set()
    named = {
        pair for kind in REGISTRY for pair in _named(kind.resource.descriptor, seen) if pair[1]
    }
    named |= {("conversions", kind.resource.options.conversion) for kind in REGISTRY}
    named |= {("graces", kind.resource.options.grace) for kind in REGISTRY}
    named |= {("uses", kind.resource.options.protection.use) for kind in REGISTRY}
    named |= {("evictions", kind.resource.options.eviction) for kind in REGISTRY}
    named |= {("bindings", kind.resource.options.binding) for kind in REGISTRY}
    named |= {("allocations", kind.resource.options.allocation) for kind in REGISTRY}
    known = {
        (option.name, name)
        for option in dataclasses.fields(FUNCTIONS)
        for name in getattr(FUNCTIONS, option.name)
    }
    assert sorted(known - named) == []


def test_two_functions_of_one_name_cannot_be_merged() -> None:
    """A name that two families use would hide one of them."""
    one, other = (
        Functions(rules={"a": lambda _: iter(())}),
        Functions(rules={"a": lambda _: iter(())}),
    )
    assert Functions.merged(one, one) == one
    with pytest.raises(ValueError, match="two functions of rules are called 'a'"):
        Functions.merged(one, other)
