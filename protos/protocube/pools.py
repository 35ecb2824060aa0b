"""Descriptor pools made of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import descriptor_pool

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.descriptor_pb2 import FileDescriptorProto


def of(files: Iterable[FileDescriptorProto]) -> descriptor_pool.DescriptorPool:
    """Give a pool of ``files``, which must be in dependency order.

    Raises ``TypeError`` when they do not fit together.
    """
    pool = descriptor_pool.DescriptorPool()
    for file in files:
        pool.AddSerializedFile(file.SerializeToString())
    return pool


def of_trusted(files: Iterable[FileDescriptorProto]) -> descriptor_pool.DescriptorPool:
    """Give a pool that takes each of ``files`` when it is needed.

    A command uses few kinds of many, and building all takes longer than the command. What
    is wrong with a file shows when something in it is looked for.
    """
    return descriptor_pool.DescriptorPool(_Files(files))


class _Files:
    """What protobuf calls a descriptor database."""

    def __init__(self, files: Iterable[FileDescriptorProto]) -> None:
        self._by_name = {file.name: file for file in files}
        self._by_package: dict[str, list[FileDescriptorProto]] = {}
        for file in self._by_name.values():
            self._by_package.setdefault(file.package, []).append(file)
        self._declared: dict[str, dict[str, FileDescriptorProto]] = {}

    def FindFileByName(self, name: str) -> FileDescriptorProto:  # noqa: N802  # protobuf's name
        """Give a file. Raises ``KeyError``."""
        return self._by_name[name]

    def FindFileContainingSymbol(self, symbol: str) -> FileDescriptorProto:  # noqa: N802  # as above
        """Give the file that declares a full name, or the message around it."""
        package, _, name = symbol.rpartition(".")
        while package not in self._by_package:
            if not package:
                raise KeyError(symbol)
            package, _, name = package.rpartition(".")
        found = self._names(package).get(name)
        if found is None:
            raise KeyError(symbol)
        return found

    def _names(self, package: str) -> dict[str, FileDescriptorProto]:
        """Give what the files of a package declare; a command asks for few packages."""
        if package not in self._declared:
            self._declared[package] = {
                item.name: file
                for file in self._by_package[package]
                for item in _declarations(file)
            }
        return self._declared[package]


def _declarations(file: FileDescriptorProto) -> list[Any]:
    return [*file.message_type, *file.enum_type, *file.service]
