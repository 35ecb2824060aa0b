"""What the decoder must know of a message's fields, read once from its descriptor."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from protocube import memo
from protocube.api.v1 import field_pb2


class Form(enum.Enum):
    """How one value of a field is written in a manifest."""

    TEXT = enum.auto()
    QUANTITY = enum.auto()
    BYTES = enum.auto()
    BOOL = enum.auto()
    INTEGER = enum.auto()
    FLOAT = enum.auto()
    ENUM = enum.auto()
    TIMESTAMP = enum.auto()
    VALUE = enum.auto()
    STRUCT = enum.auto()
    FOREIGN = enum.auto()
    """Another message of Google's, with a JSON form of its own."""
    MESSAGE = enum.auto()


class Shape(enum.Enum):
    """How many values a field has."""

    ONE = enum.auto()
    LIST = enum.auto()
    MAP = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPlan:
    """One field."""

    name: str
    """The attribute of the message."""
    json_name: str
    form: Form
    shape: Shape
    value_type: str
    """The type of one value as Go would name it: ``string``, ``v1.PodSpec``."""
    go_type: str
    """The type of the whole field: ``[]v1.Container``."""
    bits: int
    signed: bool
    oneof: str
    """The name of the oneof that it is part of, ``""`` for none."""
    descriptor: FieldDescriptor
    """Of one value: for a map, that of the entry's value."""
    is_google: bool
    """One value is a message of Google's."""
    as_it_is: type | None
    """Values of this Python type go into the field as they are."""


_INTEGERS = {
    FieldDescriptor.TYPE_INT32: (32, True),
    FieldDescriptor.TYPE_SINT32: (32, True),
    FieldDescriptor.TYPE_SFIXED32: (32, True),
    FieldDescriptor.TYPE_INT64: (64, True),
    FieldDescriptor.TYPE_SINT64: (64, True),
    FieldDescriptor.TYPE_SFIXED64: (64, True),
    FieldDescriptor.TYPE_UINT32: (32, False),
    FieldDescriptor.TYPE_FIXED32: (32, False),
    FieldDescriptor.TYPE_UINT64: (64, False),
    FieldDescriptor.TYPE_FIXED64: (64, False),
}
_SCALARS = {
    FieldDescriptor.TYPE_STRING: (Form.TEXT, "string"),
    FieldDescriptor.TYPE_BYTES: (Form.BYTES, "[]uint8"),
    FieldDescriptor.TYPE_BOOL: (Form.BOOL, "bool"),
    FieldDescriptor.TYPE_FLOAT: (Form.FLOAT, "float32"),
    FieldDescriptor.TYPE_DOUBLE: (Form.FLOAT, "float64"),
}
# What Go decodes each of them from.
_GOOGLE = {
    "google.protobuf.Timestamp": (Form.TIMESTAMP, "string"),
    "google.protobuf.Value": (Form.VALUE, "interface {}"),
    "google.protobuf.Struct": (Form.STRUCT, "map[string]interface {}"),
}

_OF_GOOGLE = frozenset({Form.TIMESTAMP, Form.VALUE, Form.STRUCT, Form.FOREIGN})
_AS_IT_IS: dict[Form, type] = {Form.TEXT: str, Form.BOOL: bool}


@memo.by_message_type
def plans(descriptor: Descriptor) -> dict[str, FieldPlan]:
    """Return the plans of a message's fields by their names in a manifest."""
    return {field.json_name: _plan(field) for field in descriptor.fields}


def is_quantity(field: FieldDescriptor) -> bool:
    """Tell whether the schema calls a field, or a map's values, a quantity."""
    options = descriptor_pb2.FieldOptions.FromString(field.GetOptions().SerializeToString())
    return bool(options.Extensions[field_pb2.field].quantity)


def _plan(field: FieldDescriptor) -> FieldPlan:
    shape, value = Shape.ONE, field
    message = field.message_type
    if message is not None and message.GetOptions().map_entry:
        shape, value = Shape.MAP, message.fields_by_name["value"]
    elif field.is_repeated:
        shape = Shape.LIST
    form, value_type = _form(value)
    bits, signed = _INTEGERS.get(value.type, (0, False))
    if form is Form.TEXT and is_quantity(field):
        form = Form.QUANTITY
    prefix = {Shape.ONE: "", Shape.LIST: "[]", Shape.MAP: "map[string]"}[shape]
    go_type = f"{prefix}{value_type}"
    if form is Form.QUANTITY and shape is Shape.MAP:
        go_type = "v1.ResourceList"
    oneof = field.containing_oneof
    return FieldPlan(
        name=field.name,
        json_name=field.json_name,
        form=form,
        shape=shape,
        value_type=value_type,
        go_type=go_type,
        bits=bits,
        signed=signed,
        # The oneof of an `optional` field is protobuf's own.
        oneof="" if oneof is None or oneof.name.startswith("_") else oneof.name,
        descriptor=value,
        # A set or dict of forms would be asked for each value, and enums hash slowly.
        is_google=form in _OF_GOOGLE,
        as_it_is=_AS_IT_IS.get(form),
    )


def _form(field: FieldDescriptor) -> tuple[Form, str]:
    if field.type in _SCALARS:
        return _SCALARS[field.type]
    if field.type in _INTEGERS:
        bits, signed = _INTEGERS[field.type]
        return Form.INTEGER, f"{'' if signed else 'u'}int{bits}"
    if field.type == FieldDescriptor.TYPE_ENUM:
        return Form.ENUM, "string"
    message = field.message_type
    assert message is not None  # noqa: S101  # all other types were ruled out
    if message.full_name in _GOOGLE:
        return _GOOGLE[message.full_name]
    if message.full_name.startswith("google.protobuf."):
        return Form.FOREIGN, "string"
    package = message.file.package.rpartition(".")[2]
    return Form.MESSAGE, f"{package}.{message.name}"
