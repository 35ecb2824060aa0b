"""``definitions.protocube.dev/v1 Definition``: the files of a kind, as descriptors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf import descriptor_pb2, unknown_fields
from google.protobuf.message import DecodeError

from protocube import errors, file_order
from protocube.api.v1 import field_pb2, group_version_pb2, resource_pb2
from protocube.checking import check
from protocube.checking.declarations import File
from protocube.packed_files import PackedFiles
from protocube_server.definitions.door import Compiled, Refused, State
from protocube_server.kinds import conditions, violations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from google.protobuf.descriptor_pb2 import FileDescriptorProto
    from google.protobuf.message import Message

    from protocube.catalog import Catalog
    from protocube.checking.fault import Fault

_WORDS: Final = {
    State.SERVED: ("InitialNamesAccepted", "objects of the kind can be read and written"),
    State.REFUSED: ("NotServed", "the definition cannot be served"),
}
_EXTENSIONS: Final = (field_pb2, group_version_pb2, resource_pb2)
"""Imported so that options are read with them."""


class ProtoDoor:
    """See :class:`protocube_server.definitions.door.Door`."""

    message = "protocube.definitions.v1.Definition"
    noun = "definition"
    finalizer = "definitions.protocube.dev/objects"

    def __init__(self, base: Catalog) -> None:
        """``base`` has the files that definitions may import."""
        self._base = base

    def name(self, definition: Any) -> str:
        """See :class:`Door`."""
        name: str = definition.metadata.name
        return name

    def compile(self, definition: Any, numbers: bytes) -> Compiled:
        """See :class:`Door`."""
        del numbers
        files = file_order.in_order(_files(definition))
        faults = check.definition(files, self._base) or list(_unknown_options(files))
        if faults:
            index = {file.name: at for at, file in enumerate(_files(definition))}
            raise Refused([_violation(fault, index.get(fault.file, 0)) for fault in faults])
        _require_name(definition, files)
        return Compiled(files=PackedFiles(files), packages=_packages(files))

    def read(self, definition: Any, numbers: bytes) -> Compiled | None:
        """See :class:`Door`."""
        del numbers
        files = file_order.in_order(_files(definition))
        return Compiled(files=PackedFiles(files), packages=_packages(files))

    def tell(self, definition: Any, state: State, now: datetime, *, why: str = "") -> None:
        """See :class:`Door`."""
        status = definition.status
        true, false = conditions.TRUE, conditions.FALSE
        if state is State.TERMINATING:
            text = why or "objects of the kind are being deleted"
            reason = "InstanceDeletionInProgress"
            conditions.settle(status, "Terminating", true, now, reason=reason, message=text)
            return
        reason, text = _WORDS[state]
        is_served = state is State.SERVED
        value, text = true if is_served else false, why or text
        if is_served:
            names = "no conflicts found"
            conditions.settle(
                status, "NamesAccepted", true, now, reason="NoConflicts", message=names
            )
        conditions.settle(status, "Established", value, now, reason=reason, message=text)
        for condition in status.conditions:
            condition.observed_generation = definition.metadata.generation
        if is_served:
            _tell_kinds(definition)


def _files(definition: Any) -> list[FileDescriptorProto]:
    """Return the files that a definition holds. Raises :class:`Refused`."""
    files: list[FileDescriptorProto] = []
    for index, item in enumerate(definition.spec.files):
        path = f"spec.files[{index}].descriptor"
        file = descriptor_pb2.FileDescriptorProto()
        try:
            file.MergeFromString(item.file_descriptor)
        except DecodeError:
            text = "Invalid value: these bytes are no google.protobuf.FileDescriptorProto"
            fault = errors.Violation(field=path, reason="FieldValueInvalid", message=text)
            raise Refused([fault]) from None
        if not file.name or any(file.name == other.name for other in files):
            raise Refused([violations.duplicate(path, file.name or "a file without a name")])
        files.append(file)
    return files


def _violation(fault: Fault, index: int) -> errors.Violation:
    text = f"Invalid value: {fault}"
    path = f"spec.files[{index}]"
    return errors.Violation(field=path, reason="FieldValueInvalid", message=text)


def _require_name(definition: Any, files: Sequence[FileDescriptorProto]) -> None:
    """Refuse a definition that is not called as its kind is."""
    for file in files:
        group = file.options.Extensions[group_version_pb2.group_version].group
        for message in file.message_type:
            if message.options.HasExtension(resource_pb2.resource):
                wanted = f"{message.options.Extensions[resource_pb2.resource].plural}.{group}"
                if definition.metadata.name != wanted:
                    text = f"must be the plural, a '.' and the group: {wanted}"
                    name = definition.metadata.name
                    raise Refused([violations.invalid("metadata.name", name, text)])


def _packages(files: Iterable[FileDescriptorProto]) -> tuple[str, ...]:
    return tuple(sorted({file.package for file in files}))


def _unknown_options(files: Iterable[FileDescriptorProto]) -> Iterator[Fault]:
    """Yield options of ours that this server does not know; they may be a newer one's."""
    for proto in files:
        file = File(proto)
        for message in file.messages():
            held: list[tuple[str, tuple[int, ...], Any, Any]]
            held = [(message.name, message.path, message.proto.options, resource_pb2.resource)]
            held += [
                (f"{message.name}.{field.name}", path, field.options, field_pb2.field)
                for field, path in message.fields()
            ]
            for symbol, path, options, extension in held:
                if options.HasExtension(extension) and _has_unknown(options.Extensions[extension]):
                    text = "an option has a part that this server does not know"
                    yield file.fault("option.unknown", text, symbol=symbol, path=path)


def _has_unknown(message: Message) -> bool:
    if len(unknown_fields.UnknownFieldSet(message)):
        return True
    for field, value in message.ListFields():
        if field.message_type is not None:
            items: Any = value if field.is_repeated else (value,)
            if any(_has_unknown(item) for item in items):
                return True
    return False


def _tell_kinds(definition: Any) -> None:
    """Let the status name the services of the versions."""
    from protocube.codegen import service_names, services

    kinds = definition.status.kinds
    del kinds[:]
    for file in file_order.in_order(_files(definition)):
        version = file.options.Extensions[group_version_pb2.group_version]
        for message, option in services.resources_in(file):
            names = service_names.Names.of(message.name, option)
            kinds.add(
                api_version=f"{version.group}/{version.version}",
                kind=option.kind or names.kind,
                message=f"{file.package}.{message.name}",
                service=f"{file.package}.{names.service}",
            )
