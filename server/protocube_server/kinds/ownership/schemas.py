"""How managers share the fields of a message type, compiled from its options.

Kubernetes' names for it are ``listType``, ``mapType`` and ``structType``.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from protocube import descriptor_options, memo
from protocube.api.v1 import field_pb2

if TYPE_CHECKING:
    from collections.abc import Mapping


class NodeKind(enum.Enum):
    """What a node of an object is."""

    SCALAR = enum.auto()
    STRUCT = enum.auto()
    MAP = enum.auto()
    LIST = enum.auto()
    """A list that is owned whole."""
    SET = enum.auto()
    KEYED = enum.auto()
    """A list whose elements are told apart by keys."""
    FREE = enum.auto()
    """Any JSON: its objects are shared member by member, its lists are owned whole."""


class Takes(enum.Enum):
    """What JSON a scalar is read from, in Kubernetes' words."""

    TEXT = "string"
    NUMBER = "numeric (int or float)"
    BOOL = "boolean"
    ANY = "scalar"


class _Absent(enum.Enum):
    ABSENT = enum.auto()


ABSENT: Final = _Absent.ABSENT
"""Stands where an object has no value, not even null."""


@dataclass(slots=True, eq=False)
class Schema:
    """One node. Its fields are filled in after it is made: types can be recursive."""

    kind: NodeKind
    atomic: bool = False
    """The node is owned whole."""
    fields: dict[str, Field] = field(default_factory=dict)
    """Of a struct, by JSON names."""
    always: list[str] = field(default_factory=list)
    """Those of ``fields`` that are always there, if empty."""
    element: Schema | None = None
    """Of a map or a list."""
    keys: Mapping[str, Any] = field(default_factory=dict)
    """Of a keyed list: the names of the keys, and what an element has that leaves one out."""
    takes: Takes = Takes.ANY
    holds_free: bool = False
    """Any JSON can lie at or below the node."""

    @property
    def held(self) -> Schema:
        """What each element is: of a list or map, or of what can be any JSON."""
        return self.element or FREE

    def below(self, name: str) -> Schema:
        """Return what a member of an object is."""
        field = self.fields.get(name)
        return self.held if field is None else field.schema


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a struct."""

    schema: Schema
    empty: Any = ABSENT
    """What is there when nothing is written; :data:`ABSENT` for most."""


FREE: Final = Schema(NodeKind.FREE, holds_free=True)
_SCALARS: Final = {takes: Schema(NodeKind.SCALAR, takes=takes) for takes in Takes}
_FREE: Final = {"google.protobuf.Value", "google.protobuf.Struct", "google.protobuf.Any"}
_FREE_LIST: Final = "google.protobuf.ListValue"
_GOOGLE: Final = "google.protobuf."
_TEXT: Final = {
    FieldDescriptor.CPPTYPE_STRING: Takes.TEXT,
    FieldDescriptor.CPPTYPE_ENUM: Takes.TEXT,
    FieldDescriptor.CPPTYPE_BOOL: Takes.BOOL,
}


def for_message(message_class: Any) -> Schema:
    """Return the schema of a message type. Raises ``ValueError`` for options that do not fit."""
    return _compiled(message_class)


@memo.by_message_type
def _compiled(descriptor: Descriptor) -> Schema:
    return _Compiler().message(descriptor)


class _Compiler:
    def __init__(self) -> None:
        self._known: dict[str, Schema] = {}

    def message(self, descriptor: Descriptor) -> Schema:
        """Return the schema of a type, shared by all fields of that type."""
        known = self._known.get(descriptor.full_name)
        if known is not None:
            return known
        schema = self._known[descriptor.full_name] = Schema(NodeKind.STRUCT)
        schema.atomic = descriptor_options.of_message(descriptor).Extensions[field_pb2.atomic]
        schema.holds_free = _leads_to_free(descriptor)
        for item in descriptor.fields:
            option = descriptor_options.api_field(item)
            below = self._field(item, option)
            empty = _empty(item, below) if option.always_present else ABSENT
            schema.fields[item.json_name] = Field(below, empty)
            if option.always_present:
                schema.always.append(item.json_name)
        return schema

    def _field(self, item: Any, option: field_pb2.Field) -> Schema:
        values = descriptor_options.map_values(item)
        if values is not None:
            held = self._one(values, option)
            return _many(NodeKind.MAP, held, atomic=option.atomic)
        one = self._one(item, option)
        return self._list(item, option, one) if item.is_repeated else one

    def _one(self, item: Any, option: field_pb2.Field) -> Schema:
        if item.message_type is None:
            return _SCALARS[_takes(item, option)]
        name = item.message_type.full_name
        if name in _FREE:
            return replace(FREE, atomic=option.atomic)
        if name == _FREE_LIST:
            return Schema(NodeKind.LIST, atomic=True, element=FREE, holds_free=True)
        if name.startswith(_GOOGLE):
            return _SCALARS[Takes.ANY]
        schema = self.message(item.message_type)
        # Of a list or a map the option speaks of the whole.
        alone = not item.is_repeated and not item.containing_type.GetOptions().map_entry
        atomic = schema.atomic
        if alone:
            atomic = option.atomic or (schema.atomic and not option.granular)
        # A changed copy shares the fields, which may not be there yet.
        return schema if atomic == schema.atomic else replace(schema, atomic=atomic)

    def _list(self, item: Any, option: field_pb2.Field, one: Schema) -> Schema:
        if option.list_type == field_pb2.LIST_TYPE_SET:
            return _many(NodeKind.SET, one)
        if option.list_type != field_pb2.LIST_TYPE_MAP:
            return _many(NodeKind.LIST, one, atomic=True)
        if item.message_type is None or not option.list_map_keys:
            raise ValueError(f"{item.full_name}: LIST_TYPE_MAP needs messages and list_map_keys")
        fields = {below.json_name: below for below in item.message_type.fields}
        unknown = [name for name in option.list_map_keys if name not in fields]
        if unknown:
            raise ValueError(f"{item.full_name}: no such keys: {', '.join(unknown)}")
        keys = {name: _default(fields[name]) for name in option.list_map_keys}
        return _many(NodeKind.KEYED, one, keys=keys)


def _many(kind: NodeKind, one: Schema, **more: Any) -> Schema:
    return Schema(kind, element=one, holds_free=one.holds_free, **more)


def _takes(item: Any, option: field_pb2.Field) -> Takes:
    if option.quantity:
        return Takes.ANY
    return _TEXT.get(item.cpp_type, Takes.NUMBER)


def _default(item: Any) -> Any:
    """Return what the key of an element is that leaves it out; :data:`ABSENT` for nothing."""
    text = descriptor_options.api_field(item).default
    if not text:
        return ABSENT
    return text if _takes(item, field_pb2.Field()) is Takes.TEXT else json.loads(text)


def _empty(item: Any, schema: Schema) -> Any:
    """Return what Go writes for the empty value of a field that is always there."""
    if schema.kind is NodeKind.STRUCT and not schema.atomic:
        return {}
    if item.is_repeated or item.message_type is not None or item.has_presence:
        return None
    return {Takes.TEXT: "", Takes.BOOL: False}.get(schema.takes, 0)


def _leads_to_free(descriptor: Descriptor) -> bool:
    """Tell whether any JSON can lie below a message of this type."""
    seen: set[str] = set()
    waiting: list[Any] = [descriptor]
    while waiting:
        current = waiting.pop()
        if current.full_name in _FREE or current.full_name == _FREE_LIST:
            return True
        if current.full_name in seen or current.full_name.startswith(_GOOGLE):
            continue
        seen.add(current.full_name)
        waiting.extend(item.message_type for item in current.fields if item.message_type)
    return False


def class_of(descriptor: Any) -> Any:
    """Return the message class of a descriptor."""
    return message_factory.GetMessageClass(descriptor)
