"""All that can be said of files that declare kinds, without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from protocube import joined_catalog
from protocube.api.v1 import field_pb2, group_version_pb2, resource_pb2
from protocube.catalog import Catalog
from protocube.checking import bounds, kinds, language, naming
from protocube.checking.declarations import File
from protocube.codegen import service_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protocube.checking.declarations import Message
    from protocube.checking.fault import Fault

_UPB = "Couldn't build proto file into descriptor pool: "
"""What protobuf's faults begin with."""
MOST = 50
"""Faults that are told."""


def definition(given: Sequence[FileDescriptorProto], base: Catalog) -> list[Fault]:
    """Return what is wrong with the files of one definition, whose kinds come beside ``base``.

    They must be in dependency order (:func:`file_order.in_order`). The most is :data:`MOST`.
    """
    files = [File(proto) for proto in given]
    own = {file.name for file in files}
    found = _first(
        bounds.faults(files),
        (fault for file in files for fault in language.faults(file)),
        (fault for file in files for fault in naming.file_faults(file, own)),
        bounds.depth_faults(files),
        (fault for file in files for fault in naming.version_faults(file)),
        (fault for item in _resources(files) for fault in naming.resource_faults(*item)),
        (fault for item in _resources(files) for fault in naming.option_faults(*item)),
        (fault for item in _resources(files) for fault in _forms(item, parts=True)),
        _of_schemas(files),
        _one_kind(files),
        _conversions(files),
    )
    return found or _linked(files, base)


def image(serialized: bytes) -> list[Fault]:
    """Return what is wrong with our kinds in a descriptor image with all imports."""
    files = FileDescriptorSet.FromString(serialized).file
    ours = [file for file in files if file.name.startswith("protocube/") and not file.service]
    try:
        catalog = Catalog(files)
    except (TypeError, ValueError):
        # What is wrong by itself explains it better.
        found = tree(ours, None)
        if found:
            return found
        raise
    return tree(ours, catalog)


def tree(given: Sequence[FileDescriptorProto], catalog: Catalog | None) -> list[Fault]:
    """Return what is wrong with the kinds of a whole tree, which ``catalog`` was made of.

    Without one, what needs the types of fields is not looked at.
    """
    files = [File(proto) for proto in given]
    found = _first(
        (fault for file in files for fault in _numbers(file)),
        (fault for item in _resources(files) for fault in naming.resource_faults(*item)),
        (fault for item in _resources(files) for fault in _forms(item, parts=False)),
        _short_names(files),
    )
    return found or (_first(_of_types(files, catalog)) if catalog is not None else [])


def _first(*groups: Iterable[Fault]) -> list[Fault]:
    """Return the faults of the first groups that have any: what follows may rest on them.

    Where bounds are not kept nothing else is looked at.
    """
    found: list[Fault] = []
    for group in groups:
        for fault in group:
            found.append(fault)
            if len(found) == MOST:
                return found
        if found and found[0].rule.startswith("limit."):
            return found
    return found


def _resources(files: Iterable[File]) -> Iterator[tuple[File, Message, resource_pb2.Resource]]:
    for file in files:
        for message in file.messages():
            if message.proto.options.HasExtension(resource_pb2.resource):
                yield file, message, message.proto.options.Extensions[resource_pb2.resource]


def _forms(item: tuple[File, Message, resource_pb2.Resource], *, parts: bool) -> Iterator[Fault]:
    file, message, option = item
    if message.depth > 1:
        text = "a kind is declared at the top of its file"
        yield file.fault("resource.nested", text, symbol=message.name, path=message.path)
        return
    yield from kinds.form_faults(file, message, option, parts=parts)


def _of_schemas(files: Iterable[File]) -> Iterator[Fault]:
    """Yield messages that say that the server holds them to a JSON schema: these have none."""
    for file in files:
        for message in file.messages():
            if message.proto.options.Extensions[field_pb2.json_schema]:
                text = "json_schema is for messages that the server makes of a JSON schema"
                yield file.fault("json_schema", text, symbol=message.name, path=message.path)


def _one_kind(files: Sequence[File]) -> Iterator[Fault]:
    """Yield why the files declare no kind, or more than one."""
    found = list(_resources(files))
    if not found and files:
        text = "no message has the option (protocube.api.v1.resource)"
        yield files[0].fault("definition.kind", text)
    plurals: dict[str, str] = {}
    versions: set[tuple[str, str]] = set()
    for file, message, option in found:
        group = _group(file)
        plurals.setdefault(f"{option.plural}.{group[0]}", message.name)
        if len(plurals) > 1:
            text = f"a definition is of one kind, and this one has {' and '.join(plurals)}"
            yield file.fault("definition.kind", text, symbol=message.name, path=message.path)
            return
        if group in versions:
            text = f"the version {group[1]} has the kind twice"
            yield file.fault("definition.version", text, symbol=message.name, path=message.path)
        versions.add(group)


def _conversions(files: Sequence[File]) -> Iterator[Fault]:
    """Yield versions that are stored as what is not of the same definition."""
    names = {message.name for _, message, _ in _resources(files)}
    for file, message, option in _resources(files):
        if option.stored_as and option.stored_as not in names:
            text = f"stored_as names {option.stored_as}, which is no kind of this definition"
            yield file.fault("stored_as", text, symbol=message.name, path=message.path)


def _group(file: File) -> tuple[str, str]:
    found = file.proto.options.Extensions[group_version_pb2.group_version]
    return found.group, found.version


def _linked(files: Sequence[File], base: Catalog) -> list[Fault]:
    """Return what is wrong with the files once they stand together."""
    try:
        catalog = joined_catalog.part(base, [file.proto for file in files])
        for resource in catalog.resources:
            catalog.stored_form(resource)
    except (TypeError, ValueError) as error:
        text = " ".join(str(error).split()).removeprefix(_UPB)
        return [files[0].fault("link", text)]
    return _first(_of_types(files, catalog))


def _of_types(files: Iterable[File], catalog: Catalog) -> Iterator[Fault]:
    for file in files:
        for message in file.messages():
            descriptor: Any = catalog.pool.FindMessageTypeByName(message.name)
            yield from kinds.default_faults(file, message, descriptor)
            options = message.proto.options
            if not options.HasExtension(resource_pb2.resource):
                continue
            option = options.Extensions[resource_pb2.resource]
            yield from kinds.column_faults(file, message, option, descriptor)
            endless = kinds.endless_defaults(descriptor)
            if endless:
                text = f"the default of a field makes {endless} within itself without end"
                yield file.fault("default", text, symbol=message.name, path=message.path)


def _numbers(file: File) -> Iterator[Fault]:
    yield from (fault for fault in language.faults(file) if fault.rule.startswith("field."))


def _short_names(files: Sequence[File]) -> Iterator[Fault]:
    """Yield short names that an earlier kind of the tree has."""
    # Versions of a kind share them, and so do the events of two groups.
    taken: dict[str, str] = {}
    found = list(_resources(files))
    for _, message, option in found:
        kind = option.kind or service_names.Names.of(message.proto.name, option).kind
        for word in (option.plural, option.singular or kind.lower()):
            taken.setdefault(word, option.plural)
    for file, message, option in found:
        for word in option.short_names:
            if taken.setdefault(word, option.plural) != option.plural:
                text = f"the short name {word} is that of {taken[word]}"
                yield file.fault(
                    "resource.short_names", text, symbol=message.name, path=message.path
                )
