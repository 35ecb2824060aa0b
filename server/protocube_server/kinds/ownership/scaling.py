"""What a write to the scale of an object does to the owners of its number of replicas.

Kubernetes hands the owners of that one field to the scale, and takes them back from it. On
the way an owner by update loses its name, because the scale has another API version: it does
not own the number any more after a write, whether or not the number changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from protocube_server.kinds.ownership import elements, entries, field_set
from protocube_server.kinds.ownership.conflicts import Conflict, ConflictsFound
from protocube_server.kinds.ownership.entries import Entry, Operation, Owner
from protocube_server.kinds.ownership.field_set import FieldSet
from protocube_server.kinds.ownership.managers import BEFORE_FIRST_APPLY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube.steps import Steps


API_VERSION: Final = "autoscaling/v1"
"""Of a Scale, in which conflicts over it are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What becomes of the number by an apply."""

    replicas: int
    entries: tuple[Entry, ...]


def path(names: Sequence[str]) -> FieldSet:
    """Return the set of the one path that leads through members of these names."""
    *above, last = names
    found = FieldSet(frozenset({elements.member(last)}), {})
    for name in reversed(above):
        found = FieldSet(frozenset(), {elements.member(name): found})
    return found


def update(
    stored: tuple[Entry, ...], replicas: FieldSet, writer: Owner, *, is_changed: bool
) -> Steps[tuple[Entry, ...]]:
    """Return the owners after an update of the scale by ``writer``.

    While nobody owns the number its writers are not recorded. An entry of a scale has no time.
    """
    left: list[Entry] = []
    lost: list[Entry] = []
    is_owned = False
    for entry in stored:
        if not (yield from field_set.intersection(entry.fields, replicas)):
            left.append(entry)
            continue
        is_owned = True
        is_update = entry.owner.operation is Operation.UPDATE
        if not is_update and not is_changed:
            left.append(entry)
            continue
        left.append(entry.having((yield from field_set.difference(entry.fields, replicas))))
        if is_update and not is_changed:
            lost.append(Entry(owner=entry.owner, fields=replicas))
    if is_changed and is_owned:
        identity = writer.identity
        own = next((entry for entry in left if entry.owner.identity == identity), None)
        if own is None:
            left.append(Entry(owner=writer, fields=replicas))
        else:
            fields = yield from field_set.union(own.fields, replicas)
            left[left.index(own)] = replace(own, fields=fields, time=None)
    return entries.ordered([*lost, *left])


def apply(
    stored: tuple[Entry, ...],
    replicas: FieldSet,
    writer: Owner,
    *,
    had: int,
    wanted: int | None,
    force: bool,
) -> Steps[Applied]:
    """Return the number and its owners when ``writer`` applies ``wanted``; ``None`` claims none.

    ``had`` is the number so far. One that the writer alone had and does not want any more is 0.
    Raises :class:`ConflictsFound` when others own what would change, and not ``force``.
    """
    owning: tuple[Entry, ...] = ()
    for entry in stored:
        if (yield from field_set.intersection(entry.fields, replicas)):
            owning = (*owning, entry)
    own = next((entry for entry in owning if entry.owner.identity == writer.identity), None)
    others = [entry for entry in owning if entry is not own]
    if not owning:
        # What is nobody's when somebody applies for the first time.
        before = replace(writer, manager=BEFORE_FIRST_APPLY, operation=Operation.UPDATE)
        others = [Entry(owner=before, fields=replicas)]
    number = had if wanted is None else wanted
    if wanted is None and own is not None and not others:
        number = 0
    if number != had and others and not force:
        shown = path(("spec", "replicas"))
        raise ConflictsFound(
            [
                Conflict(owner=replace(each.owner, api_version=API_VERSION), fields=shown)
                for each in others
            ]
        )
    left = [entry for entry in stored if entry not in owning]
    for entry in owning:
        is_lost = entry is own or number != had or entry.owner.operation is Operation.UPDATE
        rest = (
            (yield from field_set.difference(entry.fields, replicas)) if is_lost else entry.fields
        )
        left.append(entry.having(rest))
    if number == had:
        updates = [each for each in others if each.owner.operation is Operation.UPDATE]
        left += [Entry(owner=each.owner, fields=replicas) for each in updates]
    if wanted is not None:
        left.append(Entry(owner=writer, fields=replicas))
    return Applied(replicas=number, entries=entries.ordered(left))
