"""What our options and rules say about fields must be true of those fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from protocube.api.v1 import field_pb2, rules_pb2
from protocube.catalog import Catalog, Resource
from protocube.vendor.buf.validate import validate_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor, FieldDescriptor

RESOURCES = {resource.message: resource for resource in Catalog.shipped().resources}


def fields_below(descriptor: Descriptor, seen: set[str]) -> Iterator[FieldDescriptor]:
    """Yield every field below a message once."""
    if descriptor.full_name in seen:
        return
    seen.add(descriptor.full_name)
    for field in descriptor.fields:
        yield field
        if field.message_type is not None and field.message_type.full_name.startswith("protocube."):
            yield from fields_below(field.message_type, seen)


SEEN: set[str] = set()
FIELDS = [field for item in RESOURCES.values() for field in fields_below(item.descriptor, SEEN)]
OPTIONS = [(field, field.GetOptions().Extensions[field_pb2.field]) for field in FIELDS]


def rule_sets(rules: validate_pb2.FieldRules) -> Iterator[validate_pb2.FieldRules]:
    """Yield the rules of a field, of its elements, of its keys and of its values."""
    yield rules
    for below in (rules.repeated.items, rules.map.keys, rules.map.values):
        if below.ByteSize():
            yield below


def test_supported_values_are_sorted() -> None:
    """Kubernetes prints supported values in order, and we print them as declared."""
    for field in FIELDS:
        for rules in rule_sets(field.GetOptions().Extensions[validate_pb2.field]):
            values = list(getattr(rules.string, "in"))
            assert values == sorted(values), field.full_name


def test_supported_values_let_a_default_be_filled_in() -> None:
    """A client may validate before the server fills in: the unset value passes."""
    for field, option in OPTIONS:
        rules = field.GetOptions().Extensions[validate_pb2.field]
        closed = bool(getattr(rules.string, "in")) and not field.has_presence
        if closed and (option.default or option.computed_default):
            assert rules.ignore == validate_pb2.IGNORE_IF_ZERO_VALUE, field.full_name


def test_keys_of_lists_name_fields_of_the_elements() -> None:
    """``merge_key`` and ``unique_by`` are JSON names of the element's fields."""
    for field, option in OPTIONS:
        names = [*option.unique_by, *([option.merge_key] if option.merge_key else [])]
        if not names or names == ["*"]:
            continue
        assert field.is_repeated, field.full_name
        element = field.message_type
        assert element is not None, field.full_name
        known = {below.json_name for below in element.fields}
        assert set(names) <= known, field.full_name


def test_quantities_are_checked() -> None:
    """A field that holds quantities has the rule for their form."""
    for field, option in OPTIONS:
        if option.quantity:
            rules = field.GetOptions().Extensions[validate_pb2.field]
            one = rules
            if field.is_repeated:
                one = rules.repeated.items if field.message_type is None else rules.map.values
            assert one.string.HasExtension(rules_pb2.quantity), field.full_name


def test_values_are_free_json_or_an_int_or_string() -> None:
    """A Value has the option, but for those of schemas and of what CEL is given."""
    for field, option in OPTIONS:
        held = field.message_type
        if option.int_or_string:
            assert held is not None, field.full_name
            assert held.full_name == "google.protobuf.Value", field.full_name
        elif held is not None and held.full_name == "google.protobuf.Value":
            assert field.full_name.startswith("protocube.apiextensions.v1.JSONSchemaProps.")


@pytest.mark.parametrize("message", sorted(RESOURCES))
def test_columns_point_at_fields(message: str) -> None:
    """A column's path leads to a field, and a column has a path or a computation."""
    resource: Resource = RESOURCES[message]
    for column in resource.columns:
        assert bool(column.path) != bool(column.computed), column.name
        current: Descriptor | None = resource.descriptor
        for name in re.findall(r"\.(\w+)", column.path):
            assert current is not None, column.path
            by_name = {field.json_name: field for field in current.fields}
            assert name in by_name, column.path
            current = by_name[name].message_type


@pytest.mark.parametrize("message", sorted(RESOURCES))
def test_a_kind_begins_with_the_fields_that_all_kinds_share(message: str) -> None:
    """The store reads ``metadata`` as the third field without knowing the kind."""
    head = [(field.number, field.name) for field in RESOURCES[message].descriptor.fields[:3]]
    assert head == [(1, "api_version"), (2, "kind"), (3, "metadata")]
