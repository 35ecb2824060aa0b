"""One step towards the end of a definition that is being deleted."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server import tasks
from protocube_server.definitions import entries
from protocube_server.definitions.door import State
from protocube_server.storage.base import ConditionFailed, Guard, GuardFailed, Put, Remove, Set
from protocube_server.upkeep.guarded_store import guarded
from protocube_server.verbs import emptying, owners, removal

if TYPE_CHECKING:
    from protocube_server.definitions.following import Definitions
    from protocube_server.definitions.served import Served
    from protocube_server.kinds.edition import Edition
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record
    from protocube_server.upkeep.term import Term
    from protocube_server.verbs.api import Api

_PAGE: Final = 100
_AT_ONCE: Final = 16
_MOST_TOLD: Final = 10


@dataclass(slots=True, kw_only=True)
class Left:
    """The objects that keep a definition."""

    count: int = 0
    told: list[str] = field(default_factory=list)
    """Some of them, with what they wait for."""
    prefix: bytes = b""
    """What their keys begin with."""
    since: int = 0
    """A revision before which their changes were seen."""

    def add(self, text: str) -> None:
        """Count one, and tell of it if there is room."""
        self.count += 1
        if len(self.told) < _MOST_TOLD:
            self.told.append(text)

    @property
    def text(self) -> str:
        """``3 objects wait for finalizers: default/a (example.com/x), ...``."""
        more = self.count - len(self.told)
        rest = f", and {more} more" if more else ""
        noun = "object waits" if self.count == 1 else "objects wait"
        return f"{self.count} {noun} for finalizers: {', '.join(sorted(self.told))}{rest}"


async def step(api: Api, definitions: Definitions, term: Term, name: str) -> Left | None:
    """Delete the objects of a definition, and remove it, or say in its status what is left.

    Returns what is left, ``None`` when there is nothing to do any more. It may be left off
    anywhere, and done again. Every write is under the guard of ``term``; raises ``GuardFailed``
    for the leadership's key once another server leads.
    """
    await definitions.refresh(name)
    served = definitions.find(name)
    if served is None or not served.defined.is_terminating:
        return None
    edition = api.editions.current
    left = Left()
    for kind in edition.kinds:
        if kind.defined is served.defined and kind.is_stored:
            guard = Guard(key=served.defined.entry, revision=served.defined.revision)
            await _empty(guarded(api, term, guard), edition, kind, left)
    try:
        await _end(api, definitions, term, served, left)
    except (ConditionFailed, GuardFailed) as failed:
        if failed.key == term.guard.key:
            raise
        return left  # Something has changed: it is tried again.
    await definitions.refresh(name)
    return left if left.count else None


async def _empty(api: Api, edition: Edition, kind: Kind, left: Left) -> None:
    start = b""
    left.prefix = kind.prefix()
    while True:
        page = await api.store.list(left.prefix, start=start, limit=_PAGE)
        left.since = left.since or page.revision
        remove = functools.partial(_remove, api, edition, kind, left)
        await tasks.some_at_a_time(remove, page.records, at_once=_AT_ONCE)
        if not page.more:
            return
        start = page.records[-1].key + b"\0"


async def _remove(api: Api, edition: Edition, kind: Kind, left: Left, record: Record) -> None:
    """Delete one object, or note what it waits for."""
    current: Record | None = record
    call = emptying.call_for(edition, kind, record)
    shown = "/".join(filter(None, call.target))
    while current is not None:
        try:
            if removal.is_damaged(kind, current):
                await removal.discard(api, call, current)
                return
            removed = await removal.remove(api, call, current)
        except ConditionFailed as changed:
            current = changed.current
            continue
        except errors.Unavailable:
            raise
        except errors.ApiError as error:
            left.add(f"{shown} ({error})")
            return
        if not removed.gone:
            finalizers = kind.parse(removed.value).metadata.finalizers
            left.add(f"{shown} ({', '.join(finalizers)})")
        return


async def _end(api: Api, definitions: Definitions, term: Term, served: Served, left: Left) -> None:
    """Remove a definition without objects, or write into its status what is left."""
    name = served.defined.name
    record, kind = await _definition(api, definitions, served)
    if record is None or kind is None:
        await term.apply(Set(writes=_entries(definitions, served)))
        return
    door = definitions.door(kind)
    if door is None:
        raise AssertionError(f"{name} came by no door")
    message = kind.read(record)
    if left.count:
        door.tell(message, State.TERMINATING, api.now(), why=left.text)
        value = await _encoded(kind, record, message)
        if value != record.value:
            put = Put(key=record.key, value=value, expected=record.mod_revision)
            await term.apply(Set(writes=(put,)))
        return
    others = [item for item in message.metadata.finalizers if item != door.finalizer]
    message.metadata.finalizers[:] = others
    change: Put | Remove = Remove(key=record.key, expected=record.mod_revision)
    if others:
        value = await _encoded(kind, record, message)
        change = Put(key=record.key, value=value, expected=record.mod_revision)
    await term.apply(Set(writes=(change, *_entries(definitions, served))))


async def _definition(
    api: Api, definitions: Definitions, served: Served
) -> tuple[Record | None, Kind | None]:
    for door in definitions.doors():
        if door.noun == served.defined.noun:
            kind = definitions.kind_of(door)
            return await api.store.get(kind.key("", served.defined.name)), kind
    return None, None


async def _encoded(kind: Kind, record: Record, message: Any) -> bytes:
    held = await owners.unowned(kind, record.value, message)
    return kind.encode(message, keeping=held)


def _entries(definitions: Definitions, served: Served) -> tuple[Remove, ...]:
    """Return what frees the names of a definition."""
    entry = Remove(key=served.defined.entry, expected=served.defined.revision)
    words = (Remove(key=entries.word_key(definitions.prefix, word)) for word in served.words)
    return (entry, *words)
