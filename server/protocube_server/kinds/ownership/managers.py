"""What writes do to the owners of an object: updates take fields, applies claim them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from protocube_server.kinds.ownership import (
    comparing,
    entries,
    field_set,
    folding,
    merging,
    pruning,
    scopes,
    sent,
    versions,
)
from protocube_server.kinds.ownership.conflicts import Conflict, ConflictsFound
from protocube_server.kinds.ownership.entries import Entry, Operation, Owner
from protocube_server.kinds.ownership.field_set import EMPTY
from protocube_server.kinds.ownership.versions import Changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube.steps import Steps
    from protocube_server.kinds.ownership.field_set import FieldSet
    from protocube_server.kinds.ownership.versions import Version

BEFORE_FIRST_APPLY: Final = "before-first-apply"
"""Owns what an object had before anybody's fields were recorded."""

Entries = tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A write by ``owner``, in its version of the kind."""

    owner: Owner
    versions: Mapping[str, Version]
    now: int
    """When, in seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of an apply."""

    data: Any
    """The object, before its defaults."""
    is_changed: bool
    """Whether ``data`` is not the live object."""
    entries: Entries


def update(stored: Entries, live: Any, new: Any, write: Write) -> Steps[Entries]:
    """Return the owners after an update: who writes a field has it alone.

    ``live`` and ``new`` differ, and are in the writer's version; for a create ``live`` is empty.
    """
    changes = Changes(write.versions, write.owner.api_version, live, new)
    left: dict[str, Entry] = {}
    for entry in entries.distinct(stored):
        change = yield from changes.within(entry.owner.api_version)
        if change is not None:
            fields = yield from change.left_of(entry.fields)
            left[entry.owner.identity] = entry.having(fields)
    own = yield from changes.within(write.owner.api_version)
    if own is None:
        raise ValueError(f"no version {write.owner.api_version}")
    gained = yield from scopes.recorded((yield from own.taken()))
    identity = write.owner.identity
    if gained or identity in left:
        had = left[identity].fields if identity in left else EMPTY
        fields = yield from field_set.union(had, gained)
        left[identity] = Entry(owner=write.owner, fields=fields, time=write.now)
    return entries.ordered((yield from folding.folded(entries.ordered(left.values()))))


def apply(stored: Entries, live: Any, config: Any, write: Write, *, force: bool) -> Steps[Applied]:
    """Return the object with ``config``, and its owners after that.

    What the manager applied before, and does not now, goes unless another one owns it. Raises
    :class:`ConflictsFound` when others own what would change, and not ``force``.
    """
    if not stored:
        stored = yield from _before_first_apply(live, write)
    version = write.versions[write.owner.api_version]
    merged = yield from merging.merge(version.schema, live, config)
    claimed = version.scope((yield from sent.fields(version.schema, config)))
    identity = write.owner.identity
    stored = entries.distinct(stored)
    last = next((entry for entry in stored if entry.owner.identity == identity), None)
    own = Entry(owner=write.owner, fields=claimed, time=last.time if last else None)
    others = [entry for entry in stored if entry is not last]
    data = merged
    if last is not None and last.fields:
        data = yield from _pruned(merged, last, [*others, own], write)
    left = yield from _after(others, live, data, write, force=force)
    is_changed = not (yield from comparing.is_equal(version.schema, live, data))
    own = replace(
        own,
        fields=(yield from scopes.recorded(claimed)),
        time=write.now if is_changed else own.time,
    )
    return Applied(data=data, is_changed=is_changed, entries=entries.ordered([*left, own]))


def _before_first_apply(live: Any, write: Write) -> Steps[Entries]:
    former = replace(write.owner, manager=BEFORE_FIRST_APPLY, operation=Operation.UPDATE)
    return (yield from update((), {}, live, replace(write, owner=former)))


def _pruned(merged: Any, last: Entry, owners: list[Entry], write: Write) -> Steps[Any]:
    """Return ``merged`` without what ``last`` had and nobody has any more."""
    known, version, ours = write.versions, last.owner.api_version, write.owner.api_version
    if version not in known:
        return merged
    schema = known[version].schema
    data = versions.convert(known, merged, ours, version)
    merged_there = yield from pruning.merged(schema, data)
    named = yield from pruning.with_named(schema, last.fields)
    pruned = yield from pruning.removed(schema, data, named)
    by_version: dict[str, FieldSet] = {version: EMPTY}
    for entry in owners:
        name = entry.owner.api_version
        if name in known:
            union = yield from field_set.union(by_version.get(name, EMPTY), entry.fields)
            by_version[name] = union
    for name, owned in by_version.items():
        whole = merged_there
        if name != version:
            converted = versions.convert(known, data, version, name)
            whole = yield from pruning.merged(known[name].schema, converted)
        rest = versions.convert(known, pruned, version, name)
        rest = yield from pruning.owned_back(whole, rest, owned)
        pruned = versions.convert(known, rest, name, version)
    pruned = yield from pruning.dangling_back(merged_there, pruned, named)
    return versions.convert(known, pruned, version, ours)


def _after(
    others: list[Entry], live: Any, data: Any, write: Write, *, force: bool
) -> Steps[list[Entry]]:
    changes = Changes(write.versions, write.owner.api_version, live, data)
    left: list[Entry] = []
    found: list[Conflict] = []
    for entry in others:
        change = yield from changes.within(entry.owner.api_version)
        if change is None:
            continue
        conflict = yield from field_set.intersection(entry.fields, (yield from change.taken()))
        if conflict:
            found.append(Conflict(owner=entry.owner, fields=conflict))
        left.append(entry.having((yield from change.left_of(entry.fields))))
    if found and not force:
        raise ConflictsFound(found)
    return left
