"""Descriptor pools made of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import descriptor_pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto


def of(files: Iterable[FileDescriptorProto]) -> descriptor_pool.DescriptorPool:
    """Return a pool of ``files``, which must be in dependency order.

    Raises ``TypeError`` when they do not fit together.
    """
    pool = descriptor_pool.DescriptorPool()
    for file in files:
        pool.AddSerializedFile(bare(file))
    return pool


def bare(file: FileDescriptorProto) -> bytes:
    """Return a file serialized without its comments, which no pool has a use for."""
    if not file.HasField("source_code_info"):
        return file.SerializeToString()
    copy = type(file)()
    copy.CopyFrom(file)
    copy.ClearField("source_code_info")
    return copy.SerializeToString()


def of_trusted(files: Iterable[FileDescriptorProto]) -> descriptor_pool.DescriptorPool:
    """Return a pool that takes each of ``files`` when it is needed.

    A command uses few kinds of many, and building all takes longer than the command. What
    is wrong with a file shows when something in it is looked for.
    """
    return descriptor_pool.DescriptorPool(_Files(files))


def declaring(files: Iterable[FileDescriptorProto], symbol: str) -> str:
    """Return the name of the one of some files that declares a full name. Raises ``KeyError``."""
    return _Files(files).FindFileContainingSymbol(symbol).name


class Shared:
    """A pool that several sets of files are put into, and that has what they import once.

    A set is seen through a :class:`View`, and by the descriptors that lead to each other.
    """

    def __init__(self) -> None:
        self._pool = descriptor_pool.DescriptorPool()
        self._names: set[str] = set()

    @property
    def pool(self) -> descriptor_pool.DescriptorPool:
        """The pool, with all that is in it."""
        return self._pool

    def has(self, names: Iterable[str]) -> bool:
        """Tell whether a file of one of these names was put in."""
        return not self._names.isdisjoint(names)

    def take(self, files: Iterable[FileDescriptorProto], serialized: Iterable[bytes]) -> View:
        """Put in what is not there of files, which are given serialized, too.

        They are in dependency order, and those that are there must be the same. Raises
        ``TypeError`` when they do not fit together, or not to the ones that are there; the names
        of some are taken then.
        """
        names = [file.name for file in files]
        before = frozenset(self._names)
        for name, file in zip(names, serialized, strict=True):
            if name not in before:
                self._pool.AddSerializedFile(file)
                self._names.add(name)
        return View(self._pool, names)


class View:
    """Some files of a pool."""

    def __init__(self, pool: descriptor_pool.DescriptorPool, names: Iterable[str]) -> None:
        self._pool = pool
        self._names = frozenset(names)

    def FindFileByName(self, name: str) -> Any:  # noqa: N802  # protobuf's name
        """Return a file. Raises ``KeyError``."""
        if name not in self._names:
            raise KeyError(name)
        return self._pool.FindFileByName(name)

    def FindFileContainingSymbol(self, symbol: str) -> Any:  # noqa: N802  # as above
        """Return the file that declares a full name. Raises ``KeyError``."""
        found = self._pool.FindFileContainingSymbol(symbol)
        if found.name not in self._names:
            raise KeyError(symbol)
        return found

    def FindMessageTypeByName(self, full_name: str) -> Any:  # noqa: N802  # as above
        """Return a message's descriptor. Raises ``KeyError``."""
        return self._own(self._pool.FindMessageTypeByName(full_name))

    def FindServiceByName(self, full_name: str) -> Any:  # noqa: N802  # as above
        """Return a service's descriptor. Raises ``KeyError``."""
        return self._own(self._pool.FindServiceByName(full_name))

    def _own(self, found: Any) -> Any:
        if found.file.name not in self._names:
            raise KeyError(found.full_name)
        return found


class Lazy:
    """A pool that is made when something in it is looked for that it may have.

    It has the names below its ``packages``, and those that its files import.
    """

    def __init__(self, make: Callable[[], Pool], packages: Iterable[str]) -> None:
        self._make = make
        self._pool: Pool | None = None
        self._beginnings = tuple(f"{package}." for package in packages)
        self._folders = tuple(f"{package.replace('.', '/')}/" for package in packages)

    def FindFileByName(self, name: str) -> Any:  # noqa: N802  # protobuf's name
        """Return a file. Raises ``KeyError``."""
        return self._of(name, self._folders).FindFileByName(name)

    def FindFileContainingSymbol(self, symbol: str) -> Any:  # noqa: N802  # as above
        """Return the file that declares a full name. Raises ``KeyError``."""
        return self._of(symbol, self._beginnings).FindFileContainingSymbol(symbol)

    def FindMessageTypeByName(self, full_name: str) -> Any:  # noqa: N802  # as above
        """Return a message's descriptor. Raises ``KeyError``."""
        return self._of(full_name, self._beginnings).FindMessageTypeByName(full_name)

    def FindServiceByName(self, full_name: str) -> Any:  # noqa: N802  # as above
        """Return a service's descriptor. Raises ``KeyError``."""
        return self._of(full_name, self._beginnings).FindServiceByName(full_name)

    def may_have(self, symbol: str) -> bool:
        """Tell whether a full name can be one that its own files declare."""
        return symbol.startswith(self._beginnings)

    def _of(self, name: str, beginnings: tuple[str, ...]) -> Pool:
        if self._pool is None:
            if not name.startswith(beginnings):
                raise KeyError(name)
            self._pool = self._make()
        return self._pool


