"""What a write of a definition asks of the definitions, and what is written beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.definitions import building, entries
from protocube_server.definitions.door import Refused, State
from protocube_server.definitions.entries import Entry
from protocube_server.storage.base import Put, Remove

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from protocube_server.definitions.door import Door
    from protocube_server.definitions.following import Definitions
    from protocube_server.definitions.served import Tried
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import ConditionFailed, Record

_TERMINATING: Final = "the definition is being deleted: it cannot be changed any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What goes with the write of a definition."""

    name: str
    writes: tuple[Put | Remove, ...] = ()
    numbers: bytes | None = None
    """What is kept for the door; ``None`` leaves it as it is."""
    warnings: tuple[str, ...] = ()


async def created(definitions: Definitions, kind: Kind, new: Any, now: datetime) -> Change:
    """Try out a new definition, and let its status say that it is served.

    Raises ``errors.Invalid``, and ``errors.AlreadyExists`` when the kind has a definition of the
    other sort.
    """
    door = _door(definitions, kind)
    name = door.name(new)
    await definitions.loaded()
    tried = await _tried(definitions, door, kind, new, b"")
    served = definitions.find(name)
    if served is not None and served.defined.noun != door.noun:
        error = errors.already_exists(kind.resource.qualified, name)
        raise error.with_message(f"{error.message}: a {served.defined.noun} defines that kind")
    others = definitions.editions.current.catalog.resources
    if served is None:
        _require_free(kind, new, building.conflicts(tried.part, others))
    _settle(door, new, now)
    entry = _entry(door, new, tried)
    writes = [Put(key=entries.key(definitions.prefix, name), value=entry.value(), expected=0)]
    writes += _takes(definitions, tried.part.words)
    return Change(
        name=name,
        writes=tuple(writes),
        numbers=tried.compiled.numbers,
        warnings=_warnings(definitions, tried),
    )


async def updated(
    definitions: Definitions, kind: Kind, current: Record, old: Any, new: Any, now: datetime
) -> Change:
    """Try out a changed definition, as :func:`created` does; ``old`` is what is stored.

    Raises ``errors.Conflict`` while it is being deleted.
    """
    door = _door(definitions, kind)
    name = door.name(old)
    await definitions.loaded()
    numbers = building.numbers_of(current.value)
    served = definitions.find(name)
    is_same = old.spec == new.spec
    if new.metadata.HasField("deletion_timestamp"):
        if not is_same:
            raise errors.conflict(kind.resource.qualified, name, _TERMINATING)
        if served is not None:
            _keep(door, new)
        return Change(name=name)
    if is_same and served is not None and served.part is not None:
        _settle(door, new, now)
        return Change(name=name)
    tried = await _tried(definitions, door, kind, new, numbers)
    own = {resource.message for resource in served.part.resources} if served and served.part else ()
    resources = definitions.editions.current.catalog.resources
    others = [resource for resource in resources if resource.message not in own]
    _require_free(kind, new, building.conflicts(tried.part, others))
    _settle(door, new, now)
    had = set(served.words) if served is not None else set()
    words = set(tried.part.words)
    put = Put(
        key=entries.key(definitions.prefix, name),
        value=_entry(door, new, tried).value(),
        expected=served.defined.revision if served is not None else 0,
    )
    gone = [Remove(key=entries.word_key(definitions.prefix, word)) for word in sorted(had - words)]
    return Change(
        name=name,
        writes=(put, *_takes(definitions, sorted(words - had)), *gone),
        numbers=tried.compiled.numbers,
        warnings=_warnings(definitions, tried),
    )


def marked(definitions: Definitions, kind: Kind, message: Any, now: datetime) -> Change:
    """Let a definition that is being deleted, and waits for its objects, say so."""
    door = _door(definitions, kind)
    name = door.name(message)
    served = definitions.find(name)
    if served is None or served.defined.is_terminating:
        return Change(name=name)
    door.tell(message, State.TERMINATING, now)
    entry = Entry(
        message=door.message, digest=served.digest, words=served.words, is_terminating=True
    )
    key = entries.key(definitions.prefix, name)
    return Change(
        name=name,
        writes=(Put(key=key, value=entry.value(), expected=served.defined.revision),),
    )


def taken(definitions: Definitions, kind: Kind, name: str, failed: ConditionFailed) -> Exception:
    """Return the error of a write whose condition on an entry did not hold."""
    if failed.key == entries.key(definitions.prefix, name):
        if failed.current is None:
            return errors.conflict(kind.resource.qualified, name, "it has changed; try again")
        entry = Entry.read(failed.current)
        if entry.message != kind.resource.message:
            return errors.already_exists(kind.resource.qualified, name)
        return errors.conflict(kind.resource.qualified, name, "it has changed; try again")
    word = entries.word(definitions.prefix, failed.key)
    if word is None:
        return failed
    return errors.invalid(kind.resource.qualified_kind, name, [building.in_use(word)])


def _door(definitions: Definitions, kind: Kind) -> Door:
    door = definitions.door(kind)
    if door is None:
        raise AssertionError(f"{kind.resource.message} defines no kinds")
    return door


async def _tried(
    definitions: Definitions, door: Door, kind: Kind, new: Any, numbers: bytes
) -> Tried:
    try:
        return await definitions.compiler.tried(door, new, numbers)
    except Refused as refused:
        name = new.metadata.name
        raise errors.invalid(kind.resource.qualified_kind, name, refused.violations) from None


def _require_free(kind: Kind, new: Any, conflicts: Sequence[errors.Violation]) -> None:
    if conflicts:
        raise errors.invalid(kind.resource.qualified_kind, new.metadata.name, conflicts)


def _settle(door: Door, new: Any, now: datetime) -> None:
    door.tell(new, State.SERVED, now)
    _keep(door, new)


def _keep(door: Door, new: Any) -> None:
    """Let a definition stay until its objects are gone."""
    if door.finalizer not in new.metadata.finalizers:
        new.metadata.finalizers.append(door.finalizer)


def _entry(door: Door, new: Any, tried: Tried) -> Entry:
    digest = building.digest(new, tried.compiled.numbers)
    return Entry(message=door.message, digest=digest, words=tried.part.words)


def _takes(definitions: Definitions, words: Iterable[str]) -> list[Put]:
    return [
        Put(key=entries.word_key(definitions.prefix, word), value=b"", expected=0) for word in words
    ]


def _warnings(definitions: Definitions, tried: Tried) -> tuple[str, ...]:
    catalog = definitions.editions.current.catalog
    short = building.short_names_of_others(tried.part, catalog)
    return (*tried.compiled.warnings, *short)
