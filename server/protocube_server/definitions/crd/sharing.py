"""Files that describe the same bytes in as few types as there are different ones.

A schema has no types: a pod template that it has at a dozen places is written down a dozen times,
and becomes as many messages, which clients see. The server keeps something for each type that it
parses, fills in and merges, so it works with one type for all messages that are alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor_pb2 import (
    EDITION_2023,
    DescriptorProto,
    FileDescriptorProto,
)

from protocube.vendor.buf.validate import validate_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.descriptor_pb2 import FieldDescriptorProto

_RULES: Final = validate_pb2.field


def shared(files: Iterable[FileDescriptorProto]) -> list[FileDescriptorProto]:
    """Return files of the same names, in which no two messages within a kind's are alike.

    The messages of the kinds themselves are all there, in a dependency order. Comments, rules of
    fields, which the schema says itself, and reserved numbers are left out.
    """
    work = _Sharing()
    return [work.file(file) for file in files]


class _Sharing:
    """Goes through the messages, those within one before itself."""

    def __init__(self) -> None:
        self._first: dict[bytes, str] = {}
        """The first message of each content: its full name, with a dot in front."""
        self._instead: dict[str, str] = {}
        """The first one that is like it, by the full name of each message."""
        self._files: dict[str, str] = {}
        """The file of each first message."""

    def file(self, file: FileDescriptorProto) -> FileDescriptorProto:
        """Return one file."""
        made = FileDescriptorProto(
            name=file.name,
            package=file.package,
            # As proto3 with `optional` at each scalar, but for the oneofs that are made for those:
            # they take as much room as the fields.
            syntax="editions",
            edition=EDITION_2023,
            dependency=file.dependency,
        )
        made.options.CopyFrom(file.options)
        for message in file.message_type:
            name = f".{file.package}.{message.name}"
            found, within = self._message(message, name, made)
            found.nested_type.extend(within)
            made.message_type.append(found)
        return made

    def _message(
        self, message: DescriptorProto, full_name: str, file: FileDescriptorProto
    ) -> tuple[DescriptorProto, list[DescriptorProto]]:
        """Return a message with nothing in it but entries of maps, and the messages within it."""
        made = DescriptorProto(name=message.name)
        if message.HasField("options"):
            made.options.CopyFrom(message.options)
        within = []
        for nested in message.nested_type:
            name = f"{full_name}.{nested.name}"
            found, below = self._message(nested, name, file)
            if nested.options.map_entry:
                # It belongs to its field, and that finds it wherever the message is.
                self._instead[name] = nested.name
                made.nested_type.append(found)
                continue
            content = _content(found)
            first = self._instead[name] = self._first.setdefault(content, name)
            if first == name:
                self._files[name] = file.name
                found.nested_type.extend(below)
                within.append(found)
        for field in message.field:
            self._field(field, made.field.add(), file)
        return made, within

    def _field(
        self, field: FieldDescriptorProto, made: FieldDescriptorProto, file: FileDescriptorProto
    ) -> None:
        made.CopyFrom(field)
        made.ClearField("proto3_optional")
        made.ClearField("oneof_index")
        if field.options.HasExtension(_RULES):
            made.options.ClearExtension(_RULES)
            if not made.options.ByteSize():
                made.ClearField("options")
        if field.type_name:
            made.type_name = self._instead.get(field.type_name, field.type_name)
            place = self._files.get(made.type_name, file.name)
            if place != file.name and place not in file.dependency:
                file.dependency.append(place)


def _content(message: DescriptorProto) -> bytes:
    """Return what tells one type from another, wherever the two are and whatever their names."""
    name = message.name
    message.ClearField("name")
    content = message.SerializeToString(deterministic=True)
    message.name = name
    return content
