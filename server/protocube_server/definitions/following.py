"""The definitions of a store, as this server serves them."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from protocube import errors
from protocube.joined_catalog import JoinedCatalog
from protocube_server.definitions import building, entries, first_use
from protocube_server.definitions.entries import Entry
from protocube_server.definitions.served import Compiler, Served
from protocube_server.storage import base, paging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from protocube_server.definitions.door import Door
    from protocube_server.kinds.defined import Defined, Life
    from protocube_server.kinds.edition import Editions
    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.named.functions import Functions
    from protocube_server.storage.base import Record, Revision, Store

_PAGE: Final = 500
_PAUSE_SECONDS: Final = 0.2
_ORDER_SECONDS: Final = 5.0
"""How long the feed of objects waits for a definition that comes in it."""
_SETTLING_SECONDS: Final = 10.0
"""How long writes wait for a change of their schema to be decided."""
_LAST_WORDS_SECONDS: Final = 0.5
"""After so long, streams have sent what has happened to the objects of a kind that is gone."""
_TRIES: Final = 20

_LOG = logging.getLogger("protocube.server")


class Definitions:
    """Follows the entries of definitions and publishes an edition at each change.

    It never goes back: an entry that is known at a revision is not replaced by an older one.
    """

    def __init__(
        self,
        store: Store,
        prefix: str,
        editions: Editions,
        doors: Sequence[Door],
        shared: Functions,
    ) -> None:
        """``shared`` has the functions that options of shared messages name."""
        self.store = store
        self.prefix = prefix
        self.editions = editions
        self.base = editions.current.catalog
        """The kinds that the server brings along."""
        self.compiler = Compiler(self.base, shared, prefix)
        self._doors = {door.message: door for door in doors}
        self._served: dict[str, Served] = {}
        self._incarnation = ""
        self._applying = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None
        self._loaded = asyncio.Event()
        self._floor = 0
        """The revision at which all entries were read."""
        self._last = 0
        """The revision at which it was seen that a definition is gone."""
        self._seen: dict[str, int] = {}
        """The newest revision at which each entry was looked at since."""
        self.ended: Callable[[], None] = _nothing
        """Called when the life of a definition is over."""
        self.changed = asyncio.Event()
        """Set, and made anew, at each change."""

    def door(self, kind: Kind) -> Door | None:
        """Return the door that objects of a kind are definitions of; ``None`` for most kinds."""
        return self._doors.get(kind.resource.message)

    def doors(self) -> Iterable[Door]:
        """Return all doors."""
        return self._doors.values()

    def find(self, name: str) -> Served | None:
        """Return what is served of a definition, by ``plural.group``."""
        return self._served.get(name)

    def all(self) -> Mapping[str, Served]:
        """Return everything that is defined, by ``plural.group``."""
        return self._served

    @property
    def revision(self) -> int:
        """The newest revision of the entries that are served."""
        served = (item.defined.revision for item in self._served.values())
        return max([self._last, *served], default=0)

    async def loaded(self) -> None:
        """Wait until the definitions are known for the first time."""
        await self._loaded.wait()

    async def run(self) -> None:
        """Follow the store. Cancel it."""
        while True:
            try:
                await self._follow()
            except errors.ApiError as error:
                _LOG.warning("the definitions are read again: %s", error)
            except Exception:  # noqa: BLE001  # nothing may end it for good
                _LOG.exception("the definitions are read again")
            await asyncio.sleep(_PAUSE_SECONDS)

    async def current(self) -> None:
        """Return once all definitions are served that there were when this was called.

        Callers share a look: one that has not begun yet. Raises as the store does.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._look_after(self._looking))
            self._tasks.add(self._next)
            self._next.add_done_callback(self._forget_task)
        await asyncio.shield(self._next)

    async def ready_for(self, service: str) -> None:
        """Return once calls of a service can be made, or there is no such service.

        Raises as the store does.
        """
        kind = self.editions.current.kinds.for_service(service)
        if kind is None:
            await self.current()
            kind = self.editions.current.kinds.for_service(service)
        if kind is not None and kind.defined is not None and not kind.defined.is_compiled:
            kinds = self.editions.current.kinds.versions_of(kind)
            await self.compiler.compile(kind.defined, [*kinds])

    async def refresh(self, name: str) -> None:
        """Take in the newest state of one definition. Raises as the store does."""
        await self._taking({name})

    def _taking(self, names: set[str]) -> asyncio.Future[None]:
        """Take in definitions, to the end even if whoever waits for that gives up."""

        async def take() -> None:
            async with self._applying:
                await self._refresh(names)

        task = asyncio.create_task(take())
        self._tasks.add(task)
        task.add_done_callback(self._forget_task)
        return asyncio.shield(task)

    def _forget_task(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # Those who have waited for it were told.

    async def settled(self, name: str) -> None:
        """Take in the newest state of one definition, and wait until no change is being decided.

        Raises ``errors.Unavailable`` when that takes too long, and as the store does.
        """
        try:
            async with asyncio.timeout(_SETTLING_SECONDS):
                while True:
                    changed = self.changed
                    await self.refresh(name)
                    served = self._served.get(name)
                    if served is None or not served.defined.is_changing:
                        return
                    await changed.wait()
        except TimeoutError:
            await self._end_change(name)
            text = f"a change of the definition {name} is being decided; try again"
            raise errors.Unavailable(text, retry_after=1) from None

    async def _end_change(self, name: str) -> None:
        """End a change that whoever began it does not end; another server may do so, too."""
        served = self._served.get(name)
        record = await self.store.get(entries.key(self.prefix, name))
        if served is None or record is None or record.mod_revision != served.defined.revision:
            return
        entry = dataclasses.replace(Entry.read(record), is_changing=False)
        with contextlib.suppress(base.ConditionFailed, errors.ApiError):
            await self.store.update(record.key, entry.value(), expected=record.mod_revision)

    async def taken_in(self, revision: Revision) -> None:
        """Return once the entries of a revision are served, or that takes too long."""
        changed = self._names(revision)
        if not changed or all(self._knows(name, revision.number) for name in changed):
            return
        try:
            async with asyncio.timeout(_ORDER_SECONDS):
                await self._taking(changed)
        except (TimeoutError, errors.ApiError) as error:
            _LOG.warning("objects may be seen before their definition: %s", error)

    async def _follow(self) -> None:
        incarnation = self.store.incarnation
        at = await self._load()
        if self.store.incarnation != incarnation:
            raise base.gone_back()
        self._loaded.set()
        watch = self.store.watch(entries.beginning(self.prefix), after=at)
        async with aclosing(watch) as found:
            async for revision in found:
                changed = self._names(revision)
                if not all(self._knows(name, revision.number) for name in changed):
                    await self._taking(changed)

    def _names(self, revision: Revision) -> set[str]:
        beginning = entries.beginning(self.prefix)
        return {
            entries.name(self.prefix, event.key)
            for event in revision.events
            if event.key.startswith(beginning)
        }

    def _knows(self, name: str, revision: int) -> bool:
        """Tell whether a definition was looked at, at that revision or later."""
        served = self._served.get(name)
        known = served.defined.revision if served is not None else 0
        return max(known, self._floor, self._seen.get(name, 0)) >= revision

    async def _look_after(self, previous: asyncio.Task[None] | None) -> None:
        if previous is not None:
            await asyncio.wait({previous})
        self._looking, self._next = self._next, None
        await self._load()

    async def _load(self) -> int:
        """Take in all entries; return the revision that they are of."""
        async with self._applying:
            found: dict[str, Record] = {}
            at = 0
            beginning = entries.beginning(self.prefix)
            async with aclosing(paging.pages(self.store, beginning, limit=_PAGE)) as pages:
                async for page in pages:
                    at = page.revision
                    found |= {entries.name(self.prefix, item.key): item for item in page.records}
            if self.store.incarnation != self._incarnation:
                self._forget(self.store.incarnation)
            stale = {
                name
                for name in {*found, *self._served}
                if not self._is_at(name, found.get(name)) and self._seen.get(name, 0) <= at
            }
            await self._take({name: found.get(name) for name in stale}, at)
            self._floor = max(self._floor, at)
            self._seen = {name: seen for name, seen in self._seen.items() if seen > at}
            return at

    def _forget(self, incarnation: str) -> None:
        """Hold nothing of another incarnation for known, however new it was."""
        self._incarnation, self._floor, self._last = incarnation, 0, 0
        self._seen.clear()
        for served in self._served.values():
            served.defined.revision = 0

    def _is_at(self, name: str, record: Record | None) -> bool:
        served = self._served.get(name)
        if served is None or record is None:
            return served is None and record is None
        return served.defined.revision == record.mod_revision

    async def _refresh(self, names: Iterable[str]) -> None:
        at = await self.store.revision()
        found = {name: await self.store.get(entries.key(self.prefix, name)) for name in names}
        if self.store.incarnation != self._incarnation:
            self._forget(self.store.incarnation)
        await self._take(found, at)
        for name in found:
            self._seen[name] = max(self._seen.get(name, 0), at)

    async def _take(self, found: Mapping[str, Record | None], at: int) -> None:
        """Serve entries as they were found at a revision, or later. The lock is held."""
        if not found:
            return
        gone: list[Served] = []
        is_new = is_changed = False
        for name, record in found.items():
            served = self._served.get(name)
            if self._is_at(name, record):
                continue
            is_changed = True
            if record is None:
                gone.append(self._served.pop(name))
                self._last = max(self._last, at)
            elif served is None or record.mod_revision > served.defined.revision:
                is_new |= await self._take_one(name, record, served)
        if is_new or gone:
            await self._publish()
        for served in gone:
            loop = asyncio.get_running_loop()
            loop.call_later(_LAST_WORDS_SECONDS, self._end_life, served.defined.life)
        if is_changed:
            changed, self.changed = self.changed, asyncio.Event()
            changed.set()

    def _end_life(self, life: Life) -> None:
        life.is_over = True
        self.ended()

    async def _take_one(self, name: str, record: Record, served: Served | None) -> bool:
        """Serve one entry; tell whether its kinds are others than before."""
        entry = Entry.read(record)
        if served is not None and served.digest == entry.digest:
            _settle(served.defined, entry, record)
            return False
        door = self._doors.get(entry.message)
        if door is None:
            _LOG.warning("%s is defined by %s, which is not known here", name, entry.message)
            return False
        for _ in range(_TRIES):
            stored = await self._stored(door, name)
            if stored is None or self._digest(door, stored) == entry.digest:
                break
            # It was written again since its entry was read.
            newer = await self.store.get(entries.key(self.prefix, name))
            if newer is None or newer.mod_revision == record.mod_revision:
                break
            record, entry = newer, Entry.read(newer)
        if stored is None:
            _LOG.warning("%s has an entry and no definition", name)
            return False
        kind, numbers = self.kind_of(door), building.numbers_of(stored.value)
        read = first_use.packed(kind, stored)
        new = self.compiler.served(name, entry, door, read, numbers)
        new.words = entry.words
        if served is not None:
            new.defined.life = served.defined.life
        _settle(new.defined, entry, record)
        self._served[name] = new
        return True

    async def _stored(self, door: Door, name: str) -> Record | None:
        return await self.store.get(self.kind_of(door).key("", name))

    def _digest(self, door: Door, stored: Record) -> str:
        numbers = building.numbers_of(stored.value)
        return building.digest(self.kind_of(door).read(stored), numbers)

    def kind_of(self, door: Door) -> Kind:
        """Return the kind of a door's definitions. Raises ``ValueError`` when there is none."""
        kind = self.editions.current.kinds.for_message(door.message)
        if kind is None:
            raise ValueError(f"the catalog has no {door.message}")
        return kind

    async def _publish(self) -> None:
        served = list(self._served.values())
        while True:
            parts = [item.part.catalog for item in served]
            defined = {
                resource.message: item.defined
                for item in served
                for resource in item.part.resources
            }
            try:
                await self.editions.publish(JoinedCatalog([self.base, *parts]), defined)
            except ValueError as error:
                # Names are reserved, so this is a store that was written around the servers.
                if not served:
                    raise
                left_out = served.pop()
                _LOG.error("%s is not served: %s", left_out.defined.name, error)
                continue
            return

    async def close(self) -> None:
        """End the looks that are under way."""
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _nothing() -> None:
    return None


def _settle(defined: Defined, entry: Entry, record: Record) -> None:
    defined.revision = record.mod_revision
    defined.is_terminating = entry.is_terminating
    defined.is_changing = entry.is_changing
