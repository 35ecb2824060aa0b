"""Fields that cannot change after creation, in any kind: set, changed or taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from google.protobuf.descriptor import FieldDescriptor

from protocube import descriptor_options
from protocube.api.v1 import field_pb2
from protocube.catalog import Catalog
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor

    from protocube.catalog import Resource

_DEEPEST: Final = 4
_SAMPLES: Final[dict[int, tuple[Any, Any]]] = {
    FieldDescriptor.CPPTYPE_STRING: ("a", "b"),
    FieldDescriptor.CPPTYPE_BOOL: (True, False),
    FieldDescriptor.CPPTYPE_INT32: (1, 2),
    FieldDescriptor.CPPTYPE_INT64: (1, 2),
    FieldDescriptor.CPPTYPE_ENUM: (1, 2),
}


def _paths(
    descriptor: Descriptor, above: tuple[FieldDescriptor, ...] = ()
) -> Iterator[tuple[FieldDescriptor, ...]]:
    """Yield where immutable fields are that lie in no list."""
    for field in descriptor.fields:
        path = (*above, field)
        if descriptor_options.of_field(field).Extensions[field_pb2.field].immutable:
            yield path
        elif field.message_type and not field.is_repeated and len(path) < _DEEPEST:
            yield from _paths(field.message_type, path)


def _resolved(descriptor: Descriptor, text: str) -> tuple[FieldDescriptor, ...]:
    """Return the fields of a path of JSON names."""
    found: list[FieldDescriptor] = []
    holder: Descriptor | None = descriptor
    for step in text.split("."):
        assert holder is not None, text
        found.append(next(field for field in holder.fields if field.json_name == step))
        holder = found[-1].message_type
    return tuple(found)


def _cases() -> Iterator[Any]:
    for resource in Catalog.shipped().resources:
        named = [_resolved(resource.descriptor, text) for text in resource.options.immutable]
        for path in (*_paths(resource.descriptor), *named):
            name = ".".join(field.json_name for field in path)
            yield pytest.param(resource, path, name, id=f"{resource.qualified}-{name}")


def _write(target: Any, field: FieldDescriptor, place: int) -> None:
    """Give a field of any form the first or the second of two values."""
    if field.message_type and field.message_type.GetOptions().map_entry:
        entry = field.message_type.fields_by_name["value"]
        if entry.message_type:
            getattr(target, field.name)["ab"[place]].SetInParent()
        else:
            getattr(target, field.name)["k"] = _SAMPLES[entry.cpp_type][place]
    elif field.is_repeated:
        values = getattr(target, field.name)
        if field.message_type:
            for _ in range(place + 1):
                values.add()
        else:
            values.append(_value(field, place))
    elif field.message_type:
        _fill(getattr(target, field.name), place)
    else:
        setattr(target, field.name, _value(field, place))


def _fill(message: Any, place: int) -> None:
    """Make a message be there, and differ from that of the other place."""
    message.SetInParent()
    for _ in range(place):
        _write(message, message.DESCRIPTOR.fields[0], 0)


def _value(field: FieldDescriptor, place: int) -> Any:
    if field.type == FieldDescriptor.TYPE_BYTES:
        return b"ab"[place : place + 1]
    return _SAMPLES[field.cpp_type][place]


def _object(resource: Resource, path: tuple[FieldDescriptor, ...], place: int | None) -> Any:
    """Return an object in which the field has a value, or none."""
    message: Any = resource.message_class()
    target = message
    for step in path[:-1]:
        target = getattr(target, step.name)
        target.SetInParent()
    if place is not None:
        _write(target, path[-1], place)
    return message


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, 0), (0, 1), (1, 0), (0, None)],
    ids=["set", "changed", "changed-back", "taken-away"],
)
@pytest.mark.parametrize(("resource", "path", "name"), [*_cases()])
def test_it_cannot_be_set_changed_or_taken_away(
    resource: Resource,
    path: tuple[FieldDescriptor, ...],
    name: str,
    before: int | None,
    after: int | None,
) -> None:
    """One violation names the field; an object that keeps it as it is has none."""
    kind = Kind(resource, "/registry", functions=FUNCTIONS)
    old, new = (_object(resource, path, place) for place in (before, after))
    same = [item for item in kind.validation.changes.faults(old, old) if item is not None]
    assert not [item for item in same if "field is immutable" in item.message]
    if old == new:
        pytest.skip("the field has no such state of its own")
    found = [item for item in kind.validation.changes.faults(old, new) if item is not None]
    said = [item.field for item in found if item.message.endswith("field is immutable")]
    assert said == [name], f"from {old} to {new}"
