"""Files of descriptors in the order in which a pool takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from google.protobuf.descriptor_pb2 import FileDescriptorProto


def with_imports(
    roots: Iterable[str], by_name: Mapping[str, FileDescriptorProto]
) -> dict[str, FileDescriptorProto]:
    """Return files by name, each behind those of ``by_name`` that it imports.

    Names that are not there are left out; a file of a circle of imports comes anywhere.
    """
    ordered: dict[str, FileDescriptorProto] = {}
    begun: set[str] = set()

    def add(name: str) -> None:
        if name in begun or name not in by_name:
            return
        begun.add(name)
        for dependency in by_name[name].dependency:
            add(dependency)
        ordered[name] = by_name[name]

    for root in roots:
        add(root)
    return ordered


def in_order(given: Iterable[FileDescriptorProto]) -> list[FileDescriptorProto]:
    """Return files behind those of them that they import; one of a circle comes anywhere."""
    by_name = {file.name: file for file in given}
    return list(with_imports(by_name, by_name).values())
