"""What a requirement of a selector looks at: a label, a field, the name or the namespace.

A column has one value for each object, ``None`` for a label that is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from protocube_server.cache import traits
from protocube_server.kinds import selectable
from protocube_server.storage import keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from protocube_server.cache.leaf import Leaf
    from protocube_server.cache.traits import Traits
    from protocube_server.kinds.kind import Kind


class Column(Protocol):
    """One of the columns of a kind."""

    id: str
    """Equal for equal columns of the kind."""

    def of(self, found: Traits) -> str | None:
        """Return the value of an object."""
        ...

    def read(self, key: bytes, message: Any) -> str | None:
        """Return the value of an object that nothing else is to be told of."""
        ...

    def all(self, leaf: Leaf) -> Iterable[str | None]:
        """Return the values of all objects of a leaf, in their order."""
        ...


class Label:
    """The values of a label."""

    def __init__(self, key: str) -> None:
        self.id = f"label {key}"
        self._key = key

    def of(self, found: Traits) -> str | None:
        """See :class:`Column`."""
        asked = self._key
        for key, value in found.labels:
            if key == asked:
                return value
        return None

    def read(self, key: bytes, message: Any) -> str | None:  # noqa: ARG002  # of the protocol
        """See :class:`Column`."""
        value: str | None = message.metadata.labels.get(self._key)
        return value

    def all(self, leaf: Leaf) -> Iterable[str | None]:
        """See :class:`Column`."""
        asked = self._key
        for labels in leaf.labels:
            for key, value in labels:
                if key == asked:
                    yield value
                    break
            else:
                yield None


class Field:
    """The texts of a field that no key tells."""

    def __init__(self, kind: Kind, name: str) -> None:
        self.id = f"field {name}"
        self._place = kind.selectable.names.index(name)
        self._read: Callable[[Any], str] = kind.selectable.reader(name)

    def of(self, found: Traits) -> str:
        """See :class:`Column`."""
        return found.fields[self._place]

    def read(self, key: bytes, message: Any) -> str:  # noqa: ARG002  # of the protocol
        """See :class:`Column`."""
        return self._read(message)

    def all(self, leaf: Leaf) -> Iterable[str]:
        """See :class:`Column`."""
        place = self._place
        return (texts[place] for texts in leaf.fields)


class Name:
    """The names of objects."""

    id = selectable.NAME

    def of(self, found: Traits) -> str:
        """See :class:`Column`."""
        return found.name

    def read(self, key: bytes, message: Any) -> str:  # noqa: ARG002  # of the protocol
        """See :class:`Column`."""
        return keys.split(key)[1].decode()

    def all(self, leaf: Leaf) -> Iterable[str]:
        """See :class:`Column`."""
        return (keys.split(key)[1].decode() for key in leaf.keys)


class Namespace:
    """The namespaces of objects, empty for those that have none."""

    id = selectable.NAMESPACE

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    def of(self, found: Traits) -> str:
        """See :class:`Column`."""
        return found.namespace

    def read(self, key: bytes, message: Any) -> str:  # noqa: ARG002  # of the protocol
        """See :class:`Column`."""
        return traits.names(self._kind, key)[0]

    def all(self, leaf: Leaf) -> Iterable[str]:
        """See :class:`Column`."""
        return (traits.names(self._kind, key)[0] for key in leaf.keys)


def for_field(kind: Kind, name: str) -> Column:
    """Return the column of a field that the kind's objects can be selected by."""
    if name == selectable.NAME:
        return Name()
    if name == selectable.NAMESPACE:
        return Namespace(kind)
    return Field(kind, name)
