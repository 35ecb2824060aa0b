"""What selectors ask of an object: its labels, its selectable fields and its names.

They are read once, when the object is, and kept beside its bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from protocube_server.storage import keys

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from protocube_server.kinds.kind import Kind

Labels = tuple[tuple[str, str], ...]
"""The labels of an object, in the order of their keys."""

_T = TypeVar("_T", bound="Hashable")

_MOST = 4096
"""What is shared at a time. Beyond that it begins anew: what is equal may then be there twice."""


class Traits(NamedTuple):
    """Of one object."""

    labels: Labels
    fields: tuple[str, ...]
    """The selectable fields that no key tells, in the order of the kind's."""
    namespace: str
    name: str


def of(kind: Kind, key: bytes, message: Any) -> Traits:
    """Return those of the object of a key."""
    namespace, name = names(kind, key)
    labels = labels_of(message.metadata.labels)
    return Traits(labels, kind.selectable.texts(message), namespace, name)


def labels_of(found: Mapping[str, str]) -> Labels:
    """Return the labels of an object's metadata."""
    return tuple(sorted(found.items())) if found else ()


def names(kind: Kind, key: bytes) -> tuple[str, str]:
    """Return the namespace and the name of an object, which its key tells."""
    beginning, name = keys.split(key)
    return beginning[len(kind.prefix()) : -1].decode(), name.decode()


class Pool:
    """Lets objects that have the same labels, fields or values share them."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def labels(self, found: Labels) -> Labels:
        """Return labels that are equal, and may be those of other objects."""
        known: Labels | None = self._known.get(found)
        return known if known is not None else self._kept(tuple(map(self._pair, found)))

    def fields(self, found: tuple[str, ...]) -> tuple[str, ...]:
        """Return the texts of fields, which may be those of other objects."""
        known: tuple[str, ...] | None = self._known.get(found)
        return known if known is not None else self._kept(tuple(map(self._one, found)))

    def _pair(self, found: tuple[str, str]) -> tuple[str, str]:
        key, value = found
        pair: tuple[str, str] = self._known.setdefault(found, (self._one(key), self._one(value)))
        return pair

    def _one(self, found: str) -> str:
        text: str = self._known.setdefault(found, found)
        return text

    def _kept(self, found: _T) -> _T:
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[found] = found
        return found
