"""Descriptors that are seldom asked for, in little of the room that they take as messages."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, overload

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LEVEL: Final = 6
"""A megabyte of descriptors with comments takes a hundredth of a second, and becomes a sixth."""


class _Files(Sequence[FileDescriptorProto]):
    """Files that are at hand when somebody goes through them."""

    @overload
    def __getitem__(self, index: int) -> FileDescriptorProto: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[FileDescriptorProto]: ...

    def __getitem__(
        self, index: int | slice
    ) -> FileDescriptorProto | Sequence[FileDescriptorProto]:
        """Return one file, or some of them."""
        return [*self][index]


class PackedFiles(_Files):
    """Files that are unpacked each time that somebody looks at them."""

    def __init__(self, files: Iterable[FileDescriptorProto]) -> None:
        """Pack ``files``, which are not held."""
        content = FileDescriptorSet(file=files)
        self._count = len(content.file)
        self._packed = zlib.compress(content.SerializeToString(deterministic=True), _LEVEL)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[FileDescriptorProto]:
        return iter(FileDescriptorSet.FromString(zlib.decompress(self._packed)).file)


class Joined(_Files):
    """Several sequences of files, one behind the other."""

    def __init__(self, *parts: Sequence[FileDescriptorProto]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[FileDescriptorProto]:
        return (file for part in self._parts for file in part)
