"""What equality selectors ask of an object, worked out once an event for all who watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protocube.selectors import Selector
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Event

Fact = tuple[str, str, str]
"""``label`` or ``field``, its name, and its value."""

_LABEL, _FIELD = "label", "field"


def of_event(kind: Kind, event: Event) -> frozenset[Fact] | None:
    """Return the facts about an object before an event and behind it.

    ``None`` when they cannot be told: a value cannot be read, or the one before was compacted away.
    """
    if event.previous is None and (event.record is None or event.record.version > 1):
        return None
    found: set[Fact] = set()
    for record in (event.previous, event.record):
        if record is None:
            continue
        try:
            message = kind.read(record)
        except (errors.Damaged, errors.Unavailable):
            return None
        found.update((_LABEL, *item) for item in message.metadata.labels.items())
        found.update((_FIELD, *item) for item in kind.field_values(message).items())
    return frozenset(found)


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
