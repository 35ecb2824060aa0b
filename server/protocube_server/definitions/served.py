"""One definition as this server serves it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.definitions import building, entries
from protocube_server.definitions.door import Refused
from protocube_server.kinds.defined import Defined

if TYPE_CHECKING:
    from protocube.catalog import Catalog
    from protocube_server.definitions.building import Part
    from protocube_server.definitions.door import Compiled, Door
    from protocube_server.kinds.named.functions import Functions

_THREAD_FROM: Final = 32 * 1024
"""Bytes of a definition from which on it is compiled beside the event loop."""

_LOG = logging.getLogger("protocube.server")


@dataclass(slots=True, kw_only=True, eq=False)
class Served:
    """What is known of a definition's entry, and made of the definition."""

    digest: str
    defined: Defined
    part: Part | None
    """``None`` where it cannot be served."""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tried:
    """A definition that can be served."""

    compiled: Compiled
    part: Part


class Compiler:
    """Makes kinds of definitions, of each schema once as long as somebody may need it again."""

    def __init__(self, base: Catalog, shared: Functions, prefix: str) -> None:
        self._base = base
        self._shared = shared
        self._prefix = prefix
        self._recent: dict[str, Tried] = {}
        """By digests: what a write has tried out is served a moment later."""

    async def tried(self, door: Door, definition: Any, numbers: bytes) -> Tried:
        """Return the kinds of a definition, prepared. Raises :class:`Refused`."""
        name = door.name(definition)
        defined = Defined(name=name, entry=entries.key(self._prefix, name), noun=door.noun)

        def work() -> Tried:
            compiled = door.compile(definition, numbers)
            part = self._built(compiled, defined)
            building.try_out(part, compiled, self._prefix)
            return Tried(compiled=compiled, part=part)

        if definition.ByteSize() < _THREAD_FROM:
            found = work()
        else:
            found = await asyncio.to_thread(work)
        self._recent[building.digest(definition, found.compiled.numbers)] = found
        while len(self._recent) > 4:  # noqa: PLR2004  # a few writers at once
            del self._recent[next(iter(self._recent))]
        return found

    async def served(self, name: str, door: Door, definition: Any, numbers: bytes) -> Served:
        """Return what is served of a stored definition."""
        digest = building.digest(definition, numbers)
        known = self._recent.pop(digest, None)
        if known is not None and known.part.defined.name == name:
            return Served(digest=digest, defined=known.part.defined, part=known.part)
        defined = Defined(name=name, entry=entries.key(self._prefix, name), noun=door.noun)
        part = await self._part(door, definition, numbers, defined)
        return Served(digest=digest, defined=defined, part=part)

    async def _part(
        self, door: Door, definition: Any, numbers: bytes, defined: Defined
    ) -> Part | None:
        """Return the kinds; ``None`` where not even reads can be served."""

        def work() -> Part:
            return self._built(door.compile(definition, numbers), defined)

        try:
            if definition.ByteSize() < _THREAD_FROM:
                return work()
            return await asyncio.to_thread(work)
        except Refused as refused:
            _LOG.warning("the definition %s cannot be compiled: %s", defined.name, refused)
        return self._for_reading(door, definition, numbers, defined)

    def _for_reading(
        self, door: Door, definition: Any, numbers: bytes, defined: Defined
    ) -> Part | None:
        from protocube import __version__

        text = (
            f"this server ({__version__}) cannot compile the {defined.noun} {defined.name}, which "
            "another one has accepted: it reads objects and writes none"
        )
        defined.too_new = errors.SchemaTooNew(text, resource=defined.name)
        try:
            compiled = door.read(definition, numbers)
            return self._built(compiled, defined) if compiled is not None else None
        except Exception:  # noqa: BLE001  # whatever a newer server has let in
            _LOG.exception("the definition %s is not served", defined.name)
            return None

    def _built(self, compiled: Compiled, defined: Defined) -> Part:
        try:
            return building.build(self._base, compiled, self._shared, defined)
        except (TypeError, ValueError) as error:
            text = " ".join(str(error).split())
            fault = errors.Violation(
                field="spec", reason="FieldValueInvalid", message=f"Invalid value: {text}"
            )
            raise Refused([fault]) from error
