"""Descriptor pools that definitions share, because what they import is larger than they are."""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from protocube import joined_catalog, pools
from protocube_server.kinds.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube.catalog import Catalog
    from protocube_server.definitions.door import Compiled

_MOST: Final = 64
"""Definitions on a shelf: those that are gone stay with those that are not."""
_MOST_BYTES: Final = 512 * 1024
"""Of descriptors, after which none is put on it."""


class Shelf:
    """A descriptor pool, and the rules of its messages, for several definitions.

    Nothing leaves it: it goes when all definitions on it are gone.
    """

    def __init__(self) -> None:
        self.pool = pools.Shared()
        self.contract = Contract()
        self._count = self._size = 0

    def has_room(self, names: Sequence[str]) -> bool:
        """Tell whether files of such names can be put on it."""
        is_full = self._count >= _MOST or self._size >= _MOST_BYTES
        return not is_full and not self.pool.has(names)

    def part(self, base: Catalog, compiled: Compiled) -> Shelved:
        """Put files on it. Raises as :func:`joined_catalog.part`."""
        self._count += 1
        put = compiled.files if compiled.lean is None else compiled.lean
        self._size += sum(file.ByteSize() for file in put)
        part = joined_catalog.part(base, compiled.files, self.pool, compiled.lean)
        return Shelved(catalog=part, shelf=self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """The kinds of a definition, and where they are."""

    catalog: Catalog
    shelf: Shelf


class Shelves:
    """The shelves of one server. Any thread may call it."""

    def __init__(self, base: Catalog) -> None:
        """``base`` has the files that definitions may import."""
        self.base = base
        self._shelves: weakref.WeakSet[Shelf] = weakref.WeakSet()
        self._newest: Shelf | None = None
        self._lock = threading.Lock()

    def part(self, compiled: Compiled) -> Shelved:
        """Return a catalog of the files of a definition, to be joined with the base.

        Definitions do not see each other, and one that is changed comes on another shelf than
        it was on. Raises as :func:`joined_catalog.part`.
        """
        names = [file.name for file in compiled.files]
        with self._lock:
            for shelf in self._shelves:
                if shelf.has_room(names):
                    try:
                        return shelf.part(self.base, compiled)
                    except TypeError:
                        # Something that is gone has one of the names in it, or it fits nowhere.
                        break
            shelf = self._newest = Shelf()
            self._shelves.add(shelf)
            return shelf.part(self.base, compiled)
