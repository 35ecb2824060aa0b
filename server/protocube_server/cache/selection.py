"""What a list or a watch asks for: part of a kind, by namespace and by selectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from protocube.steps import finished
from protocube_server.cache import columns, facts
from protocube_server.cache import leaf as leaf_
from protocube_server.kinds import selectable, splice
from protocube_server.storage import keys, ranges

if TYPE_CHECKING:
    from protocube.selectors import Requirement
    from protocube_server.cache.columns import Column
    from protocube_server.cache.leaves import Leaves, Range
    from protocube_server.cache.traits import Traits
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record


class Chosen(NamedTuple):
    """Objects that were selected, in the order of their keys."""

    keys: list[bytes]
    items: list[bytes]
    """Framed for a list's answer."""


_NONE = Chosen([], [])


class Selection:
    """Some objects of one kind.

    Two of them are equal when they were asked for in the same words, so that what is
    worked out for one caller serves the others.
    """

    def __init__(
        self,
        kind: Kind,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        with_owners: bool = False,
        metadata_only: bool = False,
    ) -> None:
        """``with_owners`` asks for objects that tell who owns their fields.

        ``metadata_only`` asks for nothing of them but their type and metadata.

        Raises ``errors.BadRequest`` for a selector that cannot be understood.
        """
        self.kind = kind
        self.prefix = kind.prefix(namespace)
        """The storage keys of all that can be among them."""
        self._labels = kind.label_selector(labels)
        self._fields = kind.field_selector(fields)
        self.with_owners = with_owners
        self.metadata_only = metadata_only
        self._asked = (kind, self.prefix, labels, fields, with_owners, metadata_only)
        self._namespace = namespace
        self.facts = facts.asked(self._labels, self._fields)
        """All that is selected has one of these; none when that is nothing in particular."""
        self._bounds = self._bounded()
        self._asks: list[tuple[Column, Requirement]] = [
            (columns.Label(each.key), each) for each in self._labels.requirements
        ]
        self._asks += [
            (columns.for_field(kind, each.key), each) for each in self._fields.requirements
        ]

    def __eq__(self, other: object) -> bool:
        """Tell whether the other one was asked for in the same words."""
        return isinstance(other, Selection) and self._asked == other._asked

    def __hash__(self) -> int:
        """Follow from what was asked for."""
        return hash(self._asked)

    @property
    def has_selectors(self) -> bool:
        """Whether more than the key tells whether an object is selected."""
        return bool(self._labels) or bool(self._fields)

    @property
    def names_one(self) -> bool:
        """Whether there is one object at most that can be selected, because it is named."""
        if self._namespace or not self.kind.resource.namespaced:
            return self._fields.value_of("metadata.name") is not None
        return False

    def matches(self, record: Record) -> bool:
        """Tell whether a record below the prefix is selected.

        Raises ``errors.Damaged`` when it has to be read for that, and cannot be.
        """
        return not self._asks or self._reads(record.key, self.kind.read(record))

    def holds(self, found: Traits) -> bool:
        """Tell whether an object below the prefix is selected, by what selectors ask of it."""
        for column, asked in self._asks:  # noqa: SIM110  # every event of every watch comes by here
            if not asked.admits(column.of(found)):
                return False
        return True

    def chosen(self, found: Range, number: int) -> Chosen:
        """Return the objects of a leaf of a range that are selected, in the form asked for.

        The range has nothing that is not below the prefix.
        """
        leaf = found.leaves[number]
        if not self._asks:
            part = found.part(number)
            return Chosen(leaf.keys[part], self._cut(leaf.items[part]))
        mask = found.mask(number)
        for column, asked in self._asks:
            mask &= leaf.chosen(column, asked)
            if not mask:
                return _NONE
        places = list(leaf_.places(mask))
        items = [leaf.items[place] for place in places]
        return Chosen([leaf.keys[place] for place in places], self._cut(items))

    def within(self, leaves: Leaves, start: bytes) -> Range:
        """Return the objects from key ``start`` on that can be selected, as their keys tell."""
        first, end = self._bounds
        return leaves.between(max(first, start), end)

    def _bounded(self) -> tuple[bytes, bytes]:
        """Return the first key that can be selected, and the first one behind them all."""
        if self.names_one:
            name = self._fields.value_of(selectable.NAME) or ""
            key = keys.with_segment(self.prefix, name)
            return key, key + b"\0"
        namespace = self._fields.value_of(selectable.NAMESPACE)
        if namespace and not self._namespace and self.kind.resource.namespaced:
            beginning = keys.with_segment(self.prefix, namespace) + b"/"
            return beginning, ranges.end_of(beginning)
        return self.prefix, ranges.end_of(self.prefix)

    def answer(self, record: Record) -> bytes | None:
        """Return a record below the prefix as callers get it, ``None`` when it is not selected.

        Raises ``errors.Damaged``.
        """
        # Most are passed over, mostly: those that are not are read a second time.
        return self.shown(record, self.kind.answer_of(record)) if self.matches(record) else None

    def shown(self, record: Record, answer: bytes) -> bytes:
        """Return a record in the form that is asked for, from what callers get of it.

        Raises ``errors.Damaged``.
        """
        if self.with_owners:
            answer = finished(self.kind.owners.shown(record.value, answer))
        return splice.head(answer) if self.metadata_only else answer

    def _cut(self, items: list[bytes]) -> list[bytes]:
        """Return objects that are framed for a list in the form that is asked for."""
        if not self.metadata_only:
            return items
        resource, cut = self.kind.resource, splice.item_head
        names = splice.names(resource.api_version, resource.kind)
        return [cut(item, names) for item in items]

    def _reads(self, key: bytes, message: Any) -> bool:
        for column, asked in self._asks:  # noqa: SIM110  # as every record of a list
            if not asked.admits(column.read(key, message)):
                return False
        return True
