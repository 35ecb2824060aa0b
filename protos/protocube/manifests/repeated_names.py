"""Members that a JSON text names more than once in one object; a parser keeps the last of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class Repeating(dict[str, Any]):
    """An object whose text gives it some names more than once; it has the last value of each."""

    __slots__ = ("names",)

    names: tuple[str, ...]


MOST = 100
"""So many paths are returned; Kubernetes names no more faults of a request."""


class Keeper:
    """Makes the objects of one text of their members, as a parser's ``object_pairs_hook``."""

    def __init__(self) -> None:
        self.has_found = False
        """Whether a name stood twice in one of them."""

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Return an object; a :class:`Repeating` where a name stands twice."""
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        self.has_found = True
        return repeating(found, _twice(pairs))


def repeating(value: dict[str, Any], names: Iterable[str]) -> Repeating:
    """Return an object that has these names more than once."""
    made = Repeating(value)
    made.names = tuple(names)
    return made


def plain(value: Any) -> Any:
    """Return a value without any :class:`Repeating`."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def paths(value: Any) -> tuple[str, ...]:
    """Return the paths of repeated members, in their order: ``spec.ports[0].name``."""
    found: list[str] = []
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting and len(found) < MOST:
        path, current = waiting.pop()
        below: list[tuple[str, Any]] = []
        if isinstance(current, dict):
            prefix = f"{path}." if path else ""
            if isinstance(current, Repeating):
                found += [f"{prefix}{name}" for name in current.names]
            below = [(f"{prefix}{name}", item) for name, item in current.items()]
        elif isinstance(current, list):
            below = [(f"{path}[{index}]", item) for index, item in enumerate(current)]
        waiting += [item for item in reversed(below) if isinstance(item[1], dict | list)]
    return tuple(found[:MOST])


def _twice(pairs: list[tuple[str, Any]]) -> list[str]:
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for name, _ in pairs:
        if name in seen:
            twice[name] = None
        seen.add(name)
    return list(twice)