class Joined:
    """Several pools that are asked as one: the first that knows a name has the answer."""

    def __init__(self, parts: Sequence[Pool]) -> None:
        self._parts = tuple(parts)

    def FindFileByName(self, name: str) -> Any:  # noqa: N802  # protobuf's name
        """Return a file. Raises ``KeyError``."""
        return self._first("FindFileByName", name)

    def FindFileContainingSymbol(self, symbol: str) -> Any:  # noqa: N802  # as above
        """Return the file that declares a full name. Raises ``KeyError``."""
        return self._first("FindFileContainingSymbol", symbol)

    def FindMessageTypeByName(self, full_name: str) -> Any:  # noqa: N802  # as above
        """Return a message's descriptor. Raises ``KeyError``."""
        return self._first("FindMessageTypeByName", full_name)

    def FindServiceByName(self, full_name: str) -> Any:  # noqa: N802  # as above
        """Return a service's descriptor. Raises ``KeyError``."""
        return self._first("FindServiceByName", full_name)

    def FindExtensionByNumber(self, message: Any, number: int) -> Any:  # noqa: N802  # as above
        """Return an extension of a message. Raises ``KeyError``."""
        return message.file.pool.FindExtensionByNumber(message, number)

    def FindAllExtensions(self, message: Any) -> Any:  # noqa: N802  # as above
        """Return all extensions of a message."""
        return message.file.pool.FindAllExtensions(message)

    def _first(self, find: str, name: str) -> Any:
        for part in self._parts:
            try:
                return getattr(part, find)(name)
            except KeyError:
                continue
        raise KeyError(name)


Pool = descriptor_pool.DescriptorPool | View | Lazy | Joined
"""Where descriptors are found by name."""


class _Files:
    """What protobuf calls a descriptor database."""

    def __init__(self, files: Iterable[FileDescriptorProto]) -> None:
        self._by_name = {file.name: file for file in files}
        self._by_package: dict[str, list[FileDescriptorProto]] = {}
        for file in self._by_name.values():
            self._by_package.setdefault(file.package, []).append(file)
        self._declared: dict[str, dict[str, FileDescriptorProto]] = {}

    def FindFileByName(self, name: str) -> FileDescriptorProto:  # noqa: N802  # protobuf's name
        """Return a file. Raises ``KeyError``."""
        return self._by_name[name]

    def FindFileContainingSymbol(self, symbol: str) -> FileDescriptorProto:  # noqa: N802  # as above
        """Return the file that declares a full name, or the message around it."""
        package, _, name = symbol.rpartition(".")
        below: list[str] = []
        while package not in self._by_package:
            if not package:
                raise KeyError(symbol)
            below.insert(0, name)
            package, _, name = package.rpartition(".")
        found = self._names(package).get(name)
        # The pool takes a file once: it must not be offered for what it does not declare.
        if found is None or (below and not _declares(found, [name, *below])):
            raise KeyError(symbol)
        return found

    def _names(self, package: str) -> dict[str, FileDescriptorProto]:
        """Return what the files of a package declare; a command asks for few packages."""
        if package not in self._declared:
            self._declared[package] = {
                item.name: file
                for file in self._by_package[package]
                for item in _declarations(file)
            }
        return self._declared[package]


def _declares(file: FileDescriptorProto, path: list[str]) -> bool:
    """Tell whether ``path`` names a message or an enum inside another message of the file."""
    level: Any = file.message_type
    for index, name in enumerate(path):
        found = next((item for item in level if item.name == name), None)
        if found is None:
            return False
        if index == len(path) - 2 and any(item.name == path[-1] for item in found.enum_type):
            return True
        level = found.nested_type
    return True


def _declarations(file: FileDescriptorProto) -> list[Any]:
    return [*file.message_type, *file.enum_type, *file.service]
