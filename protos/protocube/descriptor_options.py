"""What the options of fields and messages say, with all extensions that are known by now.

A descriptor parses its options once and keeps them, without the extensions that nobody had
imported by then; and they may be of another descriptor pool. So they are parsed anew here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import descriptor_pb2

from protocube.api.v1 import field_pb2

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor


def of_field(field: FieldDescriptor) -> descriptor_pb2.FieldOptions:
    """Return the options of a field."""
    return descriptor_pb2.FieldOptions.FromString(field.GetOptions().SerializeToString())


def of_message(message: Descriptor) -> descriptor_pb2.MessageOptions:
    """Return the options of a message type."""
    return descriptor_pb2.MessageOptions.FromString(message.GetOptions().SerializeToString())


def of_oneof(oneof: OneofDescriptor) -> descriptor_pb2.OneofOptions:
    """Return the options of a oneof."""
    return descriptor_pb2.OneofOptions.FromString(oneof.GetOptions().SerializeToString())


def api_field(field: FieldDescriptor) -> field_pb2.Field:
    """Return what the API adds to a field beyond its type."""
    return of_field(field).Extensions[field_pb2.field]


def is_of_schema(message: Descriptor) -> bool:
    """Tell whether a message, or the one that it is declared in, was made of a JSON schema."""
    outermost: Any = message
    while outermost.containing_type is not None:
        outermost = outermost.containing_type
    return bool(of_message(outermost).Extensions[field_pb2.json_schema])


def is_within_schema(field: Any) -> bool:
    """Tell whether a field leads from a message of a JSON schema to another one of it.

    Such messages have defaults and lists, and no other options of ours.
    """
    return is_of_schema(field.message_type) and is_of_schema(field.containing_type)


def is_map(field: FieldDescriptor) -> bool:
    """Tell whether a field is a map, which its descriptor has as a list of entries."""
    return map_values(field) is not None


def map_values(field: FieldDescriptor) -> FieldDescriptor | None:
    """Return the field that holds the values of a map; ``None`` for what is no map."""
    entry: Any = field.message_type
    if entry is None or not entry.GetOptions().map_entry:
        return None
    values: FieldDescriptor = entry.fields_by_name["value"]
    return values
