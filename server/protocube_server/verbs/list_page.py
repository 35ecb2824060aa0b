"""A page of a list while it is filled, bounded in objects and in bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.verbs import pages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.cache import Selection


class ListPage:
    """Objects of ``chosen`` in the order of their keys, from ``start`` on.

    ``limit`` is in objects (0 sets none), ``budget`` in bytes. The first object is added
    whatever its size.
    """

    def __init__(self, *, chosen: Selection, start: bytes, limit: int, budget: int) -> None:
        self.chosen = chosen
        self.start = start
        self.limit = limit
        self.budget = budget
        self.items: list[bytes] = []
        """Framed for the answer."""
        self.size = 0
        self.goes_on = False
        """Whether the answer has a token for the next page."""

    @property
    def is_full(self) -> bool:
        """Whether there are as many objects as were asked for."""
        return 0 < self.limit <= len(self.items)

    def add(self, item: bytes) -> bool:
        """Add a framed object; tell whether there was room for it."""
        if self.items and self.size + len(item) > self.budget:
            return False
        self.items.append(item)
        self.size += len(item)
        return True

    def add_all(self, items: Sequence[bytes]) -> bool:
        """Add all of some framed objects if there is room, or none; tell which."""
        size = self.size + sum(map(len, items))
        if size > self.budget or (self.limit and len(self.items) + len(items) > self.limit):
            return False
        self.items += items
        self.size = size
        return True

    def answer(self, revision: int, *, start: bytes = b"", left: int = 0) -> bytes:
        """Return the bytes of the page, which is of ``revision``.

        ``start`` is the key that the next page begins with, empty for none, and ``left`` counts
        the keys from there on.
        """
        chosen, items = self.chosen, self.items
        # Kubernetes looks no further for an object that the selector names.
        self.goes_on = bool(start) and not (items and chosen.names_one)
        if not self.goes_on:
            return pages.encode_list(chosen.kind, items, revision=revision)
        position = pages.Position(revision=revision, start=start)
        return pages.encode_list(
            chosen.kind,
            items,
            revision=revision,
            token=pages.encode_token(position, chosen.prefix),
            # How many of the rest a selector would choose is not known.
            remaining=None if chosen.has_selectors else left,
        )
