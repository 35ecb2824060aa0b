"""What the decoder must know of a message's fields, read once from its descriptor."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from protocube import descriptor_options, memo
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
    INT_OR_STRING = enum.auto()
    """A Value that is a whole number of 32 bits or a text."""
    STRUCT = enum.auto()
    LIST_VALUE = enum.auto()
    """A list of free JSON."""
    WRAPPER = enum.auto()
    """A message of Google's around one scalar, which is written as that scalar."""
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
    members: tuple[str, ...]
    """The JSON names of the fields of that oneof, as they are declared."""
    descriptor: FieldDescriptor
    """Of one value: for a map, that of the entry's value."""
    is_google: bool
    """One value is a message of Google's, and not free JSON."""
    is_free: bool
    """One value is JSON, in a Value or a Struct."""
    as_it_is: type | None
    """Values of this Python type go into the field as they are."""
    one_as_it_is: type | None
    """As ``as_it_is``, for a field that has one value and is part of no oneof."""
    is_message: bool
    """One value is a message, of whatever kind."""
    is_micro: bool
    """One value is a time that is written with six digits of a second."""
    is_of_schema: bool
    """The message was made of a JSON schema, which has words of its own for what does not fit."""


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
    "google.protobuf.ListValue": (Form.LIST_VALUE, "[]interface {}"),
}

WRAPPERS = frozenset(
    f"google.protobuf.{name}Value"
    for name in ("Bool", "Bytes", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64")
)
_OF_GOOGLE = frozenset({Form.TIMESTAMP, Form.WRAPPER, Form.FOREIGN})
_FREE = frozenset({Form.VALUE, Form.INT_OR_STRING, Form.STRUCT, Form.LIST_VALUE})
_AS_IT_IS: dict[Form, type] = {Form.TEXT: str, Form.BOOL: bool}


@memo.by_message_type
def plans(descriptor: Descriptor) -> dict[str, FieldPlan]:
    """Return the plans of a message's fields by their names in a manifest."""
    of_schema = descriptor_options.is_of_schema(descriptor)
    return {field.json_name: _plan(field, of_schema=of_schema) for field in descriptor.fields}


def is_quantity(field: FieldDescriptor) -> bool:
    """Tell whether the schema calls a field, or a map's values, a quantity."""
    return descriptor_options.api_field(field).quantity


def _plan(field: FieldDescriptor, *, of_schema: bool) -> FieldPlan:
    shape, value = Shape.ONE, field
    if (values := descriptor_options.map_values(field)) is not None:
        shape, value = Shape.MAP, values
    elif field.is_repeated:
        shape = Shape.LIST
    form, value_type = _form(value)
    bits, signed = _INTEGERS.get(value.type, (0, False))
    if form is Form.TEXT and is_quantity(field):
        form = Form.QUANTITY
    if form is Form.VALUE and descriptor_options.api_field(field).int_or_string:
        form = Form.INT_OR_STRING
    prefix = {Shape.ONE: "", Shape.LIST: "[]", Shape.MAP: "map[string]"}[shape]
    go_type = f"{prefix}{value_type}"
    if form is Form.QUANTITY and shape is Shape.MAP:
        go_type = "v1.ResourceList"
    oneof = field.containing_oneof
    # The oneof of an `optional` field is protobuf's own.
    is_free_to_set = oneof is None or oneof.name.startswith("_")
    as_it_is = _AS_IT_IS.get(form)
    return FieldPlan(
        name=field.name,
        json_name=field.json_name,
        form=form,
        shape=shape,
        value_type=value_type,
        go_type=go_type,
        bits=bits,
        signed=signed,
        oneof="" if oneof is None or is_free_to_set else oneof.name,
        members=() if oneof is None else tuple(item.json_name for item in oneof.fields),
        descriptor=value,
        # A set or dict of forms would be asked for each value, and enums hash slowly.
        is_google=form in _OF_GOOGLE,
        is_free=form in _FREE,
        as_it_is=as_it_is,
        one_as_it_is=as_it_is if is_free_to_set and shape is Shape.ONE else None,
        is_message=value.message_type is not None,
        is_micro=form is Form.TIMESTAMP and _is_micro(field),
        is_of_schema=of_schema,
    )


def _is_micro(field: FieldDescriptor) -> bool:
    return descriptor_options.api_field(field).time == field_pb2.TIME_MICROSECONDS


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
    if message.full_name in WRAPPERS:
        return Form.WRAPPER, _form(message.fields_by_name["value"])[1]
    if message.full_name.startswith("google.protobuf."):
        return Form.FOREIGN, "string"
    package = message.file.package.rpartition(".")[2]
    return Form.MESSAGE, f"{package}.{message.name}"
