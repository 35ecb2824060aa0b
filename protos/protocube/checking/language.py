"""What of protobuf's language files of kinds may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pb2 import FeatureSet, FieldDescriptorProto

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.protobuf.message import Message

    from protocube.checking.declarations import File
    from protocube.checking.declarations import Message as Declared
    from protocube.checking.fault import Fault

_RESERVED: Final = (19000, 19999)
"""Numbers that protobuf keeps for its implementations; objects in the store use them."""
_EDITIONS: Final = (descriptor_pb2.EDITION_2023, descriptor_pb2.EDITION_2024)
_FEATURES: Final[Mapping[str, tuple[int, ...]]] = {
    "field_presence": (FeatureSet.EXPLICIT, FeatureSet.IMPLICIT),
    "enum_type": (FeatureSet.OPEN,),
    "utf8_validation": (FeatureSet.VERIFY,),
    "message_encoding": (FeatureSet.LENGTH_PREFIXED,),
    "json_format": (FeatureSet.ALLOW,),
}
"""The values that a feature of an edition may have; others may have any."""


def faults(file: File) -> Iterator[Fault]:
    """Yield what a file uses and may not."""
    proto = file.proto
    if proto.syntax == "editions":
        if proto.edition not in _EDITIONS:
            text = f"edition {proto.edition} is not supported: use proto3, or edition 2023 or 2024"
            yield file.at_syntax("syntax", text)
    elif proto.syntax != "proto3":
        text = f"syntax {proto.syntax or 'proto2'} is not supported: use proto3"
        yield file.at_syntax("syntax", text)
    for index, service in enumerate(proto.service):
        text = f"service {service.name}: a kind's service is made by the server"
        yield file.fault("service", text, path=(6, index))
    for index, extension in enumerate(proto.extension):
        yield file.fault("extension", f"{extension.name}: no extensions", path=(7, index))
    if proto.public_dependency or proto.weak_dependency or proto.option_dependency:
        yield file.fault("import", "imports must be plain: not public, weak or option")
    yield from _features(file, proto.options)
    for message in file.messages():
        yield from _message(file, message)
    for name, enum, path in file.enums():
        yield from _features(file, enum.options, name, path)
        yield from _reserved_values(file, name, enum, path)


def _message(file: File, message: Declared) -> Iterator[Fault]:
    proto = message.proto
    yield from _features(file, proto.options, message.name, message.path)
    for extension in proto.extension:
        text = f"{extension.name}: no extensions"
        yield file.fault("extension", text, symbol=message.name, path=message.path)
    if proto.extension_range:
        text = "no extension ranges"
        yield file.fault("extension", text, symbol=message.name, path=message.path)
    names = frozenset(proto.reserved_name)
    for field, path in message.fields():
        symbol, number = f"{message.name}.{field.name}", field.number
        if _RESERVED[0] <= number <= _RESERVED[1]:
            text = f"the numbers 19000 to 19999 are protobuf's own, and {number} is one of them"
            yield file.fault("field.number", text, symbol=symbol, path=path)
        if any(item.start <= number < item.end for item in proto.reserved_range):
            text = f"the number {number} is reserved in this message"
            yield file.fault("field.reserved", text, symbol=symbol, path=path)
        if field.name in names:
            text = f"the name {field.name} is reserved in this message"
            yield file.fault("field.reserved", text, symbol=symbol, path=path)
        if field.label == FieldDescriptorProto.LABEL_REQUIRED:
            text = "required fields are not supported"
            yield file.fault("field.required", text, symbol=symbol, path=path)
        if field.type == FieldDescriptorProto.TYPE_GROUP:
            yield file.fault("field.group", "groups are not supported", symbol=symbol, path=path)
        yield from _features(file, field.options, symbol, path)


def _reserved_values(
    file: File, name: str, enum: descriptor_pb2.EnumDescriptorProto, path: tuple[int, ...]
) -> Iterator[Fault]:
    for value in enum.value:
        # Unlike those of messages, these ranges have their end in them.
        taken = any(item.start <= value.number <= item.end for item in enum.reserved_range)
        if taken or value.name in enum.reserved_name:
            text = f"{value.name} = {value.number} is reserved in this enum"
            yield file.fault("enum.reserved", text, symbol=name, path=path)


def _features(
    file: File, options: Message, symbol: str = "", path: tuple[int, ...] = ()
) -> Iterator[Fault]:
    features: FeatureSet = options.features  # type: ignore[attr-defined]  # all options have them
    for feature, allowed in _FEATURES.items():
        if features.HasField(feature) and getattr(features, feature) not in allowed:  # type: ignore[arg-type]  # a field's name
            text = f"the feature {feature} has a value that kinds cannot have"
            yield file.fault("feature", text, symbol=symbol, path=path)
