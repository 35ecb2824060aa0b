"""What an update leaves as it was, so that a newer schema does not make old objects untouchable.

A value is as it was when the value at the same place before is equal to it. Places are followed
down the fields of objects and the keys of maps, and to elements of lists that have keys; other
lists are one value. Source: ``k8s.io/apiserver/pkg/cel/common``, ``CorrelatedObject``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube_server.definitions.crd.running import SAME

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from protocube_server.definitions.crd.schema import Schema

NOTHING: Final = object()
"""Where there was no value."""


def masked(schema: Schema, new: Any, old: Any, originals: dict[int, Any]) -> Any:
    """Return ``new`` with :data:`running.SAME` for each value that is as it was.

    ``originals`` gets, by the identity of an object or list that was masked, what it was.
    """
    if new is not None and old is not None and new == old:
        return SAME
    found: Any
    if new.__class__ is dict and old.__class__ is dict:
        found = {
            name: masked(part, value, old[name], originals)
            if name in old and (part := _below(schema, name)) is not None
            else value
            for name, value in new.items()
        }
    elif new.__class__ is list and old.__class__ is list and schema.list_type == "map":
        if schema.items is None:
            return new
        names = schema.list_map_keys
        by_key = elements(old, lambda item: key(item, names))
        found = []
        for item in new:
            before = by_key.get(key(item, names), NOTHING)
            is_new = before is NOTHING
            found.append(item if is_new else masked(schema.items, item, before, originals))
    else:
        return new
    originals[id(found)] = new
    return found


def elements(items: Iterable[Any], of: Callable[[Any], Hashable]) -> dict[Hashable, Any]:
    """Return the elements of a list by their keys, the first of those that share one.

    ``of`` returns the key of an element.
    """
    found: dict[Hashable, Any] = {}
    for item in items:
        found.setdefault(of(item), item)
    return found


def key(item: Any, names: tuple[str, ...]) -> Hashable:
    """Return the key of an element: what its fields ``names`` hold."""
    if item.__class__ is not dict:
        return None
    return tuple(repr(item.get(name)) for name in names)


def _below(schema: Schema, name: str) -> Schema | None:
    return schema.properties.get(name, schema.additional)
