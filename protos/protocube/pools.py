"""Descriptor pools made of files."""

from __future__ import annotations

import functools
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

    def FindFileByName(self, name: str) -> FileDescriptorProto:  # noqa: N802  # protobuf's name
        """Give a file. Raises ``KeyError``."""
        return self._by_name[name]

    def FindFileContainingSymbol(self, symbol: str) -> FileDescriptorProto:  # noqa: N802  # as above
        """Give the file that declares a full name, or the message around it."""
        outer = symbol
        while outer:
            if outer in self._by_symbol:
                return self._by_symbol[outer]
            outer = outer.rpartition(".")[0]
        raise KeyError(symbol)

    @functools.cached_property
    def _by_symbol(self) -> dict[str, FileDescriptorProto]:
        found: dict[str, FileDescriptorProto] = {}
        for file in self._by_name.values():
            declared: list[Any] = [*file.message_type, *file.enum_type, *file.service]
            found.update({f"{file.package}.{item.name}": file for item in declared})
        return found
