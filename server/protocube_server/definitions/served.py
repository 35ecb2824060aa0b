"""One definition as this server serves it."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.definitions import building, entries
from protocube_server.definitions.door import Refused
from protocube_server.definitions.first_use import Late
from protocube_server.definitions.shelves import Shelves
from protocube_server.kinds.defined import Defined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from protocube.catalog import Catalog
    from protocube_server.definitions.building import Part
    from protocube_server.definitions.door import Compiled, Door
    from protocube_server.definitions.entries import Entry
    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.named.functions import Functions

_LOG = logging.getLogger("protocube.server")


@dataclass(slots=True, kw_only=True, eq=False)
class Served:
    """What is known of a definition's entry, and made of the definition."""

    digest: str
    defined: Defined
    part: Part
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tried:
    """A definition that can be served."""

    compiled: Compiled
    part: Part
    asked: bytes
    """Tells what was tried out: the definition as far as a door looks at it, and its numbers."""


class Compiler:
    """Makes kinds of definitions, of each schema once as long as somebody may need it again."""

    def __init__(self, base: Catalog, shared: Functions, prefix: str) -> None:
        self._shelves = Shelves(base)
        self._shared = shared
        self._prefix = prefix
        self._one = asyncio.Lock()
        self._recent: dict[str, Tried] = {}
        """By digests: what a write has tried out is served a moment later, and what a dry run
        has is often written then."""

    async def tried(self, door: Door, definition: Any, numbers: bytes) -> Tried:
        """Return the kinds of a definition, prepared. Raises :class:`Refused`."""
        name = door.name(definition)
        asked = _asked(door, definition, numbers)
        known = next((item for item in self._recent.values() if item.asked == asked), None)
        if known is not None:
            return known
        defined = Defined(name=name, entry=entries.key(self._prefix, name), noun=door.noun)

        def work() -> Tried:
            compiled = door.compile(definition, numbers)
            part = self._built(compiled, defined)
            building.try_out(part, compiled, self._prefix)
            return Tried(compiled=compiled, part=part, asked=asked)

        # Other calls go on meanwhile, and other definitions wait.
        async with self._one:
            found = await asyncio.to_thread(work)
        self._recent[building.digest(definition, found.compiled.numbers)] = found
        while len(self._recent) > 4:  # noqa: PLR2004  # a few writers at once
            del self._recent[next(iter(self._recent))]
        return found

    async def compile(self, defined: Defined, kinds: Sequence[Kind]) -> None:
        """Compile the kinds of a definition for their first call, beside the event loop."""

        def work() -> None:
            # Not by the resources, which others of their class would wait for meanwhile.
            for kind in kinds:
                kind.resource.pool.FindMessageTypeByName(kind.resource.message)
            for kind in kinds:
                kind.prepare()

        async with self._one:
            if not defined.is_compiled:
                try:
                    await asyncio.to_thread(work)
                except (errors.ApiError, ValueError) as error:
                    # The call says so, too.
                    _LOG.warning("the definition %s: %s", defined.name, error)
                defined.is_compiled = True

    def served(
        self, name: str, entry: Entry, door: Door, read: Callable[[], Any], numbers: bytes
    ) -> Served:
        """Return what is served of a stored definition, which is ``read`` at its first use."""
        known = self._recent.pop(entry.digest, None)
        if known is not None and known.part.defined.name == name:
            defined, part = known.part.defined, known.part
        else:
            defined = Defined(name=name, entry=entries.key(self._prefix, name), noun=door.noun)
            late = Late(door, read, numbers, defined)
            part = building.build_late(self._shelves, entry, late, self._shared, defined)
        return Served(digest=entry.digest, defined=defined, part=part)

    def _built(self, compiled: Compiled, defined: Defined) -> Part:
        try:
            return building.build(self._shelves, compiled, self._shared, defined)
        except (TypeError, ValueError) as error:
            text = " ".join(str(error).split())
            fault = errors.Violation(
                field="spec", reason="FieldValueInvalid", message=f"Invalid value: {text}"
            )
            raise Refused([fault]) from error


def _asked(door: Door, definition: Any, numbers: bytes) -> bytes:
    """Return what is the same only for definitions that compile to the same."""
    metadata = definition.metadata
    words = (door.noun, metadata.name, *itertools.chain(*sorted(metadata.annotations.items())))
    spoken = "\0".join((building.digest(definition, numbers), *words))
    return hashlib.sha256(spoken.encode()).digest()
