"""JSON of any form, as ``google.protobuf.Value`` and ``Struct`` hold it.

Both ways go without recursion, so that they can stop anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.manifests import numbers, wide_integers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube.steps import Steps

_TURN = 256
"""After so many values others can have their turn."""


def read(message: Any) -> Steps[Any]:
    """Return the data of a Value or a Struct, and yield now and then on the way."""
    holder: dict[str, Any] = {}
    waiting = [_opened(message, holder, "")]
    count = 0
    while waiting:
        items, into = waiting[-1]
        for key, item in items:
            count += 1
            if count % _TURN == 0:
                yield
            kind = item.WhichOneof("kind")
            if kind in ("struct_value", "list_value"):
                waiting.append(_opened(getattr(item, kind), into, key))
                break
            into[key] = _scalar(item, kind)
        else:
            waiting.pop()
    return holder[""]


def write(value: Any, message: Any) -> Steps[None]:
    """Write data into a Value, an object into a Struct, or a list into a ListValue.

    Yield now and then on the way.
    """
    if message.DESCRIPTOR.name == "Struct":
        message.SetInParent()
        waiting = [_members(value, message)]
    elif message.DESCRIPTOR.name == "ListValue":
        message.SetInParent()
        waiting = [_added(value, message.values)]
    else:
        waiting = [iter([(value, message)])]
    count = 0
    while waiting:
        for item, target in waiting[-1]:
            count += 1
            if count % _TURN == 0:
                yield
            if isinstance(item, dict):
                target.struct_value.SetInParent()
                waiting.append(_members(item, target.struct_value))
                break
            if isinstance(item, list):
                target.list_value.SetInParent()
                waiting.append(_added(item, target.list_value.values))
                break
            write_scalar(item, target)
        else:
            waiting.pop()


def write_scalar(value: Any, message: Any) -> None:
    """Write a text, a bool, a number or null into a Value."""
    match value:
        case None:
            message.null_value = 0
        case bool():
            message.bool_value = value
        case str():
            message.string_value = value
        case int():
            wide_integers.write(value, message)
        case float():
            message.number_value = value


def _members(value: dict[str, Any], struct: Any) -> Iterator[tuple[Any, Any]]:
    return ((item, struct.fields[key]) for key, item in value.items())


def _added(items: list[Any], values: Any) -> Iterator[tuple[Any, Any]]:
    return ((item, values.add()) for item in items)


def _opened(message: Any, into: Any, key: Any) -> tuple[Iterator[tuple[Any, Any]], Any]:
    """Put an empty container at ``key``; return what belongs into it, and the container."""
    name = message.DESCRIPTOR.name
    if name == "Struct":
        into[key] = {}
        return iter(message.fields.items()), into[key]
    if name == "ListValue":
        into[key] = [None] * len(message.values)
        return iter(enumerate(message.values)), into[key]
    return iter([(key, message)]), into


def _scalar(value: Any, kind: str | None) -> Any:
    """Return a text, a bool, a number or null. Raises ``ValueError`` for infinite numbers."""
    if kind is None or kind == "null_value":
        return None
    found = getattr(value, kind)
    if kind != "number_value":
        return found
    if found - found != 0:
        message = f"{found} is no number that JSON has"
        raise ValueError(message)
    wide = wide_integers.read(value)
    return numbers.from_json(found) if wide is None else wide
