"""One catalog of several, each with a descriptor pool of its own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from protocube import pools
from protocube.catalog import Catalog
from protocube.codegen import services

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from google.protobuf import descriptor_pb2


def part(base: Catalog, files: Sequence[descriptor_pb2.FileDescriptorProto]) -> Catalog:
    """Return a catalog of ``files``, with a pool of its own, to be joined with ``base``.

    The files must be in dependency order, and may import each other and files of ``base``.
    Raises what :class:`Catalog` raises, and ``ValueError`` for an import that is neither.
    """
    theirs = {file.name for file in files}
    by_name = {file.name: file for file in base.files}
    imported: dict[str, descriptor_pb2.FileDescriptorProto] = {}

    def take(name: str, importer: str) -> None:
        if name in theirs or name in imported:
            return
        if name not in by_name:
            raise ValueError(f"{importer} imports {name}, which is not there")
        for dependency in by_name[name].dependency:
            take(dependency, name)
        imported[name] = by_name[name]

    for file in files:
        for name in file.dependency:
            take(name, file.name)
    for name in services.ALL_IMPORTS:
        take(name, "a service")
    return Catalog(files, imported=imported.values())


class JoinedCatalog(Catalog):
    """The resources of all ``parts``; a part can be replaced without building the others anew.

    Files that several parts hold (those that their resources import) are the first part's
    to show. Where short names clash, an earlier part wins.
    """

    def __init__(self, parts: Sequence[Catalog]) -> None:
        """Raises ``ValueError`` when a kind, message, plural or service is in two parts."""
        self.parts = tuple(parts)
        found = [resource for part in parts for resource in part.resources]
        for what, names in (
            ("kind", Counter((item.api_version, item.kind) for item in found)),
            ("message", Counter(item.message for item in found)),
            ("plural", Counter((item.qualified, item.version) for item in found)),
            ("service", Counter(item.service for item in found)),
        ):
            for name, count in names.items():
                if count > 1:
                    raise ValueError(f"two parts of a catalog have the {what} {name}")
        files = {file.name: file for part in reversed(parts) for file in part.files}
        self.files = tuple(files[name] for name in _in_order(parts))
        self.pool = pools.Joined([part.pool for part in parts])
        self._index(found)

    def files_declaring(
        self, symbols: Iterable[str]
    ) -> dict[str, descriptor_pb2.FileDescriptorProto]:
        """See :meth:`Catalog.files_declaring`; each symbol's files are those of its part."""
        ordered: dict[str, descriptor_pb2.FileDescriptorProto] = {}
        for symbol in symbols:
            for part in self.parts:
                try:
                    files = part.files_declaring([symbol])
                except KeyError:
                    continue
                for name, file in files.items():
                    ordered.setdefault(name, file)
                break
            else:
                raise KeyError(symbol)
        return ordered


def _in_order(parts: Sequence[Catalog]) -> dict[str, None]:
    return dict.fromkeys(file.name for part in parts for file in part.files)
