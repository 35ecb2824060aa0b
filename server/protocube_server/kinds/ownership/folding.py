"""Keeps the number of owners by update bounded: the oldest become one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from protocube_server.kinds.ownership import field_set
from protocube_server.kinds.ownership.entries import Entry, Operation

if TYPE_CHECKING:
    from protocube.steps import Steps

MOST: Final = 10
"""Owners by update; those by apply are not counted."""
ANCIENT_CHANGES: Final = "ancient-changes"


def folded(stored: tuple[Entry, ...]) -> Steps[tuple[Entry, ...]]:
    """Return at most :data:`MOST` owners by update, beside all owners by apply.

    The oldest are joined, those of each version in one owner, which has the time of the
    youngest among them. One alone in its version stays as it is.
    """
    updates = [entry for entry in stored if entry.owner.operation is Operation.UPDATE]
    excess = len(updates) - MOST
    if excess <= 0:
        return stored
    updates.sort(key=lambda entry: (entry.time or 0, entry.owner.identity))
    left = {entry.owner.identity: entry for entry in stored}
    first: dict[str, Entry] = {}
    for entry in updates:
        if not excess:
            break
        version = entry.owner.api_version
        if version not in first:
            first[version] = entry
            continue
        bucket = replace(entry.owner, manager=ANCIENT_CHANGES, subresource="")
        target = left.get(bucket.identity)
        if target is None or target is entry:
            target = left.pop(first[version].owner.identity)
        fields = yield from field_set.union(target.fields, entry.fields)
        del left[entry.owner.identity]
        left[bucket.identity] = Entry(owner=bucket, fields=fields, time=entry.time)
        excess -= 1
    return tuple(left.values())
