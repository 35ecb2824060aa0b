"""From a CustomResourceDefinition to files, the numbers of their fields, and the schema's rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import descriptor_pb2

from protocube.api.v1 import field_pb2, group_version_pb2, resource_pb2
from protocube_server.definitions.crd import bounds, naming, numbering, resource, scaling, schema
from protocube_server.definitions.crd.messages import Writer
from protocube_server.definitions.door import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protocube_server.definitions.crd.schema import Schema

IMPORTS: Final = (
    "buf/validate/validate.proto",
    "google/protobuf/struct.proto",
    "google/protobuf/timestamp.proto",
    "protocube/api/v1/field.proto",
    "protocube/api/v1/group_version.proto",
    "protocube/api/v1/resource.proto",
    "protocube/meta/v1/object_meta.proto",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One served version of a custom kind."""

    name: str
    message: str
    """The full name of its message."""
    schema: Schema
    """Without descriptions."""
    where: str
    """The path of its schema in the definition."""
    selectable: tuple[str, ...]
    """Paths of the fields that can be selected by."""
    replicas: tuple[str, ...]
    """Paths of the numbers of its scale, if it has one."""
    warnings: tuple[str, ...]
    """What it asks for and does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a definition says."""

    versions: tuple[Version, ...]
    files: tuple[descriptor_pb2.FileDescriptorProto, ...]
    """One of each version."""
    numbers: bytes


def compile_spec(spec: Mapping[str, Any], numbers: bytes) -> Made:
    """Return the versions of a valid definition, whose ``spec`` is given as JSON.

    ``numbers`` are those that were kept with it before, none for a new one. The same come out
    wherever the same goes in. Raises :class:`numbering.Damaged`, and ``Refused`` for a schema that
    is too large.
    """
    root = numbering.decode(numbers)
    served = [version for version in spec["versions"] if version.get("served")]
    # The preferred version is the first to be given numbers, wherever it stands.
    served.sort(key=lambda version: naming.order(version["name"]), reverse=True)
    message = naming.message(spec["names"]["kind"])
    stored = _stored(spec, served, message)
    reader = schema.Reader()
    written = [_version(spec, version, root, message, stored, reader) for version in served]
    for _, writer in written:
        writer.reserve()
    return Made(
        versions=tuple(version for version, _ in written),
        files=tuple(writer.file for _, writer in written),
        numbers=numbering.encode(root),
    )


def _stored(spec: Mapping[str, Any], served: list[Any], message: str) -> str:
    """Return the full name of the message that objects are stored as.

    It is that of the storage version, or of the preferred one while that is not served: the
    numbers are the same in all.
    """
    names = [version["name"] for version in served if version.get("storage")]
    names += [version["name"] for version in served]
    return f"{naming.package(spec['group'], names[0])}.{message}" if names else ""


def _version(
    spec: Mapping[str, Any],
    version: Mapping[str, Any],
    root: numbering.Level,
    message: str,
    stored: str,
    reader: schema.Reader,
) -> tuple[Version, Writer]:
    package = naming.package(spec["group"], version["name"])
    full_name = f"{package}.{message}"
    file = _file(spec["group"], version["name"], message)
    found = reader.read((version.get("schema") or {}).get("openAPIV3Schema") or {})
    selectable = [field["jsonPath"] for field in version.get("selectableFields") or ()]
    has_status = "status" in (version.get("subresources") or {})
    writer = Writer(file, selectable)
    where = _where(spec, version)
    if large := next(bounds.faults(found, where), None):
        raise Refused([large])
    proto = writer.root(message, found, root, has_status=has_status)
    option = resource.option(spec, version, found, stored_as=stored if stored != full_name else "")
    proto.options.Extensions[resource_pb2.resource].CopyFrom(option)
    proto.options.Extensions[field_pb2.json_schema] = True
    scale = scaling.of(version, found)
    found_version = Version(
        name=version["name"],
        message=full_name,
        schema=reader.plain(found),
        where=where,
        selectable=tuple(selectable),
        replicas=() if scale is None else (scale["specReplicasPath"], scale["statusReplicasPath"]),
        warnings=tuple(_warnings(version, found)),
    )
    return found_version, writer


def _warnings(version: Mapping[str, Any], schema: Schema) -> Iterator[str]:
    """Yield what is left out of a version."""
    if wrong := scaling.wrong(version, schema):
        yield f"it is served without a scale: {wrong}"
    for column in version.get("additionalPrinterColumns") or ():
        if fault := resource.column_fault(column):
            yield f"the column {column['name']} is empty: {fault}"
    if schema.preserve_unknown:
        yield "of the unknown fields at the root of an object `spec` and `status` alone are kept"


def _file(group: str, version: str, message: str) -> descriptor_pb2.FileDescriptorProto:
    """Return the file of one version, without its message."""
    package = naming.package(group, version)
    file = descriptor_pb2.FileDescriptorProto(
        name=naming.file(package, message), package=package, syntax="proto3", dependency=IMPORTS
    )
    option = file.options.Extensions[group_version_pb2.group_version]
    option.group, option.version = group, version
    return file


def _where(spec: Mapping[str, Any], version: Mapping[str, Any]) -> str:
    """Return the path of a version's schema, as Kubernetes tells it."""
    if len(spec["versions"]) == 1:
        # It moves what all versions share to one place.
        return "spec.validation.openAPIV3Schema"
    return f"spec.versions[{spec['versions'].index(version)}].schema.openAPIV3Schema"
