"""What equality selectors ask of an object, worked out once an event for all who watch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube_server.kinds import selectable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protocube.selectors import Selector
    from protocube_server.cache.traits import Traits
    from protocube_server.kinds.kind import Kind

Fact = tuple[str, str, str]
"""``label`` or ``field``, its name, and its value."""

_LABEL, _FIELD = "label", "field"
_MOST: Final = 16
"""Facts that one selector waits for. With more values it is held against each event."""


def of(kind: Kind, found: Traits) -> frozenset[Fact]:
    """Return the facts about an object."""
    names = (selectable.NAME, selectable.NAMESPACE, *kind.selectable.names)
    texts = (found.name, found.namespace, *found.fields)
    fields = ((_FIELD, name, text) for name, text in zip(names, texts, strict=True))
    return frozenset((*((_LABEL, *item) for item in found.labels), *fields))


def asked(labels: Selector, fields: Selector) -> tuple[Fact, ...]:
    """Return facts of which everything that is selected has one; none when nothing tells that.

    An equality comes before several values, and fields before labels: they tell objects from each
    other, where labels put them together.
    """
    found = list(_told(((_FIELD, fields), (_LABEL, labels))))
    return min(found, key=len) if found else ()


def _told(selectors: Iterable[tuple[str, Selector]]) -> Iterator[tuple[Fact, ...]]:
    for what, selector in selectors:
        for part in selector.requirements:
            if part.operator == "in" and len(part.values) <= _MOST:
                yield tuple((what, part.key, value) for value in sorted(part.values))
