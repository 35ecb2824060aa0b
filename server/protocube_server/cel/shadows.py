"""Messages whose fields have the names that expressions use.

Expressions know objects by their JSON names, protobuf by its own. A shadow of a message has the
same numbers and types, so that it is read from the message's bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import descriptor_pb2, message_factory

from protocube import file_order, pools
from protocube_server.cel import escaping, types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message import Message

_STRUCT = "google/protobuf/struct.proto"


class Shadows:
    """The shadows of all messages of some files."""

    def __init__(
        self,
        files: Iterable[descriptor_pb2.FileDescriptorProto],
        *,
        field: Callable[[str], str] = escaping.policy_field,
        into: pools.Shared | None = None,
    ) -> None:
        """Take in ``files``, in any order; each is copied when it is needed.

        ``field`` returns the name of a field for expressions, of its JSON name. Files may
        import what is not among them only if that holds nothing but options. They are put
        ``into`` a pool that others share, if that is given; it raises ``TypeError`` when they do
        not fit into it.
        """
        given = {file.name: file for file in files}
        if _STRUCT not in given:
            from google.protobuf import struct_pb2

            copy = descriptor_pb2.FileDescriptorProto()
            struct_pb2.DESCRIPTOR.CopyToProto(copy)
            given[_STRUCT] = copy
        kept = [file for file in given.values() if _is_kept(file)]
        names = {file.name for file in kept}
        own = [_shadow(file, names, field) for file in kept]
        self._take([*own, *types.files()], into)

    def _take(
        self, files: list[descriptor_pb2.FileDescriptorProto], into: pools.Shared | None
    ) -> None:
        self._files: list[descriptor_pb2.FileDescriptorProto] = []
        self.size = 0
        """Bytes of what was put into a shared pool."""
        self.pool: DescriptorPool
        """What environments are made with."""
        if into is None:
            self._files, self.pool = files, pools.of_trusted(files)
        else:
            ordered = file_order.in_order(files)
            serialized = [file.SerializeToString() for file in ordered]
            into.take(ordered, serialized)
            self.size, self.pool = sum(map(len, serialized)), into.pool
        self._classes: dict[str, type[Message]] = {}

    def beside(self, file: descriptor_pb2.FileDescriptorProto) -> Shadows:
        """Return the same shadows, and the messages of another file, in a pool of their own.

        Those in a shared pool cannot do so.
        """
        return _Extended([*self._files, file])

    def message_class(self, full_name: str) -> type[Message]:
        """Return the shadow of a message type. Raises ``KeyError``."""
        found = self._classes.get(full_name)
        if found is None:
            descriptor = self.pool.FindMessageTypeByName(full_name)
            found = self._classes[full_name] = message_factory.GetMessageClass(descriptor)
        return found

    def of(self, message: Message) -> Any:
        """Return the shadow of a message. Those of equal messages are equal."""
        shadow = self.message_class(message.DESCRIPTOR.full_name)
        # What the shadow has no field for it holds, and compares, as bytes.
        return shadow.FromString(message.SerializeToString(deterministic=True))


class _Extended(Shadows):
    """Shadows of files that have the names for expressions already."""

    def __init__(self, files: list[descriptor_pb2.FileDescriptorProto]) -> None:
        self._take(files, None)


def _is_kept(file: descriptor_pb2.FileDescriptorProto) -> bool:
    """Tell whether a file describes what expressions can meet: no options, no services."""
    if file.name.startswith(("buf/", "protocube/api/")):
        return False
    return not file.service


def _shadow(
    file: descriptor_pb2.FileDescriptorProto, names: set[str], field: Callable[[str], str]
) -> descriptor_pb2.FileDescriptorProto:
    if file.name.startswith("google/"):
        return file
    copy = descriptor_pb2.FileDescriptorProto()
    copy.CopyFrom(file)
    for part in ("options", "extension", "dependency", "public_dependency", "weak_dependency"):
        copy.ClearField(part)
    copy.ClearField("source_code_info")
    copy.dependency.extend(name for name in file.dependency if name in names)
    for message in copy.message_type:
        _rename(message, field)
    return copy


def _rename(message: descriptor_pb2.DescriptorProto, name: Callable[[str], str]) -> None:
    is_entry = message.options.map_entry
    message.ClearField("options")
    message.ClearField("extension")
    if is_entry:
        message.options.map_entry = True
    else:
        # Names in JSON that are made of others' names are of no use here.
        message.options.deprecated_legacy_json_field_conflicts = True
        for field in message.field:
            field.name = name(field.json_name or _json_name(field.name))
            # Its own name again: what would be made of it may be that of another field.
            field.json_name = field.name
            field.ClearField("options")
    for nested in message.nested_type:
        _rename(nested, name)


def _json_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)
