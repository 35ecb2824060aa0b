"""One catalog of several, each with a descriptor pool of its own."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from protocube import memo, pools
from protocube.api.v1 import resource_pb2
from protocube.catalog import Catalog, Resource
from protocube.codegen import service_imports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from google.protobuf import descriptor_pb2


def part(
    base: Catalog,
    files: Sequence[descriptor_pb2.FileDescriptorProto],
    shared: pools.Shared | None = None,
    lean: Sequence[descriptor_pb2.FileDescriptorProto] | None = None,
) -> Catalog:
    """Return a catalog of ``files``, to be joined with ``base``.

    It has a pool of its own, or its own view of a shared one, with ``lean`` in their place if
    that is given: see :class:`Catalog`.
    The files must be in dependency order, and may import each other and files of ``base``.
    Raises what :class:`Catalog` raises, and ``ValueError`` for an import that is neither.
    """
    given = [*files]  # Once: they may lie packed.
    theirs = {file.name for file in given}
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

    for file in given:
        for name in file.dependency:
            take(name, file.name)
    for name in service_imports.ALL_IMPORTS:
        take(name, "a service")
    return Catalog(
        files, imported=tuple(imported.values()), bare=base.bare, shared=shared, lean=lean
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a catalog has to know of a kind before its files are looked at."""

    group: str
    version: str
    message: str
    """The full name."""
    service: str
    """The full name."""
    options: resource_pb2.Resource
    """With all names filled in."""

    @classmethod
    def of(cls, resource: Resource) -> Self:
        """Return that of a resource."""
        return cls(
            group=resource.group,
            version=resource.version,
            message=resource.message,
            service=resource.service,
            options=resource.options,
        )


class LazyPart(Catalog):
    """The part of some kinds whose files are looked at when they are needed."""

    def __init__(
        self, summaries: Iterable[Summary], make: Callable[[], Catalog], packages: Iterable[str]
    ) -> None:
        """``make`` makes the part itself; ``packages`` are those of its files."""
        self._make = make
        self._packages = tuple(packages)
        self.pool: pools.Lazy = pools.Lazy(lambda: self.made.pool, self._packages)
        self._made: Catalog | None = None
        self._making = threading.Lock()
        self._index([_of_summary(item, self.pool) for item in summaries])

    @property
    def made(self) -> Catalog:
        """The part, which is made now if it was not."""
        if self._made is None:
            # A thread may be at it.
            with self._making:
                self._made = self._made or self._make()
        return self._made

    @property
    def files(self) -> Sequence[descriptor_pb2.FileDescriptorProto]:  # type: ignore[override]  # made late
        """All files, imports among them."""
        return self.made.files

    def declaring(self, symbol: str) -> str:
        """See :meth:`Catalog.declaring`."""
        if self._made is None and not self.pool.may_have(symbol):
            raise KeyError(symbol)
        return self.made.declaring(symbol)

    def shown(self) -> pools.Pool:
        """See :meth:`Catalog.shown`."""

        def make() -> pools.Pool:
            return self.made.shown()

        return pools.Lazy(make, self._packages)


def _of_summary(summary: Summary, pool: pools.Lazy) -> Resource:
    options = summary.options
    return Resource(
        group=summary.group,
        version=summary.version,
        kind=options.kind,
        plural=options.plural,
        singular=options.singular,
        short_names=tuple(options.short_names),
        categories=tuple(options.categories),
        namespaced=options.scope == resource_pb2.SCOPE_NAMESPACED,
        columns=tuple(options.columns),
        subresources=frozenset(options.subresources),
        name_format=options.name_format,
        message=summary.message,
        service=summary.service,
        options=options,
        pool=pool,
    )


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
        self.pool = pools.Joined([part.pool for part in parts])
        self._index(found)

    @memo.cached_property
    def files(self) -> Sequence[descriptor_pb2.FileDescriptorProto]:  # type: ignore[override]  # many
        """All files of all parts."""
        files = {file.name: file for part in reversed(self.parts) for file in part.files}
        return tuple(files[name] for name in _in_order(self.parts))

    def shown(self) -> pools.Pool:
        """See :meth:`Catalog.shown`."""
        return pools.Joined([part.shown() for part in self.parts])

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
