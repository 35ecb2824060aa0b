"""``sets.contains``, ``sets.equivalent`` and ``sets.intersects``: lists as sets."""

from __future__ import annotations

from typing import Any, Final

from protocube_server.cel.functions.declared import free

_LISTS: Final = ("list<dyn>", "list<dyn>")


def contains(whole: list[Any], part: list[Any]) -> bool:
    """Tell whether all elements of ``part`` are in ``whole``."""
    known = _known(whole)
    if known is not None and (wanted := _known(part)) is not None:
        return wanted <= known
    return all(each in whole for each in part)


def intersects(one: list[Any], other: list[Any]) -> bool:
    """Tell whether two lists have an element in common."""
    known, wanted = _known(one), _known(other)
    if known is not None and wanted is not None:
        return not known.isdisjoint(wanted)
    return any(each in one for each in other)


def _known(values: list[Any]) -> set[Any] | None:
    """Return the elements as a set; ``None`` when they are lists, maps or messages."""
    try:
        return set(values)
    except TypeError:
        return None


FUNCTIONS: Final = (
    free("sets.contains", _LISTS, "bool", contains),
    free("sets.equivalent", _LISTS, "bool", lambda a, b: contains(a, b) and contains(b, a)),
    free("sets.intersects", _LISTS, "bool", intersects),
)
