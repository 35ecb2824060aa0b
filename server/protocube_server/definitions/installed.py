"""Kinds that a server is started with, from descriptor sets: ``cube-apiserver --kinds FILE``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2
from google.protobuf.message import DecodeError

from protocube import file_order
from protocube.checking import check
from protocube.codegen import services
from protocube.joined_catalog import JoinedCatalog
from protocube_server.definitions import building
from protocube_server.definitions.door import Compiled, Refused
from protocube_server.definitions.shelves import Shelves
from protocube_server.kinds.defined import Defined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protocube.catalog import Catalog
    from protocube_server.definitions.building import Part
    from protocube_server.kinds.named.functions import Functions

_THEIRS = ("google/", "buf/", "protocube/", "grpc/")


def beside(base: Catalog, paths: Iterable[Path], shared: Functions, prefix: str) -> Catalog:
    """Return ``base`` with the kinds of descriptor sets, which are held to the same rules.

    ``shared`` has the functions that options of shared messages name. Raises ``ValueError`` that
    says all that is wrong, with file and line.
    """
    parts: list[Part] = []
    shelves = Shelves(base)
    faults: list[str] = []
    for path in paths:
        try:
            files = _read(path)
            for own in _by_kind(files):
                parts.append(_part(shelves, own, shared, prefix, parts))
        except Refused as refused:
            faults += [f"{path}: {item.message}" for item in refused.violations]
        except ValueError as error:
            faults.append(f"{path}: {error}")
    if faults:
        raise ValueError("the kinds of --kinds cannot be served:\n" + "\n".join(faults))
    return JoinedCatalog([base, *(part.catalog for part in parts)]) if parts else base


def _read(path: Path) -> list[FileDescriptorProto]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(str(error.strerror)) from None
    try:
        files = descriptor_pb2.FileDescriptorSet.FromString(content).file
    except DecodeError:
        raise ValueError("it is no google.protobuf.FileDescriptorSet") from None
    return file_order.in_order([file for file in files if not file.name.startswith(_THEIRS)])


def _by_kind(files: Sequence[FileDescriptorProto]) -> list[list[FileDescriptorProto]]:
    """Return the files of each kind, with those that they import."""
    by_name = {file.name: file for file in files}
    roots: dict[str, list[str]] = {}
    for file in files:
        for _, option in services.resources_in(file):
            roots.setdefault(f"{file.package} {option.plural}", []).append(file.name)
    if not roots:
        raise ValueError("no message has the option (protocube.api.v1.resource)")
    found = []
    for names in roots.values():
        wanted: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in by_name and name not in wanted:
                wanted.add(name)
                waiting += by_name[name].dependency
        found.append([file for file in files if file.name in wanted])
    return found


def _part(
    shelves: Shelves,
    files: Sequence[FileDescriptorProto],
    shared: Functions,
    prefix: str,
    before: Sequence[Part],
) -> Part:
    faults = check.definition(files, shelves.base)
    if faults:
        raise ValueError("; ".join(map(str, faults)))
    compiled = Compiled(files=tuple(files))
    part = building.build(shelves, compiled, shared, Defined(name="", entry=b""))
    building.try_out(part, compiled, prefix)
    others = [resource for item in before for resource in item.resources]
    conflicts = building.conflicts(part, [*shelves.base.resources, *others])
    if conflicts:
        raise Refused(conflicts)
    return part
