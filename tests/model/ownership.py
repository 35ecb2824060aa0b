"""Who owns the fields of an object, by the rules of Kubernetes' server-side apply.

Owned are members of maps and elements of the list of finalizers, each by its path. A map or list
that came with an update is owned itself, too; one that was applied is when it was empty.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.model import patching
from tests.model.objects import Refused

if TYPE_CHECKING:
    from tests.model.objects import Content, Owner, Owners, Path

UPDATE, APPLY = "Update", "Apply"
_BEFORE_FIRST_APPLY = ("before-first-apply", UPDATE)
_DELETION = (("metadata", "deletionTimestamp"), ("metadata", "deletionGracePeriodSeconds"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The paths in which two contents differ."""

    taken: frozenset[Path]
    """Added, or of another value."""
    removed: frozenset[Path]


def created(content: Content, manager: str) -> Owners:
    """Return the owners of an object that a manager creates by Create."""
    return _owning({(manager, UPDATE): frozenset(_values(content))})


def updated(owners: Owners, old: Content, new: Content, manager: str) -> Owners:
    """Return the owners after an update. Once nobody owns anything, updates are not followed."""
    if not owners or old == new:
        return owners
    change = _compared(old, new)
    left = _without(owners, change)
    own = (manager, UPDATE)
    left[own] = left.get(own, frozenset()) | change.taken
    return _owning(left)


def unowned(owners: Owners, old: Content, new: Content) -> Owners:
    """Return the owners after a change that the server made by itself."""
    return _owning(_without(owners, _compared(old, new)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """An object with what a manager applied, and its owners after that."""

    content: Content
    owners: Owners


def before_first_apply(live: Content, *, is_going: bool) -> Owners:
    """Return the owners of an object that nobody owned anything of, for its first apply."""
    paths = {*_values(live), *(_DELETION if is_going else ())}
    return _owning({_BEFORE_FIRST_APPLY: frozenset(paths)})


def applied(
    owners: Owners, live: Content, config: Content, manager: str, *, force: bool
) -> Applied:
    """Apply ``config`` to what is there, empty for nothing.

    Raises ``Refused`` for fields that others own, unless ``force``.
    """
    own = (manager, APPLY)
    claimed = _claimed(config)
    last = owners.get(own, frozenset())
    others = {owner: paths for owner, paths in owners.items() if owner != own}
    kept = claimed.union(*others.values())
    content = patching.merge(live, config)
    for path in last - kept:
        content = _pruned(content, path)
    change = _compared(live, content)
    conflicts = [
        f".{'.'.join(path)} of {owner[0]}"
        for owner, paths in others.items()
        for path in paths & change.taken
    ]
    if conflicts and not force:
        raise Refused("Conflict", *conflicts)
    left = {**_without(others, change), own: claimed}
    return Applied(content=content, owners=_owning(left))


def _values(content: Content) -> dict[Path, Any]:
    """Return what is at each path; a map or list stands for its presence."""
    found: dict[Path, Any] = {}
    metadata = content.get("metadata", {})
    parts: dict[Path, Any] = {("metadata", name): value for name, value in metadata.items()}
    parts |= {(name,): value for name, value in content.items() if name != "metadata"}
    for path, part in parts.items():
        if isinstance(part, dict):
            found[path] = None
            found |= {(*path, name): value for name, value in part.items()}
        elif isinstance(part, list):
            found[path] = None
            found |= {(*path, name): None for name in part}
        else:
            found[path] = part
    return found


def _claimed(config: Content) -> frozenset[Path]:
    paths = set(_values(config))
    # A map with members is not claimed as a map.
    return frozenset(paths - {path[:-1] for path in paths})


def _compared(old: Content, new: Content) -> Change:
    before, after = _values(old), _values(new)
    taken = {path for path, value in after.items() if path not in before or before[path] != value}
    return Change(taken=frozenset(taken), removed=frozenset(before.keys() - after.keys()))


def _without(owners: Owners, change: Change) -> dict[Owner, frozenset[Path]]:
    return {owner: paths - change.taken - change.removed for owner, paths in owners.items()}


def _owning(owners: Owners) -> Owners:
    return {owner: paths for owner, paths in owners.items() if paths}


def _pruned(content: Content, path: Path) -> Content:
    """Remove a member; a map goes when it is empty only, as others may have members in it."""
    found = copy.deepcopy(content)
    parent = found
    for step in path[:-1]:
        parent = parent.get(step, {})
    if not parent.get(path[-1]) or not isinstance(parent[path[-1]], dict):
        parent.pop(path[-1], None)
    return found
