"""Updates of a record in which an owner has the rest: only what they change is recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from protocube_server.kinds.ownership import field_set, scopes
from protocube_server.kinds.ownership.stored import Held, Record

if TYPE_CHECKING:
    from protocube.steps import Steps
    from protocube_server.kinds.ownership.comparing import Comparison
    from protocube_server.kinds.ownership.entries import Owner
    from protocube_server.kinds.ownership.field_set import FieldSet


def is_whole(record: Record) -> bool:
    """Tell whether each owner has all of its scope, so that its writes change no set."""
    return not record.nobodys and all(held.fields is None for held in record.held)


def updated(record: Record, change: Comparison, owner: Owner, now: int) -> Steps[Record]:
    """Return the record after an update by ``owner``, an owner of the rest or another one."""
    taken = yield from _taken(change)
    left = yield from _reduced(record, change)
    for position, held in enumerate(left):
        if held.owner == owner:
            fields = held.fields
            if fields is not None:
                fields = yield from field_set.union(fields, taken)
            left[position] = replace(held, fields=fields, time=now)
            break
    else:
        left.append(Held(owner=owner, time=now, fields=taken))
    nobodys = yield from field_set.difference(record.nobodys, taken)
    return _without_empty(left, (yield from field_set.difference(nobodys, change.removed)))


def unowned(record: Record, change: Comparison) -> Steps[Record]:
    """Return the record after a write that is nobody's."""
    left = yield from _reduced(record, change)
    nobodys = yield from field_set.union(record.nobodys, (yield from _taken(change)))
    return _without_empty(left, (yield from field_set.difference(nobodys, change.removed)))


def _taken(change: Comparison) -> Steps[FieldSet]:
    return (yield from scopes.recorded((yield from change.taken())))


def _reduced(record: Record, change: Comparison) -> Steps[list[Held]]:
    """Return the owners without what a write takes from them."""
    left = list(record.held)
    for position, held in enumerate(left):
        if held.fields is not None:
            left[position] = replace(held, fields=(yield from change.left_of(held.fields)))
    return left


def _without_empty(held: list[Held], nobodys: FieldSet) -> Record:
    left = tuple(each for each in held if each.fields is None or each.fields)
    has_rest = any(each.fields is None for each in left)
    return Record(held=left, nobodys=nobodys if has_rest else field_set.EMPTY)
