"""A few hundred objects with keys that follow each other, and an index of what they have.

A leaf never changes: what changes an object makes another leaf. So whoever has one can read it for
as long as it likes, and what is worked out about it stays right.

The index of a leaf has, for each column that was asked for, the objects of each value as a bit
mask: bit 0 is the first object. It is made when a column is asked for the first time; a leaf in
which nothing is selected then costs a look into a dictionary, whatever it holds.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from protocube.selectors import Requirement
    from protocube_server.cache.columns import Column
    from protocube_server.cache.traits import Labels

MOST: Final = 256
"""Objects of a leaf. A look at a leaf costs a third of a microsecond, a change copies one."""
_MOST_VALUES: Final = 2 * MOST
"""Values in the index of a leaf, of all columns: two of which every object has its own value."""

_BITS: Final = tuple(1 << place for place in range(MOST))

_T = TypeVar("_T")

Masks = dict["str | None", int]


class Held(NamedTuple):
    """An object as it is kept."""

    key: bytes
    item: bytes
    """Framed for a list's answer."""
    labels: Labels
    fields: tuple[str, ...]


class Leaf:
    """Objects in the order of their keys, in columns. None of these may be changed."""

    __slots__ = ("_index", "fields", "items", "keys", "labels")

    def __init__(
        self,
        keys: list[bytes],
        items: list[bytes],
        labels: list[Labels],
        fields: list[tuple[str, ...]],
    ) -> None:
        self.keys = keys
        self.items = items
        self.labels = labels
        self.fields = fields
        self._index: dict[str, Masks] = {}
        """By the column; what was asked for last is the last."""

    def __len__(self) -> int:
        """Return how many objects it has."""
        return len(self.keys)

    def place(self, key: bytes) -> int:
        """Return where the object of a key is, or would be."""
        return bisect_left(self.keys, key)

    def at(self, place: int, key: bytes) -> Held | None:
        """Return the object at a place, if it is that of the key."""
        if place == len(self.keys) or self.keys[place] != key:
            return None
        return Held(key, self.items[place], self.labels[place], self.fields[place])

    def held(self) -> Iterator[Held]:
        """Yield the objects in the order of their keys."""
        return map(Held, self.keys, self.items, self.labels, self.fields)

    def part(self, places: slice) -> Leaf:
        """Return a leaf of some of the objects."""
        return Leaf(self.keys[places], self.items[places], self.labels[places], self.fields[places])

    def replaced(self, place: int, held: Held) -> Leaf:
        """Return a leaf that has another object at a place, of the same key."""
        made = Leaf(
            self.keys,
            _replaced(self.items, place, held.item),
            _replaced(self.labels, place, held.labels),
            _replaced(self.fields, place, held.fields),
        )
        if made.labels is self.labels and made.fields is self.fields:
            made._index = self._index  # of the same class
        return made

    def inserted(self, place: int, held: Held) -> Leaf:
        """Return a leaf that has one object more, before those that are at a place."""
        return Leaf(
            _inserted(self.keys, place, held.key),
            _inserted(self.items, place, held.item),
            _inserted(self.labels, place, held.labels),
            _inserted(self.fields, place, held.fields),
        )

    @property
    def everything(self) -> int:
        """The mask of all objects."""
        return (1 << len(self.keys)) - 1

    def chosen(self, column: Column, requirement: Requirement) -> int:
        """Return the mask of the objects whose value meets a requirement."""
        masks = self._masks(column)
        match requirement.operator:
            case "in":
                return _united(masks, requirement)
            case "notin":
                return self.everything ^ _united(masks, requirement)
            case "exists":
                return self.everything ^ masks.get(None, 0)
            case "!":
                return masks.get(None, 0)
        return sum(mask for value, mask in masks.items() if requirement.admits(value))

    def _masks(self, column: Column) -> Mapping[str | None, int]:
        masks = self._index.get(column.id)
        if masks is None:
            masks = {}
            for bit, value in zip(_BITS, column.all(self), strict=False):
                masks[value] = masks.get(value, 0) | bit
            self._index[column.id] = masks
            self._bound()
        elif len(self._index) > 1:
            self._index[column.id] = self._index.pop(column.id)
        return masks

    def _bound(self) -> None:
        """Forget what was not asked for in a while, if the index has grown too large."""
        values = sum(map(len, self._index.values()))
        while values > _MOST_VALUES and len(self._index) > 1:
            values -= len(self._index.pop(next(iter(self._index))))


def of(held: Sequence[Held]) -> Leaf:
    """Return a leaf of some objects, whose keys are in order."""
    keys, items, labels, fields = zip(*held, strict=True)
    return Leaf(list(keys), list(items), list(labels), list(fields))


def joined(left: Leaf, right: Leaf) -> Leaf:
    """Return a leaf of the objects of two that follow each other."""
    return Leaf(
        left.keys + right.keys,
        left.items + right.items,
        left.labels + right.labels,
        left.fields + right.fields,
    )


def _replaced(column: list[_T], place: int, value: _T) -> list[_T]:
    if column[place] == value:
        return column
    made = column.copy()
    made[place] = value
    return made


def _inserted(column: list[_T], place: int, value: _T) -> list[_T]:
    made = column.copy()
    made.insert(place, value)
    return made


def places(mask: int) -> Iterator[int]:
    """Yield the places of the objects of a mask, in their order."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _united(masks: Mapping[str | None, int], requirement: Requirement) -> int:
    """Return the mask of the objects that have one of the values of a requirement."""
    found = 0
    for value in requirement.values:
        found |= masks.get(value, 0)
    return found
