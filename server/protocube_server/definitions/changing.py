"""What a write of a definition asks of the definitions, and what is written beside it."""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.joined_catalog import Summary
from protocube_server.definitions import building, compatibility, entries
from protocube_server.definitions.door import Refused, State
from protocube_server.definitions.entries import Entry
from protocube_server.storage.base import ConditionFailed, Put, Remove

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from protocube_server.definitions.door import Door
    from protocube_server.definitions.following import Definitions
    from protocube_server.definitions.served import Served, Tried
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record

_DELETION: Final = "protocube.dev/deletion"
"""An annotation that says whether a kind with objects can be deleted."""
_WHILE_USED: Final = "refuse-while-used"
_TERMINATING: Final = "the definition is being deleted: it cannot be changed any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What goes with the write of a definition."""

    name: str
    writes: tuple[Put | Remove, ...] = ()
    numbers: bytes | None = None
    """What is kept for the door; ``None`` leaves it as it is."""
    warnings: tuple[str, ...] = ()
    undo: Put | None = None
    """Takes back what was written to decide, when the change is not made after all."""


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
    definitions: Definitions,
    kind: Kind,
    current: Record,
    old: Any,
    new: Any,
    now: datetime,
    *,
    dry_run: bool = False,
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
    if is_same and served is not None:
        _settle(door, new, now)
        return Change(name=name)
    try:
        tried = await _tried(definitions, door, kind, new, numbers)
    except errors.Invalid as error:
        if not is_same:
            raise
        # An earlier release has stored it and it is not served: it can be labelled all the same.
        return Change(name=name, warnings=(f"its kind is not served: {error}",))
    own = {resource.message for resource in served.part.resources} if served is not None else ()
    resources = definitions.editions.current.catalog.resources
    others = [resource for resource in resources if resource.message not in own]
    _require_free(kind, new, building.conflicts(tried.part, others))
    _settle(door, new, now)
    decided = _Decided(expected=served.defined.revision if served is not None else 0)
    if served is not None:
        decided = await _decide(definitions, kind, served, old, new, tried, dry_run=dry_run)
    had = set(served.words) if served is not None else set()
    words = set(tried.part.words)
    put = Put(
        key=entries.key(definitions.prefix, name),
        value=_entry(door, new, tried).value(),
        expected=decided.expected,
    )
    gone = [Remove(key=entries.word_key(definitions.prefix, word)) for word in sorted(had - words)]
    return Change(
        name=name,
        writes=(put, *_takes(definitions, sorted(words - had)), *gone),
        numbers=tried.compiled.numbers,
        warnings=(*decided.warnings, *_warnings(definitions, tried)),
        undo=decided.undo,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """That a change can be made, of an entry that is at ``expected``."""

    expected: int
    warnings: tuple[str, ...] = ()
    undo: Put | None = None


async def _decide(
    definitions: Definitions,
    kind: Kind,
    served: Served,
    old: Any,
    new: Any,
    tried: Tried,
    *,
    dry_run: bool,
) -> _Decided:
    """Hold a change against the objects that there are. Raises ``errors.Invalid``."""
    store, name = definitions.store, served.defined.name
    found = compatibility.compared(served.part, tried.part)
    expected, undo = served.defined.revision, None
    stored = await compatibility.count(store, definitions.prefix, name)
    if found.breaks and not stored and not dry_run:
        undo = await _hold(definitions, served)
        expected = undo.expected or 0
        stored = await compatibility.count(store, definitions.prefix, name)
    allowed = new.metadata.annotations.get(compatibility.ALLOWED, "")
    is_allowed = allowed == str(old.metadata.generation)
    if found.breaks and stored and not is_allowed:
        if undo is not None:
            await take_back(definitions, name, undo)
        faults = compatibility.refused(found.breaks, stored)
        raise errors.invalid(kind.resource.qualified_kind, new.metadata.name, faults)
    warnings = [*found.breaks, *found.notes]
    storing = next((item for item in tried.part.defined.made.values() if item.is_stored), None)
    if stored and storing is not None:
        warnings += await compatibility.told(store, storing, everything=dry_run)
    return _Decided(expected=expected, warnings=tuple(warnings), undo=undo)


async def _hold(definitions: Definitions, served: Served) -> Put:
    """Let no object be written until a change is decided; return what ends that."""
    key = served.defined.entry
    door = next(door for door in definitions.doors() if door.noun == served.defined.noun)
    entry = _present(door, served)
    held = dataclasses.replace(entry, is_changing=True)
    expected = served.defined.revision
    try:
        record = await definitions.store.update(key, held.value(), expected=expected)
    except ConditionFailed:
        text = "it has changed; try again"
        raise errors.conflict("definitions", served.defined.name, text) from None
    return Put(key=key, value=entry.value(), expected=record.mod_revision)


async def take_back(definitions: Definitions, name: str, undo: Put) -> None:
    """End what :func:`_hold` began; whoever was faster has done so."""
    with contextlib.suppress(ConditionFailed, errors.ApiError):
        await definitions.store.update(undo.key, undo.value, expected=undo.expected or 0)
    with contextlib.suppress(errors.ApiError):
        await definitions.refresh(name)


async def marked(
    definitions: Definitions, kind: Kind, message: Any, now: datetime, *, dry_run: bool
) -> Change:
    """Let a definition that is being deleted, and waits for its objects, say so.

    It warns of how many there are. Raises ``errors.Forbidden`` where there are some and the
    definition says that it is to stay then.
    """
    door = _door(definitions, kind)
    name = door.name(message)
    served = definitions.find(name)
    if served is None or served.defined.is_terminating:
        return Change(name=name)
    expected, undo = served.defined.revision, None
    stays = message.metadata.annotations.get(_DELETION) == _WHILE_USED
    if stays and not dry_run:
        undo = await _hold(definitions, served)
        expected = undo.expected or 0
    stored = await compatibility.count(definitions.store, definitions.prefix, name)
    noun = "object" if stored == 1 else "objects"
    if stays and stored:
        if undo is not None:
            await take_back(definitions, name, undo)
        why = f"{stored} {noun} of the kind are stored ({_DELETION}: {_WHILE_USED})"
        raise errors.forbidden(kind.resource.qualified, name, why)
    warnings = (f"{stored} {noun} of {name} will be deleted with it",) if stored else ()
    door.tell(message, State.TERMINATING, now)
    entry = dataclasses.replace(_present(door, served), is_terminating=True)
    key = entries.key(definitions.prefix, name)
    return Change(
        name=name,
        writes=(Put(key=key, value=entry.value(), expected=expected),),
        warnings=warnings,
        undo=undo,
    )


def held(owners: bytes, numbers: bytes) -> bytes:
    """Return what is kept with a definition: see :func:`building.with_numbers`."""
    return building.with_numbers(owners, numbers)


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
    kinds = tuple(map(Summary.of, tried.part.resources))
    return Entry(message=door.message, digest=digest, words=tried.part.words, kinds=kinds)


def _present(door: Door, served: Served) -> Entry:
    """Return the entry of a definition as it is served."""
    kinds = tuple(map(Summary.of, served.part.resources))
    return Entry(message=door.message, digest=served.digest, words=served.words, kinds=kinds)


def _takes(definitions: Definitions, words: Iterable[str]) -> list[Put]:
    return [
        Put(key=entries.word_key(definitions.prefix, word), value=b"", expected=0) for word in words
    ]


def _warnings(definitions: Definitions, tried: Tried) -> tuple[str, ...]:
    catalog = definitions.editions.current.catalog
    short = building.short_names_of_others(tried.part, catalog)
    return (*tried.compiled.warnings, *short)
