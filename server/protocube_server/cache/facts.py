"""What equality selectors ask of an object, worked out once an event for all who watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.kinds import selectable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protocube.selectors import Selector
    from protocube_server.cache.traits import Traits
    from protocube_server.kinds.kind import Kind

Fact = tuple[str, str, str]
"""``label`` or ``field``, its name, and its value."""

_LABEL, _FIELD = "label", "field"


def of(kind: Kind, found: Traits) -> frozenset[Fact]:
    """Return the facts about an object."""
    names = (selectable.NAME, selectable.NAMESPACE, *kind.selectable.names)
    texts = (found.name, found.namespace, *found.fields)
    fields = ((_FIELD, name, text) for name, text in zip(names, texts, strict=True))
    return frozenset((*((_LABEL, *item) for item in found.labels), *fields))


def asked(labels: Selector, fields: Selector) -> Fact | None:
    """Return a fact about everything that is selected; ``None`` when no equality is asked for.

    Fields come first: they tell objects from each other, where labels put them together.
    """
    return next(_equalities(((_FIELD, fields), (_LABEL, labels))), None)


def _equalities(selectors: Iterable[tuple[str, Selector]]) -> Iterator[Fact]:
    for what, selector in selectors:
        for part in selector.requirements:
            if part.is_equality:
                (value,) = part.values
                yield what, part.key, value
