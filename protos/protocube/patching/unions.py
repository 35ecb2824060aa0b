"""Two lists merged into one by a strategic merge patch, and the order of the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube.patching import elements

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from protocube.steps import Steps

_TOGETHER: Final = 64
"""Elements that are looked at between two steps."""

Merge = Callable[[dict[str, Any], dict[str, Any]], "Steps[dict[str, Any]]"]
"""Merges an element of a patch into the stored one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Union:
    """The elements of both lists, stored ones first."""

    values: list[Any]
    keys: list[Hashable]
    """The identities of the values."""
    patched: list[Hashable]
    """The identities that the patch names, in its order."""
    stored: list[Hashable]
    """Those of stored elements that are left, in their order."""
    new: list[Hashable]
    """Those of elements that were not stored."""
    deleted: int = 0
    """How many stored elements are gone."""

    def arranged(
        self, *, order: Sequence[Hashable], stored: Sequence[Hashable]
    ) -> Steps[list[Any]]:
        """Return the values in the order that a patch gives them.

        Those that ``order`` names follow it. The others keep the order of ``stored``, and each
        of them comes as soon as it stands before the next named one there: so a named one that
        was not stored comes first.
        """
        groups: dict[Hashable, list[Any]] = {}
        for count, (key, value) in enumerate(zip(self.keys, self.values, strict=True)):
            if count % _TOGETHER == 0:
                yield
            groups.setdefault(key, []).append(value)
        named = [(key, groups.pop(key)) for key in dict.fromkeys(order) if key in groups]
        yield
        stored_at = elements.places(stored)
        yield
        others = [(place, groups.pop(key)) for key, place in stored_at.items() if key in groups]
        yield
        result: list[Any] = []
        taken = 0
        for count, (key, group) in enumerate(named):
            if count % _TOGETHER == 0:
                yield
            limit = stored_at.get(key, -1)
            while taken < len(others) and others[taken][0] < limit:
                result += others[taken][1]
                taken += 1
            result += group
        for _, group in others[taken:]:
            result += group
        # New ones are left where an order names nothing at all. Kubernetes' sort cannot place
        # them, and leaves them last and turned round, if they came first.
        for group in reversed(groups.values()):
            result += group
        return result


def of_one(values: list[Any], stored: list[Any], merge_key: str) -> Steps[Union]:
    """Return the union of a list with nothing; ``stored`` is the list that it replaces."""
    return Union(
        values=values,
        keys=(yield from elements.identities(values, merge_key)),
        patched=[],
        stored=(yield from elements.identities(stored, merge_key)),
        new=[],
    )


def of_scalars(stored: list[Any], patch: list[Any], merge_key: str) -> Steps[Union]:
    """Return the union of two lists of scalars, each of which it has once."""
    had = yield from elements.identities(stored, merge_key)
    patched = yield from elements.identities(patch, merge_key)
    union = dict(zip(had, stored, strict=True)) | dict(zip(patched, patch, strict=True))
    return Union(values=list(union.values()), keys=list(union), patched=patched, stored=had, new=[])


def of_objects(stored: list[Any], patch: list[Any], merge_key: str, merge: Merge) -> Steps[Union]:
    """Return the union of two lists of objects, after what the patch says with ``$patch``.

    New elements are taken as they are.
    """
    said = yield from elements.instructions(patch, merge_key)
    if said.is_replaced:
        return (yield from of_one(said.plain, said.plain, merge_key))
    patched = yield from elements.identities(said.plain, merge_key)
    had = yield from elements.identities(stored, merge_key)
    values = [value for value, key in zip(stored, had, strict=True) if key not in said.deleted]
    left = [key for key in had if key not in said.deleted]
    places = elements.places(left)
    new: list[Hashable] = []
    for key, value in zip(patched, said.plain, strict=True):
        yield
        place = places.setdefault(key, len(values))
        if place == len(values):
            values.append(value)
            new.append(key)
        else:
            values[place] = yield from merge(values[place], value)
    return Union(
        values=values,
        keys=left + new,
        patched=patched,
        stored=left,
        new=new,
        deleted=len(had) - len(left),
    )
