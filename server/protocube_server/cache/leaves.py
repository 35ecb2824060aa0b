"""Objects in the order of their keys, in leaves: what one list reads, while others are written."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

from protocube_server.cache import leaf as leaf_
from protocube_server.cache.leaf import MOST
from protocube_server.storage import ranges

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protocube_server.cache.leaf import Held, Leaf

_FEW: Final = MOST // 4
"""A leaf with fewer objects is joined with the one before it, if both together are half full."""


class Leaves:
    """What does not change any more: leaves in order, none of them empty."""

    __slots__ = ("_firsts", "leaves")

    def __init__(self, firsts: list[bytes], leaves: list[Leaf]) -> None:
        self._firsts = firsts
        """The first key of each leaf."""
        self.leaves: Sequence[Leaf] = leaves

    def __iter__(self) -> Iterator[bytes]:
        """Yield all keys in order."""
        for leaf in self.leaves:
            yield from leaf.keys

    def items(self) -> Iterator[bytes]:
        """Yield all objects in the order of their keys."""
        for leaf in self.leaves:
            yield from leaf.items

    def between(self, start: bytes, end: bytes) -> Range:
        """Return the objects from key ``start`` on that are before ``end``."""
        first = max(0, bisect_right(self._firsts, start) - 1)
        behind = bisect_left(self._firsts, end, first)
        leaves = self.leaves[first:behind]
        if not leaves:
            return Range(leaves, 0, 0)
        return Range(leaves, leaves[0].place(start), leaves[-1].place(end))

    def below(self, prefix: bytes, start: bytes = b"") -> Range:
        """Return the objects whose keys begin with ``prefix`` and are not before ``start``."""
        return self.between(max(prefix, start), ranges.end_of(prefix))


class Range:
    """Leaves, the first and the last of which may belong to it in part."""

    __slots__ = ("_end", "_first", "leaves")

    def __init__(self, leaves: Sequence[Leaf], first: int, end: int) -> None:
        self.leaves = leaves
        self._first = first
        """The place in the first leaf that it begins at."""
        self._end = end
        """The place in the last leaf that it ends before."""

    def __len__(self) -> int:
        """Return how many objects there are."""
        if not self.leaves:
            return 0
        return max(0, sum(map(len, self.leaves[:-1])) + self._end - self._first)

    def part(self, number: int) -> slice:
        """Return which objects of a leaf belong to it."""
        return slice(
            self._first if number == 0 else 0,
            self._end if number == len(self.leaves) - 1 else len(self.leaves[number]),
        )

    def mask(self, number: int) -> int:
        """Return the same as a mask."""
        part = self.part(number)
        first, end = part.start, part.stop
        mask: int = (1 << end) - (1 << first) if first < end else 0
        return mask

    def first_key(self) -> bytes:
        """Return the first key; nothing when there is none."""
        for number, leaf in enumerate(self.leaves[:2]):
            for key in leaf.keys[self.part(number)][:1]:
                return key
        return b""


class GrowingLeaves:
    """Leaves that objects are put into and taken out of."""

    def __init__(self) -> None:
        self._firsts: list[bytes] = []
        self._leaves: list[Leaf] = []
        self._is_shared = False
        """Whether :meth:`shared` has given away the lists, which must not change then."""

    def shared(self) -> Leaves:
        """Return the leaves as they are now; they stay so."""
        self._is_shared = True
        return Leaves(self._firsts, self._leaves)

    def put(self, held: Held) -> Held | None:
        """Add an object, or replace it; return what there was under its key."""
        if not self._leaves:
            self._replace(0, 0, leaf_.of([held]))
            return None
        number = max(0, bisect_right(self._firsts, held.key) - 1)
        leaf = self._leaves[number]
        place = leaf.place(held.key)
        before = leaf.at(place, held.key)
        if before is not None:
            self._replace(number, 1, leaf.replaced(place, held))
        elif len(leaf) < MOST:
            self._replace(number, 1, leaf.inserted(place, held))
        else:
            # What comes in order fills leaves.
            middle = MOST if place == MOST else MOST // 2
            made = leaf.inserted(place, held)
            self._replace(number, 1, made.part(slice(middle)), made.part(slice(middle, None)))
        return before

    def extend(self, held: Sequence[Held]) -> None:
        """Add objects in the order of their keys, behind all that there are."""
        last = len(self._leaves) - 1
        room = MOST - len(self._leaves[last]) if self._leaves else 0
        if room and held:
            self._replace(last, 1, leaf_.joined(self._leaves[last], leaf_.of(held[:room])))
        for begin in range(room, len(held), MOST):
            self._replace(len(self._leaves), 0, leaf_.of(held[begin : begin + MOST]))

    def remove(self, key: bytes) -> Held | None:
        """Take an object out; return it."""
        number = max(0, bisect_right(self._firsts, key) - 1)
        if number >= len(self._leaves):
            return None
        leaf = self._leaves[number]
        place = leaf.place(key)
        before = leaf.at(place, key)
        if before is None:
            return None
        left = leaf_.joined(leaf.part(slice(place)), leaf.part(slice(place + 1, None)))
        beside = self._leaves[number - 1] if number else left
        if number and len(left) < _FEW and len(left) + len(beside) <= MOST // 2:
            self._replace(number - 1, 2, leaf_.joined(beside, left))
        else:
            self._replace(number, 1, left)
        return before

    def _replace(self, number: int, count: int, *leaves: Leaf) -> None:
        """Put some leaves, none of which is kept empty, in place of ``count`` others."""
        if self._is_shared:
            self._firsts, self._leaves = self._firsts.copy(), self._leaves.copy()
            self._is_shared = False
        filled = [leaf for leaf in leaves if len(leaf)]
        self._leaves[number : number + count] = filled
        self._firsts[number : number + count] = [leaf.keys[0] for leaf in filled]
